"""Deaths on demand: a process that ends at a named crash point, and a log that takes part of a batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from shared.crash import POINTS
from shared.eventlog import EventLog, Record


class Killed(BaseException):
    """The process died here. Like SIGKILL it is caught by no `except Exception`; what was open rolls back."""


class Faults:
    """Stands in for `shared.crash.point`."""

    def __init__(self) -> None:
        self._point: str | None = None
        self._left = 0
        self.deaths: list[str] = []

    @contextmanager
    def at(self, point: str | None, nth: int = 1) -> Iterator[None]:
        """Inside the block, die at the n-th passage of a crash point; that it is not reached is no error."""
        assert point is None or point in POINTS
        outer = self._point, self._left
        self._point, self._left = point, nth
        try:
            yield
        finally:
            self._point, self._left = outer

    def point(self, name: str) -> None:
        """Die here if that was asked for."""
        if name == self._point:
            self._left -= 1
            if self._left == 0:
                self._point = None
                self.deaths.append(name)
                raise Killed(name)


@dataclass
class Torn:
    """A log that takes the first records of a batch only, and then fails: `Killed` is the relay's death, `LogUnavailable` a lost answer."""

    log: EventLog
    taken: int
    failure: type[BaseException]

    async def append(self, records: Sequence[Record]) -> None:
        if stored := records[: self.taken]:
            await self.log.append(stored)
        raise self.failure("in the middle of an append")
