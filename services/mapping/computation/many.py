"""The proof for tens of thousands of candidates: a bound by a price of a place, and HiGHS for the little that the price leaves open.

Whoever takes k regions of a province takes its required ones and then the best, so that a choice is a province with a number k.
At any price of a place the best choices give a bound (Lagrange's relaxation of the number of areas; Geoffrion 1974). A choice
whose own bound lies below the total that was reached is in no better selection, and is left out of the programme.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from services.mapping.computation.errors import NotProvenOptimal
from services.mapping.computation.solver import SOLVER_SCALE, Programme, Rows, lp_of, run, solver_of

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class _Ladder:
    """A province's choices: numbers of regions, and the points of so many. ``none``: it may also be left out."""

    none: bool
    counts: Numbers
    worth: Numbers


def total_of_many(programme: Programme, reached: int) -> tuple[float, float]:
    """The largest total of points and the relative gap to its bound, told a total that can be reached.

    Raises TimeLimitReached or NotProvenOptimal; the programme has no budget.
    """
    ladders = _ladders(programme)
    price = _price(ladders, programme)
    open_choices = [_open(ladders, place, price, programme, reached) for place in range(len(ladders))]
    scale = SOLVER_SCALE / (max(map(abs, programme.points.values())) or 1)
    rows, worth, counts, sizes = Rows(), [], [], []
    for ladder, still in zip(ladders, open_choices, strict=True):
        worth += [int(points) * scale for points in ladder.worth[still]]
        counts += ladder.counts[still].tolist()
        sizes.append(int(still.sum()))
    columns = np.arange(len(counts), dtype=np.int32)
    rows.add(programme.areas, columns, np.array(counts, float), programme.areas)
    rows.add(programme.provinces, columns, np.ones(len(counts)), programme.provinces)
    ends = np.cumsum([0, *sizes])
    for ladder, start, end in zip(ladders, ends, ends[1:], strict=False):
        if end > start or not ladder.none:
            rows.add(float(not ladder.none), columns[start:end], np.ones(end - start), 1)
    model: highspy.HighsLp = lp_of(rows, np.array(worth), np.zeros(len(counts)), np.ones(len(counts)))
    solved = run(solver_of(model, programme.time_limit), programme)
    if solved is None:
        raise NotProvenOptimal("HiGHS finds no selection where there is one; report this.")
    return solved[1] / scale, solved[2]


def _ladders(programme: Programme) -> list[_Ladder]:
    whole = np.int64 if 8 * sum(map(abs, programme.points.values())) < 2**63 else object
    ladders = []
    for each in programme.options.values():
        taken = [*each.required, *sorted(each.free, key=lambda code: -programme.points[code])]
        totals = np.array([0, *accumulate(programme.points[code] for code in taken)], whole)
        counts = np.arange(each.fewest, min(each.most, programme.areas, len(taken)) + 1)
        ladders.append(_Ladder(each.none, counts, totals[counts]))
    return ladders


def _best_at(ladder: _Ladder, price: int) -> tuple[int, int] | None:
    """What the best choice is worth at the price, and how many regions it takes; None where there is no choice."""
    if not len(ladder.counts):
        return None
    profits = ladder.worth - ladder.counts * price
    at = int(np.argmax(profits))
    return int(profits[at]), int(ladder.counts[at])


def _chosen_at(ladders: list[_Ladder], price: int, provinces: int) -> list[tuple[int, int]]:
    """The best choices at the price of so many provinces, those that must be chosen first: profit and number of regions."""
    best = [(ladder, found) for ladder in ladders if (found := _best_at(ladder, price))]
    forced = [found for ladder, found in best if not ladder.none]
    free = sorted((found for ladder, found in best if ladder.none), reverse=True)
    return forced + free[: max(provinces - len(forced), 0)]


def _price(ladders: list[_Ladder], programme: Programme) -> int:
    """The price at which about as many regions are wanted as there are places: the bound is lowest there."""
    low, high = -(most := max(map(abs, programme.points.values()), default=0)) - 1, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        wanted = sum(count for _, count in _chosen_at(ladders, middle, programme.provinces))
        low, high = (middle, high) if wanted > programme.areas else (low, middle)
    return high


def _open(ladders: list[_Ladder], place: int, price: int, programme: Programme, reached: int) -> npt.NDArray[np.bool_]:
    """Which choices of one province may be part of a selection that is as good as the total reached."""
    ladder = ladders[place]
    others = [other for number, other in enumerate(ladders) if number != place]
    rest = sum(profit for profit, _ in _chosen_at(others, price, programme.provinces - 1))
    bounds = ladder.worth - ladder.counts * price + (programme.areas * price + rest)
    still: npt.NDArray[np.bool_] = bounds >= reached
    return still
