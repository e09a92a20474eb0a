"""Compute a downloaded result again with plain Python: ``python recompute.py result.json``.

Reads nothing but the document of ``GET /v1/prioritisation-runs/{id}/result`` and needs nothing but Python 3.11. Says of each part
whether it agrees: hashes, weights, normalisation, scores, ranks, constraints, optimum. Exit code 0 when all do, else 1.
"""

import hashlib
import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

TOLERANCE = 1e-9
MOST_STATES = 400_000
"""Under a budget: beyond so many ways to spend, the optimum is not checked, which counts as not agreeing."""

Document = dict[str, Any]


def main(path: str) -> int:
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    checks = {
        "hash / hashes": hashes,
        "bobot / weights": weights,
        "wilayah tersisih / excluded regions": excluded,
        "normalisasi / normalisation": normalisation,
        "skor / scores": scores,
        "peringkat / ranks": ranks,
        "kendala / constraints": constraints,
        "pilihan terbaik / optimum": optimum,
    }
    agreed = True
    for name, check in checks.items():
        try:
            fault = check(document)
        except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as error:
            fault = f"tidak dapat dihitung / cannot be computed: {type(error).__name__} {error}"
        agreed = agreed and not fault
        print(f"{name}: {'sama / agrees' if not fault else f'BERBEDA / DIFFERS: {fault}'}")
    return 0 if agreed else 1


def digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def hashes(document: Document) -> str:
    found = digest(document["inputs"]), digest({"inputs": document["inputs"], "result": document["result"]})
    wrong = [name for name, value in zip(("input_hash", "result_hash"), found, strict=True) if document[name] != value]
    return ", ".join(wrong)


def weights(document: Document) -> str:
    total = sum(Fraction(criterion["weight"]) for criterion in document["inputs"]["method"]["criteria"])
    return "" if total == 1 else f"{float(total):.9g}"


def complete(document: Document) -> list[dict[str, Any]]:
    return sorted((each for each in document["inputs"]["candidates"] if None not in each["values"]), key=lambda each: each["region_code"])


def excluded(document: Document) -> str:
    missing = {each["region_code"] for each in document["inputs"]["candidates"]} - {each["region_code"] for each in complete(document)}
    named = {each["region_code"] for each in document["result"]["excluded"]}
    if missing and document["inputs"]["method"]["missing"] == "refuse":
        return "angka kosong ditolak metode / the method refuses missing figures"
    return ", ".join(sorted(missing ^ named))


def beaten(figures: list[float]) -> list[float]:
    """The share of the others that each beats, a tie counting half."""
    place: dict[float, list[int]] = {}
    for position, figure in enumerate(sorted(figures)):
        place.setdefault(figure, []).append(position)
    return [(place[figure][0] + place[figure][-1]) / 2 / (len(figures) - 1) for figure in figures]


def normalised(figures: list[float], how: str, benefit: bool) -> list[float]:
    low, high = min(figures), max(figures)
    if how == "min_max":
        return [((each - low) if benefit else (high - each)) / (high - low) for each in figures]
    if how == "max":
        return [each / high if benefit else low / each for each in figures]
    if how == "vector":
        length = math.hypot(*figures)
        return [each / length if benefit else 1 - each / length for each in figures]
    if how == "rank":
        return beaten([each if benefit else -each for each in figures])
    raise ValueError(how)


def columns_of(document: Document) -> list[list[float]]:
    """The normalised figures, criterion by criterion, regions in code order."""
    method, rows = document["inputs"]["method"], complete(document)
    return [
        normalised([float(row["values"][number]) for row in rows], method["normalisation"], criterion["direction"] == "benefit")
        for number, criterion in enumerate(method["criteria"])
    ]


def aggregated(how: str, columns: list[list[float]], shares: list[float]) -> list[float]:
    rows = list(zip(*columns, strict=True))
    if how == "saw":
        return [math.fsum(figure * share for figure, share in zip(row, shares, strict=True)) for row in rows]
    if how == "wpm":
        return [math.prod(figure**share for figure, share in zip(row, shares, strict=True)) for row in rows]
    if how == "promethee":
        return aggregated("saw", [beaten(column) for column in columns], shares)
    if how == "topsis":
        weighed = [[share * figure for figure in column] for share, column in zip(shares, columns, strict=True)]
        ideal, worst = [max(column) for column in weighed], [min(column) for column in weighed]
        away = [(math.dist(row, worst), math.dist(row, ideal)) for row in zip(*weighed, strict=True)]
        return [from_worst / (from_worst + from_ideal) for from_worst, from_ideal in away]
    if how == "vikor":
        spans = [(max(column), max(column) - min(column)) for column in columns]
        lost = [[share * (best - figure) / span if span else 0.0 for figure, share, (best, span) in zip(row, shares, spans, strict=True)] for row in rows]
        parts = []
        for losses in ([sum(row) for row in lost], [max(row) for row in lost]):
            least, spread = min(losses), max(losses) - min(losses)
            parts.append([(loss - least) / spread if spread > 1e-12 else 0.0 for loss in losses])
        return [1 - (s + r) / 2 for s, r in zip(*parts, strict=True)]
    raise ValueError(how)


