"""The clock of assessments: what has become too old expires by itself."""

import asyncio

from services.mapping.assessments.handlers import expire_due
from shared.database import Database
from shared.hourly import hourly


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look now and once an hour, until the service stops."""
    await hourly("assessments expired", lambda on: expire_due(database, on), stopping)
