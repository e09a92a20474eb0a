"""What the calendar brings: looked at once an hour."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from shared import telemetry
from shared.clock import pause, today

EVERY_SECONDS = 3600.0
log = telemetry.logger(__name__)


async def hourly(what: str, work: Callable[[date], Awaitable[int]], stopping: asyncio.Event) -> None:
    """Do it now and once an hour, until the service stops; a database that is away is waited for. `work` says how many there were."""
    while not stopping.is_set():
        try:
            if count := await work(today()):
                log.info(what, count=count)
        except Exception as error:  # it waits an hour more; nothing rests on the minute
            log.warning("could not look whether any is due", what=what, error=repr(error))
        await pause(stopping, EVERY_SECONDS)
