"""The explanation in plain words, Indonesian first."""

import math
from collections.abc import Iterator

from services.mapping.explanations.domain import CriterionPart, Explanation
from services.mapping.publication.domain import SheetCriterion
from shared.pages.formats import Formats

SCORE_PLACES = 4
UNITS: dict[str, tuple[str, str]] = {
    "percent": ("persen", "per cent"),
    "persons": ("jiwa", "people"),
    "thousand_idr": ("ribu rupiah", "thousand rupiah"),
    "million_idr": ("juta rupiah", "million rupiah"),
    "years": ("tahun", "years"),
    "index": ("poin", "points"),
}
_S: dict[str, tuple[str, str]] = {
    "unranked": (
        "{region} tidak diperingkat karena angkanya tidak lengkap: {missing}.",
        "{region} was not ranked because figures are missing: {missing}.",
    ),
    "rank": (
        "{region} berada di peringkat {rank} dari {candidates} calon dengan skor {score}.",
        "{region} ranks {rank} of {candidates} candidates with a score of {score}.",
    ),
    "in": (
        "Wilayah ini terpilih. Skor yang diperlukan {threshold}; skornya {distance} di atas itu.",
        "It was selected. The score it needed is {threshold}; its own is {distance} above that.",
    ),
    "out": (
        "Wilayah ini tidak terpilih. Skor yang diperlukan {threshold}; skornya kurang {distance}.",
        "It was not selected. The score it needed is {threshold}; its own falls short by {distance}.",
    ),
    "in_no_threshold": ("Wilayah ini terpilih.", "It was selected."),
    "out_no_threshold": ("Wilayah ini tidak terpilih.", "It was not selected."),
    "include": (
        "Wilayah ini wajib dipilih, berapa pun skornya (alasan: {reason}).",
        "It had to be chosen whatever its score (reason: {reason}).",
    ),
    "exclude": (
        "Wilayah ini tidak boleh dipilih, berapa pun skornya (alasan: {reason}).",
        "It must not be chosen whatever its score (reason: {reason}).",
    ),
    "override_in": (
        "Wilayah ini masuk daftar karena keputusan dengan dua orang penanggung jawab, bukan karena urutan hitungan (alasan: {reason}).",
        "It is on the list by a decision for which two persons answer, not by the computed order (reason: {reason}).",
    ),
    "override_out": (
        "Menurut hitungan wilayah ini terpilih; sebuah keputusan dengan dua orang penanggung jawab menggantikannya (alasan: {reason}).",
        "By the computation it was selected; a decision for which two persons answer replaced it (reason: {reason}).",
    ),
    "province_without": (
        "Skornya lebih tinggi daripada {above} wilayah yang terpilih, tetapi hanya {provinces} provinsi yang dipilih dan {province} tidak termasuk: "
        "provinsi yang dipilih bersama-sama memberi jumlah skor yang lebih tinggi.",
        "It scores higher than {above} of the selected regions, but only {provinces} provinces are chosen and {province} is not among them: "
        "together the chosen provinces give a higher total score.",
    ),
    "last_here": (
        "Wilayah terakhir yang terpilih di {province} adalah {last} dengan skor {last_score}.",
        "The last region selected in {province} is {last}, with a score of {last_score}.",
    ),
    "last_of_all": (
        "Wilayah terakhir yang terpilih adalah {last} dengan skor {last_score}.",
        "The last region selected is {last}, with a score of {last_score}.",
    ),
    "most": (
        "Yang paling menyumbang skornya: {criterion} ({value} {unit}).",
        "What contributes most to its score: {criterion} ({value} {unit}).",
    ),
    "behind": (
        "Dibandingkan {last}, yang paling tertinggal adalah {criterion}.",
        "Compared with {last} it lags most in {criterion}.",
    ),
    "ahead": (
        "Dibandingkan {last}, yang paling mengungguli adalah {criterion}.",
        "Compared with {last} it leads most in {criterion}.",
    ),
    "change_in": (
        "Perubahan angka terkecil yang akan membuatnya terpilih: {criterion} dari {value} menjadi {changed} {unit} ({relative} %), yang lain tetap.",
        "The smallest change of a figure that would have it selected: {criterion} from {value} to {changed} {unit} ({relative} %), all else the same.",
    ),
    "change_out": (
        "Perubahan angka terkecil yang akan mengeluarkannya: {criterion} dari {value} menjadi {changed} {unit} ({relative} %), yang lain tetap.",
        "The smallest change of a figure that would take it off: {criterion} from {value} to {changed} {unit} ({relative} %), all else the same.",
    ),
    "no_change_in": (
        "Tidak ada perubahan satu angka saja, dalam rentang yang mungkin, yang akan membuatnya terpilih.",
        "No change of a single figure within its possible range would have it selected.",
    ),
    "no_change_out": (
        "Tidak ada perubahan satu angka saja, dalam rentang yang mungkin, yang akan mengeluarkannya.",
        "No change of a single figure within its possible range would take it off.",
    ),
    "weight": (
        "Hasilnya berubah bila bobot {criterion} berubah dari {weight} menjadi {changed}, dengan bobot lain menyesuaikan secara sebanding.",
        "The outcome changes when the weight of {criterion} goes from {weight} to {changed}, the other weights in proportion.",
    ),
    "no_weight": ("Tidak ada perubahan satu bobot saja yang mengubah hasilnya.", "No change of a single weight changes the outcome."),
    "certificate": (
        "Bila angka dan bobot digeser acak {draws} kali dalam batas ketidakpastiannya, wilayah ini terpilih pada {probability} % kali "
        "(95 %: {low} sampai {high} %) dan peringkatnya biasanya {first} sampai {final}.",
        "With figures and weights shifted at random {draws} times within their margins, it is selected in {probability} % of them "
        "(95 %: {low} to {high} %), and its rank is usually {first} to {final}.",
    ),
}


