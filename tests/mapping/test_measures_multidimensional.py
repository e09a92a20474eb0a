"""Multidimensional poverty: the published case, exact cutoffs, what is refused, and identities on random matrices."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mapping.measures import errors
from services.mapping.measures.multidimensional import Dimension, alkire_foster, alkire_foster_by_group, deprivations_of

QUARTERS = [Dimension(code, 0.25) for code in ("income", "schooling", "health", "services")]
ACHIEVED = np.array([[13.1, 14, 4, 1], [15.2, 7, 5, 0], [12.5, 10, 1, 0], [20, 11, 3, 1]])
NEEDED = np.array([13.0, 12, 3, 1])


def test_the_example_of_alkire_and_foster() -> None:
    """The illustration of Alkire & Foster 2011: four persons, four dimensions of equal weight, poor with two deprivations: H 1/2, A 3/4, M0 3/8."""
    matrix = deprivations_of(ACHIEVED, NEEDED)
    assert matrix.astype(int).tolist() == [[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]]
    poverty = alkire_foster(matrix, QUARTERS, 0.5)
    assert (poverty.headcount, poverty.intensity, poverty.adjusted_headcount) == (0.5, 0.75, 0.375)
    assert (poverty.poor, poverty.population) == (2, 4)
    assert [d.headcount for d in poverty.dimensions.values()] == [0.25, 0.75, 0.25, 0.5]
    assert [d.censored_headcount for d in poverty.dimensions.values()] == [0.25, 0.5, 0.25, 0.5]
    assert [d.contribution for d in poverty.dimensions.values()] == pytest.approx([1 / 6, 1 / 3, 1 / 6, 1 / 3], abs=1e-15)


def test_union_and_intersection_on_the_same_persons() -> None:
    """By hand: with one deprivation three are poor (7 of 12 cells), with all four only one."""
    matrix = deprivations_of(ACHIEVED, NEEDED)
    union, intersection = alkire_foster(matrix, QUARTERS, 0.25), alkire_foster(matrix, QUARTERS, 1)
    assert union.headcount == 0.75
    assert union.adjusted_headcount == pytest.approx(7 / 16, abs=1e-15)
    assert (intersection.headcount, intersection.intensity, intersection.adjusted_headcount) == (0.25, 1, 0.25)


def test_a_dimension_may_weigh_more() -> None:
    """By hand: income weighs half, so the person deprived in it alone is poor at k = 1/2 and the one deprived in two others is not."""
    dimensions = [Dimension("income", Fraction(1, 2)), *(Dimension(code, Fraction(1, 6)) for code in ("schooling", "health", "services"))]
    poverty = alkire_foster([[1, 0, 0, 0], [0, 1, 1, 0]], dimensions, Fraction(1, 2), np.array([30.0, 70.0]))
    assert (poverty.headcount, poverty.poor, poverty.population) == (0.3, 30, 100)
    assert poverty.intensity == pytest.approx(0.5, abs=1e-15)
    assert poverty.dimensions["income"].contribution == pytest.approx(1, abs=1e-15)
    assert poverty.dimensions["schooling"].headcount == pytest.approx(0.7, abs=1e-15)


def test_a_household_exactly_on_the_cutoff_is_poor() -> None:
    """The global index: ten indicators of 1/6 and 1/18, poor with a third."""
    sixths, eighteenths = [Dimension(f"s{i}", Fraction(1, 6)) for i in range(4)], [Dimension(f"e{i}", Fraction(1, 18)) for i in range(6)]
    on, below = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1, 1, 0]
    assert alkire_foster([on, below], [*sixths, *eighteenths], Fraction(1, 3)).headcount == 0.5


def test_tenths_add_up_to_what_they_should() -> None:
    assert sum([0.1] * 8) < 0.8, "as floats they do not, which is why fractions are added"
    tenths = [Dimension(f"d{i}", 0.1) for i in range(10)]
    assert alkire_foster([[1] * 8 + [0] * 2, [1] * 7 + [0] * 3], tenths, 0.8).headcount == 0.5


def test_nobody_poor() -> None:
    poverty = alkire_foster([[0, 0, 0, 0], [1, 0, 0, 0]], QUARTERS, 0.5)
    assert (poverty.headcount, poverty.intensity, poverty.adjusted_headcount, poverty.poor) == (0, 0, 0, 0)
    assert poverty.dimensions["income"].headcount == 0.5
    assert all(d.contribution == 0 for d in poverty.dimensions.values())


THIRDS = [Dimension(code, Fraction(1, 3)) for code in "abc"]


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"deprivations": np.zeros((0, 3))}, errors.Empty, "at least one"),
        ({"deprivations": [0, 1, 1]}, errors.LengthMismatch, "one row a person"),
        ({"deprivations": [[0, 1]]}, errors.LengthMismatch, "one column a dimension"),
        ({"deprivations": [[0, 2, 1]]}, errors.NotDeprivation, "neither 0 nor 1"),
        ({"deprivations": [[0, math.nan, 1]]}, errors.NotDeprivation, "leave the person out"),
        ({"dimensions": [THIRDS[0], THIRDS[0], THIRDS[1]]}, errors.DuplicateDimension, "give it once"),
        ({"dimensions": [Dimension(code, 1 / 3) for code in "abc"]}, errors.InvalidDimensionWeights, "exactly 1"),
        ({"dimensions": [Dimension("a", 1), Dimension("b", 0.5), Dimension("c", -0.5)]}, errors.InvalidDimensionWeights, "dimension c"),
        ({"dimensions": [Dimension("a", math.nan), *THIRDS[1:]]}, errors.UnusableValue, "weight of a"),
        (
            {"dimensions": [Dimension("a", Fraction(1, 10**17)), Dimension("b", 0.5), Dimension("c", Fraction(1, 2) - Fraction(1, 10**17))]},
            errors.UnusableValue,
            "fine",
        ),
        ({"cutoff": 0}, errors.InvalidCutoff, "above 0"),
        ({"cutoff": 2}, errors.InvalidCutoff, "at most 1"),
        ({"cutoff": math.inf}, errors.UnusableValue, "cutoff k"),
        ({"weights": np.array([1.0, 1.0])}, errors.LengthMismatch, "one weight a record"),
        ({"weights": np.array([-1.0])}, errors.NegativeWeight, "record 1"),
        ({"weights": np.array([math.nan])}, errors.UnusableValue, "missing"),
        ({"weights": np.array([0.0])}, errors.ZeroWeights, "above 0"),
        ({"cutoff": Decimal("1E-999999999")}, errors.UnusableValue, "unit"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_what_to_do(given: dict[str, Any], error: type[errors.MeasureError], said: str) -> None:
    with pytest.raises(error, match=said):
        alkire_foster(**({"deprivations": [[1, 0, 1]], "dimensions": THIRDS, "cutoff": Fraction(1, 3)} | given))


def test_achievements_and_groups_are_refused_when_they_do_not_fit() -> None:
    with pytest.raises(errors.LengthMismatch):
        deprivations_of(ACHIEVED, NEEDED[:3])
    with pytest.raises(errors.Empty):
        deprivations_of(np.zeros((0, 4)), NEEDED)
    with pytest.raises(errors.UnusableValue):
        deprivations_of(ACHIEVED * math.nan, NEEDED)
    with pytest.raises(errors.LengthMismatch):
        alkire_foster_by_group([[1, 0, 1]], THIRDS, 1, ["x", "y"])
    with pytest.raises(errors.ZeroWeights, match="group y"):
        alkire_foster_by_group([[1, 0, 1], [1, 1, 1]], THIRDS, 1, ["x", "y"], np.array([1.0, 0.0]))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[int]], list[Dimension], Fraction, list[str], list[float]]:
    parts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    dimensions = [Dimension(f"d{i}", Fraction(part, sum(parts))) for i, part in enumerate(parts)]
    n = draw(st.integers(1, 15))
    matrix = draw(st.lists(st.lists(st.integers(0, 1), min_size=len(parts), max_size=len(parts)), min_size=n, max_size=n))
    cutoff = Fraction(draw(st.integers(1, 12)), 12)
    return (
        matrix,
        dimensions,
        cutoff,
        draw(st.lists(st.sampled_from("xyz"), min_size=n, max_size=n)),
        draw(st.lists(st.floats(0.01, 1e6), min_size=n, max_size=n)),
    )


@given(cases())
def test_identities(case: tuple[list[list[int]], list[Dimension], Fraction, list[str], list[float]]) -> None:
    """M0 = H * A, as the mean of what the poor are deprived of, computed here in fractions; contributions sum to 1."""
    matrix, dimensions, cutoff, groups, weights = case
    poverty = alkire_foster(matrix, dimensions, cutoff, np.array(weights))
    counts = [sum((Fraction(d.weight) for d, cell in zip(dimensions, row, strict=True) if cell), Fraction()) for row in matrix]
    poor = sum(Fraction(w) for w, c in zip(weights, counts, strict=True) if c >= cutoff)
    total = sum(Fraction(w) for w in weights)
    deprived = sum(Fraction(w) * c for w, c in zip(weights, counts, strict=True) if c >= cutoff)
    assert poverty.headcount == pytest.approx(float(poor / total), rel=1e-12)
    assert poverty.adjusted_headcount == pytest.approx(float(deprived / total), rel=1e-12)
    assert poverty.adjusted_headcount == poverty.headcount * poverty.intensity
    assert sum(d.contribution for d in poverty.dimensions.values()) == pytest.approx(1 if poor else 0, abs=1e-12)
    assert all(d.censored_headcount <= d.headcount + 1e-12 for d in poverty.dimensions.values())
    if poor:
        assert float(cutoff) - 1e-12 <= poverty.intensity <= 1

    parts = alkire_foster_by_group(matrix, dimensions, cutoff, groups, np.array(weights))
    assert sum(p.population_share * p.poverty.adjusted_headcount for p in parts.values()) == pytest.approx(poverty.adjusted_headcount, rel=1e-9)
    assert sum(p.population_share * p.poverty.headcount for p in parts.values()) == pytest.approx(poverty.headcount, rel=1e-9)
    assert sum(p.contribution for p in parts.values()) == pytest.approx(1 if poor else 0, abs=1e-9)


@given(cases())
def test_a_higher_cutoff_never_finds_more_poor(case: tuple[list[list[int]], list[Dimension], Fraction, list[str], list[float]]) -> None:
    matrix, dimensions, cutoff, _, weights = case
    lower, higher = (alkire_foster(matrix, dimensions, k, np.array(weights)) for k in (cutoff, min(Fraction(1), cutoff + Fraction(1, 12))))
    assert higher.headcount <= lower.headcount
    assert higher.adjusted_headcount <= lower.adjusted_headcount + 1e-12


@given(cases())
def test_the_union_approach_censors_nothing(case: tuple[list[list[int]], list[Dimension], Fraction, list[str], list[float]]) -> None:
    matrix, dimensions, _, _, weights = case
    poverty = alkire_foster(matrix, dimensions, min(Fraction(d.weight) for d in dimensions), np.array(weights))
    assert [d.censored_headcount for d in poverty.dimensions.values()] == pytest.approx([d.headcount for d in poverty.dimensions.values()], abs=1e-12)
