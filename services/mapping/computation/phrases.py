"""Contradictions between rules in words, Indonesian and English: which rules, what there is, and what would help."""

from collections.abc import Mapping, Sequence

from services.mapping.computation.constraints import Rule
from services.mapping.computation.infeasibility import ByProvince, Conflict, Remedy

Bilingual = tuple[str, str]
Names = Mapping[str, str]


def conflict_in_words(conflict: Conflict, by_province: ByProvince, names: Names) -> Bilingual:
    """What contradicts each other and what would help; ``names`` are those of provinces and regions, by code."""
    rules = [_rule(rule, by_province, names) for rule in conflict.rules]
    remedies = [_remedy(remedy, names) for remedy in conflict.remedies]
    together: Bilingual = (" tidak dapat dipenuhi", " cannot be kept") if len(rules) == 1 else (" tidak dapat dipenuhi bersama", " cannot hold together")
    helps: Bilingual = ("Yang membantu: ", "What would help: ")
    alternatives: Bilingual = (" atau ", " or ")
    indonesian, english = (
        "; ".join(rule[language] for rule in rules)
        + together[language]
        + "."
        + (f" {helps[language]}{alternatives[language].join(remedy[language] for remedy in remedies)}." if remedies else "")
        for language in (0, 1)
    )
    return indonesian[0].upper() + indonesian[1:], english[0].upper() + english[1:]


def rule_in_words(rule: Rule, names: Names) -> Bilingual:
    """One rule by itself."""
    place = _named(rule.subject, names)
    match rule.kind:
        case "areas":
            return f"tepat {rule.bound} wilayah", f"exactly {rule.bound} regions"
        case "provinces":
            return f"tepat {rule.bound} provinsi", f"exactly {rule.bound} provinces"
        case "province_min" if rule.subject is None:
            return f"minimum {rule.bound} wilayah per provinsi terpilih", f"at least {rule.bound} regions in each chosen province"
        case "province_max" if rule.subject is None:
            return f"maksimum {rule.bound} wilayah per provinsi", f"at most {rule.bound} regions a province"
        case "province_min":
            return f"provinsi {place} minimum {rule.bound} wilayah", f"province {place} at least {rule.bound} regions"
        case "province_max":
            return f"provinsi {place} maksimum {rule.bound} wilayah", f"province {place} at most {rule.bound} regions"
        case "include":
            return f"{place} wajib terpilih", f"{place} must be chosen"
        case "exclude":
            return f"{place} tidak boleh dipilih", f"{place} must not be chosen"
        case "budget":
            return f"anggaran {_rupiah(rule.bound)}", f"a budget of {_rupiah(rule.bound)}"


def _rule(rule: Rule, by_province: ByProvince, names: Names) -> Bilingual:
    """The rule, and what the candidates offer."""
    stated = rule_in_words(rule, names)
    sizes: Sequence[int] = [len(codes) for codes in by_province.values()]
    match rule.kind:
        case "areas":
            offer: Bilingual = (f"ada {sum(sizes)} calon", f"there are {sum(sizes)} candidates")
        case "provinces":
            offer = (f"ada calon di {len(sizes)} provinsi", f"there are candidates in {len(sizes)} provinces")
        case "province_min" if rule.subject is None:
            able = sum(size >= rule.bound for size in sizes)
            offer = (f"{able} provinsi memiliki calon sebanyak itu", f"{able} provinces have that many candidates")
        case "province_min":
            size = len(by_province.get(rule.subject or "", ()))
            offer = (f"menawarkan {size} calon", f"it offers {size} candidates")
        case "include" if all(rule.subject not in codes for codes in by_province.values()):
            offer = ("bukan calon, atau angkanya tidak lengkap", "it is no candidate, or lacks figures")
        case "include":
            province = next(province for province, codes in by_province.items() if rule.subject in codes)
            offer = (f"di provinsi {_named(province, names)}", f"in province {_named(province, names)}")
        case _:
            return stated
    return f"{stated[0]} ({offer[0]})", f"{stated[1]} ({offer[1]})"


def _remedy(remedy: Remedy, names: Names) -> Bilingual:
    rule, bound, place = remedy.rule, remedy.bound, _named(remedy.rule.subject, names)
    match rule.kind:
        case "areas":
            changed: Bilingual = (f"kuota {bound} wilayah", f"a quota of {bound} regions")
        case "provinces":
            changed = (f"kuota {bound} provinsi", f"a quota of {bound} provinces")
        case "province_min" if rule.subject is None:
            changed = (f"minimum per provinsi {bound}", f"a minimum of {bound} a province")
        case "province_max" if rule.subject is None:
            changed = (f"maksimum per provinsi {bound}", f"a maximum of {bound} a province")
        case "province_min":
            changed = (f"minimum provinsi {place} menjadi {bound}", f"a minimum of {bound} for province {place}")
        case "province_max":
            changed = (f"maksimum provinsi {place} menjadi {bound}", f"a maximum of {bound} for province {place}")
        case "budget":
            changed = (f"anggaran {_rupiah(bound or 0)}", f"a budget of {_rupiah(bound or 0)}")
        case "include":
            changed = (f"tidak mewajibkan {place}", f"not requiring {place}")
        case "exclude":
            changed = (f"tidak melarang {place}", f"not forbidding {place}")
    return changed if remedy.enough else (f"{changed[0]} (belum cukup, ada pertentangan lain)", f"{changed[1]} (not enough: something else contradicts)")


def _named(code: str | None, names: Names) -> str:
    name = names.get(code) if code else None
    return f"{code} {name}" if name else str(code)


def _rupiah(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".")
