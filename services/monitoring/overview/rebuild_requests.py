"""Rebuilds as operators ask for them: one at a time, in the background, with their progress on record."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.monitoring.overview.rebuild import Interrupted, MakeConsumer, is_running, only_one, rebuild
from services.monitoring.overview.tables import rebuilds
from shared import telemetry
from shared.clock import new_id
from shared.consumer import reason_for
from shared.eventlog import EventLog

KEPT = 20
log = telemetry.logger(__name__)


class Rebuilder:
    """Takes requests and carries them out."""

    def __init__(self, engine: AsyncEngine, event_log: EventLog, make_consumer: MakeConsumer, group: str) -> None:
        self._engine = engine
        self._event_log = event_log
        self._make_consumer = make_consumer
        self._group = group
        self._requests: asyncio.Queue[tuple[UUID, AsyncExitStack]] = asyncio.Queue()

    async def request(self, by: str) -> UUID:
        """Have the view rebuilt in the background; `RebuildRunning` when one is under way in any process."""
        id, held = await self._begin(by)
        self._requests.put_nowait((id, held))
        return id

    async def now(self, by: str) -> UUID:
        """Rebuild and return when it ended, as the CLI does; `RebuildRunning` as above."""
        id, held = await self._begin(by)
        await self._perform(id, held, asyncio.Event())
        return id

    async def run(self, stopping: asyncio.Event) -> None:
        """Carry out requests until told to stop; what runs then is given up, and the old view keeps serving."""
        while True:
            request, told = asyncio.ensure_future(self._requests.get()), asyncio.ensure_future(stopping.wait())
            await asyncio.wait([request, told], return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if not request.done():
                request.cancel()
                return
            id, held = request.result()
            await self._perform(id, held, stopping)

    async def _begin(self, by: str) -> tuple[UUID, AsyncExitStack]:
        async with AsyncExitStack() as held:
            await held.enter_async_context(only_one(self._engine))
            id = new_id()
            async with self._engine.begin() as connection:
                # Whoever left these did not come to an end, since we hold the lock.
                lost = update(rebuilds).where(rebuilds.c.state == "running").values(state="interrupted", ended_at=func.now())
                await connection.execute(lost)
                await connection.execute(insert(rebuilds).values(id=id, state="running", done=0, total=0, requested_by=by))
            return id, held.pop_all()

    async def _perform(self, id: UUID, held: AsyncExitStack, stopping: asyncio.Event) -> None:
        try:
            async with held:
                state, failure = await self._outcome(id, stopping)
                await self._write(id, state=state, failure=failure, ended_at=func.now())
        except Exception as error:
            # The database is gone; the next request will find the record and call it interrupted.
            log.error("the end of a rebuild could not be recorded", rebuild=str(id), exc_info=error)

    async def _outcome(self, id: UUID, stopping: asyncio.Event) -> tuple[str, str | None]:
        try:
            events = await rebuild(self._engine, self._event_log, self._make_consumer, self._group, report=partial(self._report, id), stopping=stopping)
        except Interrupted:
            return "interrupted", None
        except Exception as error:
            log.error("rebuild failed; the old view keeps serving", rebuild=str(id), exc_info=error)
            return "failed", reason_for(error)
        log.info("view rebuilt", rebuild=str(id), events=events)
        return "done", None

    async def _report(self, id: UUID, done: int, total: int) -> None:
        await self._write(id, done=done, total=total)

    async def _write(self, id: UUID, **values: Any) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(rebuilds).where(rebuilds.c.id == id).values(**values))


async def recent(connection: AsyncConnection, id: UUID | None = None) -> list[dict[str, Any]]:
    """The rebuild `id`, or the last ones; one that calls itself running though nobody holds the lock was interrupted."""
    statement = select(rebuilds).order_by(rebuilds.c.id.desc()).limit(KEPT)
    if id is not None:
        statement = statement.where(rebuilds.c.id == id)
    rows = [dict(row._mapping) for row in (await connection.execute(statement)).all()]
    if any(row["state"] == "running" for row in rows) and not await is_running(connection):
        # Asked again, since it may have ended between the two questions.
        rows = [dict(row._mapping) for row in (await connection.execute(statement)).all()]
        for row in rows:
            row["state"] = "interrupted" if row["state"] == "running" else row["state"]
    return rows
