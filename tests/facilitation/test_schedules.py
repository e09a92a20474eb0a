"""Schedules: published instalments to the rupiah, and what holds for every loan."""

import itertools
import random
from datetime import date
from decimal import Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilitation.loans.schedule import Method, add_months, schedule

START = date(2024, 1, 31)


@pytest.mark.parametrize(
    ("principal", "rate", "months", "published"),
    [
        (10_000_000, "3", 36, "290812.10"),
        (10_000_000, "3", 12, "846936.99"),
        (50_000_000, "6", 36, "1521096.87"),
        (100_000_000, "6", 36, "3042193.75"),
        (500_000_000, "6", 48, "11742514.52"),
        (200_000, "7.5", 180, "1854.0247200054619"),
    ],
)
def test_the_annuity_is_the_published_one_to_the_rupiah(principal: int, rate: str, months: int, published: str) -> None:
    plan = schedule(principal, rate, months, Method.ANNUITY, START)
    instalment = int(Decimal(published).quantize(Decimal(1)))
    assert {each.amount_idr for each in plan[:-1]} == {instalment}
    assert sum(each.principal_idr for each in plan) == principal
    assert plan[-1].balance_idr == 0
    # The remainder of rounding to the rupiah is in the last instalment, and is less than half a rupiah a month grown to the end.
    assert abs(plan[-1].amount_idr - instalment) < months * 2


def test_a_schedule_by_hand() -> None:
    """Rp1,000,000 at 12 % in 3 months: 1 % a month, instalment 340,022.11."""
    plan = schedule(1_000_000, "12", 3, Method.ANNUITY, date(2024, 1, 31))
    assert [(each.number, each.due_on, each.principal_idr, each.interest_idr, each.balance_idr) for each in plan] == [
        (1, date(2024, 2, 29), 330_022, 10_000, 669_978),
        (2, date(2024, 3, 31), 333_322, 6_700, 336_656),
        (3, date(2024, 4, 30), 336_656, 3_367, 0),
    ]


def test_a_flat_schedule_by_hand() -> None:
    """Rp10,000,000 at 6 % flat in 12 months: interest 50,000 a month, principal 833,333, the last 833,337."""
    plan = schedule(10_000_000, "6", 12, Method.FLAT, date(2024, 3, 15))
    assert {(each.principal_idr, each.interest_idr) for each in plan[:-1]} == {(833_333, 50_000)}
    assert (plan[-1].principal_idr, plan[-1].interest_idr, plan[-1].balance_idr) == (833_337, 50_000, 0)
    assert sum(each.interest_idr for each in plan) == 600_000


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 2, date(2024, 3, 31)),
        (date(2024, 1, 31), 3, date(2024, 4, 30)),
        (date(2024, 8, 30), 6, date(2025, 2, 28)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 11, 30), 25, date(2026, 12, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
    ],
)
def test_instalments_fall_on_the_same_day_or_on_a_shorter_months_last(start: date, months: int, due: date) -> None:
    assert add_months(start, months) == due


def test_ten_thousand_loans_pay_themselves_back_exactly() -> None:
    chance = random.Random(20241124)
    getcontext().prec = 60
    for _ in range(10_000):
        principal = chance.choice((chance.randint(1, 1000), chance.randint(100_000, 500_000_000), chance.randint(1, 3_000_000_000)))
        rate = chance.choice(("0", "3", "6", "7", "8", "9", "12.5", f"{chance.randint(0, 99)}.{chance.randint(0, 9999):04d}"))
        months, method = chance.randint(1, 120), chance.choice(list(Method))
        plan = schedule(principal, rate, months, method, START)
        assert len(plan) == months
        assert sum(each.principal_idr for each in plan) == principal
        assert plan[-1].balance_idr == 0
        assert all(each.principal_idr >= 0 and each.interest_idr >= 0 for each in plan)
        assert all(before.balance_idr - each.principal_idr == each.balance_idr for before, each in itertools.pairwise(plan))
        assert all(before.due_on < each.due_on for before, each in itertools.pairwise(plan))
        assert plan[0].amount_idr == _by_decimals(principal, rate, months, method) or months == 1


def _by_decimals(principal: int, rate: str, months: int, method: Method) -> int:
    """The first instalment, computed another way."""
    monthly = Decimal(rate) / 1200
    if method is Method.FLAT:
        return principal // months + int((principal * monthly * months).quantize(Decimal(1), rounding="ROUND_HALF_UP")) // months
    exact = principal * monthly / (1 - (1 + monthly) ** -months) if monthly else Decimal(principal) / months
    instalment = int(exact.quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    interest = int((principal * monthly).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    return min(instalment, principal + interest)


@given(st.integers(1, 2**53 - 1), st.integers(0, 100), st.integers(1, 360), st.sampled_from(Method))
def test_any_loan_ends_at_nothing(principal: int, rate: int, months: int, method: Method) -> None:
    plan = schedule(principal, str(rate), months, method, START)
    assert (sum(each.principal_idr for each in plan), plan[-1].balance_idr, len(plan)) == (principal, 0, months)
    assert all(each.principal_idr >= 0 for each in plan)
