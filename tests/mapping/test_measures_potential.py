"""Local potential: published location quotients (one of them misprinted) and a published shift-share table; identities on random regions."""

import doctest
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mapping.measures import errors
from services.mapping.measures.potential import (
    Klassen,
    Shift,
    agrees,
    dominant,
    dynamic_location_quotients,
    dynamic_quotient,
    klassen,
    location_quotients,
    shift_share,
)

JAMBI = {"rubber": 850, "palm": 650, "tea": 700, "cinnamon": 400}
INDONESIA = {"rubber": 1320, "palm": 2450, "tea": 4000, "cinnamon": 3150}
STATED = {"rubber": "2.704545", "palm": "1.114286", "tea": "4.2", "cinnamon": "0.533333"}

# Krumme, University of Washington, Geography 350, "Shift & Share Table": employment of Holukuluku 1985 and 1995, by industry. The
# nation is given there as shares (10, 20, 40, 30 percent) and growth (10, 20, 30, 40 percent).
HOLUKULUKU, HOLUKULUKU_LATER = {"I": 500, "II": 100, "III": 200, "IV": 200}, {"I": 1000, "II": 100, "III": 250, "IV": 280}
NATION, NATION_LATER = {"I": 10, "II": 20, "III": 40, "IV": 30}, {"I": 11, "II": 24, "III": 52, "IV": 42}


def test_jambi_as_published_but_for_the_misprint() -> None:
    """ "Metode Location Quotient", scribd 336649674: the quotient of tea is printed as 4.2 and is 0.735."""
    quotients = location_quotients(JAMBI, INDONESIA)
    assert {sector: agrees(Decimal(stated), quotients[sector], len(stated.split(".")[1])) for sector, stated in STATED.items()} == {
        "rubber": True,
        "palm": True,
        "tea": False,
        "cinnamon": True,
    }
    assert quotients["tea"] == Fraction(735, 1000)
    assert agrees(Decimal("0.735"), quotients["tea"], 3)
    assert dominant(quotients) == ["rubber", "palm"]


def test_what_the_misprint_divided_by() -> None:
    """The source took Jambi's tea for Indonesia's."""
    assert Fraction(700, 2600) / Fraction(700, 10920) == Fraction(42, 10)


def test_holukuluku_quotients_as_published() -> None:
    quotients = location_quotients(HOLUKULUKU, NATION)
    assert [quotients[sector] for sector in ("I", "II", "III")] == [5, Fraction(1, 2), Fraction(1, 2)]
    assert agrees(0.667, quotients["IV"], 3)
    assert dominant(quotients) == ["I"]


def test_holukuluku_shift_and_share_as_published() -> None:
    """Change 630 = national 290 - composition 80 + differential 420; by industry as in the table."""
    shifted = shift_share(HOLUKULUKU, HOLUKULUKU_LATER, NATION, NATION_LATER)
    assert shifted.total == Shift(Fraction(630), Fraction(290), Fraction(-80), Fraction(420))
    assert [part.proportional for part in shifted.sectors.values()] == [-95, -9, 2, 22]
    assert [part.differential for part in shifted.sectors.values()] == [450, -20, -10, 0]
    assert [part.change - part.national for part in shifted.sectors.values()] == [355, -29, -8, 22]


def test_a_quotient_of_exactly_one_is_not_dominant() -> None:
    """As floats (0.1 / 0.3) / (0.7 / 2.1) is not 1, and with other figures it can come out above."""
    assert (0.1 / (0.1 + 0.2)) / (0.7 / (0.7 + 1.4)) != 1
    quotients = location_quotients({"A": 0.1, "C": 0.2}, {"A": 0.7, "C": 1.4})
    assert quotients == {"A": 1, "C": 1}
    assert dominant(quotients) == []


def test_dominant_sectors_come_highest_first_then_by_code() -> None:
    assert dominant({"C": Fraction(3), "B": Fraction(2), "A": Fraction(2), "Q": Fraction(1)}) == ["C", "A", "B"]


