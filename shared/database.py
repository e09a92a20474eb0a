"""Transactions: the unit of work saves what a command changed, its events and its stored answer together."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import Executable, MetaData, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from shared import clock, crash, telemetry
from shared.aggregate import Aggregate
from shared.contracts.registry import event_type_of
from shared.errors import Conflict, NotFound, Problem, StaleVersion
from shared.outbox import idempotency_keys_of
from shared.saving import Statements, to_json

A = TypeVar("A", bound=Aggregate)


class KeyAlreadyUsed(Conflict):
    """The idempotency key was written by an earlier request; its stored answer decides what follows."""

    code = "idempotency_key_used"
    message = ("Idempotency-Key ini sudah dipakai.", "This Idempotency-Key was used before.")
    action = ("Gunakan kunci baru untuk permintaan baru.", "Use a new key for a new request.")


@dataclass(frozen=True, slots=True)
class Remembered:
    """An idempotency record: who asked (`key`, a hash), what (`fingerprint`), and how to write down the answer for `aggregate`."""

    key: bytes
    fingerprint: bytes
    status: int
    aggregate: type[Aggregate]
    answer: Callable[[Any], bytes]


def create_engine(url: str, *, pool_size: int = 8) -> AsyncEngine:
    """An asyncpg engine whose sessions give up on locks and on idling inside a transaction."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        connect_args={
            "server_settings": {
                "application_name": "entaskan",
                "timezone": "UTC",
                "lock_timeout": "5s",
                "statement_timeout": "60s",
                # A frozen relay or consumer must not hold its lock for ever.
                "idle_in_transaction_session_timeout": "10s",
            }
        },
        # An error's text must not quote what people sent.
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=msgspec.json.decode,
    )


class UnitOfWork:
    """What one command read and changed; saved as a whole on leaving `Database.transaction`, or not at all."""

    def __init__(self, metadata: MetaData, connection: AsyncConnection) -> None:
        self.connection = connection
        self._statements: dict[type[Aggregate], Statements] = metadata.info["aggregates"]
        self._refusals: Mapping[str, type[Problem]] = metadata.info["refusals"]
        self._known: dict[tuple[type[Aggregate], UUID], Aggregate] = {}
        self._also: list[tuple[Executable, Any]] = []

    async def get(self, aggregate: type[A], id: UUID) -> A:
        """The aggregate by its id; `NotFound` where there is none."""
        if found := await self.find(aggregate, id):
            return found
        raise NotFound

    async def find(self, aggregate: type[A], id: UUID) -> A | None:
        """The aggregate by its id, or nothing."""
        if isinstance(known := self._known.get((aggregate, id)), aggregate):
            return known
        row = (await self.connection.execute(self._statements[aggregate].load, {"subject": id})).one_or_none()
        if row is None:
            return None
        loaded = aggregate(**row._mapping)
        self._known[aggregate, id] = loaded
        return loaded

    def add(self, aggregate: Aggregate) -> None:
        """Have a new aggregate saved."""
        self._known[type(aggregate), aggregate.id] = aggregate

    def also(self, statement: Executable, parameters: Any = None) -> None:
        """Have a further statement run in the transaction that saves the aggregates."""
        self._also.append((statement, parameters))

    @property
    def changed(self) -> list[Aggregate]:
        """The aggregates that recorded something, in the order in which they were met."""
        return [aggregate for aggregate in self._known.values() if aggregate.recorded]

    @property
    def is_one_statement(self) -> bool:
        """Whether everything to be written fits the one statement of a single aggregate."""
        return not self._also and len(self.changed) <= 1

    async def save(self, connection: AsyncConnection, remembered: Remembered | None = None, asked_about: UUID | None = None, *, alone: bool = False) -> None:
        """Write everything on `connection`, whose transaction the caller owns, or `alone` on one that is in none."""
        answered = self._answered(remembered, asked_about) if remembered else None
        for aggregate in self.changed:
            await self._save(connection, aggregate, remembered if aggregate is answered else None, alone)
            if not alone:
                crash.point("api.mid_tx")
        for statement, parameters in self._also:
            try:
                await connection.execute(statement, parameters)
            except IntegrityError as error:
                raise _refusal(error, self._refusals) from error
        self._also.clear()

    def _answered(self, remembered: Remembered, asked_about: UUID | None) -> Aggregate | None:
        """Of what changed, the aggregate that the answer describes: the one asked about, or else the first of its kind, new ones before others."""
        of_kind = [aggregate for aggregate in self.changed if isinstance(aggregate, remembered.aggregate)]
        if asked_about:
            return next((aggregate for aggregate in of_kind if aggregate.id == asked_about), None)
        return min(of_kind, key=lambda aggregate: aggregate.version > 0, default=None)

    async def _save(self, connection: AsyncConnection, aggregate: Aggregate, remembered: Remembered | None, alone: bool) -> None:
        statements = self._statements[type(aggregate)]
        loaded_version = aggregate.version
        parameters = _event_parameters(aggregate) | {f"state_{c.name}": getattr(aggregate, c.name) for c in statements.state}
        parameters |= {"subject": aggregate.id, "loaded_version": loaded_version}
        aggregate.version += len(aggregate.recorded)
        if remembered:
            parameters |= {
                "key": remembered.key,
                "fingerprint": remembered.fingerprint,
                "status": remembered.status,
                "answer": remembered.answer(aggregate),
                "etag": f'"{aggregate.version}"',
            }
        saving = (statements.insert if loaded_version == 0 else statements.update)[remembered is not None]
        try:
            saved = await (saving.alone if alone else saving.within)(connection, parameters)
        except (IntegrityError, asyncpg.IntegrityConstraintViolationError) as error:
            raise _refusal(error, self._refusals) from error
        if not saved:
            raise StaleVersion
        aggregate.recorded.clear()


