"""Working days: the decreed days off, and what is counted with them."""

from datetime import date, timedelta
from functools import cache

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coordination.calendar.days import calendar
from tests.coordination.world import World

DAYS = st.dates(date(2022, 1, 1), date(2028, 12, 31))


@cache
def library() -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays("ID", years=range(2022, 2028), categories=("public", "government")))


def test_the_list_names_the_days_that_the_holidays_library_names() -> None:
    assert frozenset(calendar().decreed) == library()


@pytest.mark.parametrize(
    ("start", "days", "reached"),
    [
        # By hand. 2025-Q1: 1 to 7 April are Idulfitri and joint leave, so the first working day is 8 April.
        (date(2025, 3, 31), 5, date(2025, 4, 14)),
        (date(2025, 3, 31), 10, date(2025, 4, 22)),  # 18 April is Good Friday
        (date(2025, 3, 31), 14, date(2025, 4, 28)),
        # 2025-Q2: no day off in July 2025.
        (date(2025, 6, 30), 5, date(2025, 7, 7)),
        (date(2025, 6, 30), 10, date(2025, 7, 14)),
        (date(2025, 6, 30), 14, date(2025, 7, 18)),
        # 2025-Q4: New Year's Day is a Thursday, 16 January 2026 is Isra Mikraj.
        (date(2025, 12, 31), 5, date(2026, 1, 8)),
        (date(2025, 12, 31), 10, date(2026, 1, 15)),
        (date(2025, 12, 31), 14, date(2026, 1, 22)),
        # 2026-Q1: 3 April is Good Friday.
        (date(2026, 3, 31), 5, date(2026, 4, 8)),
        (date(2026, 3, 31), 14, date(2026, 4, 21)),
        # The week of Idulfitri 2026: joint leave on 18, 20, 23 and 24 March, Nyepi on 19 March.
        (date(2026, 3, 17), 1, date(2026, 3, 25)),
        # The Monday after Independence Day 2025 became joint leave during the year.
        (date(2025, 8, 15), 1, date(2025, 8, 19)),
    ],
)
def test_working_days_counted_by_hand(start: date, days: int, reached: date) -> None:
    assert calendar().plus(start, days) == reached


@given(DAYS, st.integers(0, 60))
def test_plus_and_between_are_inverse(day: date, count: int) -> None:
    reached = calendar().plus(day, count)
    assert calendar().between(day, reached) == count
    assert count == 0 or calendar().is_working_day(reached)


@given(DAYS, DAYS, DAYS)
def test_between_adds_up_and_changes_sign(a: date, b: date, c: date) -> None:
    days = calendar()
    assert days.between(a, b) == -days.between(b, a)
    first, second, third = sorted((a, b, c))
    assert days.between(first, second) + days.between(second, third) == days.between(first, third)


@given(DAYS)
def test_the_next_working_day_is_the_nearest_and_is_one(day: date) -> None:
    reached = calendar().on_or_after(day)
    assert calendar().is_working_day(reached)
    assert not any(calendar().is_working_day(day + timedelta(days=n)) for n in range((reached - day).days))


def test_a_year_without_a_decree_is_provisional_and_knows_fixed_holidays() -> None:
    days = calendar()
    assert (days.is_provisional(date(2031, 8, 17)), days.is_provisional(date(2026, 8, 17))) == (True, False)
    assert days.why_not(date(2031, 5, 1)) == ("Hari Buruh", "Labour Day")
    assert days.is_working_day(date(2031, 3, 3))


async def test_the_calendar_over_http_says_why(empty: World) -> None:
    async def get(path: str) -> httpx.Response:
        return await empty.served.get(f"/v1/calendar/{path}")

    shown = (await get("days?from_day=2026-03-17&to_day=2026-03-21")).json()["items"]
    assert [day["is_working_day"] for day in shown] == [True, False, False, False, False]
    assert shown[1]["because"] == ["Cuti bersama Hari Suci Nyepi", "Joint leave, Day of Silence"]
    reached = (await get("working-days?start=2026-03-17&days=1")).json()
    assert (reached["day"], len(reached["skipped"])) == ("2026-03-25", 7)
    refused = await get("days?from_day=2026-03-17&to_day=2026-03-01")
    assert (refused.status_code, refused.json()["code"]) == (422, "calendar_span_refused")


async def test_the_policy_in_force_follows_the_day(empty: World) -> None:
    async def on(day: str) -> httpx.Response:
        return await empty.served.get(f"/v1/policies/in-force?on={day}")

    former, gap, present = [(await on(day)).json() for day in ("2024-12-31", "2025-02-01", "2025-03-27")]
    assert (former["legal_basis"], former["data_source"], former["reporting_months"]) == ("Inpres 4/2022", "p3ke", 3)
    assert gap["code"] == former["code"], "the settings of the former instruction go on until the next one"
    assert (present["legal_basis"], present["data_source"], present["reporting_months"]) == ("Inpres 8/2025", "dtsen", 6)
    assert (await on("2020-01-01")).json()["code"] == "no_policy"
    assert len((await empty.served.get("/v1/policies")).json()["items"]) == 2
