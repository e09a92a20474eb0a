"""What the calendar brings, looked at once an hour: invitations that expire, what falls due, and gaps."""

import asyncio
from datetime import date

from services.coordination.action_items.handlers import chase_items
from services.coordination.commitments.clock import chase
from services.coordination.convergence.handlers import look_for_gaps
from services.coordination.packs.handlers import keep_packs
from services.coordination.participation.handlers import expire_invitations
from shared.database import Database
from shared.hourly import hourly


async def pass_day(database: Database, on: date) -> int:
    """Do what is due on a day; repeating it changes nothing. How many things happened."""
    done = 0
    for look in (expire_invitations, chase, chase_items, look_for_gaps, keep_packs):
        done += await look(database, on)
    return done


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look now and once an hour, until the service stops."""
    await hourly("the calendar moved something", lambda on: pass_day(database, on), stopping)
