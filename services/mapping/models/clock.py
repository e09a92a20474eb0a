"""The clock of models: a scheduled version becomes current on its day by itself."""

import asyncio

from services.mapping.models.handlers import activate_due
from shared.database import Database
from shared.hourly import hourly


async def keep_time(database: Database, stopping: asyncio.Event) -> None:
    """Look now and once an hour, until the service stops."""
    await hourly("models became current", lambda on: activate_due(database, on), stopping)
