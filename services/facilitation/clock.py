"""What the calendar brings to facilitation, looked at once an hour."""

import asyncio
from datetime import date

from services.facilitation.group_products import clock as group_products
from services.facilitation.groups import clock as groups
from services.facilitation.market_demands import clock as market_demands
from services.facilitation.orders import clock as orders
from shared.database import Database
from shared.hourly import hourly

DAILY = (groups.pass_day, group_products.pass_day, orders.pass_day, market_demands.pass_day)
"""What each concept does when a day has passed; doing it twice does nothing more."""


async def pass_day(database: Database, on: date) -> int:
    """Everything that a day brings; how many things there were."""
    return sum([await work(database, on) for work in DAILY])


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look at the calendar until the service stops."""
    await hourly("facilitation's calendar", lambda on: pass_day(database, on), stopping)
