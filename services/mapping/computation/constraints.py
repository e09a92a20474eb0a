"""What a selection has to keep: the quota, bounds for provinces, regions that must or must not be chosen, a budget.

All of it is broken down into single named rules, each of which can be dropped by itself: that is what lets a contradiction be
traced to the few rules that cannot hold together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.mapping.computation.errors import InvalidConstraints, InvalidQuota

RuleKind = Literal["areas", "provinces", "province_min", "province_max", "include", "exclude", "budget"]


@dataclass(frozen=True)
class Quota:
    """Exactly ``areas`` regions in exactly ``provinces`` provinces, not fewer: each chosen province gets at least one region.

    ``per_province_min`` and ``per_province_max`` bound the regions of a *chosen* province. Raises InvalidQuota.
    """

    areas: int
    provinces: int
    per_province_min: int = 0
    per_province_max: int | None = None

    def __post_init__(self) -> None:
        if self.areas < 1 or self.provinces < 1 or self.per_province_min < 0:
            raise InvalidQuota("Ask for at least 1 region in at least 1 province, and for no negative minimum.")
        if self.per_province_max is not None and self.per_province_max < self.fewest:
            raise InvalidQuota(f"At most {self.per_province_max} a province is below the minimum of {self.fewest}; raise it.")

    @property
    def fewest(self) -> int:
        """Regions a chosen province gets at least."""
        return max(1, self.per_province_min)

    def most(self, candidates: int) -> int:
        """Regions a chosen province with so many candidates can get."""
        return min(candidates, self.areas if self.per_province_max is None else self.per_province_max)


@dataclass(frozen=True)
class ProvinceBounds:
    """How many regions one province gets, chosen or not: ``fewest`` above 0 makes it a chosen one.

    For this province each bound given stands in place of the quota's. Raises InvalidConstraints for negative bounds.
    """

    province_code: str
    fewest: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if min(self.fewest or 0, self.most or 0) < 0:
            raise InvalidConstraints(f"A bound of province {self.province_code} is negative; give 0 or more.")


@dataclass(frozen=True)
class Budget:
    """The chosen regions together cost at most ``limit_idr``; a region costs ``cost_per_area_idr`` unless ``costs_idr`` names it.

    Whole rupiah. Raises InvalidConstraints for negative amounts.
    """

    limit_idr: int
    cost_per_area_idr: int
    costs_idr: Mapping[str, int]

    def __post_init__(self) -> None:
        if min(self.limit_idr, self.cost_per_area_idr, *self.costs_idr.values()) < 0:
            raise InvalidConstraints("The budget or a cost is negative; give 0 rupiah or more.")

    def cost(self, region_code: str) -> int:
        """What one region costs, in rupiah."""
        return self.costs_idr.get(region_code, self.cost_per_area_idr)


@dataclass(frozen=True)
class Constraints:
    """What a selection has to keep: the quota, and beside it by default nothing.

    ``include`` and ``exclude`` are region codes (wilayah wajib, wilayah terlarang). What contradicts itself is found by the
    selection and explained; what means nothing raises InvalidConstraints, such as a province that is bounded twice.
    """

    quota: Quota
    provinces: tuple[ProvinceBounds, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    budget: Budget | None = None

    def __post_init__(self) -> None:
        if len({bounds.province_code for bounds in self.provinces}) < len(self.provinces):
            raise InvalidConstraints("A province is bounded more than once; bound it once.")


@dataclass(frozen=True)
class Rule:
    """One constraint by itself. ``subject`` is the region or province it is about; None for all.

    ``exempt`` are the provinces that have a bound of their own in place of this one. ``costs`` belongs to a budget.
    """

    kind: RuleKind
    subject: str | None = None
    bound: int = 0
    exempt: frozenset[str] = frozenset()
    costs: Budget | None = None

    @property
    def name(self) -> str:
        """Such as ``areas``, ``province_min:53`` or ``include:53.04``."""
        return self.kind if self.subject is None else f"{self.kind}:{self.subject}"


def rules_of(constraints: Constraints) -> tuple[Rule, ...]:
    """Every rule by itself, in the order of the kinds and then of the codes."""
    quota = constraints.quota
    bounds = sorted(constraints.provinces, key=lambda each: each.province_code)
    rules = [Rule("areas", bound=quota.areas), Rule("provinces", bound=quota.provinces)]
    if quota.per_province_min > 1:
        rules.append(Rule("province_min", None, quota.per_province_min, frozenset(b.province_code for b in bounds if b.fewest is not None)))
    if quota.per_province_max is not None:
        rules.append(Rule("province_max", None, quota.per_province_max, frozenset(b.province_code for b in bounds if b.most is not None)))
    rules += [Rule("province_min", b.province_code, b.fewest) for b in bounds if b.fewest is not None]
    rules += [Rule("province_max", b.province_code, b.most) for b in bounds if b.most is not None]
    rules += [Rule("include", code) for code in sorted(set(constraints.include))]
    rules += [Rule("exclude", code) for code in sorted(set(constraints.exclude))]
    if constraints.budget:
        rules.append(Rule("budget", None, constraints.budget.limit_idr, costs=constraints.budget))
    return tuple(rules)


@dataclass(frozen=True)
class Options:
    """What the rules leave of one province: none of its regions if ``none``, or from ``fewest`` to ``most`` (none such if fewest > most).

    ``required`` are chosen in any case; ``free`` may be.
    """

    none: bool
    fewest: int
    most: int
    required: tuple[str, ...]
    free: tuple[str, ...]


def options_of(rules: Iterable[Rule], by_province: Mapping[str, Sequence[str]]) -> dict[str, Options] | None:
    """The options of every province, apart from what `areas`, `provinces` and `budget` say; None where a province has none.

    ``by_province`` holds the candidates; a rule may name others, which are none.
    """
    rules = list(rules)
    include = {rule.subject for rule in rules if rule.kind == "include"}
    exclude = {rule.subject for rule in rules if rule.kind == "exclude"}
    candidates = {code for codes in by_province.values() for code in codes}
    if include & exclude or not include <= candidates:
        return None
    bounds = [rule for rule in rules if rule.kind in ("province_min", "province_max")]
    named = {rule.subject for rule in bounds if rule.subject is not None}
    options = {}
    for province in sorted({*by_province, *named}):
        codes = by_province.get(province, ())
        required = tuple(code for code in codes if code in include)
        free = tuple(code for code in codes if code not in include and code not in exclude)
        own = [rule for rule in bounds if rule.subject == province]
        general = [rule for rule in bounds if rule.subject is None and province not in rule.exempt]
        at_least = max([len(required), *(rule.bound for rule in own if rule.kind == "province_min")])
        fewest = max([1, at_least, *(rule.bound for rule in general if rule.kind == "province_min")])
        most = min([len(required) + len(free), *(rule.bound for rule in (*own, *general) if rule.kind == "province_max")])
        if at_least > 0 and fewest > most:
            return None
        options[province] = Options(at_least == 0, fewest, most, required, free)
    return options


def broken_rules(rules: Iterable[Rule], chosen: Collection[str], province_of: Mapping[str, str]) -> list[Rule]:
    """The rules that a set of regions does not keep."""
    counts: dict[str, int] = {}
    for code in chosen:
        counts[province_of[code]] = counts.get(province_of[code], 0) + 1

    def kept(rule: Rule) -> bool:
        match rule.kind:
            case "areas":
                return len(chosen) == rule.bound
            case "provinces":
                return len(counts) == rule.bound
            case "province_min":
                bound = [counts.get(rule.subject, 0)] if rule.subject else [n for province, n in counts.items() if province not in rule.exempt]
                return all(n >= rule.bound for n in bound)
            case "province_max":
                bound = [counts.get(rule.subject, 0)] if rule.subject else [n for province, n in counts.items() if province not in rule.exempt]
                return all(n <= rule.bound for n in bound)
            case "include":
                return rule.subject in chosen
            case "exclude":
                return rule.subject not in chosen
            case "budget":
                return rule.costs is not None and sum(map(rule.costs.cost, chosen)) <= rule.bound

    return [rule for rule in rules if not kept(rule)]
