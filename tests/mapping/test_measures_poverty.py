"""Poverty by expenditure: the published case of three countries, what is refused, and identities on random records."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mapping.measures import errors
from services.mapping.measures.poverty import foster_greer_thorbecke, headcount_standard_error, poverty_by_group


@pytest.mark.parametrize(
    ("expenditure", "headcount", "gap", "severity"),
    [([100, 100, 150, 150], 0.5, 0.10, 0.02), ([124, 124, 150, 150], 0.5, 0.004, 0.000032), ([100, 110, 150, 160], 0.5, 0.08, 0.0136)],
    ids=["A", "B", "C"],
)
def test_the_countries_of_the_world_banks_handbook(expenditure: list[float], headcount: float, gap: float, severity: float) -> None:
    """Haughton & Khandker, *Handbook on Poverty and Inequality* (World Bank 2009), chapter 4, line 125."""
    poverty = foster_greer_thorbecke(125, np.array(expenditure))
    assert poverty.headcount == headcount
    assert poverty.gap == pytest.approx(gap, abs=1e-12)
    assert poverty.severity == pytest.approx(severity, abs=1e-12)
    assert (poverty.poor, poverty.population, poverty.records) == (2, 4, 4)


def test_who_is_exactly_on_the_line_is_not_poor() -> None:
    poverty = foster_greer_thorbecke(351_957.4, np.array([351_957.4, np.nextafter(351_957.4, 0), np.nextafter(351_957.4, 1e6)]))
    assert poverty.poor == 1


def test_the_number_of_poor_counts_persons_not_households() -> None:
    """Three households of weight 250, 100 and 150 with 6, 3 and 4 members; the first is poor."""
    poverty = foster_greer_thorbecke(500_000, np.array([400_000, 500_000, 900_000]), np.array([250 * 6, 100 * 3, 150 * 4]))
    assert (poverty.poor, poverty.population, poverty.records) == (1500, 2400, 3)
    assert poverty.headcount == 0.625
    assert poverty.gap == pytest.approx(0.625 * 0.2, abs=1e-15)
    assert poverty.severity == pytest.approx(0.625 * 0.04, abs=1e-15)


def test_every_record_may_have_its_own_line() -> None:
    poverty = foster_greer_thorbecke(np.array([100.0, 200.0]), np.array([150.0, 150.0]))
    assert (poverty.headcount, poverty.gap, poverty.severity) == (0.5, 0.125, 0.03125)


def test_figures_far_apart_overflow_nowhere() -> None:
    poverty = foster_greer_thorbecke(1e-300, np.array([1e300, 0.0]), np.array([1e307, 1e307]))
    assert (poverty.headcount, poverty.gap, poverty.severity) == (0.5, 0.5, 0.5)


def test_a_rate_alone_and_a_number_alone_name_different_regions() -> None:
    """The reason for publishing both: a small region that is half poor, a large one that is a tenth poor."""
    parts = poverty_by_group(10, np.array([5.0, 15.0, 5.0, 15.0]), ["timur", "timur", "jawa", "jawa"], np.array([100.0, 100.0, 1_000.0, 9_000.0]))
    assert max(parts, key=lambda name: parts[name].poverty.headcount) == "timur"
    assert max(parts, key=lambda name: parts[name].poverty.poor) == "jawa"
    assert list(parts) == ["jawa", "timur"]


def test_standard_error_of_the_headcount() -> None:
    """By hand: 0.1 * 0.9 / 900 = 0.0001; a design effect of 4 doubles it, as a quarter of the sample would."""
    assert headcount_standard_error(0.1, 900) == pytest.approx(0.01, abs=1e-15)
    assert headcount_standard_error(0.1, 900, 4) == pytest.approx(0.02, abs=1e-15)
    assert headcount_standard_error(0.1, 225) == pytest.approx(headcount_standard_error(0.1, 900, 4), abs=1e-15)


def test_standard_error_is_how_far_samples_lie_apart() -> None:
    """20,000 samples of 400, each person poor with probability 0.12; the stated error is their standard deviation, within 2 percent."""
    rates = np.random.default_rng(1984).binomial(400, 0.12, 20_000) / 400
    assert headcount_standard_error(0.12, 400) == pytest.approx(float(rates.std()), rel=0.02)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"expenditure": []}, errors.Empty, "at least one"),
        ({"expenditure": [[1.0, 2.0]]}, errors.LengthMismatch, "one figure a record"),
        ({"weights": [1.0]}, errors.LengthMismatch, "one weight a record"),
        ({"line": [1.0, 2.0, 3.0]}, errors.LengthMismatch, "one a record"),
        ({"expenditure": [1.0, math.nan]}, errors.UnusableValue, "expenditure of record 2"),
        ({"expenditure": [math.inf, 1.0]}, errors.UnusableValue, "expenditure of record 1"),
        ({"line": math.nan}, errors.UnusableValue, "line"),
        ({"weights": [1.0, math.inf]}, errors.UnusableValue, "weight of record 2"),
        ({"weights": [1e308, 1e308]}, errors.UnusableValue, "sum to infinity"),
        ({"line": 0.0}, errors.InvalidLine, "above 0"),
        ({"line": [1.0, -1.0]}, errors.InvalidLine, "record 2"),
        ({"expenditure": [1.0, -1.0]}, errors.NegativeValue, "record 2"),
        ({"weights": [1.0, -1.0]}, errors.NegativeWeight, "record 2"),
        ({"weights": [0.0, 0.0]}, errors.ZeroWeights, "above 0"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_what_to_do(given: dict[str, Any], error: type[errors.MeasureError], said: str) -> None:
    arguments = {name: np.array(value) for name, value in ({"line": 10.0, "expenditure": [5.0, 15.0], "weights": [1.0, 1.0]} | given).items()}
    with pytest.raises(error, match=said):
        foster_greer_thorbecke(arguments["line"], arguments["expenditure"], arguments["weights"])


def test_groups_are_refused_when_they_do_not_fit() -> None:
    with pytest.raises(errors.LengthMismatch):
        poverty_by_group(10, np.array([5.0, 15.0]), ["a"])
    with pytest.raises(errors.ZeroWeights, match="group b"):
        poverty_by_group(10, np.array([5.0, 15.0]), ["a", "b"], np.array([1.0, 0.0]))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((10.14, 900), errors.UnusableValue),
        ((math.nan, 900), errors.UnusableValue),
        ((0.1, 0), errors.Empty),
        ((0.1, 900, 0.0), errors.InvalidDesignEffect),
        ((0.1, 900, math.nan), errors.InvalidDesignEffect),
    ],
)
def test_standard_error_refuses(arguments: Any, error: type[errors.MeasureError]) -> None:
    with pytest.raises(error):
        headcount_standard_error(*arguments)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in errors.MeasureError.__subclasses__()]
    assert len(codes) == len(set(codes)) > 10
    assert all(code.startswith("measures.") for code in codes)


records = st.lists(st.tuples(st.floats(0, 1e9), st.floats(0.001, 1e6), st.sampled_from("abcd")), min_size=1, max_size=30)
lines = st.floats(0.01, 1e8)


@given(records, lines)
def test_groups_weighted_by_population_sum_to_the_whole(sample: list[tuple[float, float, str]], line: float) -> None:
    spent, persons = (np.array([record[column] for record in sample]) for column in (0, 1))
    groups = [record[2] for record in sample]
    whole, parts = foster_greer_thorbecke(line, spent, persons), poverty_by_group(line, spent, groups, persons)
    for measure in ("headcount", "gap", "severity"):
        total = getattr(whole, measure)
        assert sum(part.population_share * getattr(part.poverty, measure) for part in parts.values()) == pytest.approx(total, rel=1e-9, abs=1e-12)
        assert sum(getattr(part, f"{measure}_share") for part in parts.values()) == pytest.approx(1 if total else 0, abs=1e-6)
    assert sum(part.poverty.poor for part in parts.values()) == pytest.approx(whole.poor, rel=1e-9)
    assert sum(part.population_share for part in parts.values()) == pytest.approx(1, abs=1e-9)


@given(records, lines, st.integers(-20, 20))
def test_neither_the_currency_nor_the_scale_of_the_weights_matters(sample: list[tuple[float, float, str]], line: float, power: int) -> None:
    """Powers of two, which floats scale by exactly."""
    spent, persons = (np.array([record[column] for record in sample]) for column in (0, 1))
    one, other = foster_greer_thorbecke(line, spent, persons), foster_greer_thorbecke(line * 2.0**power, spent * 2.0**power, persons * 2.0**power)
    assert (one.headcount, one.gap) == (other.headcount, other.gap)
    assert one.severity == other.severity
    assert other.poor == one.poor * 2.0**power


@given(records, lines)
def test_the_measures_lie_one_below_the_other_between_0_and_1(sample: list[tuple[float, float, str]], line: float) -> None:
    spent, persons = (np.array([record[column] for record in sample]) for column in (0, 1))
    poverty = foster_greer_thorbecke(line, spent, persons)
    assert 0 <= poverty.severity <= poverty.gap + 1e-12 <= poverty.headcount + 2e-12
    assert poverty.headcount <= 1
    assert (poverty.headcount == 0) == (spent >= line).all()
