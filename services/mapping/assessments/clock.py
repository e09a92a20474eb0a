"""The clock of assessments: what has become too old expires by itself."""

import asyncio

from services.mapping.assessments.handlers import expire_due
from shared import telemetry
from shared.clock import pause, today
from shared.database import Database

EVERY_SECONDS = 3600.0
log = telemetry.logger(__name__)


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look now and once an hour, until the service stops; a database that is away is waited for."""
    while not stopping.is_set():
        try:
            if expired := await expire_due(database, today()):
                log.info("assessments expired", count=expired)
        except Exception as error:  # they wait an hour more; nothing rests on the minute
            log.warning("assessments could not be looked at", error=repr(error))
        await pause(stopping, EVERY_SECONDS)