def test_the_dynamic_quotient_of_yearly_growth_is_the_later_quotient_over_the_earlier() -> None:
    """Two years at a steady 10, 5, 4 and 2 percent: sector and region, sector and region of the nation."""
    rates = {"sector": Decimal("0.10"), "region": Decimal("0.05"), "national_sector": Decimal("0.04"), "nation": Decimal("0.02")}
    grown = {what: 100 * (1 + Fraction(rate)) ** 2 for what, rate in rates.items()}
    region, later = {"A": 100, "rest": 100}, {"A": grown["sector"], "rest": 2 * grown["region"] - grown["sector"]}
    nation, nation_later = {"A": 100, "rest": 100}, {"A": grown["national_sector"], "rest": 2 * grown["nation"] - grown["national_sector"]}
    assert dynamic_location_quotients(region, later, nation, nation_later)["A"] == dynamic_quotient(**rates, years=2)
    assert float(dynamic_quotient(**rates, years=1)) == pytest.approx((1.10 / 1.05) / (1.04 / 1.02), rel=1e-12)


def test_a_sector_that_ends_falls_to_zero() -> None:
    assert dynamic_quotient(sector=-1, region=0, national_sector=0, nation=0, years=3) == 0
    assert dynamic_location_quotients({"A": 1, "B": 1}, {"A": 0, "B": 2}, {"A": 1, "B": 1}, {"A": 1, "B": 1}) == {"A": 0, "B": 2}


def test_a_sector_new_to_the_region_is_all_its_own() -> None:
    part = shift_share({"A": 10, "B": 0}, {"A": 10, "B": 5}, {"A": 10, "B": 10}, {"A": 10, "B": 30}).sectors["B"]
    assert (part.change, part.national, part.proportional, part.differential) == (5, 0, 0, 5)


@pytest.mark.parametrize(
    ("growth", "level", "quadrant"),
    [
        (6, 50, Klassen.PRIME),
        (4, 50, Klassen.MATURE),
        (6, 30, Klassen.DEVELOPING),
        (4, 30, Klassen.LAGGING),
        (5, 40, Klassen.PRIME),
        (4.9, 40, Klassen.MATURE),
        (5, 39.9, Klassen.DEVELOPING),
    ],
)
def test_klassen_quadrants(growth: float, level: float, quadrant: Klassen) -> None:
    assert klassen(growth=growth, reference_growth=5, level=level, reference_level=40) is quadrant


@pytest.mark.parametrize(
    ("stated", "value", "decimals", "agreed"),
    [
        ("1.11", "1.114", 2, True),
        ("1.11", "1.115", 2, True),
        ("1.12", "1.115", 2, True),
        ("1.11", "1.1151", 2, False),
        ("1.110", "1.114", 3, False),
        ("1", "1.5", 0, True),
        ("-0.5", "0.5", 1, False),
    ],
)
def test_agreement_is_within_half_of_the_last_decimal(stated: str, value: str, decimals: int, agreed: bool) -> None:
    assert agrees(Decimal(stated), Decimal(value), decimals) is agreed
    assert agrees(float(stated), float(value), decimals) is agreed


ONE = {"A": 1, "C": 2}


