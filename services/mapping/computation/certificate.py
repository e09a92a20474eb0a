"""The certificate of robustness of a selection: how often each region would be chosen had weights and figures been a little different.

Weights and figures are drawn anew many times within stated margins; every draw is ranked and selects its one best selection under
the quota and constraints of the run. Computed from the stored result document alone, so that anyone can compute it again: the same
document, seed, number of draws and margins give the same hash everywhere. A figure that is firm under the stated margins is no
proof that the margins are right.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from services.mapping.computation.constraints import Budget, Constraints, ProvinceBounds, Quota
from services.mapping.computation.drawn_selections import HIGHEST, INDEX_BITS, DrawnSelections
from services.mapping.computation.draws import Draws, FigureSpread, WeightSpread
from services.mapping.computation.errors import InvalidSpread, TooManyDraws
from services.mapping.computation.ranking import DECIMALS, Criterion, Method
from services.mapping.computation.result import sha256

ALGORITHM = "entaskan-certificate-1"
"""Part of the inputs: raise the number whenever the same inputs could give another figure."""

MOST_DRAWS = 100_000
MOST_DRAWS_IN_BUDGET = 100
"""Under a budget a draw may need the solver, for a good part of a second."""

LARGEST_SEED = 2**32 - 1
CHUNK = 192

HELD = 1_920
"""Draws whose ranks are counted together, since a count goes over every rank of every region."""

FIRM, OUT = 95, 5
"""Percent of the draws: chosen in at least so many a region is firm, in at most so many it is out, and borderline between."""

Z = 1.959963984540054
"""The 97.5 % point of the normal law: intervals hold with 95 %."""

Standing = Literal["firm", "borderline", "out"]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Tally:
    """What all draws gave. ``times`` (n,) selected, ``ranks`` (n x n): how often each region had each rank; ``overlaps``: how many
    draws share so many regions with the stated selection.
    """

    times: Counts
    ranks: Counts
    overlaps: Counter[int]


def certify(document: Mapping[str, Any], *, seed: int, draws: int, weights: WeightSpread, figures: FigureSpread, chunk: int = CHUNK) -> dict[str, Any]:
    """The certificate of a result document; ``chunk`` draws are computed at a time, which changes memory and nothing else.

    Raises InvalidSpread, TooManyDraws or TooManyCandidates.
    """
    inputs, result = document["inputs"], document["result"]
    if not (0 <= seed <= LARGEST_SEED and draws >= 1):
        raise InvalidSpread(f"Give a seed from 0 to {LARGEST_SEED} and at least 1 draw.")
    most = MOST_DRAWS_IN_BUDGET if "budget" in inputs.get("constraints", {}) else MOST_DRAWS
    if draws > most:
        raise TooManyDraws(f"{draws} draws were asked for; {most} are the most{' under a budget' if most < MOST_DRAWS else ''}.")
    method, constraints = method_of(inputs), constraints_of(inputs)
    complete = [candidate for candidate in inputs["candidates"] if None not in candidate["values"]]
    codes = [candidate["region_code"] for candidate in complete]
    drawn = Draws(method, codes, np.array([candidate["values"] for candidate in complete], np.float64), weights, figures, seed, draws)
    selections = DrawnSelections(codes, [candidate["province_code"] for candidate in complete], constraints)
    stated = set(result["selection"]["region_codes"])
    tally = _tally(drawn, selections, np.array([code in stated for code in codes]), chunk)
    said = {
        "inputs": {
            "algorithm": ALGORITHM,
            "input_hash": document["input_hash"],
            "result_hash": document["result_hash"],
            "seed": seed,
            "draws": draws,
            "weights": {"law": weights.law, "size": float(weights.size)},
            "figures": {"law": figures.law, "margins": {code: float(margin) for code, margin in sorted(figures.margins.items()) if margin > 0}},
        },
        "result": _result([row["region_code"] for row in result["ranking"]], codes, stated, tally, draws),
    }
    return {**said, "certificate_hash": sha256(said), "computed_with": {"numpy": version("numpy")}}


def method_of(inputs: Mapping[str, Any]) -> Method:
    """The method that a result document states. Raises a RankingError where it states none."""
    stated = inputs["method"]
    criteria = tuple(Criterion(each["code"], Decimal(each["weight"]), each["direction"], each["dimension"]) for each in stated["criteria"])
    return Method(criteria, stated["normalisation"], stated["aggregation"], stated["missing"])


def constraints_of(inputs: Mapping[str, Any]) -> Constraints:
    """The quota and all constraints that a result document states."""
    beyond = inputs.get("constraints", {})
    return Constraints(
        Quota(**inputs["quota"]),
        tuple(ProvinceBounds(**bounds) for bounds in beyond.get("provinces", [])),
        tuple(beyond.get("include", [])),
        tuple(beyond.get("exclude", [])),
        Budget(**beyond["budget"]) if "budget" in beyond else None,
    )


def wilson(times: int, draws: int) -> tuple[float, float]:
    """The interval in which the probability lies with 95 %, after Wilson (1927); it stays within 0 and 1."""
    share, spread = times / draws, Z * Z / draws
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / draws + spread / (4 * draws)) / (1 + spread)
    return (0.0 if times == 0 else _settled(middle - half)), (1.0 if times == draws else _settled(middle + half))


def standing(times: int, draws: int) -> Standing:
    """Whether a region is firm, borderline or out; in whole numbers, so that exactly 95 % is firm."""
    if 100 * times >= FIRM * draws:
        return "firm"
    return "out" if 100 * times <= OUT * draws else "borderline"


def _tally(drawn: Draws, selections: DrawnSelections, stated: npt.NDArray[np.bool_], chunk: int) -> _Tally:
    regions, width = len(stated), 1 << INDEX_BITS
    times, ranks, overlaps = np.zeros(regions, np.int64), np.zeros(regions * width, np.int64), Counter[int]()
    rows = np.arange(regions)
    # Equal scores go to the lower code, which is the lower row.
    best_first = (HIGHEST << INDEX_BITS) + rows
    held = np.empty((max(HELD, chunk), regions), np.int64)
    count = 0
    for points in drawn.chunks(chunk):
        chosen = selections.select(points)
        times += np.bincount(chosen.ravel(), minlength=regions)
        overlaps.update(stated[chosen].sum(axis=1).tolist())
        if count + len(points) > len(held):
            ranks += np.bincount(held[:count].ravel(), minlength=regions * width)
            count = 0
        places = held[count : count + len(points)]
        count += len(points)
        points <<= INDEX_BITS
        np.subtract(best_first, points, out=places)
        places.sort(axis=1)
        places &= width - 1
        places |= rows << INDEX_BITS
    ranks += np.bincount(held[:count].ravel(), minlength=regions * width)
    return _Tally(times, ranks.reshape(regions, width)[:, :regions].T, overlaps)


def _result(ranked: list[str], codes: list[str], stated: set[str], tally: _Tally, draws: int) -> dict[str, Any]:
    reached = np.cumsum(tally.ranks, axis=1) * 100
    low, median, high = ((reached >= percent * draws).argmax(axis=1) + 1 for percent in (5, 50, 95))
    row_of = {code: row for row, code in enumerate(codes)}
    regions = []
    for code in ranked:
        row = row_of[code]
        times = int(tally.times[row])
        regions.append(
            {
                "region_code": code,
                "selected": code in stated,
                "times_selected": times,
                "probability": _settled(times / draws),
                "interval": list(wilson(times, draws)),
                "median_rank": int(median[row]),
                "rank_range": [int(low[row]), int(high[row])],
                "standing": standing(times, draws),
            }
        )
    shared = sum(count * times for count, times in tally.overlaps.items())
    return {
        "regions": regions,
        "list": {
            "areas": len(stated),
            "mean_overlap": _settled(shared / draws),
            "least_overlap": min(tally.overlaps),
            "unchanged_draws": tally.overlaps[len(stated)],
            "firm": [each["region_code"] for each in regions if each["standing"] == "firm"],
            "borderline": [each["region_code"] for each in regions if each["standing"] == "borderline"],
            "out": sum(each["standing"] == "out" for each in regions),
        },
    }


def _settled(figure: float) -> float:
    return round(figure, DECIMALS) + 0.0
