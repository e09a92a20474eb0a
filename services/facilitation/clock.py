"""What the calendar brings to facilitation, looked at once an hour."""

import asyncio
from datetime import date

from services.facilitation.financing import clock as financing
from services.facilitation.groups import clock as groups
from services.facilitation.loans import clock as loans
from services.facilitation.mentoring import clock as mentoring
from services.facilitation.trainings import clock as trainings
from services.facilitation.visits import clock as visits
from shared.database import Database
from shared.hourly import hourly

DAILY = (groups.pass_day, mentoring.pass_day, visits.pass_day, trainings.pass_day, financing.pass_day, loans.pass_day)
"""What each concept does when a day has passed; doing it twice does nothing more."""


async def pass_day(database: Database, on: date) -> int:
    """Everything that a day brings; how many things there were."""
    return sum([await work(database, on) for work in DAILY])


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look at the calendar until the service stops."""
    await hourly("facilitation's calendar", lambda on: pass_day(database, on), stopping)
