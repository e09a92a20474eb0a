"""Multidimensional poverty (kemiskinan multidimensi) by counting deprivations.

Alkire & Foster, "Counting and multidimensional poverty measurement", Journal of Public Economics 95 (2011).

Weights and the cutoff are exact fractions: with floats eight tenths add up to less than 0.8, and a poor household is not counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.mapping.measures import Figure, Floats, exact, persons_of
from services.mapping.measures.errors import (
    DuplicateDimension,
    Empty,
    InvalidCutoff,
    InvalidDimensionWeights,
    LengthMismatch,
    NotDeprivation,
    UnusableValue,
    ZeroWeights,
)

Booleans = npt.NDArray[np.bool_]

_FINEST = 2**53
"""Beyond it the common denominator of the weights leaves the integers that are added up exactly."""


@dataclass(frozen=True)
class Dimension:
    """A dimension (or indicator) and its share of the whole, above 0; give sixths as ``Fraction(1, 6)``, which no decimal is."""

    code: str
    weight: Figure


@dataclass(frozen=True)
class Deprivation:
    """One dimension over all persons, as shares from 0 to 1.

    ``headcount`` is who is deprived in it, poor or not; ``censored_headcount`` who is deprived in it and poor. ``contribution``
    is its part of M0; the contributions sum to 1, and all are 0 where M0 is 0.
    """

    headcount: float
    censored_headcount: float
    contribution: float


@dataclass(frozen=True)
class MultidimensionalPoverty:
    """``headcount`` (H) is the share of the poor, ``intensity`` (A) the weighted share of deprivations that a poor person has on average.

    ``adjusted_headcount`` is M0 = H * A. A is 0 where nobody is poor. ``poor`` and ``population`` are persons: sums of the weights.
    """

    headcount: float
    intensity: float
    adjusted_headcount: float
    poor: float
    population: float
    dimensions: dict[str, Deprivation]


@dataclass(frozen=True)
class MultidimensionalPart:
    """One subgroup: its share of the population, its own poverty, and its part of the whole's M0 (parts sum to 1; 0 where M0 is 0)."""

    population_share: float
    poverty: MultidimensionalPoverty
    contribution: float


def deprivations_of(achievements: Floats, cutoffs: Floats) -> Booleans:
    """Who is deprived in what: n persons by d dimensions, strictly below the dimension's cutoff; turn the sign where less is better.

    Raises Empty, LengthMismatch or UnusableValue.
    """
    reached, needed = np.asarray(achievements, dtype=np.float64), np.asarray(cutoffs, dtype=np.float64)
    if reached.ndim != 2 or needed.shape != reached.shape[1:]:
        raise LengthMismatch(f"Achievements are {reached.shape}, cutoffs {needed.shape}; give one row a person and one cutoff a dimension.")
    if not reached.size:
        raise Empty("There are no achievements; give at least one person and one dimension.")
    if not (np.isfinite(reached).all() and np.isfinite(needed).all()):
        raise UnusableValue("An achievement or a cutoff is missing or infinite; supply it or leave the person out.")
    return reached < needed


def alkire_foster(deprivations: npt.ArrayLike, dimensions: Sequence[Dimension], cutoff: Figure, weights: Floats | None = None) -> MultidimensionalPoverty:
    """H, A, M0 and what each dimension adds.

    ``deprivations`` is n persons (or households) by d dimensions, true or 1 where deprived. ``cutoff`` is k, above 0 and at most
    1: poor is who is deprived in dimensions that together weigh k or more; a third is ``Fraction(1, 3)``, which no float is. 1 is
    the intersection approach, the smallest weight the union approach. ``weights`` (n,) is for how many persons a row stands, 1
    each unless given.

    Raises a MeasureError: Empty, LengthMismatch, NotDeprivation, DuplicateDimension, InvalidDimensionWeights, InvalidCutoff,
    UnusableValue, NegativeWeight or ZeroWeights.
    """
    matrix, shares, persons = _checked(deprivations, dimensions, weights)
    return _measured(matrix, dimensions, shares, _poor(matrix, dimensions, cutoff), persons)