def published(document: Document) -> list[dict[str, Any]]:
    """The ranking, in code order; it has to hold the complete candidates and no other."""
    rows = sorted(document["result"]["ranking"], key=lambda row: row["region_code"])
    if [row["region_code"] for row in rows] != [each["region_code"] for each in complete(document)]:
        raise ValueError("peringkat dan calon tidak sama / ranking and candidates are not the same")
    return rows


def normalisation(document: Document) -> str:
    rows = published(document)
    for criterion, column, number in zip(document["inputs"]["method"]["criteria"], columns_of(document), range(len(rows)), strict=False):
        for row, figure in zip(rows, column, strict=True):
            if abs(row["normalised"][number] - figure) > TOLERANCE:
                return f"{row['region_code']} {criterion['code']} {row['normalised'][number]} / {figure:.12f}"
    return ""


def scores(document: Document) -> str:
    method, columns, rows = document["inputs"]["method"], columns_of(document), published(document)
    for field, dimension in (("score", None), ("poverty_score", "poverty"), ("potential_score", "potential")):
        chosen = [number for number, criterion in enumerate(method["criteria"]) if dimension in (None, criterion["dimension"])]
        if not chosen:
            if any(row[field] is not None for row in rows):
                return field
            continue
        shares = [float(method["criteria"][number]["weight"]) for number in chosen]
        total = math.fsum(shares)
        found = aggregated(method["aggregation"], [columns[number] for number in chosen], [share / total for share in shares])
        for row, score in zip(rows, found, strict=True):
            if abs(row[field] - score) > TOLERANCE:
                return f"{row['region_code']} {field} {row[field]} / {score:.12f}"
    for row in rows:
        together = math.prod(row["contributions"]) if method["aggregation"] == "wpm" else math.fsum(row["contributions"])
        if abs(together - row["score"]) > TOLERANCE:
            return f"{row['region_code']} contributions {together:.12f} / {row['score']}"
    return ""


def ranks(document: Document) -> str:
    rows = document["result"]["ranking"]
    ordered = sorted(rows, key=lambda row: (-row["score"], row["region_code"]))
    for place, (row, expected) in enumerate(zip(rows, ordered, strict=True), start=1):
        if row is not expected or row["rank"] != place:
            return f"{row['region_code']} {row['rank']}"
    return ""


def bounds_of(document: Document) -> dict[str, tuple[int, int, bool]]:
    """For each province: fewest and most regions if it is chosen, and whether it has to be."""
    quota, own = document["inputs"]["quota"], {}
    for bound in document["inputs"].get("constraints", {}).get("provinces", []):
        own[bound["province_code"]] = bound
    bounds = {}
    for province in {each["province_code"] for each in document["inputs"]["candidates"]} | set(own):
        said = own.get(province, {"fewest": None, "most": None})
        fewest = quota["per_province_min"] if said["fewest"] is None else said["fewest"]
        most = quota["per_province_max"] if said["most"] is None else said["most"]
        bounds[province] = max(1, fewest), quota["areas"] if most is None else most, bool(said["fewest"])
    return bounds


def cost_of(document: Document, code: str) -> int:
    budget = document["inputs"].get("constraints", {}).get("budget")
    return budget["costs_idr"].get(code, budget["cost_per_area_idr"]) if budget else 0


