"""Recompute an exported prioritisation result with other people's software: ``python independent_recompute.py result.json``.

Reads nothing but the exported document and imports nothing of this project: normalisation and scores come from pymcdm, the
selection from SciPy's mixed-integer solver, the hashes from the standard library. Exit code 0 when everything is equal, else 1.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pymcdm import normalizations
from pymcdm.helpers import normalize_matrix
from pymcdm.methods import TOPSIS, WPM, WSM
from scipy.optimize import Bounds, LinearConstraint, milp

Floats = npt.NDArray[np.float64]

NORMALISATIONS = {
    "min_max": normalizations.minmax_normalization,
    "max": normalizations.linear_normalization,
    "vector": normalizations.vector_normalization,
}
AGGREGATIONS = {"saw": WSM, "wpm": WPM, "topsis": TOPSIS}
TOLERANCE = 1e-9


def main(path: str) -> int:
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    inputs, result = document["inputs"], document["result"]
    candidates = [candidate for candidate in inputs["candidates"] if None not in candidate["values"]]
    published = {row["region_code"]: row for row in result["ranking"]}
    recomputed = ranking(inputs["method"], candidates)
    ranks_equal = sum(agree(published.get(code), row) for code, row in recomputed.items())
    ranks_wanted = max(len(recomputed), len(published))
    gaps = {c["region_code"] for c in inputs["candidates"]} - set(recomputed)
    excluded_equal = gaps == {row["region_code"] for row in result["excluded"]}

    chosen = result["selection"]["region_codes"]
    found = selection({code: row["score"] for code, row in recomputed.items()}, candidates, inputs["quota"])
    tied = kept_tie_rule(chosen, found, recomputed, candidates, inputs["quota"])
    selection_equal = len(found & set(chosen))
    in_rank_order = sorted(chosen, key=lambda code: recomputed[code]["rank"] if code in recomputed else 0) == chosen

    hash_equal = document["input_hash"] == digest(inputs) and document["result_hash"] == digest({"inputs": inputs, "result": result})
    print(
        f"ranks equal: {ranks_equal}/{ranks_wanted}, selection equal: {selection_equal}/{inputs['quota']['areas']}, hash equal: {'yes' if hash_equal else 'no'}"
    )
    if tied:
        print("another selection has the same total; the published one has the lower region codes, as the rule wants")
    if not excluded_equal:
        print("the excluded regions are not those with missing figures")
    same_selection = in_rank_order and len(chosen) == inputs["quota"]["areas"] and (found == set(chosen) or tied)
    return 0 if ranks_equal == ranks_wanted and excluded_equal and same_selection and hash_equal else 1


def ranking(method: dict[str, Any], candidates: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    criteria = method["criteria"]
    matrix = np.array([candidate["values"] for candidate in candidates])
    weights = np.array([float(criterion["weight"]) for criterion in criteria])
    types = np.array([1 if criterion["direction"] == "benefit" else -1 for criterion in criteria])
    normalise = NORMALISATIONS[method["normalisation"]]
    normalised = normalize_matrix(matrix, normalise, types)

    def scores(columns: list[int]) -> Floats | None:
        if not columns:
            return None
        aggregate = AGGREGATIONS[method["aggregation"]](normalization_function=normalise)
        share = weights[columns] / weights[columns].sum()
        return np.asarray(aggregate(matrix[:, columns], share, types[columns], validation=False))

    total = scores(list(range(len(criteria))))
    assert total is not None
    of_dimension = {
        dimension: scores([column for column, criterion in enumerate(criteria) if criterion["dimension"] == dimension])
        for dimension in ("poverty", "potential")
    }
    order = sorted(range(len(candidates)), key=lambda row: (-round(float(total[row]), 12), candidates[row]["region_code"]))
    return {
        candidates[row]["region_code"]: {
            "rank": place,
            "score": total[row],
            "normalised": normalised[row],
            **{f"{name}_score": None if part is None else part[row] for name, part in of_dimension.items()},
        }
        for place, row in enumerate(order, start=1)
    }


def agree(published: dict[str, Any] | None, recomputed: dict[str, Any]) -> bool:
    if published is None or published["rank"] != recomputed["rank"]:
        return False
    parts = ("poverty_score", "potential_score")
    return (
        all((published[part] is None) == (recomputed[part] is None) for part in parts)
        and np.allclose(published["normalised"], recomputed["normalised"], rtol=0, atol=TOLERANCE)
        and all(abs((published[key] or 0) - (recomputed[key] or 0)) <= TOLERANCE for key in ("score", *parts))
    )


def selection(scores: dict[str, float], candidates: list[dict[str, Any]], quota: dict[str, Any]) -> set[str]:
    codes = [candidate["region_code"] for candidate in candidates]
    provinces = sorted({candidate["province_code"] for candidate in candidates})
    n, m = len(codes), len(provinces)
    member = np.zeros((m, n))
    for column, candidate in enumerate(candidates):
        member[provinces.index(candidate["province_code"]), column] = 1
    fewest = max(1, quota["per_province_min"])
    most = quota["areas"] if quota["per_province_max"] is None else quota["per_province_max"]
    constraints = [
        LinearConstraint(np.hstack([np.ones((1, n)), np.zeros((1, m))]), quota["areas"], quota["areas"]),
        LinearConstraint(np.hstack([np.zeros((1, n)), np.ones((1, m))]), quota["provinces"], quota["provinces"]),
        LinearConstraint(np.hstack([member, -fewest * np.eye(m)]), 0, np.inf),
        LinearConstraint(np.hstack([member, -most * np.eye(m)]), -np.inf, 0),
        LinearConstraint(np.hstack([np.eye(n), -member.T]), -np.inf, 0),
    ]
    # The solver stops within 1e-6 of the optimum; in millionths of a score that is finer than the rounding of the scores.
    worth = np.round([scores[code] for code in codes], 12) * 1e6
    solved = milp(np.concatenate([-worth, np.zeros(m)]), integrality=1, bounds=Bounds(0, 1), constraints=constraints, options={"mip_rel_gap": 0})
    if solved.status != 0:
        return set()
    return {code for code, chosen in zip(codes, solved.x[:n], strict=True) if chosen > 0.5}


def kept_tie_rule(chosen: list[str], found: set[str], ranked: dict[str, dict[str, Any]], candidates: list[dict[str, Any]], quota: dict[str, Any]) -> bool:
    """Whether the published selection differs from the one found, keeps the quota, has the same total and the lower codes."""
    if set(chosen) == found or not found or not set(chosen) <= set(ranked) or sorted(chosen) > sorted(found):
        return False
    province_of = {candidate["region_code"]: candidate["province_code"] for candidate in candidates}
    counts = [[province_of[code] for code in chosen].count(province) for province in {province_of[code] for code in chosen}]
    most = quota["areas"] if quota["per_province_max"] is None else quota["per_province_max"]
    keeps_quota = len(set(chosen)) == quota["areas"] and len(counts) == quota["provinces"]
    same_total = abs(sum(ranked[code]["score"] for code in chosen) - sum(ranked[code]["score"] for code in found)) <= TOLERANCE
    return keeps_quota and bool(same_total) and min(counts) >= quota["per_province_min"] and max(counts) <= most


def digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
