"""What would have changed a region's outcome: the smallest change of one of its figures, or of one weight, that swaps it in or out.

All else stays as it is: a figure of the region alone is changed, and everything that follows from it is computed again, normalisation
and the scores of all others included; a weight is changed and the others keep their proportions. The outcome need not be monotone in
either, so the search goes outward from what is stated and keeps the first change that flips; what it finds is confirmed by the very
computation of a run, together with a change that is one per cent smaller and does not flip.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from services.mapping.computation.certificate import constraints_of, method_of
from services.mapping.computation.constraints import Constraints, Options, options_of, rules_of
from services.mapping.computation.drawn_selections import DrawnSelections
from services.mapping.computation.draws import normalised, prepared, scores_of
from services.mapping.computation.dynamic import best_selection
from services.mapping.computation.errors import InvalidCandidates, RankingError
from services.mapping.computation.ranking import DECIMALS, Floats, Method, normalise, rank

Flags = npt.NDArray[np.bool_]
Kind = Literal["figure", "weight"]
Reason = Literal["out_of_range", "forced", "budget"]

HUNDREDS = frozenset({"percent", "index"})
"""Units whose figures lie between 0 and 100."""

FARTHEST = 10.0
"""A figure without an upper bound of its own is tried up to so many times the largest of all candidates."""

STEPS = 96
"""Changes tried at once in one direction; half of them close to the present figure."""

CLOSE = 1e-6
"""The interval in which the outcome flips is narrowed to this share of the change."""

LEAST_WEIGHT = 1e-6
WEIGHT_PLACES = 12
ONE_PERCENT_LESS = 0.99


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change of a figure (in the criterion's unit) or of a weight (a share of 1) that flips the outcome.

    ``weights`` are all weights after the change of one, in the order of the criteria. ``changed`` is None where none flips it, and
    ``reason`` says why.
    """

    kind: Kind
    criterion_code: str
    stated: float
    changed: float | None = None
    weights: tuple[Decimal, ...] = ()
    reason: Reason | None = None

    @property
    def difference(self) -> float | None:
        """By how much, with its sign."""
        return None if self.changed is None else self.changed - self.stated

    @property
    def relative(self) -> float | None:
        """By what share of what is stated; None where that is 0."""
        return None if self.difference is None or self.stated == 0 else self.difference / abs(self.stated)


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What decides about one region. ``threshold`` is the score from which it would be selected, all other scores as they are.

    It is None where no score of its own decides: a region that must be chosen or must not, or places that others hold for certain.
    """

    region_code: str
    selected: bool
    score: float
    threshold: float | None
    figures: tuple[Change, ...]
    weights: tuple[Change, ...]


def smallest_changes(document: Mapping[str, Any], region_code: str) -> Counterfactual:
    """For one region of a result document. Raises InvalidCandidates for a region that is not ranked, or TooManyCandidates."""
    case = _Case(document, region_code)
    forced = region_code in (*case.constraints.include, *case.constraints.exclude)
    reason: Reason | None = "forced" if forced else "budget" if case.constraints.budget else None
    stated = [float(criterion.weight) for criterion in case.method.criteria]
    codes = [criterion.code for criterion in case.method.criteria]
    changes: dict[Kind, list[Change]] = {"figure": [], "weight": []}
    for column, code in enumerate(codes):
        own = float(case.matrix[case.row, column])
        for kind, now, (low, high) in (("figure", own, case.range_of(column)), ("weight", stated[column], (LEAST_WEIGHT, 1 - LEAST_WEIGHT))):
            change = Change(kind, code, now, reason=reason or "out_of_range")  # type: ignore[arg-type]
            if reason is None and not (kind == "weight" and len(codes) == 1):
                change = case.smallest(change, column, low, high)
            changes[change.kind].append(change)
    return Counterfactual(region_code, case.selected, case.score, None if reason else case.threshold(), tuple(changes["figure"]), tuple(changes["weight"]))


class _Case:
    """One region of one document, and whether the outcome flips for it."""

    def __init__(self, document: Mapping[str, Any], region_code: str) -> None:
        inputs, result = document["inputs"], document["result"]
        self.method: Method = method_of(inputs)
        self.constraints: Constraints = constraints_of(inputs)
        self.units = [each["unit"] for each in inputs["method"]["criteria"]]
        complete = [candidate for candidate in inputs["candidates"] if None not in candidate["values"]]
        self.codes = [candidate["region_code"] for candidate in complete]
        if region_code not in self.codes:
            raise InvalidCandidates(f"{region_code} is not ranked; choose a region of the ranking.")
        self.row = self.codes.index(region_code)
        self.matrix: Floats = np.array([candidate["values"] for candidate in complete], np.float64)
        self.provinces = [candidate["province_code"] for candidate in complete]
        self.selected = region_code in result["selection"]["region_codes"]
        self.ranked = result["ranking"]
        self.score = next(float(each["score"]) for each in self.ranked if each["region_code"] == region_code)
        self._weights = np.array([[float(criterion.weight) for criterion in self.method.criteria]])
        self._columns = [prepared(self.method, column[None, :]) for column in normalise(self.method, self.codes, self.matrix).T]
        self._draws = DrawnSelections(self.codes, self.provinces, self.constraints)

    def range_of(self, column: int) -> tuple[float, float]:
        """Between which figures a criterion can lie."""
        figures = self.matrix[:, column]
        largest = float(np.abs(figures).max())
        least = 0.0 if figures.min() >= 0 else -FARTHEST * largest
        if least == 0 and (self.method.normalisation == "max" or self.method.aggregation == "wpm"):
            least = float(figures.min()) / 1e6  # above 0, which these demand
        hundred = self.units[column] in HUNDREDS and figures.min() >= 0 and figures.max() <= 100
        return least, 100.0 if hundred else FARTHEST * largest

    def threshold(self) -> float | None:
        """The least score with which it would be selected while nobody else's changes.

        The best selection with it is worth A + p, p its own points; the best without is worth B. It is selected from p = B - A on,
        whatever the constraints: p stands in no other term.
        """
        points = {each["region_code"]: round(each["score"] * 10**DECIMALS) for each in self.ranked}
        code = self.codes[self.row]
        worth = []
        for constraints in (
            replace(self.constraints, include=(*self.constraints.include, code)),
            replace(self.constraints, exclude=(*self.constraints.exclude, code)),
        ):
            chosen = _best(points, self._options(constraints), self.constraints)
            if chosen is None:
                return None
            worth.append(sum(points[each] for each in chosen if each != code))
        return float((worth[1] - worth[0]) / 10**DECIMALS)

    def _options(self, constraints: Constraints) -> Mapping[str, Options] | None:
        by_province: dict[str, list[str]] = {}
        for code, province in zip(self.codes, self.provinces, strict=True):
            by_province.setdefault(province, []).append(code)
        return options_of(rules_of(constraints), by_province)

    def smallest(self, change: Change, column: int, low: float, high: float) -> Change:
        """The smallest change in either direction, confirmed."""
        flips: Callable[[Floats], Flags] = self._figure_flips(column) if change.kind == "figure" else self._weight_flips(column)
        changed = None
        for end in (high, low):
            # The other way only as far as would be nearer.
            farthest = (
                end if changed is None else change.stated + math.copysign(min(abs(changed - change.stated), abs(end - change.stated)), end - change.stated)
            )
            found = self._first(change, column, flips, farthest)
            changed = changed if found is None else found
        if changed is None:
            return change
        weights = rescaled(self.method, column, changed) if change.kind == "weight" else ()
        return replace(change, changed=float(weights[column]) if weights else changed, weights=weights, reason=None)

    def _first(self, change: Change, column: int, flips: Callable[[Floats], Flags], end: float) -> float | None:
        """The first value on the way from the stated one to ``end`` that flips the outcome, or None."""
        start = begin = change.stated
        while end != begin:
            values = begin + (end - begin) * _outward()
            flipped = np.flatnonzero(flips(values))
            if not len(flipped):
                return None
            first = int(flipped[0])
            outer = self._narrowed(flips, start, float(values[first - 1]) if first else begin, float(values[first]))
            if not self._really(change.kind, column, outer):
                # A tie that the search and the computation round differently: go on from a little farther.
                begin = start + (outer - start) * (1 + CLOSE)
                if abs(begin - start) >= abs(end - start):
                    return None
                continue
            less = start + (outer - start) * ONE_PERCENT_LESS
            if not self._really(change.kind, column, less):
                return outer
            begin, end = start, less  # the outcome is not monotone: an even smaller change flips it
        return None

    def _narrowed(self, flips: Callable[[Floats], Flags], start: float, inner: float, outer: float) -> float:
        """The far end of the interval in which the outcome flips first, close enough to its near end."""
        while abs(outer - inner) > CLOSE * abs(outer - start):
            between = np.linspace(inner, outer, STEPS // 2 + 1)[1:]
            at = int(np.flatnonzero(np.append(flips(between[:-1]), True))[0])
            narrowed = (float(between[at - 1]) if at else inner, float(between[at]))
            if narrowed == (inner, outer):  # two numbers with none between
                break
            inner, outer = narrowed
        return outer

    def _really(self, kind: Kind, column: int, value: float) -> bool:
        """Whether the computation of a run comes out otherwise with that figure or weight."""
        method, matrix = self.method, self.matrix
        if kind == "figure":
            matrix = matrix.copy()
            matrix[self.row, column] = value
        else:
            weights = rescaled(method, column, value)
            method = replace(method, criteria=tuple(replace(each, weight=weight) for each, weight in zip(method.criteria, weights, strict=True)))
        try:
            ranking = rank(method, self.codes, matrix)
        except RankingError:  # such as a criterion that the change makes equal everywhere: no outcome at all
            return False
        points = {code: round(score * 10**DECIMALS) for code, score in zip(self.codes, ranking.scores.tolist(), strict=True)}
        chosen = _best(points, self._options(self.constraints), self.constraints) or set()
        return (self.codes[self.row] in chosen) != self.selected

    def _figure_flips(self, column: int) -> Callable[[Floats], Flags]:
        def flips(values: Floats) -> Flags:
            figures = np.tile(self.matrix[:, column], (len(values), 1))
            figures[:, self.row] = values
            spread = figures.max(axis=1) - figures.min(axis=1)
            told = spread > np.abs(figures).max(axis=1) * 10.0**-DECIMALS
            columns = list(self._columns)
            columns[column] = prepared(self.method, normalised(self.method, self.method.criteria[column], figures))
            flipped: Flags = told & self._flipped(columns, np.repeat(self._weights, len(values), axis=0))
            return flipped

        return flips

    def _weight_flips(self, column: int) -> Callable[[Floats], Flags]:
        def flips(values: Floats) -> Flags:
            stated = self._weights[0]
            weights = np.outer((1 - values) / (1 - stated[column]), stated)
            weights[:, column] = values
            return self._flipped(self._columns, weights)

        return flips

    def _flipped(self, columns: Sequence[Floats], weights: Floats) -> Flags:
        points = np.rint(scores_of(self.method, columns, weights) * 10.0**DECIMALS).astype(np.int64)
        chosen = self._draws.select(points)
        flipped: Flags = (chosen == self.row).any(axis=1) != self.selected
        return flipped


def rescaled(method: Method, column: int, weight: float) -> tuple[Decimal, ...]:
    """All weights with one changed and the others in proportion, to 12 decimals and with a sum of exactly 1."""
    unit = Decimal(1).scaleb(-WEIGHT_PLACES)
    new = Decimal(repr(weight)).quantize(unit)
    left = 1 - method.criteria[column].weight
    weights = [new if place == column else (each.weight * (1 - new) / left).quantize(unit) for place, each in enumerate(method.criteria)]
    others = [place for place in range(len(weights)) if place != column]
    largest = max(others, key=lambda place: (weights[place], -place))
    weights[largest] += 1 - sum(weights)
    return tuple(weights)


def _outward() -> Floats:
    """Shares of the way to the end of the range, near ones first and close together."""
    near, far = np.geomspace(1e-5, 1, STEPS // 2), np.linspace(0, 1, STEPS // 2 + 1)[1:]
    return np.unique(np.concatenate([near, far]))


def _best(points: Mapping[str, int], options: Mapping[str, Options] | None, constraints: Constraints) -> set[str] | None:
    return None if options is None else best_selection(points, options, constraints.quota.provinces, constraints.quota.areas)


def significant(value: float, digits: int = 6) -> float:
    """A figure to so many significant digits, for sentences."""
    return value if value == 0 else round(value, digits - 1 - math.floor(math.log10(abs(value))))