def sentences(explanation: Explanation, *, english: bool) -> list[str]:
    """What is to be said of the region, in reading order."""
    f = Formats(english=english)
    return [_S[key][english].format(**facts) for key, facts in _said(explanation, f, english=english)]


def unit_in_words(unit: str, *, english: bool) -> str:
    """A unit as people read it."""
    return UNITS[unit][english] if unit in UNITS else unit


def changed_in_words(part: CriterionPart, f: Formats) -> str:
    """The figure after the smallest change, with the indicator's decimals, rounded away from the present one so that it still flips."""
    changed = part.figure.changed
    if changed is None:
        return "–"
    unit = 10.0**part.decimals
    return f.decimal((math.ceil if changed > part.figure.stated else math.floor)(changed * unit) / unit, part.decimals)


def _said(e: Explanation, f: Formats, *, english: bool) -> Iterator[tuple[str, dict[str, str]]]:
    def name(criterion: SheetCriterion) -> str:
        return criterion.name_en if english else criterion.name_id

    if e.row is None:
        yield "unranked", {"region": e.place.name, "missing": ", ".join(e.missing_codes)}
        return
    yield "rank", {"region": e.place.name, "rank": f.number(e.row.rank), "candidates": f.number(e.candidates), "score": f.decimal(e.row.score, SCORE_PLACES)}
    yield from _outcome(e, f)
    if e.last:
        here = e.last.place.province_code == e.place.province_code
        yield (
            "last_here" if here else "last_of_all",
            {"province": e.place.province_name, "last": e.last.place.name, "last_score": f.decimal(e.last.score, SCORE_PLACES)},
        )
    largest = max(e.parts, key=lambda part: part.contribution)
    if largest.value is not None:
        yield (
            "most",
            {
                "criterion": name(largest.criterion),
                "value": f.decimal(largest.value, largest.decimals),
                "unit": unit_in_words(largest.criterion.unit, english=english),
            },
        )
    if e.last:
        gaps = {part.criterion.code: part.contribution - (part.last_contribution or 0) for part in e.parts}
        part = (max if e.computed else min)(e.parts, key=lambda part: gaps[part.criterion.code])
        if (gaps[part.criterion.code] > 0) == e.computed:
            yield "ahead" if e.computed else "behind", {"last": e.last.place.name, "criterion": name(part.criterion)}
    yield from _changes(e, f, english=english)
    if e.robustness:
        r = e.robustness
        low, high = (f.decimal(each * 100, 1) for each in r.interval)
        yield (
            "certificate",
            {
                "draws": f.number(r.draws), "probability": f.decimal(r.probability * 100, 1), "low": low, "high": high,
                "first": f.number(r.rank_range[0]), "final": f.number(r.rank_range[1]),
            },
        )  # fmt: skip


def _outcome(e: Explanation, f: Formats) -> Iterator[tuple[str, dict[str, str]]]:
    if e.decided:
        kind = e.decided.kind if e.decided.kind != "override" else f"override_{'in' if e.decided.region_code == e.region_code else 'out'}"
        yield kind, {"reason": e.decided.reason_code}
        return
    word = "in" if e.computed else "out"
    if e.threshold is None or e.distance is None:
        yield f"{word}_no_threshold", {}
    else:
        yield word, {"threshold": f.decimal(e.threshold, SCORE_PLACES), "distance": f.decimal(abs(e.distance), SCORE_PLACES)}
    if not e.computed and e.above_selected and not e.province_selected:
        yield "province_without", {"above": f.number(e.above_selected), "provinces": f.number(e.provinces), "province": e.place.province_name}


def _changes(e: Explanation, f: Formats, *, english: bool) -> Iterator[tuple[str, dict[str, str]]]:
    if any(part.figure.reason in ("forced", "budget") for part in e.parts):
        return
    word = "out" if e.computed else "in"
    figure, weight = e.smallest_figure, e.smallest_weight
    if figure is None:
        yield f"no_change_{word}", {}
    else:
        relative = (figure.figure.relative or 0) * 100
        yield (
            f"change_{word}",
            {
                "criterion": figure.criterion.name_en if english else figure.criterion.name_id,
                "value": f.decimal(figure.figure.stated, figure.decimals),
                "changed": changed_in_words(figure, f),
                "unit": unit_in_words(figure.criterion.unit, english=english),
                "relative": f"{'+' if relative > 0 else '−'}{f.decimal(abs(relative), 1)}",
            },
        )
    if weight is None or weight.weight.changed is None:
        yield "no_weight", {}
    else:
        yield (
            "weight",
            {
                "criterion": weight.criterion.name_en if english else weight.criterion.name_id,
                "weight": f.decimal(weight.weight.stated, 2),
                "changed": f.decimal(weight.weight.changed, 3),
            },
        )
