"""The event log in PostgreSQL, for running without Kafka: the same partitions, offsets and groups.

A partition's row is both its lock and its offset counter, so offsets are dense and in the order of commits, and a reader needs
no horizon. A group has one active member at a time; others wait for it to leave.
"""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec

from shared import telemetry
from shared.eventlog import PARTITIONS, Batch, LogUnavailable, Partition, Record, StoredRecord, Subscription

log = telemetry.logger(__name__)

_TABLES = """
CREATE TABLE IF NOT EXISTS partitions (
    topic text NOT NULL, partition int NOT NULL, next_offset bigint NOT NULL DEFAULT 0, PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS records (
    topic text NOT NULL, partition int NOT NULL, "offset" bigint NOT NULL, key bytea, value bytea, headers text NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, partition, "offset"));
CREATE TABLE IF NOT EXISTS group_offsets (
    "group" text NOT NULL, topic text NOT NULL, partition int NOT NULL, next_offset bigint NOT NULL, PRIMARY KEY ("group", topic, partition));
"""
_DRAW = "UPDATE partitions SET next_offset = next_offset + $3 WHERE topic = $1 AND partition = $2 RETURNING next_offset - $3"
_READ = 'SELECT "offset", key, value, headers FROM records WHERE topic = $1 AND partition = $2 AND "offset" >= $3 AND "offset" < $4 ORDER BY "offset" LIMIT $5'
_UNAVAILABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg calls a session that the server ended at the wrong moment
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
)


class PostgresLog:
    """Topics in one database, reached by an asyncpg pool of its own."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+asyncpg://", "postgresql://")
        self._pool: asyncpg.Pool[Any] | None = None

    async def start(self, topics: Sequence[str]) -> None:
        """Create tables and partitions, once for all services."""
        try:
            pool = await self._connected()
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(hashtext('event-log-tables'))")
                await connection.execute(_TABLES)
                rows = [(topic, number) for topic in topics for number in range(PARTITIONS)]
                await connection.executemany("INSERT INTO partitions (topic, partition) VALUES ($1, $2) ON CONFLICT DO NOTHING", rows)
        except _UNAVAILABLE as error:
            raise LogUnavailable(repr(error)) from error

    async def _connected(self) -> "asyncpg.Pool[Any]":
        if self._pool is None:
            self._pool = await asyncpg.create_pool(self._url, min_size=0, max_size=12)
        return self._pool

    async def append(self, records: Sequence[Record]) -> None:
        """Store in one transaction; partitions are locked in one order, so that two relays never wait for each other in a ring."""
        by_partition: dict[Partition, list[Record]] = defaultdict(list)
        for record in records:
            by_partition[Partition(record.topic, zlib.crc32(record.key) % PARTITIONS)].append(record)
        try:
            pool = await self._connected()
            async with pool.acquire() as connection, connection.transaction():
                for partition in sorted(by_partition):
                    await self._append(connection, partition, by_partition[partition])
                for topic in sorted({record.topic for record in records}):
                    await connection.execute("SELECT pg_notify('event_log', $1)", topic)
        except _UNAVAILABLE as error:
            raise LogUnavailable(repr(error)) from error

    async def _append(self, connection: Any, partition: Partition, records: Sequence[Record]) -> None:
        first = await connection.fetchval(_DRAW, partition.topic, partition.number, len(records))
        if first is None:
            raise LogUnavailable(f"topic {partition.topic} does not exist")
        rows = [(partition.topic, partition.number, first + n, r.key, r.value, _headers(r)) for n, r in enumerate(records)]
        await connection.copy_records_to_table("records", records=rows, columns=["topic", "partition", "offset", "key", "value", "headers"])

    @asynccontextmanager
    async def subscribe(self, group: str, topics: Sequence[str]) -> AsyncIterator[Subscription]:
        """Become the group's active member, waiting for another one to leave."""
        try:
            connection = await asyncpg.connect(self._url)
        except _UNAVAILABLE as error:
            raise LogUnavailable(repr(error)) from error
        try:
            await connection.execute("SELECT pg_advisory_lock(hashtext($1))", group)
            subscription = _PostgresSubscription(connection, group)
            await subscription.join(topics)
            yield subscription
        except _UNAVAILABLE as error:
            raise LogUnavailable(repr(error)) from error
        finally:
            await connection.close(timeout=5)

    async def replay(self, topics: Sequence[str], positions: Mapping[Partition, int]) -> AsyncIterator[Batch]:
        """Read each partition up to its end as of now."""
        try:
            pool = await self._connected()
            ends = await pool.fetch("SELECT topic, partition, next_offset FROM partitions WHERE topic = ANY($1) ORDER BY topic, partition", list(topics))
            for row in ends:
                partition = Partition(row["topic"], row["partition"])
                position = positions.get(partition, 0)
                while position < row["next_offset"]:
                    records = _stored(partition, await pool.fetch(_READ, *partition, position, row["next_offset"], 10_000))
                    yield partition, records
                    position = records[-1].offset + 1
        except _UNAVAILABLE as error:
            raise LogUnavailable(repr(error)) from error

    async def check(self) -> None:
        """Ask the database."""
        try:
            pool = await self._connected()
            async with asyncio.timeout(3):
                await pool.fetchval("SELECT 1")
        except (TimeoutError, *_UNAVAILABLE) as error:
            raise LogUnavailable(repr(error)) from error

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


