"""Rebuilding the view from the log: a shadow is filled beside the serving view and takes its place in one short transaction.

While the shadow fills, the old view serves and the live consumer goes on feeding it. For the last stretch the rebuild holds the
lock that the live consumer takes for each batch, so nothing it applied (and whose offsets it committed) can be missing from the
shadow. What it fetches afterwards and the shadow already holds, the shadow's inbox drops.
"""

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.monitoring.overview import tables
from services.monitoring.schema import VIEW, metadata
from shared import telemetry
from shared.consumer import Consumer
from shared.errors import Conflict
from shared.eventlog import Batch, EventLog, Partition
from shared.failures import is_transient
from shared.inbox import Read, read

SHADOW, RETIRED = "view_next", "view_old"
CHUNK = 2000
SLICE = 500
COLLECT_AFTER = 200_000
LAST_STRETCH = 5000
"""When a round found no more events than this, the rest is replayed under the lock."""
MAX_ROUNDS = 20
LETTING_GO = 1.0
"""Seconds that a rebuild already recorded as ended may take to let the next one begin."""

_LOCK = "hashtext('entaskan.monitoring'), hashtext('rebuild')"
log = telemetry.logger(__name__)

MakeConsumer = Callable[[AsyncEngine, str], Consumer]
Report = Callable[[int, int], Awaitable[None]]
"""Told how many events the shadow holds, and how many the serving view does."""


class RebuildRunning(Conflict):
    """One rebuild at a time."""

    code = "rebuild_running"
    message = ("Pembangunan ulang sedang berjalan.", "A rebuild is running.")
    action = ("Tunggu sampai selesai; lihat GET /monitoring/v1/rebuilds.", "Wait for it to end; see GET /monitoring/v1/rebuilds.")


class Interrupted(Exception):
    """The service is stopping; the old view keeps serving."""


@asynccontextmanager
async def only_one(engine: AsyncEngine) -> AsyncIterator[None]:
    """Hold the right to rebuild, in whatever process; `RebuildRunning` while another holds it. A crash lets it go."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        patience = time.monotonic() + LETTING_GO
        while not await connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")):
            if time.monotonic() > patience:
                raise RebuildRunning
            await asyncio.sleep(0.05)
        try:
            yield
        finally:
            await connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))


async def is_running(connection: AsyncConnection) -> bool:
    """Whether any process is rebuilding now."""
    held = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND classid = hashtext('entaskan.monitoring')::oid AND objid = hashtext('rebuild')::oid)"
    )
    return bool(await connection.scalar(text(held)))


async def _silent(done: int, total: int) -> None:
    return None


async def rebuild(
    engine: AsyncEngine, event_log: EventLog, make_consumer: MakeConsumer, group: str, *, report: Report = _silent, stopping: asyncio.Event | None = None
) -> int:
    """Replace the view by one replayed from the beginning, and say how many events it holds. The caller holds `only_one`.

    `make_consumer(engine, group)` makes the view's consumer; `group` is that of the live one.
    """
    shadow = _Shadow(engine, event_log, make_consumer(_translated(engine), f"{group}.rebuild"), report, stopping or asyncio.Event())
    await _drop(engine, SHADOW, RETIRED)
    await _create(engine)
    with _patient_collector():
        for _ in range(MAX_ROUNDS):
            if await shadow.catch_up() <= LAST_STRETCH:
                break
    async with engine.begin() as connection:
        # Waiting for the live consumer's batch, and for the last stretch of the replay, may take longer than a query should.
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '10min'"))
        await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        await make_consumer(engine, group).exclusively(connection)
        await shadow.catch_up()
        await shadow.repeat_discards()
        await connection.execute(text(f"ALTER SCHEMA {VIEW} RENAME TO {RETIRED}"))
        await connection.execute(text(f"ALTER SCHEMA {SHADOW} RENAME TO {VIEW}"))
    # Queries that began before the swap may still read the old tables; dropping waits for them, and may be left to the next rebuild.
    try:
        await _drop(engine, RETIRED)
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("the old view is still in use and stays until the next rebuild", error=type(error).__name__)
    return shadow.done


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Have the garbage collector look seldom, and never at what the process held before: a replay's many short-lived objects,
    which are freed without it, would make it look through everything again and again. That took more than half of the time.
    """
    thresholds, frozen_already = gc.get_threshold(), gc.get_freeze_count() > 0
    if not frozen_already:
        gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if not frozen_already:
            gc.unfreeze()


