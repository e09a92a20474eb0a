"""Rank regions by several criteria: normalise each, weigh it, aggregate, order.

SAW and TOPSIS follow Hwang & Yoon, *Multiple Attribute Decision Making* (1981), WPM follows Miller & Starr,
*Executive Decisions and Operations Research* (1969). Poverty has to enter as a rate **and** as a number of poor: the rate alone
picks the east, the number alone picks Java.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from services.mapping.computation.errors import (
    ConstantCriterion,
    DuplicateCode,
    IncompatibleMethod,
    InvalidWeights,
    MissingValues,
    NonPositiveValue,
    ShapeMismatch,
    TooFewRegions,
    UnknownChoice,
    UnusableValue,
)

Direction = Literal["benefit", "cost"]
Dimension = Literal["poverty", "potential"]
Normalisation = Literal["min_max", "max", "vector"]
Aggregation = Literal["saw", "wpm", "topsis"]
Missing = Literal["refuse", "exclude"]
Floats = npt.NDArray[np.float64]

DECIMALS = 12
"""Decimals of every published figure: finer differences depend on the processor and must not decide an order."""

LARGEST_VALUE = 1e15
"""Beyond it a float no longer keeps tenths, and JSON stores rewrite ``1e16`` as an integer, which changes a hash."""


@dataclass(frozen=True)
class Criterion:
    """One column of the decision matrix; ``weight`` is its share of the whole, more than 0 and at most 1."""

    code: str
    weight: Decimal
    direction: Direction
    dimension: Dimension

    def __post_init__(self) -> None:
        _require_known("direction", self.direction, get_args(Direction))
        _require_known("dimension", self.dimension, get_args(Dimension))
        if not (self.weight.is_finite() and self.weight > 0):
            raise InvalidWeights(f"Criterion {self.code} weighs {self.weight}; give it a weight above 0 or leave it out.")


@dataclass(frozen=True)
class Method:
    """How figures become scores. After normalisation more is always better and no figure has a unit.

    * ``min_max``: benefit (x - min) / (max - min), cost (max - x) / (max - min).
    * ``max``: benefit x / max, cost min / x (pymcdm calls it *linear*).
    * ``vector``: benefit x / ||x||, cost 1 - x / ||x||.
    * ``saw``: weighted sum. ``wpm``: weighted product. ``topsis``: closeness to the ideal by Euclidean distance.
    * ``missing``: a region without all figures makes the run fail (``refuse``) or is left out and listed (``exclude``).

    Raises InvalidWeights unless the weights sum to exactly 1, DuplicateCode, UnknownChoice, and IncompatibleMethod for ``wpm``
    with ``min_max``, whose zeros would wipe out a region for being last in one criterion.
    """

    criteria: tuple[Criterion, ...]
    normalisation: Normalisation
    aggregation: Aggregation
    missing: Missing = "refuse"

    def __post_init__(self) -> None:
        _require_known("normalisation", self.normalisation, get_args(Normalisation))
        _require_known("aggregation", self.aggregation, get_args(Aggregation))
        _require_known("missing", self.missing, get_args(Missing))
        _require_unique("criterion", [criterion.code for criterion in self.criteria])
        # Fractions, because a Decimal sum is itself rounded to 28 digits.
        if sum(Fraction(criterion.weight) for criterion in self.criteria) != 1:
            total = sum(criterion.weight for criterion in self.criteria)
            raise InvalidWeights(f"The weights sum to {total}; change them until they sum to exactly 1.")
        if (self.aggregation, self.normalisation) == ("wpm", "min_max"):
            raise IncompatibleMethod("A weighted product cannot use min_max, which turns the worst figure into 0; choose max or vector.")


@dataclass(frozen=True)
class Excluded:
    """A region left out of the ranking and the criteria for which it has no figure."""

    region_code: str
    reason: Literal["missing_value"]
    criterion_codes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Scores of n regions by m criteria, in the order the regions were given; all arrays are finite and read-only.

    ``normalised`` (n x m) is unitless, more is better. ``contributions`` (n x m) add up to the score under SAW and TOPSIS (there:
    the score split by squared distance from the anti-ideal) and multiply to it under WPM. ``scores`` (n,) are better when larger.
    ``ranks`` (n,) run from 1 to n without gaps: equal scores go to the lower region code first. ``poverty_score`` and
    ``potential_score`` (n,) are what the method gives on that dimension's criteria alone, their weights rescaled to sum to 1;
    None when the method has no such criterion.
    """

    region_codes: tuple[str, ...]
    normalised: Floats
    contributions: Floats
    scores: Floats
    ranks: npt.NDArray[np.int64]
    poverty_score: Floats | None
    potential_score: Floats | None
    excluded: tuple[Excluded, ...]