def alkire_foster_by_group(
    deprivations: npt.ArrayLike, dimensions: Sequence[Dimension], cutoff: Figure, groups: Sequence[str], weights: Floats | None = None
) -> dict[str, MultidimensionalPart]:
    """The same for each subgroup, by subgroup in order of its name; ``groups`` (n,) says which one a row is of.

    H and M0 of the subgroups, weighted by population, sum to the whole's. Raises what `alkire_foster` raises; ZeroWeights also
    where one subgroup counts for nobody.
    """
    matrix, shares, persons = _checked(deprivations, dimensions, weights)
    if len(groups) != len(matrix):
        raise LengthMismatch(f"There are {len(groups)} groups for {len(matrix)} rows; name the group of every row.")
    poor = _poor(matrix, dimensions, cutoff)
    whole = _measured(matrix, dimensions, shares, poor, persons)
    names, member_of = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    parts = {}
    for index, name in enumerate(names.tolist()):
        inside = member_of == index
        if not persons[inside].any():
            raise ZeroWeights(f"All weights of group {name} are 0; give a weight above 0 or leave the group out.")
        own = _measured(matrix[inside], dimensions, shares, poor[inside], persons[inside])
        share = own.population / whole.population
        parts[name] = MultidimensionalPart(share, own, _ratio(share * own.adjusted_headcount, whole.adjusted_headcount))
    return parts


def _checked(deprivations: npt.ArrayLike, dimensions: Sequence[Dimension], weights: Floats | None) -> tuple[Booleans, Floats, Floats]:
    """The matrix, the weight of every dimension as a float, and how many persons each row stands for."""
    cells = np.asarray(deprivations)
    if cells.ndim != 2 or cells.shape[1] != len(dimensions):
        raise LengthMismatch(f"The matrix is {cells.shape} for {len(dimensions)} dimensions; give one row a person and one column a dimension.")
    if not cells.size:
        raise Empty("There are no deprivations; give at least one person and one dimension.")
    if not ((cells == 0) | (cells == 1)).all():
        raise NotDeprivation("A cell of the matrix is neither 0 nor 1; decide for every cell or leave the person out.")
    codes = [dimension.code for dimension in dimensions]
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        raise DuplicateDimension(f"The dimension {', '.join(repeated)} is given more than once; give it once.")
    shares = np.array([float(exact(dimension.weight, f"weight of {dimension.code}")) for dimension in dimensions])
    return cells.astype(np.bool_), shares, persons_of(weights, len(cells))


def _poor(matrix: Booleans, dimensions: Sequence[Dimension], cutoff: Figure) -> Booleans:
    """Who is poor (n,), in whole numbers: the weights over their common denominator against k times it."""
    shares = [exact(dimension.weight, f"weight of {dimension.code}") for dimension in dimensions]
    for dimension, share in zip(dimensions, shares, strict=True):
        if share <= 0:
            raise InvalidDimensionWeights(f"The dimension {dimension.code} weighs {dimension.weight}; give it a weight above 0 or leave it out.")
    if (total := sum(shares)) != 1:
        raise InvalidDimensionWeights(f"The weights of the dimensions sum to {total}; change them until they sum to exactly 1 (a sixth is Fraction(1, 6)).")
    k = exact(cutoff, "cutoff k")
    if not 0 < k <= 1:
        raise InvalidCutoff(f"The cutoff k is {cutoff}; give a share above 0 and at most 1.")
    denominator = math.lcm(*(share.denominator for share in shares))
    if denominator > _FINEST:
        raise UnusableValue("The weights of the dimensions are too fine to be added exactly; give them with at most 12 decimals or as simple fractions.")
    counts = matrix.astype(np.int64) @ np.array([int(share * denominator) for share in shares], dtype=np.int64)
    poor: Booleans = counts >= math.ceil(k * denominator)
    return poor


def _measured(matrix: Booleans, dimensions: Sequence[Dimension], shares: Floats, poor: Booleans, persons: Floats) -> MultidimensionalPoverty:
    population, count = float(persons.sum()), float(persons[poor].sum())
    parts = persons / population
    headcount = min(1.0, count / population)
    censored = (parts * poor) @ matrix
    intensity = min(1.0, _ratio(float(censored @ shares), headcount))
    adjusted = headcount * intensity
    raw = parts @ matrix
    return MultidimensionalPoverty(
        headcount=headcount,
        intensity=intensity,
        adjusted_headcount=adjusted,
        poor=count,
        population=population,
        dimensions={
            dimension.code: Deprivation(min(1.0, float(raw[j])), min(1.0, float(censored[j])), _ratio(float(shares[j] * censored[j]), adjusted))
            for j, dimension in enumerate(dimensions)
        },
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
