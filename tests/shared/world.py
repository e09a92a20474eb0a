"""What the tests of the kit work with: an aggregate that counts, a consumer that writes down what it was given, and records."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.aggregate import Aggregate
from shared.clock import new_id
from shared.consumer import Consumer
from shared.contracts.coordination import TOPIC, InstitutionRegistered
from shared.database import create_engine
from shared.envelope import Message
from shared.errors import Conflict
from shared.eventlog import PARTITIONS, EventLog, Partition, Record, StoredRecord
from shared.tables import persisted, service_metadata
from tests.messages import record

COUNTED = "entaskan.coordination.InstitutionRegistered.v1"


class NameTaken(Conflict):
    """Names are unique."""

    code = "name_taken"
    message = ("Nama sudah dipakai.", "The name is taken.")
    action = ("Pilih nama lain.", "Choose another name.")


@dataclass(eq=False, kw_only=True)
class Counter(Aggregate):
    """The smallest aggregate: it counts, and says so."""

    name: str
    count: int = 0

    @classmethod
    def begin(cls, name: str) -> Self:
        """The first count."""
        counter = cls(id=new_id(), name=name)
        counter.increase()
        return counter

    def increase(self, times: int = 1) -> None:
        """Count on; every step is an event."""
        for _ in range(times):
            self.count += 1
            self.record(counted(self.id, str(self.count)))


def counter_tables() -> MetaData:
    """The tables of a service whose only aggregate is the counter."""
    metadata = service_metadata()
    persisted(
        metadata,
        Counter,
        "counters",
        Column("name", Text, nullable=False),
        Column("count", Integer, nullable=False),
        UniqueConstraint("name"),
        refusals={"uq_counters_name": NameTaken},
    )
    return metadata


def counted(subject: UUID, code: str = "ok") -> InstitutionRegistered:
    """Some event of the published language."""
    return InstitutionRegistered(institution_id=subject, institution_code=code, institution_type="ministry", parent_institution_id=None, sector_code=None)


def message(subject: UUID, sequence: int, code: str = "ok", id: UUID | None = None) -> Record:
    """The record of a well-formed event."""
    return record(counted(subject, code), subject=subject, sequence=sequence, id=id)


def messages(subject: UUID, first: int, last: int) -> list[Record]:
    """The records of a subject's events from `first` to `last`."""
    return [message(subject, sequence) for sequence in range(first, last + 1)]


def stored(records: Sequence[Record], *, offset: int = 0, partition: int = 0) -> list[StoredRecord]:
    """Records as they are read from one partition."""
    return [StoredRecord(r.topic, partition, offset + n, r.key, r.value, r.headers) for n, r in enumerate(records)]


def changed(original: Record, **changes: Any) -> Record:
    """A record with its key, its value or a header (`ce_…`, or `content_type`) replaced; a header of None is left out."""
    plain = {name: changes.pop(name) for name in ("key", "value", "topic") if name in changes}
    headers = dict(original.headers) | {name.replace("content_type", "content-type"): value for name, value in changes.items()}
    return replace(original, headers=[(name, value) for name, value in headers.items() if value is not None], **plain)


class Cause(Exception):
    """Why the handler cannot apply a message for now; forever, as far as it knows."""


@dataclass
class Effects:
    """A consumer whose effects are rows: one for every message applied, in order."""

    engine: AsyncEngine
    consumer: Consumer
    table: Table
    poison: set[str]
    before: Callable[[AsyncConnection], Awaitable[None]] | None = None

    async def of(self, subject: UUID) -> list[int]:
        """The sequences applied for a subject, in the order in which they were applied."""
        async with self.engine.connect() as connection:
            rows = await connection.scalars(select(self.table.c.sequence).where(self.table.c.subject == str(subject)).order_by(self.table.c.position))
            return list(rows)

    async def parked(self, *, waiting: bool = True) -> list[Any]:
        """The parked messages, or the resolved ones."""
        parked = self.consumer.inbox.parked
        condition = parked.c.resolution.is_(None) if waiting else parked.c.resolution.is_not(None)
        async with self.engine.connect() as connection:
            return list((await connection.execute(select(parked).where(condition).order_by(parked.c.id))).all())

    @asynccontextmanager
    async def running(self, log: EventLog) -> AsyncIterator[None]:
        """The consumer at work, beside the block; a consumer that died fails the test."""
        stopping = asyncio.Event()
        task = asyncio.create_task(self.consumer.run(log, stopping))
        try:
            yield
        finally:
            stopping.set()
            await task


def effects(url: str, *, group: str = "entaskan.test.effects", batch: int = 500) -> Effects:
    """The consumer on an empty database; `await ready(effects)` makes its tables."""
    metadata = service_metadata()
    table = Table(
        "effects",
        metadata,
        Column("position", BigInteger, Identity(), primary_key=True),
        Column("subject", Text, nullable=False),
        Column("sequence", Integer, nullable=False),
    )
    engine = create_engine(url)

    async def handle(connection: AsyncConnection, messages: Sequence[Message]) -> None:
        if made.before:
            await made.before(connection)
        for given in messages:
            if given.event is not None:
                await connection.execute(table.insert().values(subject=given.subject, sequence=given.sequence))
            if getattr(given.event, "institution_code", None) in made.poison:
                raise Cause

    made = Effects(engine, Consumer(group, [TOPIC], engine=engine, metadata=metadata, handle=handle, batch=batch), table, {"poison"})
    return made


async def create_tables(engine: AsyncEngine, metadata: MetaData) -> None:
    """All tables of `metadata`."""
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


async def everything(log: EventLog, topics: Sequence[str]) -> dict[Partition, list[StoredRecord]]:
    """All that is on the log."""
    read: dict[Partition, list[StoredRecord]] = {Partition(topic, number): [] for topic in topics for number in range(PARTITIONS)}
    async for partition, records in log.replay(topics, {}):
        read[partition].extend(records)
    return read


async def cancelled(task: "asyncio.Task[Any]") -> None:
    """End a task for good."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