def constraints(document: Document) -> str:
    chosen, quota = document["result"]["selection"]["region_codes"], document["inputs"]["quota"]
    beyond, rows = document["inputs"].get("constraints", {}), {row["region_code"]: row for row in document["result"]["ranking"]}
    province_of = {each["region_code"]: each["province_code"] for each in complete(document)}
    if not set(chosen) <= set(province_of):
        return ", ".join(sorted(set(chosen) - set(province_of)))
    in_provinces = [province_of[code] for code in chosen]
    faults = {
        "areas": len(set(chosen)) != quota["areas"] or len(chosen) != quota["areas"],
        "provinces": len(set(in_provinces)) != quota["provinces"] or document["result"]["selection"]["province_codes"] != sorted(set(in_provinces)),
        "include": not set(beyond.get("include", [])) <= set(chosen),
        "exclude": bool(set(beyond.get("exclude", [])) & set(chosen)),
        "order": chosen != sorted(chosen, key=lambda code: rows[code]["rank"]),
        "budget": "budget" in beyond and sum(cost_of(document, code) for code in chosen) > beyond["budget"]["limit_idr"],
        "objective": abs(document["result"]["selection"]["objective"] - math.fsum(rows[code]["score"] for code in chosen)) > TOLERANCE,
    }
    for province, (fewest, most, must) in sorted(bounds_of(document).items()):
        count = in_provinces.count(province)
        faults[f"province {province}"] = (must and not count) or (count > 0 and not fewest <= count <= most)
    return ", ".join(name for name, fault in faults.items() if fault)


def optimum(document: Document) -> str:
    """The best selection by dynamic programming over regions and provinces: what is kept are ways of which none is dearer and worth less."""
    quota, beyond = document["inputs"]["quota"], document["inputs"].get("constraints", {})
    codes = [row["region_code"] for row in published(document)]
    # One whole number says both: the points, and behind them the lower codes, which win among equals.
    worth = {
        row["region_code"]: (round(Fraction(row["score"]) * 10**12) << len(codes)) + (1 << (len(codes) - 1 - place))
        for place, row in enumerate(published(document))
    }
    limit = beyond["budget"]["limit_idr"] if "budget" in beyond else 0
    include, exclude = set(beyond.get("include", [])), set(beyond.get("exclude", []))
    by_province: dict[str, list[str]] = {}
    for each in complete(document):
        by_province.setdefault(each["province_code"], []).append(each["region_code"])
    ways: dict[tuple[int, int], list[tuple[int, int]]] = {(0, 0): [(0, 0)]}
    for province, (fewest, most, must) in sorted(bounds_of(document).items()):
        inside = _inside(document, by_province.get(province, []), worth, include, exclude, min(most, quota["areas"]), limit)
        after: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for (provinces, areas), before in ways.items():
            for count, options in inside.items():
                if (count == 0 and must) or 0 < count < fewest or areas + count > quota["areas"] or provinces + (count > 0) > quota["provinces"]:
                    continue
                reached = after.setdefault((provinces + (count > 0), areas + count), [])
                reached += [(cost + more, value + gain) for cost, value in before for more, gain in options if cost + more <= limit]
        ways = {state: _undominated(found) for state, found in after.items()}
        if sum(map(len, ways.values())) > MOST_STATES:
            return "terlalu banyak kemungkinan; tidak diperiksa / too many possibilities; not checked"
    best = max((value for _, value in ways.get((quota["provinces"], quota["areas"]), [])), default=None)
    chosen = sum(worth[code] for code in document["result"]["selection"]["region_codes"])
    if best is None:
        return "tidak ada pilihan yang mungkin / no selection is possible"
    return "" if best == chosen else f"{(chosen >> len(codes)) / 1e12:.12f} / {(best >> len(codes)) / 1e12:.12f}"


def _inside(
    document: Document, codes: list[str], worth: dict[str, int], include: set[str], exclude: set[str], most: int, limit: int
) -> dict[int, list[tuple[int, int]]]:
    """For each number of regions of one province, the ways to take so many: cost and worth."""
    inside: dict[int, list[tuple[int, int]]] = {0: [(0, 0)]}
    for code in codes:
        if code in exclude:
            continue
        cost = cost_of(document, code)
        after: dict[int, list[tuple[int, int]]] = {} if code in include else {count: list(ways) for count, ways in inside.items()}
        for count, ways in inside.items():
            if count < most:
                after.setdefault(count + 1, []).extend((spent + cost, value + worth[code]) for spent, value in ways if spent + cost <= limit)
        inside = {count: _undominated(ways) for count, ways in after.items() if ways}
    return inside


def _undominated(ways: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Only those that are worth more than everything that costs no more."""
    kept: list[tuple[int, int]] = []
    for cost, value in sorted(ways, key=lambda way: (way[0], -way[1])):
        if not kept or value > kept[-1][1]:
            kept.append((cost, value))
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
