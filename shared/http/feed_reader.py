"""A service's published events in the order of its feed: read after a position, and waited for without holding a connection.

Positions are `feed_seq` of the outbox: without gap, and nobody sees one before a smaller one, so what follows a position is never missed.
"""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import telemetry
from shared.database import Database
from shared.envelope import record_of
from shared.eventlog import Record
from shared.failures import is_transient
from shared.outbox import outbox_of

log = telemetry.logger(__name__)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event, as CloudEvents JSON on one line."""

    id: UUID
    type: str
    json: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events in order, and how far the feed was looked at for them: to the event `seen_id` at position `seen`.

    With a filter that is further than the last event found, and `more` says whether events may follow at once.
    """

    events: Sequence[FeedEvent]
    seen: int
    seen_id: UUID | None
    more: bool


def cloud_event(record: Record) -> bytes:
    """The structured form of a log record: each `ce_` header is an attribute of the same value, so that both ways tell the same."""
    headers = {name: value.decode() for name, value in record.headers}
    attributes: dict[str, Any] = {name.removeprefix("ce_"): value for name, value in headers.items() if name.startswith("ce_")}
    assert record.value is not None, "every event of the outbox has data"
    return msgspec.json.encode(attributes | {"datacontenttype": headers["content-type"], "data": msgspec.Raw(record.value)})


def _server_is_stopping() -> bool:
    """Of uvicorn, which tells an application that it stops only after every open answer has ended; its handler of the signal knows at once."""
    return bool(getattr(getattr(signal.getsignal(signal.SIGTERM), "__self__", None), "should_exit", False))


class Feed:
    """The feed of one running service. One look at its newest position serves all who wait in this process."""

    POLL_SECONDS: ClassVar[float] = 0.25
    WINDOW: ClassVar[int] = 10_000
    """How many positions one statement looks at for a filter that may match none of them."""
    CONNECTIONS: ClassVar[int] = 2
    """Of the service's pool; readers who catch up together must not keep commands from it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ended = False
        self._outbox = outbox_of(database.metadata)
        self._turns = asyncio.Semaphore(self.CONNECTIONS)
        self._newest = 0
        self._moved = asyncio.Event()
        self._wanted = asyncio.Event()
        self._waiting = 0

    async def position_of(self, id: UUID) -> int | None:
        """Where in the feed an event stands; None when it is not in it."""
        async with self._turns, self.database.reading() as connection:
            position: int | None = await connection.scalar(select(self._outbox.c.feed_seq).where(self._outbox.c.id == id))
            return position

    async def oldest(self) -> UUID | None:
        """The first event."""
        column = self._outbox.c.feed_seq
        async with self._turns, self.database.reading() as connection:
            id: UUID | None = await connection.scalar(select(self._outbox.c.id).where(column.is_not(None)).order_by(column).limit(1))
            return id

    async def after(self, position: int, *, limit: int, types: Sequence[str] = (), subject: UUID | None = None) -> Batch:
        """At most `limit` events after a position: all, or those of some types or of one subject."""
        outbox, column = self._outbox, self._outbox.c.feed_seq
        statement = select(outbox).order_by(column).limit(limit)
        if types:
            statement = statement.where(outbox.c.type.in_(types))
        if subject:
            statement = statement.where(outbox.c.subject == subject)
        async with self._turns, self.database.reading() as connection:
            if not types and not subject:
                rows = (await connection.execute(statement.where(column > position))).all()
                seen, seen_id = (rows[-1].feed_seq, rows[-1].id) if rows else (position, None)
                more = len(rows) == limit
            else:
                newest = await self._look(connection)  # first, so that nothing published meanwhile counts as looked at
                while True:
                    # A subject's events have an index of their own.
                    last = newest if subject else min(newest, position + self.WINDOW)
                    rows = (await connection.execute(statement.where(column > position, column <= last))).all()
                    if rows or last >= newest:
                        break
                    position = last
                seen = rows[-1].feed_seq if len(rows) == limit else max(last, position)
                seen_id = await connection.scalar(select(outbox.c.id).where(column == seen))
                more = seen < newest
        return Batch([FeedEvent(row.id, row.type, cloud_event(record_of(row))) for row in rows], seen, seen_id, more)

    async def wait(self, position: int, seconds: float) -> bool:
        """Until the feed has gone past a position, or ends, or the time is over; whether it went past."""
        self._waiting += 1
        self._wanted.set()
        try:
            async with asyncio.timeout(seconds):
                while self._newest <= position and not self.ended:
                    await self._moved.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._wanted.clear()
        return self._newest > position

    async def watch(self, stopping: asyncio.Event) -> None:
        """Look for new events as long as somebody waits for them, until the service stops; then nobody waits any longer."""
        stopped = asyncio.ensure_future(stopping.wait())
        wanted: asyncio.Future[Any] | None = None
        failing = False
        try:
            while not stopped.done() and not _server_is_stopping():
                wanted = asyncio.ensure_future(self._wanted.wait())
                await asyncio.wait([stopped, wanted], return_when=asyncio.FIRST_COMPLETED)
                wanted.cancel()
                if stopped.done():
                    break
                try:
                    async with self.database.reading() as connection:
                        newest = await self._look(connection)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    if not failing:
                        log.warning("the feed waits for its database", error=type(error).__name__)
                    failing = True
                else:
                    failing = False
                    if newest != self._newest:
                        self._newest = newest
                        self._tell()
                await asyncio.wait([stopped], timeout=self.POLL_SECONDS)
            self.ended = True
            self._tell()
            await stopped
        finally:
            stopped.cancel()
            if wanted:
                wanted.cancel()

    async def _look(self, connection: AsyncConnection) -> int:
        return int(await connection.scalar(select(func.max(self._outbox.c.feed_seq))) or 0)

    def _tell(self) -> None:
        """Wake all who wait; whoever waits next waits for the next time."""
        self._moved.set()
        self._moved = asyncio.Event()
