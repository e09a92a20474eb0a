"""Noticing that a log went back: its topic was made anew, or a broker lost what it had acknowledged.

Offsets that a group settled only grow. Whoever is given records from before them, or a log that ends before them, stands in front of
another log than the one it read.
"""

import time

from aiokafka.structs import TopicPartition

PATIENCE_SECONDS = 5.0
"""A partition's new leader may believe for a moment that less was stored than is: an end that is too low must stay so."""


class Rewinds:
    """What one consumer knows to be settled, by partition."""

    def __init__(self) -> None:
        self._settled: dict[TopicPartition, int] = {}
        self._short_since: dict[TopicPartition, float] = {}

    def settle(self, partition: TopicPartition, offset: int) -> None:
        """Everything before `offset` is done, by this member or another one of its group."""
        self._settled[partition] = max(offset, self._settled.get(partition, 0))

    def begins_before(self, partition: TopicPartition, offset: int) -> bool:
        """Told the offset of a record that was read: whether it was settled already. Says so once."""
        if offset >= self._settled.get(partition, 0):
            self._short_since.pop(partition, None)
            return False
        self._forget(partition, offset)
        return True

    def ends_before(self, partition: TopicPartition, end: int, now: float | None = None) -> bool:
        """Told the end of a partition: whether it lies before what was settled, and has for a while. Says so once."""
        if end >= self._settled.get(partition, 0):
            self._short_since.pop(partition, None)
            return False
        now = time.monotonic() if now is None else now
        if now - self._short_since.setdefault(partition, now) < PATIENCE_SECONDS:
            return False
        self._forget(partition, end)
        return True

    def _forget(self, partition: TopicPartition, offset: int) -> None:
        self._settled[partition] = offset
        self._short_since.pop(partition, None)
