"""The event log as the rest of the system sees it: partitioned, ordered within a partition, kept for ever.

Two adapters fulfil the protocol, `kafka` and `postgres`; one suite of tests runs against both.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

PARTITIONS = 6
"""Of every topic, fixed: adding partitions would move keys and break their order."""


class LogUnavailable(Exception):
    """The log cannot be reached, or whether it took a batch is unknown; trying again is safe."""


class Partition(NamedTuple):
    """One ordered sequence of records."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """What is appended: records with the same key keep their order."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class StoredRecord(NamedTuple):
    """What is read back; a tuple, since there are millions of them."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


Batch = tuple[Partition, Sequence[StoredRecord]]


class Subscription(Protocol):
    """A member of a consumer group."""

    async def fetch(self, *, max_records: int, timeout: float) -> list[Batch]:
        """The next records, each partition's in order; empty after `timeout` seconds without any."""

    async def commit(self, positions: Mapping[Partition, int]) -> bool:
        """Record that everything before these offsets is done; False when a partition now belongs to another member."""

    async def seek(self, partition: Partition, offset: int) -> None:
        """Fetch `offset` next, because the batch that began there was not applied."""

    def behind(self) -> int:
        """How many records of this member's partitions were not fetched yet, as far as the last fetch told."""


class EventLog(Protocol):
    """Where events are published and read."""

    async def start(self, topics: Sequence[str]) -> None:
        """Make sure that the topics exist."""

    async def append(self, records: Sequence[Record]) -> None:
        """Store the records in order; on return they are durable. `LogUnavailable` when that is not certain."""

    def subscribe(self, group: str, topics: Sequence[str]) -> AbstractAsyncContextManager[Subscription]:
        """Join a consumer group that began at the oldest record."""

    def replay(self, topics: Sequence[str], positions: Mapping[Partition, int]) -> AsyncIterator[Batch]:
        """Everything from `positions` (the beginning where absent) to the ends at the time of the call, outside any group."""

    async def check(self) -> None:
        """`LogUnavailable` unless the log answers."""

    async def close(self) -> None:
        """Flush and let go."""


def event_log(url: str) -> EventLog:
    """The log behind `kafka://…` (see `KafkaLog.at`) or `postgresql+asyncpg://…`; adapters are imported only when used."""
    if url.startswith("kafka://"):
        from shared.eventlog.kafka import KafkaLog

        return KafkaLog.at(url)
    from shared.eventlog.postgres import PostgresLog

    return PostgresLog(url)
