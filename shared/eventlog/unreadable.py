"""Records that aiokafka cannot read: a header whose name is not UTF-8, which no client of ours writes, makes it give up.

The error would come out of every fetch and end every consumer, again after each start. Here such a record becomes one that decoding
refuses, and what follows it is read. So do the records behind it in its producer's batch, which cannot be told apart any more; ours
are never among them, since a batch has one producer.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.structs import ConsumerRecord

_Records: Any = fetcher.PartitionRecords


class _Tolerant(_Records):  # type: ignore[misc]
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            # The next fetch begins behind this one, as if no more had been fetched.
            offset = self.next_fetch_offset
            self.next_fetch_offset = offset + 1
            yield _unreadable(self._tp.topic, self._tp.partition, offset)


def _unreadable(topic: str, partition: int, offset: int) -> Any:
    headers = (("unreadable", b"\xff"),)
    return ConsumerRecord(topic, partition, offset, 0, 0, None, None, None, -1, -1, headers)


def tolerate() -> None:
    """Have this process's consumers step over such records."""
    fetcher.PartitionRecords = _Tolerant