def _translated(engine: AsyncEngine) -> AsyncEngine:
    return engine.execution_options(schema_translate_map={VIEW: SHADOW})


async def _drop(engine: AsyncEngine, *schemas: str) -> None:
    async with engine.begin() as connection:
        for schema in schemas:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))


async def _create(engine: AsyncEngine) -> None:
    view = [table for table in metadata.sorted_tables if table.schema == VIEW]
    async with _translated(engine).begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {SHADOW}"))
        await connection.run_sync(lambda sync: metadata.create_all(sync, tables=view, checkfirst=False))


@dataclass
class _Shadow:
    """The view being filled."""

    engine: AsyncEngine
    event_log: EventLog
    consumer: Consumer
    report: Report
    stopping: asyncio.Event
    done: int = 0

    def __post_init__(self) -> None:
        self._positions: dict[Partition, int] = {}
        self._told_at = 0.0

    async def catch_up(self) -> int:
        """Apply everything up to the log's present end, and say how many records that were."""
        records_seen = 0
        replay = self.event_log.replay(self.consumer.topics, dict(self._positions))
        async with aclosing(_ahead(_decoded(replay))) as chunks:
            async for chunk in chunks:
                if self.stopping.is_set():
                    raise Interrupted
                await self.consumer.apply_read(chunk)
                self._positions |= {Partition(record.topic, record.partition): record.offset + 1 for record, _ in chunk}
                records_seen += len(chunk)
                if time.monotonic() - self._told_at > 1:
                    await self._tell()
        await self._tell()
        return records_seen

    async def _tell(self) -> None:
        async with self.engine.connect() as connection:
            total = await _events(connection)
        async with self.consumer.engine.connect() as connection:
            self.done = await _events(connection)
        await self.report(self.done, max(self.done, total))
        self._told_at = time.monotonic()

    async def repeat_discards(self) -> None:
        """What operators gave up for good in the old view, the shadow gives up too; otherwise its subjects would wait again."""
        parked = self.consumer.inbox.parked
        async with self.engine.connect() as connection:
            discarded = (await connection.execute(select(parked).where(parked.c.resolution == "discarded").order_by(parked.c.id))).all()
        for row in discarded:
            async with self.consumer.engine.connect() as connection:
                waiting = await self.consumer.inbox.waiting(connection, row.subject)
            if waiting and _place(waiting[0]) == _place(row):
                await self.consumer.discard(row.subject, row.resolved_by)
                await self.consumer.replay(row.subject, row.resolved_by)


async def _decoded(batches: AsyncIterator[Batch]) -> AsyncGenerator[list[Read], None]:
    """Chunks across partitions, decoded in slices, between which the event loop may send PostgreSQL its next statement."""
    chunk: list[Read] = []
    async for _, records in batches:
        for start in range(0, len(records), SLICE):
            chunk += map(read, records[start : start + SLICE])
            await asyncio.sleep(0)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
    if chunk:
        yield chunk


async def _ahead(chunks: AsyncGenerator[list[Read], None]) -> AsyncGenerator[list[Read], None]:
    """The same chunks, the next one being made while PostgreSQL is busy with the one given out."""
    coming = asyncio.ensure_future(anext(chunks, None))
    try:
        while chunk := await coming:
            coming = asyncio.ensure_future(anext(chunks, None))
            yield chunk
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await chunks.aclose()


def _place(row: Any) -> tuple[str, int, int]:
    return row.topic, row.partition, row.offset


async def _events(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(func.coalesce(func.sum(tables.freshness.c.events), 0))) or 0)
