"""The result of a prioritisation run as one plain JSON document, from which anyone can recompute it without this code.

``document["inputs"]`` holds everything the computation reads, ``document["result"]`` everything it says. ``input_hash`` and
``result_hash`` are SHA-256 of canonical JSON (UTF-8, sorted keys, no spaces, shortest floats, no NaN) of the inputs, and of the
inputs with the result. Software versions are named but not hashed: a new solver that selects the same must hash the same.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from services.mapping.computation.errors import ShapeMismatch, UndescribedCriterion
from services.mapping.computation.ranking import Criterion, Floats, Method, Ranking, rank
from services.mapping.computation.selection import Constraints, Quota, Selection, select, select_within

ALGORITHM = "entaskan-prioritisation-1"
"""Part of the inputs: raise the number whenever the same figures could give another rank, score or selection."""


@dataclass(frozen=True)
class Candidate:
    """A region that may be chosen; ``values`` follow the method's criteria, each in its own unit, None or NaN where missing."""

    region_code: str
    province_code: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Provenance:
    """What a criterion's figures are: their unit, the source that published them and the period they describe."""

    unit: str
    source: str
    period: str


def compute(
    method: Method, provenance: Mapping[str, Provenance], candidates: Sequence[Candidate], quota: Quota, constraints: Constraints | None = None
) -> dict[str, Any]:
    """Rank the candidates, select within the quota and return the document; ``provenance`` is keyed by criterion code.

    ``constraints`` stand in place of the quota, which they hold; the document names them where they say more than the quota does.
    The order of the candidates does not matter. Lists of figures in the document follow ``inputs.method.criteria``; regions are in
    code order among the inputs and in rank order in the result. ``proof`` is not hashed, since it names the solver.
    Raises a RankingError or a SelectionError.
    """
    undescribed = [criterion.code for criterion in method.criteria if criterion.code not in provenance]
    if undescribed:
        raise UndescribedCriterion(f"State unit, source and period of {', '.join(undescribed)}.")
    candidates = sorted(candidates, key=lambda candidate: candidate.region_code)
    codes = [candidate.region_code for candidate in candidates]
    ranking = rank(method, codes, _matrix(method, candidates))
    province_of = {candidate.region_code: candidate.province_code for candidate in candidates}
    places = ranking.scores.tolist(), ranking.region_codes, [province_of[code] for code in ranking.region_codes]
    beyond_quota = constraints and _constrained(constraints)
    selection = select_within(*places, constraints) if constraints and beyond_quota else select(*places, quota)
    inputs = {
        "algorithm": ALGORITHM,
        "method": {
            "criteria": [_described(criterion, provenance) for criterion in method.criteria],
            "normalisation": method.normalisation,
            "aggregation": method.aggregation,
            "missing": method.missing,
        },
        "quota": asdict(quota),
        # Where there are none the key is absent: a plain selection hashes as it always did.
        **({"constraints": beyond_quota} if beyond_quota else {}),
        "candidates": [_figures(candidate) for candidate in candidates],
    }
    result = {
        "ranking": _ranked(ranking),
        "excluded": [asdict(excluded) | {"criterion_codes": list(excluded.criterion_codes)} for excluded in ranking.excluded],
        "selection": _selected(selection),
    }
    return {
        "inputs": inputs,
        "result": result,
        "input_hash": sha256(inputs),
        "result_hash": sha256({"inputs": inputs, "result": result}),
        "proof": {
            "objective": selection.objective,
            "bound": selection.objective * (1 + selection.gap),
            "gap": selection.gap,
            "solver": selection.solver,
            "solver_version": selection.solver_version,
        },
        "computed_with": {selection.solver: selection.solver_version, "numpy": version("numpy")},
    }


def sha256(value: object) -> str:
    """SHA-256 in hexadecimal of the canonical JSON of a plain value. Raises ValueError for NaN and infinity."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _matrix(method: Method, candidates: Sequence[Candidate]) -> Floats:
    for candidate in candidates:
        if len(candidate.values) != len(method.criteria):
            raise ShapeMismatch(f"{candidate.region_code} has {len(candidate.values)} values for {len(method.criteria)} criteria.")
    rows = [[np.nan if value is None else value for value in candidate.values] for candidate in candidates]
    return np.array(rows, np.float64).reshape(len(candidates), len(method.criteria))


def _described(criterion: Criterion, provenance: Mapping[str, Provenance]) -> dict[str, str]:
    weight = f"{criterion.weight:f}"
    return {
        "code": criterion.code,
        "weight": weight.rstrip("0").rstrip(".") if "." in weight else weight,  # 0.30 and 0.3 are one weight and hash as one
        "direction": criterion.direction,
        "dimension": criterion.dimension,
        **asdict(provenance[criterion.code]),
    }


def _constrained(constraints: Constraints) -> dict[str, Any]:
    """What is kept beside the quota, each part only where it is given, in code order; a cost that is the usual one says nothing."""
    said: dict[str, Any] = {
        "provinces": [asdict(bounds) for bounds in sorted(constraints.provinces, key=lambda each: each.province_code)],
        "include": sorted(set(constraints.include)),
        "exclude": sorted(set(constraints.exclude)),
    }
    if budget := constraints.budget:
        unusual = {code: cost for code, cost in budget.costs_idr.items() if cost != budget.cost_per_area_idr}
        said["budget"] = {"limit_idr": budget.limit_idr, "cost_per_area_idr": budget.cost_per_area_idr, "costs_idr": unusual}
    return {name: part for name, part in said.items() if part}


def _figures(candidate: Candidate) -> dict[str, Any]:
    # + 0.0 turns -0.0 into 0.0; float() makes the integer 7 and 7.0 one figure.
    values = [None if value is None or math.isnan(value) else float(value) + 0.0 for value in candidate.values]
    return {"region_code": candidate.region_code, "province_code": candidate.province_code, "values": values}


def _ranked(ranking: Ranking) -> list[dict[str, Any]]:
    def score(scores: Floats | None, row: int) -> float | None:
        return None if scores is None else float(scores[row])

    return [
        {
            "region_code": ranking.region_codes[row],
            "rank": int(ranking.ranks[row]),
            "score": score(ranking.scores, row),
            "poverty_score": score(ranking.poverty_score, row),
            "potential_score": score(ranking.potential_score, row),
            "normalised": ranking.normalised[row].tolist(),
            "contributions": ranking.contributions[row].tolist(),
        }
        for row in np.argsort(ranking.ranks).tolist()
    ]


def _selected(selection: Selection) -> dict[str, Any]:
    return {
        "region_codes": list(selection.region_codes),
        "province_codes": list(selection.province_codes),
        "objective": selection.objective,
        "optimal": selection.optimal,
        "gap": selection.gap,
    }
