"""The one best selection, exactly: dynamic programming over the provinces in whole numbers.

It knows every rule but a budget. Of several selections with the same total it finds the one with the lowest region codes, which
a solver, comparing totals with a tolerance, leaves to chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from services.mapping.computation.constraints import Options

Table = npt.NDArray[Any]


@dataclass(frozen=True)
class _Ladder:
    """A province's regions in the order in which they are taken, and the points of the first so many of them."""

    none: bool
    counts: range
    codes: tuple[str, ...]
    totals: Sequence[int]


def best_selection(points: Mapping[str, int], options: Mapping[str, Options], provinces: int, areas: int) -> set[str] | None:
    """Of all selections of so many regions in so many provinces the one with the most points, then with the lowest codes.

    None where there is none. Points may be negative and of any size.
    """
    ladders = [_ladder(points, each, areas) for each in options.values()]
    total = sum(map(abs, points.values())) + 1
    impossible = -4 * total
    # Beyond 64 bits Python's own integers do it, slower.
    until = [np.full((provinces + 1, areas + 1), impossible, np.int64 if 8 * total < 2**63 else object)]
    until[0][0, 0] = 0
    for ladder in ladders:
        until.append(_extended(until[-1], ladder, impossible))
    return None if until[-1][provinces, areas] < -total else _lowest_codes(ladders, until, points)


def _ladder(points: Mapping[str, int], options: Options, areas: int) -> _Ladder:
    codes = (*options.required, *sorted(options.free, key=lambda code: (-points[code], code)))
    totals = [0, *accumulate(points[code] for code in codes)]
    return _Ladder(options.none, range(options.fewest, min(options.most, areas) + 1), codes, totals)


def _extended(before: Table, ladder: _Ladder, impossible: int) -> Table:
    """The most points of so many provinces (rows) and regions (columns), with one province more to choose from."""
    after = before.copy() if ladder.none else np.full_like(before, impossible)
    width = before.shape[1]
    for count in ladder.counts:
        np.maximum(after[1:, count:], before[:-1, : width - count] + ladder.totals[count], out=after[1:, count:])
    return after


def _lowest_codes(ladders: Sequence[_Ladder], until: Sequence[Table], points: Mapping[str, int]) -> set[str]:
    """Back from the optimum along every way that leads to it; of those that meet, the one with the lowest codes goes on."""
    codes = sorted(points)
    # One bit a region, the lowest code highest: of two selections the one with the lower codes is the larger number.
    bit = {code: 1 << place for place, code in enumerate(reversed(codes))}
    states = {(until[0].shape[0] - 1, until[0].shape[1] - 1): 0}
    for place in range(len(ladders) - 1, -1, -1):
        ladder = ladders[place]
        earlier: dict[tuple[int, int], int] = {}
        for (provinces, areas), chosen in states.items():
            reached = int(until[place + 1][provinces, areas])
            for count in ([0] if ladder.none else []) + [count for count in ladder.counts if provinces and count <= areas]:
                before = (provinces - (count > 0), areas - count)
                if int(until[place][before]) + ladder.totals[count] == reached:
                    earlier[before] = max(earlier.get(before, 0), chosen + sum(bit[code] for code in ladder.codes[:count]))
        states = earlier
    (best,) = states.values()
    return {code for code in codes if best & bit[code]}