@pytest.mark.parametrize(
    ("compute", "error", "said"),
    [
        (lambda: location_quotients({}, ONE), errors.Empty, "region"),
        (lambda: location_quotients(ONE, {}), errors.Empty, "nation"),
        (lambda: location_quotients(ONE, {"A": 1, "G": 2}), errors.LengthMismatch, "C, G"),
        (lambda: location_quotients({"A": 1, "C": -2}, ONE), errors.NegativeValue, "sector C"),
        (lambda: location_quotients({"A": 1, "C": math.nan}, ONE), errors.UnusableValue, "sector C"),
        (lambda: location_quotients({"A": Decimal("Infinity"), "C": 1}, ONE), errors.UnusableValue, "sector A"),
        (lambda: location_quotients({"A": Decimal("1E+999999999"), "C": 1}, ONE), errors.UnusableValue, "unit"),
        (lambda: location_quotients({"A": Decimal("1E-999999999"), "C": 1}, ONE), errors.UnusableValue, "unit"),
        (lambda: location_quotients({"A": 0, "C": 0}, ONE), errors.ZeroReference, "region"),
        (lambda: location_quotients(ONE, {"A": 0, "C": 2}), errors.ZeroReference, "sector A"),
        (lambda: dynamic_location_quotients({"A": 0, "C": 2}, ONE, ONE, ONE), errors.ZeroReference, "earlier year"),
        (lambda: dynamic_location_quotients(ONE, {"A": 1}, ONE, {"A": 1}), errors.LengthMismatch, "same sectors"),
        (lambda: dynamic_quotient(sector=0, region=0, national_sector=0, nation=0, years=0), errors.InvalidYears, "at least 1"),
        (lambda: dynamic_quotient(sector=0, region=-1, national_sector=0, nation=0, years=1), errors.ZeroReference, "region"),
        (lambda: dynamic_quotient(sector=-5, region=0, national_sector=0, nation=0, years=1), errors.NegativeValue, "share"),
        (lambda: shift_share(ONE, ONE, ONE, {"A": 1}), errors.LengthMismatch, "C"),
        (lambda: shift_share(ONE, ONE, {"A": 0, "C": 1}, ONE), errors.ZeroReference, "sector A"),
        (lambda: klassen(growth=math.nan, reference_growth=1, level=1, reference_level=1), errors.UnusableValue, "growth"),
        (lambda: agrees(1, 1, -1), errors.InvalidDecimals, "0 or more"),
        (lambda: agrees(math.inf, 1, 1), errors.UnusableValue, "stated"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_do(compute: Callable[[], Any], error: type[errors.MeasureError], said: str) -> None:
    with pytest.raises(error, match=said):
        compute()


def test_integers_of_numpy_do_not_overflow() -> None:
    big = np.int64(2**62)
    assert location_quotients({"A": big, "C": big, "G": big}, {"A": big, "C": big, "G": big}) == {"A": 1, "C": 1, "G": 1}


amounts = st.decimals(0, 10**9, places=2)
positive = st.decimals(Decimal("0.01"), 10**9, places=2)


@st.composite
def economies(draw: st.DrawFn) -> tuple[dict[str, Decimal], dict[str, Decimal], dict[str, Decimal], dict[str, Decimal]]:
    """A region and a nation in two years, by up to 17 sectors."""
    sectors = "ABCDEFGHIJKLMNOPQ"[: draw(st.integers(1, 17))]
    kinds = (positive, amounts, positive, positive)
    region, later, nation, nation_later = ({sector: draw(kind) for sector in sectors} for kind in kinds)
    return region, later | {"A": draw(positive)}, nation, nation_later


@given(economies())
def test_quotients_weighted_with_national_shares_sum_to_one(economy: tuple[dict[str, Decimal], ...]) -> None:
    region, _, nation, _ = economy
    total = sum(Fraction(figure) for figure in nation.values())
    assert sum(Fraction(nation[sector]) / total * quotient for sector, quotient in location_quotients(region, nation).items()) == 1


@given(economies(), st.integers(1, 10**6))
def test_units_do_not_matter(economy: tuple[dict[str, Decimal], ...], factor: int) -> None:
    region, _, nation, _ = economy
    assert location_quotients({s: Fraction(f) * factor for s, f in region.items()}, nation) == location_quotients(region, nation)


@given(economies())
def test_the_parts_sum_to_the_change(economy: tuple[dict[str, Decimal], ...]) -> None:
    region, later, nation, nation_later = economy
    shifted = shift_share(region, later, nation, nation_later)
    for sector, part in shifted.sectors.items():
        assert part.change == Fraction(later[sector]) - Fraction(region[sector])
        assert part.national + part.proportional + part.differential == part.change
    total = shifted.total
    assert total.national + total.proportional + total.differential == total.change
    assert total.change == sum(Fraction(f) for f in later.values()) - sum(Fraction(f) for f in region.values())


@given(economies())
def test_the_nation_shifted_against_itself_has_nothing_of_its_own(economy: tuple[dict[str, Decimal], ...]) -> None:
    _, _, nation, nation_later = economy
    shifted = shift_share(nation, nation_later, nation, nation_later)
    assert all(part.differential == 0 for part in shifted.sectors.values())
    assert shifted.total.proportional == 0


@given(economies())
def test_the_dynamic_quotient_leads_from_the_earlier_to_the_later(economy: tuple[dict[str, Decimal], ...]) -> None:
    region, later, nation, nation_later = economy
    before, after = location_quotients(region, nation), location_quotients(later, nation_later)
    assert {s: before[s] * d for s, d in dynamic_location_quotients(region, later, nation, nation_later).items()} == after


def test_the_handbooks_examples_hold() -> None:
    page = Path(__file__).parents[2] / "docs" / "handbook" / "measures.md"
    outcome = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert outcome.attempted > 20
    assert outcome.failed == 0
