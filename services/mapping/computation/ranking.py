"""Rank regions by several criteria: normalise each, weigh it, aggregate, order.

SAW and TOPSIS follow Hwang & Yoon, *Multiple Attribute Decision Making* (1981), WPM follows Miller & Starr,
*Executive Decisions and Operations Research* (1969); VIKOR and PROMETHEE II are in `compromise` and `outranking`. Poverty has to
enter as a rate **and** as a number of poor: the rate alone picks the east, the number alone picks Java.
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

from services.mapping.computation.compromise import compromise
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
from services.mapping.computation.outranking import outranking
from services.mapping.computation.sums import row_sums, shares_beaten

Direction = Literal["benefit", "cost"]
Dimension = Literal["poverty", "potential"]
Normalisation = Literal["min_max", "max", "vector", "rank"]
Aggregation = Literal["saw", "wpm", "topsis", "vikor", "promethee"]
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
    * ``rank``: the share of the other regions that this one beats, a tie counting half.
    * ``saw``: weighted sum. ``wpm``: weighted product. ``topsis``: closeness to the ideal by Euclidean distance.
    * ``vikor``: 1 - Q, the compromise of the loss in all criteria and in the worst one. ``promethee``: wins less losses against
      every other region, scaled to 0..1; only the order within a criterion counts, so every normalisation gives the same.
    * ``missing``: a region without all figures makes the run fail (``refuse``) or is left out and listed (``exclude``).

    Raises InvalidWeights unless the weights sum to exactly 1, DuplicateCode, UnknownChoice, and IncompatibleMethod for ``wpm``
    with ``min_max`` or ``rank``, whose zeros would wipe out a region for being last in one criterion.
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
        if self.aggregation == "wpm" and self.normalisation in ("min_max", "rank"):
            raise IncompatibleMethod(f"A weighted product cannot use {self.normalisation}, which turns the worst figure into 0; choose max or vector.")


@dataclass(frozen=True)
class Excluded:
    """A region left out of the ranking and the criteria for which it has no figure."""

    region_code: str
    reason: Literal["missing_value"]
    criterion_codes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Scores of n regions by m criteria, in the order the regions were given; all arrays are finite and read-only.

    ``normalised`` (n x m) is unitless, more is better. ``contributions`` (n x m) multiply to the score under WPM and add up
    to it under all others: SAW weight x figure, TOPSIS the score split by squared distance from the anti-ideal, VIKOR by weighted
    distance from the worst figure, PROMETHEE weight x share of the others beaten. ``scores`` (n,) are better when larger.
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
    _require_shape(matrix, (len(region_codes), len(method.criteria)))
    _require_unique("region", region_codes)
    missing = np.isnan(matrix)
    excluded = _excluded(method, region_codes, missing)
    complete = ~missing.any(axis=1)
    codes = tuple(region_codes[row] for row in np.flatnonzero(complete).tolist())
    normalised = normalise(method, codes, matrix[complete])
    contributions, scores = aggregate(method.aggregation, normalised, _weights(method.criteria))
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


def normalise(method: Method, region_codes: Sequence[str], matrix: Floats) -> Floats:
    """Figures without a unit, more is better, n regions by m criteria as in ``matrix``, which must be complete.

    Raises ShapeMismatch, MissingValues, TooFewRegions, UnusableValue, NonPositiveValue or ConstantCriterion.
    """
    _require_shape(matrix, (len(region_codes), len(method.criteria)))
    missing = np.argwhere(np.isnan(matrix))
    if missing.size:
        row, column = missing[0].tolist()
        raise MissingValues(f"{method.criteria[column].code} of {region_codes[row]} is missing; supply it or leave the region out.")
    if len(region_codes) < 2:
        raise TooFewRegions(f"{len(region_codes)} region has all figures; a ranking needs at least 2.")
    normalised = np.empty(matrix.shape)
    for column, criterion in enumerate(method.criteria):
        normalised[:, column] = _normalise(method, criterion, region_codes, matrix[:, column])
    return normalised


def aggregate(aggregation: Aggregation, normalised: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Contributions (n x m) and scores (n,) of normalised figures (n x m); ``weights`` (m,) sum to 1. Not rounded.

    Raises UnknownChoice or ShapeMismatch.
    """
    _require_known("aggregation", aggregation, get_args(Aggregation))
    _require_shape(normalised, (len(normalised), len(weights)))
    match aggregation:
        case "saw":
            contributions = normalised * weights
            return contributions, row_sums(contributions)
        case "wpm":
            contributions = normalised**weights
            return contributions, np.multiply.accumulate(contributions, axis=1)[:, -1]
        case "topsis":
            return _closeness(normalised * weights)
        case "vikor":
            return compromise(normalised, weights)
        case "promethee":
            return outranking(normalised, weights)


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
        raise NonPositiveValue(f"{criterion.code} of {where} is not above 0, which max and wpm need; use another normalisation and aggregation.")
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
        case "rank":
            return shares_beaten(figures if benefit else -figures)


def _closeness(weighted: Floats) -> tuple[Floats, Floats]:
    """TOPSIS of weighted figures: the score of a region split by squared distance from the anti-ideal, and the score."""
    from_worst = (weighted - weighted.min(axis=0)) ** 2
    to_worst = np.sqrt(row_sums(from_worst))
    to_ideal = np.sqrt(row_sums((weighted.max(axis=0) - weighted) ** 2))
    scores = to_worst / (to_worst + to_ideal)
    share = np.divide(from_worst, to_worst[:, None] ** 2, out=np.zeros_like(from_worst), where=to_worst[:, None] > 0)
    return scores[:, None] * share, scores


def _dimension_score(method: Method, normalised: Floats, dimension: Dimension) -> Floats | None:
    columns = [column for column, criterion in enumerate(method.criteria) if criterion.dimension == dimension]
    if not columns:
        return None
    weights = _weights(method.criteria[column] for column in columns)
    _, scores = aggregate(method.aggregation, normalised[:, columns], weights / math.fsum(weights))
    return _settle(scores)


def _weights(criteria: Iterable[Criterion]) -> Floats:
    return np.array([float(criterion.weight) for criterion in criteria])


def _settle(values: Floats) -> Floats:
    settled: Floats = np.round(values, DECIMALS) + 0.0  # + 0.0 turns -0.0, which JSON would print differently, into 0.0
    settled.flags.writeable = False
    return settled


def _require_shape(matrix: Floats, shape: tuple[int, int]) -> None:
    if matrix.shape != shape:
        raise ShapeMismatch(f"The matrix is {matrix.shape}, not {shape}; give one row a region and one column a criterion.")


def _require_known(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UnknownChoice(f"There is no {what} {value!r}; choose one of {', '.join(choices)}.")


def _require_unique(what: str, codes: Sequence[str]) -> None:
    repeated = sorted(code for code, times in Counter(codes).items() if times > 1)
    if repeated:
        raise DuplicateCode(f"The {what} {', '.join(repeated)} is given more than once; give it once.")
