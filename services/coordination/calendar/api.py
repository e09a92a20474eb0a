"""Routes of the working-day calendar."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from services.coordination.calendar.days import calendar
from shared.errors import Refused
from shared.http.access import PUBLIC
from shared.http.requests import router

routes = router("calendar")
MAX_DAYS = 400


class SpanRefused(Refused):
    """A list of days has an end, and a beginning before it."""

    code = "calendar_span_refused"
    message = ("Rentang tanggal harus maju dan paling lama {max_days} hari.", "The span must go forwards and be at most {max_days} days.")
    action = ("Perbaiki from_day dan to_day.", "Mend from_day and to_day.")


class DayOut(BaseModel):
    """A day; `because` says in Indonesian and English why it is no working day."""

    day: date
    is_working_day: bool
    because: tuple[str, str] | None
    provisional: bool = Field(description="the year has no decree yet: only weekends and holidays of fixed date are known")


class Days(BaseModel):
    """Days in order."""

    items: list[DayOut]


class Reached(BaseModel):
    """A working day, and what was skipped on the way."""

    start: date
    working_days: int
    day: date
    skipped: list[DayOut]


def _day(day: date) -> DayOut:
    days = calendar()
    because = days.why_not(day)
    return DayOut(day=day, is_working_day=because is None, because=because, provisional=days.is_provisional(day))


@routes.get("/calendar/days", operation_id="list_days", summary="Hari kerja dan hari libur / Working days and days off", dependencies=[PUBLIC])
async def list_days(from_day: date, to_day: date) -> Days:
    """Both ends included."""
    count = (to_day - from_day).days + 1
    if not 1 <= count <= MAX_DAYS:
        raise SpanRefused(max_days=MAX_DAYS)
    return Days(items=[_day(from_day + timedelta(days=n)) for n in range(count)])


@routes.get("/calendar/working-days", operation_id="count_working_days", summary="Hari kerja ke-n / The n-th working day", dependencies=[PUBLIC])
async def count_working_days(start: date, days: Annotated[int, Query(ge=0, le=250)]) -> Reached:
    """The n-th working day after `start`, with the days off between them."""
    reached = calendar().plus(start, days)
    between = [_day(start + timedelta(days=n)) for n in range(1, (reached - start).days)]
    return Reached(start=start, working_days=days, day=reached, skipped=[each for each in between if not each.is_working_day])
