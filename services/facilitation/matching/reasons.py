"""Why a need is short: the fewest obstacles whose removal would give it more, all other lots staying as they are.

So each reason holds when it is tried: with its obstacles lifted for this need alone, the same lots and one more are possible.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from services.facilitation.matching.instance import Obstacle, Part

NO_SUPPLY = "no_product_offered"
"""Nobody offers the category: only a new product would help."""


@dataclass(frozen=True, slots=True)
class Reason:
    """These obstacles together stand in the way of at least so many units."""

    codes: list[str]
    would_add_at_least: int


def reasons(part: Part, lots: Mapping[tuple[int, int], int], row: int) -> list[Reason]:
    """Every smallest set of obstacles; nothing for a need that has all it asks for."""
    own = np.array([lots.get((row, column), 0) for column in range(len(part.offers))], np.int64)
    short = part.needs[row].quantity - int(own.sum())
    if short <= 0:
        return []
    if not part.offers:
        return [Reason([NO_SUPPLY], short)]
    given = np.zeros(len(part.offers), np.int64)
    for (_, column), quantity in lots.items():
        given[column] += quantity
    for size in range(1, len(Obstacle) + 1):
        found = []
        for together in combinations(Obstacle, size):
            if more := _more(part, own, part.free - given, row, short, sum(together)):
                found.append(Reason([str(each.name).lower() for each in together], more))
        if found:
            return found
    return []


def _more(part: Part, own: npt.NDArray[np.int64], left: npt.NDArray[np.int64], row: int, short: int, lifted: int) -> int:
    """The largest single lot, or addition to one, that is possible with these obstacles lifted."""
    open_to = part.blocked[row] & ~lifted == 0
    most = np.full(len(left), short) if lifted & Obstacle.CAPACITY_INSUFFICIENT else np.minimum(left, short)
    lot = np.where(lifted & Obstacle.MINIMUM_LOT_ABOVE_NEED, 1, part.lots)
    usable = open_to & (most > 0) & (own + most >= lot)
    return min(short, int(most[usable].max(initial=0)))
