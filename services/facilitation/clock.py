"""What the calendar brings to facilitation, looked at once an hour."""

import asyncio
from datetime import date

from services.facilitation.financing import clock as financing
from services.facilitation.group_products import clock as group_products
from services.facilitation.groups import clock as groups
from services.facilitation.loans import clock as loans
from services.facilitation.market_demands import clock as market_demands
from services.facilitation.mentoring import clock as mentoring
from services.facilitation.orders import clock as orders
from services.facilitation.trainings import clock as trainings
from services.facilitation.visits import clock as visits
from shared.database import Database
from shared.hourly import hourly

_CONCEPTS = (groups, mentoring, visits, trainings, financing, loans, group_products, market_demands, orders)


async def pass_day(database: Database, on: date) -> int:
    """Everything that a day brings to each concept; how many things there were. Doing it twice does nothing more."""
    return sum([await concept.pass_day(database, on) for concept in _CONCEPTS])


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look at the calendar until the service stops."""
    await hourly("facilitation's calendar", lambda on: pass_day(database, on), stopping)