def rank(method: Method, region_codes: Sequence[str], matrix: Floats) -> Ranking:
    """Rank the regions; ``matrix`` is n regions by m criteria in the criteria's own units, NaN marks a missing figure.

    Raises a RankingError: ShapeMismatch, DuplicateCode, MissingValues, UnusableValue, TooFewRegions, ConstantCriterion or
    NonPositiveValue.
    """
    if matrix.shape != (len(region_codes), len(method.criteria)):
        raise ShapeMismatch(f"The matrix is {matrix.shape}, not {(len(region_codes), len(method.criteria))}; give one row a region.")
    _require_unique("region", region_codes)
    missing = np.isnan(matrix)
    excluded = _excluded(method, region_codes, missing)
    complete = ~missing.any(axis=1)
    codes = tuple(region_codes[row] for row in np.flatnonzero(complete).tolist())
    if len(codes) < 2:
        raise TooFewRegions(f"{len(codes)} region has all figures; a ranking needs at least 2.")
    normalised = np.empty((len(codes), len(method.criteria)))
    for column, criterion in enumerate(method.criteria):
        normalised[:, column] = _normalise(method, criterion, codes, matrix[complete, column])
    contributions, scores = _aggregate(method.aggregation, normalised, _weights(method.criteria))
    scores = _settle(scores)
    ranks = np.empty(len(codes), np.int64)
    ranks[np.lexsort((np.array(codes), -scores))] = np.arange(1, len(codes) + 1)
    ranks.flags.writeable = False
    return Ranking(
        region_codes=codes,
        normalised=_settle(normalised),
        contributions=_settle(contributions),
        scores=scores,
        ranks=ranks,
        poverty_score=_dimension_score(method, normalised, "poverty"),
        potential_score=_dimension_score(method, normalised, "potential"),
        excluded=excluded,
    )


def _excluded(method: Method, region_codes: Sequence[str], missing: npt.NDArray[np.bool_]) -> tuple[Excluded, ...]:
    gaps = {
        region_codes[row]: tuple(criterion.code for criterion, gap in zip(method.criteria, missing[row], strict=True) if gap)
        for row in np.flatnonzero(missing.any(axis=1)).tolist()
    }
    if gaps and method.missing == "refuse":
        listed = "; ".join(f"{region_code}: {', '.join(gaps[region_code])}" for region_code in sorted(gaps))
        raise MissingValues(f"Figures are missing ({listed}); supply them or use a method that excludes such regions.")
    return tuple(Excluded(region_code, "missing_value", gaps[region_code]) for region_code in sorted(gaps))


def _normalise(method: Method, criterion: Criterion, region_codes: Sequence[str], figures: Floats) -> Floats:
    low, high, largest = float(figures.min()), float(figures.max()), float(np.abs(figures).max())
    if largest > LARGEST_VALUE:
        where = region_codes[int(np.abs(figures).argmax())]
        raise UnusableValue(f"{criterion.code} of {where} is beyond ±{LARGEST_VALUE:g}; check the figure and its unit.")
    if low <= 0 and (method.normalisation == "max" or method.aggregation == "wpm"):
        where = region_codes[int(figures.argmin())]
        raise NonPositiveValue(f"{criterion.code} of {where} is not above 0, which max and wpm need; use min_max or vector with saw or topsis.")
    if high - low <= largest * 10.0**-DECIMALS:
        raise ConstantCriterion(f"{criterion.code} is {high:g} everywhere and cannot tell regions apart; leave it out.")
    benefit = criterion.direction == "benefit"
    match method.normalisation:
        case "min_max":
            return (figures - low if benefit else high - figures) / (high - low)
        case "max":
            return figures / high if benefit else low / figures
        case "vector":
            # fsum rounds once, so the norm does not depend on the order of the regions; dividing first keeps tiny squares above 0.
            scaled = figures / largest
            share = scaled / math.sqrt(math.fsum(scaled * scaled))
            return share if benefit else 1 - share


def _aggregate(aggregation: Aggregation, normalised: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Contributions (n x m) and scores (n,)."""
    match aggregation:
        case "saw":
            contributions = normalised * weights
            return contributions, _row_sums(contributions)
        case "wpm":
            contributions = normalised**weights
            return contributions, np.multiply.accumulate(contributions, axis=1)[:, -1]
        case "topsis":
            weighted = normalised * weights
            from_worst = (weighted - weighted.min(axis=0)) ** 2
            to_worst = np.sqrt(_row_sums(from_worst))
            to_ideal = np.sqrt(_row_sums((weighted.max(axis=0) - weighted) ** 2))
            scores = to_worst / (to_worst + to_ideal)
            share = np.divide(from_worst, to_worst[:, None] ** 2, out=np.zeros_like(from_worst), where=to_worst[:, None] > 0)
            return scores[:, None] * share, scores


def _dimension_score(method: Method, normalised: Floats, dimension: Dimension) -> Floats | None:
    columns = [column for column, criterion in enumerate(method.criteria) if criterion.dimension == dimension]
    if not columns:
        return None
    weights = _weights(method.criteria[column] for column in columns)
    _, scores = _aggregate(method.aggregation, normalised[:, columns], weights / math.fsum(weights))
    return _settle(scores)


def _weights(criteria: Iterable[Criterion]) -> Floats:
    return np.array([float(criterion.weight) for criterion in criteria])


def _row_sums(terms: Floats) -> Floats:
    # accumulate adds strictly left to right, where sum() groups terms by the vector width of the processor.
    return np.add.accumulate(terms, axis=1)[:, -1]


def _settle(values: Floats) -> Floats:
    settled: Floats = np.round(values, DECIMALS) + 0.0  # + 0.0 turns -0.0, which JSON would print differently, into 0.0
    settled.flags.writeable = False
    return settled


def _require_known(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UnknownChoice(f"There is no {what} {value!r}; choose one of {', '.join(choices)}.")


def _require_unique(what: str, codes: Sequence[str]) -> None:
    repeated = sorted(code for code, times in Counter(codes).items() if times > 1)
    if repeated:
        raise DuplicateCode(f"The {what} {', '.join(repeated)} is given more than once; give it once.")
