"""Consumers: one transaction for each fetched batch holds the inbox claims and the effects; the offsets are committed afterwards.

What fails for a passing reason is tried again before anything else; what can never succeed is parked, its subject waits in
order, and everything else flows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import clock, crash, telemetry
from shared.database import Database, Transaction
from shared.envelope import Message, decode
from shared.eventlog import Batch, EventLog, LogUnavailable, StoredRecord, Subscription
from shared.failures import is_transient
from shared.inbox import GAP, Inbox, Read, read, stored_record

BATCH = 500
log = telemetry.logger(__name__)

Handle = Callable[[AsyncConnection, Sequence[Message]], Awaitable[None]]
"""Applies fresh messages, in order, inside the given transaction."""


class Reaction(Protocol):
    """A handler of one event type: `when_location_prioritised(transaction, event, message)`."""

    async def __call__(self, transaction: Transaction, event: Any, message: Message, /) -> None: ...


def reactions(database: Database, by_event: Mapping[type, Reaction]) -> Handle:
    """Call each event's reaction with a unit of work inside the batch's transaction."""

    async def handle(connection: AsyncConnection, messages: Sequence[Message]) -> None:
        for message in messages:
            if reaction := by_event.get(type(message.event)):
                cause = telemetry.Context(message.correlation_id, str(message.id), message.actor, message.traceparent)
                with telemetry.within(cause):
                    await reaction(database.joining(connection), message.event, message)

    return handle


class Consumer:
    """Applies the events of some topics to one database, as the consumer group `group`."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        *,
        engine: AsyncEngine,
        metadata: MetaData,
        handle: Handle,
        schema: str | None = None,
        on_commit: Callable[[], None] = lambda: None,
        batch: int = BATCH,
    ) -> None:
        self.group = group
        self.topics = topics
        self.engine = engine
        self.inbox = Inbox(metadata, schema=schema)
        self._handle = handle
        self._on_commit = on_commit
        self._batch = batch

    async def run(self, event_log: EventLog, stopping: asyncio.Event) -> None:
        """Fetch, apply, commit the offset, until told to stop; a lost log is joined again after a while."""
        delay = 0.5
        while not stopping.is_set():
            try:
                async with event_log.subscribe(self.group, self.topics) as subscription:
                    while not stopping.is_set():
                        fetched = await subscription.fetch(max_records=self._batch, timeout=0.5)
                        # Told before the work too, so that it is not silent while the database hangs.
                        lag = telemetry.CONSUMER_LAG.labels(self.group)
                        lag.set(subscription.behind() + sum(len(records) for _, records in fetched))
                        if fetched:
                            await self._settle(subscription, fetched, stopping)
                        lag.set(subscription.behind())
                        delay = 0.5
            except (LogUnavailable, OSError, TimeoutError) as error:
                log.warning("event log unavailable, consumer waits", group=self.group, error=repr(error))
                await clock.pause(stopping, delay)
                delay = min(delay * 2, 5.0)

    async def _settle(self, subscription: Subscription, batches: Sequence[Batch], stopping: asyncio.Event) -> None:
        """All partitions' batches together: a transaction and a commit of offsets cost the same for one as for many."""
        records = [record for _, batch in batches for record in batch]
        delay = 0.1
        while not stopping.is_set():
            try:
                await self.apply(records)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("consumer waits for its database", group=self.group, error=type(error).__name__)
                await clock.pause(stopping, delay)
                delay = min(delay * 2, 5.0)
            else:
                crash.point("consumer.after_tx")
                await subscription.commit({partition: batch[-1].offset + 1 for partition, batch in batches})
                return
        for partition, batch in batches:
            await subscription.seek(partition, batch[0].offset)

    async def apply(self, records: Sequence[StoredRecord]) -> None:
        """Apply a batch in one transaction; on a permanent failure each record by itself, to park the one."""
        await self.apply_read(list(map(read, records)))

    async def apply_read(self, batch: Sequence[Read]) -> None:
        """`apply`, of what was decoded already."""
        try:
            await self._apply(batch)
        except Exception as error:
            if is_transient(error):
                raise
            if len(batch) > 1:
                for one in batch:
                    await self.apply_read([one])
            else:
                await self._park(batch[0][0], error)

    async def _apply(self, batch: Sequence[Read]) -> None:
        crash.point("consumer.before_tx")
        async with self.engine.begin() as connection:
            await self.exclusively(connection)
            claim = await self.inbox.claim(connection, batch)
            crash.point("consumer.mid_tx")
            if claim.fresh:
                await self._handle(connection, [message for _, message in claim.fresh])
            for subject in claim.freed:
                await self._drain(connection, subject)
        self._on_commit()
        count = telemetry.CONSUMED.labels
        count(self.group, "applied").inc(len(claim.fresh))
        count(self.group, "duplicate").inc(claim.duplicates)
        count(self.group, "parked").inc(len(claim.parked))
        count(self.group, "unknown_type").inc(sum(message.event is None for _, message in claim.fresh))
        for row in claim.parked:
            log.error("message parked", group=self.group, subject=row["subject"], reason_code=row["reason_code"], reason=row["reason"])

    async def exclusively(self, connection: AsyncConnection) -> None:
        """Be the only one of the group to write this database until the transaction ends, whoever owns which partition."""
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:group))"), {"group": self.group})

    async def _park(self, record: StoredRecord, error: Exception) -> None:
        message = decode(record)
        async with self.engine.begin() as connection:
            await self.exclusively(connection)
            await self.inbox.park(connection, record, message, reason_for(error))
        telemetry.CONSUMED.labels(self.group, "parked").inc()
        log.error("message parked", group=self.group, subject=message.subject, type=message.type, exc_info=error)

    async def _drain(self, connection: AsyncConnection, subject: str) -> None:
        """Apply what waits for a subject, as far as it follows without a gap; from the first that is refused on, it waits again."""
        for row in await self.inbox.waiting(connection, subject):
            applied = (await self.inbox.position(connection, subject)).sequence
            if row.sequence is None or row.sequence > applied + 1:
                await self.inbox.mark(connection, subject, applied, GAP if row.sequence else row.reason_code)
                return
            if row.sequence == applied + 1:
                message = decode(stored_record(row))
                try:
                    async with connection.begin_nested():
                        await self._handle(connection, [message])
                except Exception as error:
                    if is_transient(error):
                        raise
                    await self.inbox.refuse(connection, row, applied, reason_for(error))
                    return
                await self.inbox.mark(connection, subject, row.sequence, GAP, message.id)
            await self.inbox.resolve(connection, row.id, "replayed", "-")
        await self.inbox.mark(connection, subject, (await self.inbox.position(connection, subject)).sequence, None)

    async def replay(self, subject: str, by: str) -> str | None:
        """Try a parked subject again, message by message; the reason why it still waits, or None when it flows again."""
        while True:
            try:
                async with self.engine.begin() as connection:
                    await self.exclusively(connection)
                    known = await self.inbox.position(connection, subject)
                    applied = known.sequence
                    if not (rows := await self.inbox.waiting(connection, subject)):
                        await self.inbox.mark(connection, subject, applied, None)
                        return None
                    message = decode(stored_record(rows[0]))
                    if known.contradicts(message):
                        return f"{rows[0].reason}; discard this one when the publisher's data were put right"
                    if message.sequence > applied + 1:
                        await self.inbox.mark(connection, subject, applied, GAP)
                        return f"expected sequence {applied + 1}, got {message.sequence}"
                    if message.sequence == applied + 1:
                        await self._handle(connection, [message])
                        await self.inbox.mark(connection, subject, message.sequence, "waiting", message.id)
                    await self.inbox.resolve(connection, rows[0].id, "replayed", by)
                self._on_commit()
            except Exception as error:
                if is_transient(error):
                    raise
                return reason_for(error)

    async def discard(self, subject: str, by: str) -> bool:
        """Give up the first waiting message of a subject for good; False when none waits. Replay the rest afterwards."""
        async with self.engine.begin() as connection:
            await self.exclusively(connection)
            if not (rows := await self.inbox.waiting(connection, subject)):
                return False
            applied, blocked, _ = await self.inbox.position(connection, subject)
            await self.inbox.mark(connection, subject, max(applied, rows[0].sequence or 0), blocked)
            await self.inbox.resolve(connection, rows[0].id, "discarded", by)
            return True


def reason_for(error: Exception) -> str:
    """What an operator is told: the error's name, the constraint it violates or, for our own, its sentence; personal data are masked."""
    if isinstance(error, DBAPIError):
        constraint = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
        return type(error).__name__ + (f" ({constraint})" if constraint else "")
    told = telemetry.redact(str(error)).replace("\x00", "")
    if isinstance(code := getattr(error, "code", None), str):
        return f"{code}: {told}"
    return type(error).__name__ + (f": {told}" if isinstance(error, (KeyError, ValueError)) and len(told) < 200 else "")