def _event_parameters(aggregate: Aggregate) -> dict[str, Any]:
    types = [event_type_of(event) for event in aggregate.recorded]
    context = telemetry.current()
    return {
        "event_count": len(types),
        "event_ids": [clock.new_id() for _ in types],
        "event_types": [kind.wire_type for kind in types],
        "event_topics": [kind.topic for kind in types],
        "event_data": [msgspec.json.encode(event).decode() for event in aggregate.recorded],
        "correlation_id": context.correlation_id,
        "causation_id": context.causation_id,
        "actor": context.actor,
        "traceparent": context.traceparent,
    }


def _refusal(error: Exception, refusals: Mapping[str, type[Problem]]) -> Exception:
    """The domain's name for a violated constraint; an unforeseen one stays the programming error that it is."""
    from_driver = error.orig.__cause__ if isinstance(error, IntegrityError) and error.orig else error
    constraint: str = getattr(from_driver, "constraint_name", None) or ""
    if constraint == "pk_idempotency_keys":
        return KeyAlreadyUsed()
    return refusals[constraint]() if constraint in refusals else error


Transaction = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""What handlers are given: `async with transaction() as uow:` commits on leaving and rolls back on an error."""


class Database:
    """One service's database."""

    def __init__(self, engine: AsyncEngine, metadata: MetaData, *, on_commit: Callable[[], None] = lambda: None) -> None:
        self.engine = engine
        self.metadata = metadata
        self._on_commit = on_commit

    @asynccontextmanager
    async def transaction(self, remembered: Remembered | None = None, expected: tuple[UUID, int] | None = None) -> AsyncIterator[UnitOfWork]:
        """A unit of work of its own.

        Reads see committed data; the version in the save guards what they were based on, so that the common command, which
        changes one aggregate, is a load and one statement without `BEGIN` and `COMMIT`. `expected` is the id and version
        that the caller saw (If-Match).
        """
        asked_about = expected[0] if expected else None
        async with self.reading() as connection:
            uow = UnitOfWork(self.metadata, connection)
            yield uow
            changed = uow.changed
            for aggregate in changed:
                if expected and aggregate.id == expected[0] and aggregate.version != expected[1]:
                    raise StalePrecondition(current_etag=f'"{aggregate.version}"')
            if uow.is_one_statement:
                if changed:
                    crash.point("api.before_commit")
                await uow.save(connection, remembered, asked_about, alone=True)
        if not uow.is_one_statement:
            async with self.engine.begin() as connection:
                await uow.save(connection, remembered, asked_about)
                crash.point("api.before_commit")
        if changed:
            crash.point("api.after_commit")
            self._on_commit()

    @property
    def crowded(self) -> bool:
        """Whether a transaction that begins now waits for another one's end."""
        pool = self.engine.pool
        return isinstance(pool, QueuePool) and pool.checkedout() >= pool.size()

    def joining(self, connection: AsyncConnection) -> Transaction:
        """A unit of work inside the transaction of `connection`, which commits later (reactions in a consumer's batch)."""

        @asynccontextmanager
        async def transaction() -> AsyncIterator[UnitOfWork]:
            uow = UnitOfWork(self.metadata, connection)
            yield uow
            await uow.save(connection)

        return transaction

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries, in no transaction."""
        async with self.engine.connect() as connection:
            # Said here and not to an engine of its own, whose events SQLAlchemy would call at every checkout.
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def stored_answer(self, key: bytes) -> Any | None:
        """The idempotency record under `key`: a row of fingerprint, status, answer and etag."""
        keys = idempotency_keys_of(self.metadata)
        async with self.reading() as connection:
            return (await connection.execute(select(keys).where(keys.c.key == key))).one_or_none()


class StalePrecondition(Problem):
    """The If-Match of the request names an older version."""

    status = 412
    code = "stale_precondition"
    message = ("Data sudah berubah sejak Anda membacanya.", "This changed since you read it.")
    action = ("Baca ulang dan kirim If-Match {current_etag}.", "Read it again and send If-Match {current_etag}.")
