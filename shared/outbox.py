"""The outbox: events wait here, in the transaction that caused them, until the relay has them on the log.

The relay looks for rows without a mark; it never keeps a cursor, because positions are drawn before they are committed and a
cursor would step over a row that commits late. One relay is active per database.
"""

import asyncio
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import clock, crash, telemetry
from shared.envelope import record_of
from shared.eventlog import EventLog, LogUnavailable
from shared.failures import is_transient

BATCH = 500
APPEND_SECONDS = 7
"""Shorter than a session may idle in its transaction (`create_engine`): what took longer could not be marked any more."""
log = telemetry.logger(__name__)


def define_outbox(metadata: MetaData) -> None:
    """Add `outbox` and `idempotency_keys` to a service's tables."""
    outbox = Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True, cache=1), primary_key=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("subject", Uuid, nullable=False),
        Column("sequence", Integer, nullable=False),
        Column("time", DateTime(timezone=True), nullable=False),
        Column("data", Text, nullable=False),
        Column("correlation_id", Text, nullable=False),
        Column("causation_id", Text),
        Column("actor", Text),
        Column("traceparent", Text),
        Column("published_at", DateTime(timezone=True)),
        Column("feed_seq", BigInteger, unique=True, comment="place in the service's feed, given by the relay: ascending in the order of publication"),
    )
    Index("uq_outbox_subject_sequence", outbox.c.subject, outbox.c.sequence, unique=True)
    Index("ix_outbox_unpublished", outbox.c.position, postgresql_where=outbox.c.published_at.is_(None))
    Table(
        "idempotency_keys",
        metadata,
        Column("key", LargeBinary, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("answer", LargeBinary, nullable=False),
        Column("etag", String, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def outbox_of(metadata: MetaData) -> Table:
    """The service's outbox."""
    return metadata.tables["outbox"]


def idempotency_keys_of(metadata: MetaData) -> Table:
    """The service's stored answers."""
    return metadata.tables["idempotency_keys"]


async def publish_pending(engine: AsyncEngine, outbox: Table, event_log: EventLog) -> int:
    """Publish the oldest committed, unpublished rows, and say how many: at least once, in order per subject."""
    async with engine.begin() as connection:
        if not await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('outbox-relay'))")):
            return 0  # another relay is at work
        rows = (await connection.execute(_pending(outbox))).all()
        if rows:
            crash.point("relay.after_select")
            async with asyncio.timeout(APPEND_SECONDS):
                await event_log.append([record_of(row) for row in rows])
            crash.point("relay.after_ack")
            await connection.execute(_marking(outbox), {"positions": [row.position for row in rows]})
        return len(rows)


@cache
def _pending(outbox: Table) -> Any:
    return select(outbox).where(outbox.c.published_at.is_(None)).order_by(outbox.c.position).limit(BATCH)


@cache
def _marking(outbox: Table) -> Any:
    """Mark as published and number for the feed: only the relay that holds the lock does, so the numbers have no gap and no one sees
    a number before a smaller one. What is published once more keeps its number.
    """
    given = func.unnest(bindparam("positions", type_=ARRAY(BigInteger))).table_valued("position", with_ordinality="n", name="given").render_derived()
    last = select(func.coalesce(func.max(outbox.c.feed_seq), 0)).scalar_subquery()
    numbered = {"published_at": func.now(), "feed_seq": func.coalesce(outbox.c.feed_seq, last + given.c.n)}
    return update(outbox).where(outbox.c.position == given.c.position).values(numbered)


class Relay:
    """Publishes a service's outbox until told to stop."""

    def __init__(self, service: str, engine: AsyncEngine, metadata: MetaData, event_log: EventLog, *, poll_seconds: float = 0.5) -> None:
        self.service = service
        self.failing_since: datetime | None = None
        self._engine = engine
        self._outbox = outbox_of(metadata)
        self._log = event_log
        self._poll = poll_seconds
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the outbox now: something was committed in this process."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish whenever woken, and every `poll_seconds` for what other processes committed. Drains once when stopping."""
        delay = self._poll
        while True:
            last_round = stopping.is_set()
            self._woken.clear()
            try:
                published = await publish_pending(self._engine, self._outbox, self._log)
                telemetry.PUBLISHED.labels(self.service).inc(published)
                self.failing_since, delay = None, self._poll
            except Exception as error:
                if not isinstance(error, LogUnavailable) and not is_transient(error):
                    raise
                # The rows keep their place; whether the log has them is unknown, so they are sent again and consumers drop doubles.
                published = 0
                if self.failing_since is None:
                    self.failing_since = clock.now()
                    log.warning("events wait in the outbox: the event log or the database is unavailable", service=self.service, error=repr(error))
                delay = min(delay * 2, 5.0)
            if last_round:
                return
            if published < BATCH:
                await self._wait(stopping, delay)

    async def _wait(self, stopping: asyncio.Event, seconds: float) -> None:
        waiting = [asyncio.ensure_future(self._woken.wait()), asyncio.ensure_future(stopping.wait())]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def backlog(self) -> tuple[int, float]:
        """How many committed events are not on the log, and the age of the oldest in seconds."""
        age = func.extract("epoch", func.now() - func.min(self._outbox.c.time))
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(func.count(), age).where(self._outbox.c.published_at.is_(None)))).one()
        unpublished, oldest = int(row[0]), float(row[1] or 0)
        telemetry.OUTBOX_UNPUBLISHED.labels(self.service).set(unpublished)
        telemetry.OUTBOX_OLDEST_AGE.labels(self.service).set(oldest)
        return unpublished, oldest