class _PostgresSubscription:
    def __init__(self, connection: "asyncpg.Connection[Any]", group: str) -> None:
        self._connection = connection
        self._group = group
        self._positions: dict[Partition, int] = {}
        self._behind = 0
        self._appended = asyncio.Event()

    async def join(self, topics: Sequence[str]) -> None:
        rows = await self._connection.fetch(
            "SELECT p.topic, p.partition, coalesce(g.next_offset, 0) AS next_offset FROM partitions p LEFT JOIN group_offsets g "
            'ON g."group" = $1 AND g.topic = p.topic AND g.partition = p.partition WHERE p.topic = ANY($2)',
            self._group,
            list(topics),
        )
        self._positions = {Partition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        await self._connection.add_listener("event_log", lambda *_: self._appended.set())

    async def fetch(self, *, max_records: int, timeout: float) -> list[Batch]:
        self._appended.clear()
        if batches := await self._read(max_records):
            return batches
        try:
            await asyncio.wait_for(self._appended.wait(), timeout)
        except TimeoutError:
            if self._connection.is_closed():
                raise LogUnavailable("the connection to the log was lost") from None
            return []
        return await self._read(max_records)

    async def _read(self, max_records: int) -> list[Batch]:
        ends = await self._connection.fetch(
            "SELECT p.topic, p.partition, p.next_offset FROM partitions p JOIN unnest($1::text[], $2::int[], $3::bigint[]) AS mine(topic, partition, position) "
            "ON p.topic = mine.topic AND p.partition = mine.partition AND p.next_offset > mine.position",
            [p.topic for p in self._positions],
            [p.number for p in self._positions],
            list(self._positions.values()),
        )
        batches: list[Batch] = []
        for row in ends:
            partition = Partition(row["topic"], row["partition"])
            rows = await self._connection.fetch(_READ, *partition, self._positions[partition], 2**62, max_records)
            batches.append((partition, _stored(partition, rows)))
            self._positions[partition] = rows[-1]["offset"] + 1
        self._behind = sum(row["next_offset"] - self._positions[Partition(row["topic"], row["partition"])] for row in ends)
        return batches

    def behind(self) -> int:
        return self._behind

    async def commit(self, positions: Mapping[Partition, int]) -> bool:
        await self._connection.execute(
            "INSERT INTO group_offsets SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bigint[]) "
            'ON CONFLICT ("group", topic, partition) DO UPDATE SET next_offset = excluded.next_offset',
            self._group,
            [partition.topic for partition in positions],
            [partition.number for partition in positions],
            list(positions.values()),
        )
        return True

    async def seek(self, partition: Partition, offset: int) -> None:
        self._positions[partition] = offset


def _headers(record: Record) -> str:
    return msgspec.json.encode([(name, value.decode("latin-1")) for name, value in record.headers]).decode()


_read_headers = msgspec.json.Decoder(list[tuple[str, str]]).decode


def _stored(partition: Partition, rows: Sequence[Any]) -> list[StoredRecord]:
    return [
        StoredRecord(*partition, row["offset"], row["key"], row["value"], [(name, value.encode("latin-1")) for name, value in _read_headers(row["headers"])])
        for row in rows
    ]
