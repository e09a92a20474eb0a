"""The one best selection of every draw, exactly as `selection.select_within` names it, for thousands of draws at once.

Whoever takes k regions of a province takes its required ones and then the best: a ladder. At a price of a place every province
is worth its ladder less the price, and the best provinces at that price bound every selection from above (Lagrange's relaxation
of the number of areas; Geoffrion 1974). Where the selection made of these provinces reaches the bound, and nothing ties with it, it is
the one. Where a gap is left, all sets of provinces whose bound reaches the best selection known are tried. What ties goes to the
dynamic programme, draw by draw, and what a budget forbids to the solver. All of it counts in whole points of 1e-12.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.mapping.computation.constraints import Budget, Constraints, options_of, rules_of
from services.mapping.computation.dynamic import best_selection
from services.mapping.computation.errors import NotProvenOptimal, TooManyCandidates
from services.mapping.computation.solver import Programme, best_within_budget

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_CANDIDATES = 1_000
"""All regencies and cities are 514; so many fit, with their points and provinces, into whole numbers of 64 bits."""

INDEX_BITS, POINT_BITS = 10, 42
HIGHEST = 1 << (POINT_BITS - 1)
"""Points lie between plus and minus this: scores up to 2.1, and no method gives more than 2."""

STEPS = 5
"""Prices tried for a draw before the sets of provinces are gone through; most draws need two or three."""

MOST_SETS = 400
"""Sets of provinces tried for a draw before the dynamic programme is quicker."""

TIME_LIMIT = 60.0

NOTHING = np.iinfo(np.int64).min + 1


class DrawnSelections:
    """Select for one draw after the other under the same constraints.

    ``codes`` are the candidates in code order, ``provinces`` those of each. ``by_search`` counts the draws that went to the dynamic
    programme or to the solver. Raises TooManyCandidates, or NotProvenOptimal where no selection keeps the constraints.
    """

    def __init__(self, codes: Sequence[str], provinces: Sequence[str], constraints: Constraints) -> None:
        if len(codes) > MOST_CANDIDATES:
            raise TooManyCandidates(f"There are {len(codes)} candidates; a certificate takes {MOST_CANDIDATES} at most.")
        by_province: dict[str, list[str]] = {}
        for code, province in zip(codes, provinces, strict=True):
            by_province.setdefault(province, []).append(code)
        options = options_of(rules_of(constraints), by_province)
        if options is None:
            raise NotProvenOptimal("No selection keeps the constraints; report this.")
        self.by_search = 0
        self._codes, self._options = list(codes), options
        self._budget: Budget | None = constraints.budget
        self._areas, self._wanted = constraints.quota.areas, constraints.quota.provinces
        self._found: dict[bytes, tuple[int, ...]] = {}
        row_of = {code: row for row, code in enumerate(codes)}
        usable = [each for each in options.values() if each.fewest <= min(each.most, self._areas)]
        ladders = [(*each.required, *each.free) for each in usable]
        self._rows = np.array([row_of[code] for ladder in ladders for code in ladder], np.int64)
        self._in_order = self._rows.tolist() == list(range(len(codes)))
        sizes = np.array([len(ladder) for ladder in ladders])
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._province = np.repeat(np.arange(len(usable)), sizes)
        step = np.arange(len(self._rows)) - self._starts[self._province]
        fewest, most = (np.array([getattr(each, name) for each in usable])[self._province] for name in ("fewest", "most"))
        self._forced = step < fewest
        self._shut = step >= np.minimum(most, self._areas)
        self._optional = ~self._forced & ~self._shut
        # A step that has to be taken counts whatever it is worth, another only where it is worth more than the price.
        self._floor = np.where(self._forced, -(1 << (POINT_BITS + 1)), 0)
        self._fewest = np.array([each.fewest for each in usable])
        self._longest = int(sizes.max(initial=0))
        # The steps of each province that may be left, in a row; where a row is longer than the province, none is there.
        self._cells = np.zeros((len(usable), self._longest), np.int64)
        self._absent = np.full(self._cells.shape, 4 * HIGHEST)
        self._absent[self._province[self._optional], step[self._optional]] = 0
        self._cells[self._province[self._optional], step[self._optional]] = np.flatnonzero(self._optional)
        self._costs = np.array([self._budget.cost(code) for code in codes] if self._budget else [], np.int64)
        self._must = np.array([not each.none for each in usable])
        required = {code for each in usable for code in each.required}
        # Sorted by province, then what has to be taken, then points, then code; the first two are known of every place beforehand.
        later = np.array([codes[row] not in required for row in self._rows.tolist()], np.int64)
        stage = (self._province << (INDEX_BITS + POINT_BITS + 1)) + (later << (INDEX_BITS + POINT_BITS))
        self._key = stage + (HIGHEST << INDEX_BITS) + self._rows
        self._stage = np.sort(stage)
        self._guess: Whole = np.argsort(~self._must, kind="stable")[: self._wanted]

    def select(self, points: Whole) -> Whole:
        """The rows of the candidates that each draw selects, in no order: c draws by as many areas as are wanted.

        ``points`` are c draws by n candidates: scores in 1e-12, each at most 2.1.
        """
        rows, values = self._ladders(points)
        found, taken = self._priced(values)
        chosen = np.empty((len(points), self._areas), np.int64)
        chosen[found] = rows[taken].reshape(-1, self._areas)
        if self._budget:
            found[found] = self._costs[chosen[found]].sum(axis=1) <= self._budget.limit_idr
        for draw in np.flatnonzero(~found).tolist():
            chosen[draw] = self._searched(points[draw])
        return chosen

    def _ladders(self, points: Whole) -> tuple[Whole, Whole]:
        """Rows of the candidates and their points, province by province in the order in which they are taken."""
        keys = (points if self._in_order else points[:, self._rows]) << INDEX_BITS
        np.subtract(self._key, keys, out=keys)
        keys.sort(axis=1)
        keys -= self._stage
        rows = keys & ((1 << INDEX_BITS) - 1)
        keys >>= INDEX_BITS
        np.subtract(HIGHEST, keys, out=keys)
        keys[:, self._shut] = -2 * HIGHEST
        return rows, keys

    def _priced(self, values: Whole) -> tuple[Flags, Flags]:
        """For which draws the one selection was found, and the steps of the ladders that it takes."""
        draws, sets = len(values), len(self._fewest)
        found, taken = np.zeros(draws, np.bool_), np.zeros(values.shape, np.bool_)
        if draws == 0 or self._wanted > sets:
            return found, taken
        low, high = values.min(axis=1, where=~self._shut, initial=HIGHEST) - 1, values.max(axis=1) + 1
        reached, least, price_of_least = np.full(draws, NOTHING), np.full(draws, -NOTHING), np.zeros(draws, np.int64)
        left, here, places, before = np.arange(draws), values, np.tile(self._guess, (draws, 1)), low
        for _ in range(STEPS):
            optional, free = self._optional_of(here, places)
            price = np.clip(self._threshold(optional, free), low, high)
            # Where the best provinces at a price would give places only to regions above it, it was too low.
            low, high = np.where(price > before, np.maximum(low, before), low), np.where(price < before, np.minimum(high, before), high)
            outside = (price <= low) | (price >= high)
            price[outside] = (low[outside] + high[outside]) // 2
            possible, exact = _solved(optional, free, price)
            worth = self._worth(here, price)
            others, strict = self._best(worth)
            total, bound = (self._areas * price + np.take_along_axis(worth, each, axis=1).sum(axis=1) for each in (places, others))
            reached[left[possible]] = np.maximum(reached[left], total)[possible]
            better = bound < least[left]
            least[left[better]], price_of_least[left[better]] = bound[better], price[better]
            met = possible & (total == bound)
            done = met & exact & strict
            taken[left[done]] = self._steps(here[done], price[done], places[done])
            found[left[done]] = True
            self._guess = places[np.flatnonzero(done)[0]] if done.any() else self._guess
            going = ~met & (high - low > 1)
            left, here, places, before, low, high = left[going], here[going], others[going], price[going], low[going], high[going]
            if not len(left):
                break
        open_draws = np.flatnonzero(~found & (reached > NOTHING))
        self._through_sets(values, open_draws, price_of_least[open_draws], reached[open_draws], found, taken)
        return found, taken

    def _best(self, worth: Whole) -> tuple[Whole, Flags]:
        """Which provinces are best (c x as many as are wanted), and whether no others are as good."""
        # Provinces that have to be chosen come first, whatever they are worth.
        places = np.argsort(worth + self._must * (1 << 60), axis=1)
        if not self._must.sum() < self._wanted < worth.shape[1]:
            return places[:, -self._wanted :], np.ones(len(worth), np.bool_)
        last, next_best = (np.take_along_axis(worth, places[:, [-self._wanted - after]], axis=1)[:, 0] for after in (0, 1))
        return places[:, -self._wanted :], last > next_best

    def _worth(self, values: Whole, price: Whole) -> Whole:
        """What each province is worth at the price (c x q)."""
        above = values - price[:, None]
        np.maximum(above, self._floor, out=above)
        worth: Whole = np.add.reduceat(above, self._starts, axis=1)
        return worth

    def _optional_of(self, values: Whole, places: Whole) -> tuple[Whole, Whole]:
        """For given provinces: points of the regions that may be left out, and how many of them get a place."""
        optional = values[np.arange(len(places))[:, None], self._cells[places].reshape(len(places), -1)]
        optional -= self._absent[places].reshape(len(places), -1)
        return optional, self._areas - self._fewest[places].sum(axis=1)

    def _threshold(self, optional: Whole, free: Whole) -> Whole:
        """Points of the last region that still gets a place; out of all reach where there are too few or too many."""
        width = optional.shape[1]
        threshold: Whole = np.where(free > 0, -2 * HIGHEST, optional.max(axis=1, initial=-2 * HIGHEST) + 1)
        for wanted in set(free[(free > 0) & (free <= width)].tolist()):
            same = free == wanted
            threshold[same] = np.partition(optional[same], width - wanted, axis=1)[:, width - wanted]
        return threshold

    def _steps(self, values: Whole, threshold: Whole, places: Whole) -> Flags:
        """The steps of the ladders that a selection takes."""
        member = np.zeros((len(values), len(self._fewest)), np.bool_)
        np.put_along_axis(member, places, True, axis=1)
        steps: Flags = member[:, self._province] & (self._forced | (self._optional & (values >= threshold[:, None])))
        return steps

    def _through_sets(self, values: Whole, draws: Whole, price: Whole, reached: Whole, found: Flags, taken: Flags) -> None:
        """Close the gap of some draws: try every set of provinces whose bound reaches what was reached."""
        if not len(draws):
            return
        worth = self._worth(values[draws], price)
        must, others = np.flatnonzero(self._must), np.flatnonzero(~self._must)
        best_first = others[np.argsort(-worth[:, others], axis=1)]
        sums = np.cumsum(np.take_along_axis(worth, best_first, axis=1), axis=1)
        missing = reached - self._areas * price - worth[:, must].sum(axis=1)
        owners: list[int] = []
        found_sets: list[tuple[int, ...]] = []
        for place, (summed, least) in enumerate(zip(sums.tolist(), missing.tolist(), strict=True)):
            tried = _sets([0, *summed], self._wanted - len(must), least)
            owners += [place] * len(tried)
            found_sets += tried
        if not owners:
            return
        owner = np.array(owners)
        free_places = best_first[owner[:, None], np.array(found_sets, np.int64).reshape(len(owner), -1)]
        places = np.concatenate([np.tile(must, (len(owner), 1)), free_places], axis=1)
        here = values[draws[owner]]
        optional, free = self._optional_of(here, places)
        threshold = self._threshold(optional, free)
        possible, exact = _solved(optional, free, threshold)
        possible &= threshold > -2 * HIGHEST  # otherwise there are fewer regions than places
        total = self._areas * threshold + np.take_along_axis(self._worth(here, threshold), places, axis=1).sum(axis=1)
        total[~possible] = NOTHING
        order = np.lexsort((total, owner))
        last = np.flatnonzero(np.append(owner[order][1:] != owner[order][:-1], True))
        best = order[last]
        second = order[np.maximum(last - 1, 0)]
        alone = (owner[second] != owner[best]) | (second == best) | (total[second] < total[best])
        won = best[alone & exact[best] & possible[best]]
        taken[draws[owner[won]]] = self._steps(here[won], threshold[won], places[won])
        found[draws[owner[won]]] = True

    def _searched(self, points: Whole) -> tuple[int, ...]:
        """One draw by itself, where something ties or a budget decides."""
        self.by_search += 1
        seen = points.tobytes()
        if seen not in self._found:
            by_code = dict(zip(self._codes, points.tolist(), strict=True))
            if self._budget:
                programme = Programme(by_code, self._options, self._wanted, self._areas, self._budget, TIME_LIMIT)
                chosen = set(best_within_budget(programme).chosen)
            else:
                chosen = best_selection(by_code, self._options, self._wanted, self._areas) or set()
            if len(chosen) != self._areas:
                raise NotProvenOptimal("No selection keeps the constraints; report this.")
            if len(self._found) > 1000:
                self._found.clear()
            self._found[seen] = tuple(row for row, code in enumerate(self._codes) if code in chosen)
        return self._found[seen]


def _solved(optional: Whole, free: Whole, price: Whole) -> tuple[Flags, Flags]:
    """Whether so many places go exactly to the best at this price, and whether no other region is as good as the last of them."""
    wanting = (optional >= price[:, None]).sum(axis=1)
    return (wanting >= free) & ((optional > price[:, None]).sum(axis=1) <= free), wanting == free


def _sets(sums: Sequence[int], count: int, least: int) -> list[tuple[int, ...]]:
    """Sets of so many places, together worth at least so much; none where there are more than `MOST_SETS`.

    ``sums[k]`` is what the first k places are worth together, the best places first.
    """
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[int, int, int, tuple[int, ...]]] = [(0, count, least, ())]
    while waiting:
        start, wanted, missing, chosen = waiting.pop()
        if wanted == 0:
            found.append(chosen)
            if len(found) > MOST_SETS:
                return []
            continue
        # The best that can still come are the next ones; where these are too little, so is all that follows.
        for first in range(start, len(sums) - wanted):
            if sums[first + wanted] - sums[first] < missing:
                break
            waiting.append((first + 1, wanted - 1, missing - sums[first + 1] + sums[first], (*chosen, first)))
    return found
