"""Aggregates: state, its version, and the events it recorded since it was loaded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from shared.contracts.registry import Event
from shared.errors import IllegalTransition


@dataclass(eq=False, kw_only=True)
class Aggregate:
    """A consistency boundary whose fields are the columns of its table.

    `version` counts the events that the aggregate ever recorded and saved, so it is at once the optimistic lock, the ETag and
    the `sequence` of the last event. A change without an event does not exist: nothing is saved when nothing was recorded.
    """

    id: UUID
    version: int = 0
    recorded: list[Event] = field(default_factory=list, init=False, repr=False)

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {}
    """Which commands may start from which state, by state; for the answer to an illegal one."""

    def record(self, event: Event) -> None:
        """Remember an event to be published with the next save."""
        self.recorded.append(event)

    def refuse_unless(self, state: str, allowed_from: Collection[str]) -> None:
        """Raise `IllegalTransition`, listing what is allowed, unless `state` is one of `allowed_from`."""
        if state not in allowed_from:
            raise IllegalTransition(state=state, allowed_transitions=sorted(self.TRANSITIONS.get(state, ())))


@dataclass(frozen=True, slots=True)
class Step:
    """A row of a transition table: a command may start from `sources` and leads to `target`; `None` leaves the state as it is."""

    sources: frozenset[str]
    target: str | None


def step(*sources: str, to: str | None = None) -> Step:
    """A row of a transition table."""
    return Step(frozenset(sources), to)


@dataclass(eq=False, kw_only=True)
class Living(Aggregate):
    """An aggregate with a life: `LIFE` is its one transition table, by command, and every command of it begins with `move`."""

    status: str

    LIFE: ClassVar[Mapping[str, Step]] = {}

    def may(self, command: str) -> None:
        """Raise `IllegalTransition`, listing what is allowed, unless `command` may start from the present state."""
        self.refuse_unless(self.status, self.LIFE[command].sources)

    def move(self, command: str) -> None:
        """Go where the table says, or raise `IllegalTransition`."""
        self.may(command)
        if target := self.LIFE[command].target:
            self.status = target

    def refuse_unless(self, state: str, allowed_from: Collection[str]) -> None:
        """Raise `IllegalTransition`, listing what is allowed, unless `state` is one of `allowed_from`."""
        if state not in allowed_from:
            raise IllegalTransition(state=state, allowed_transitions=sorted(name for name, row in self.LIFE.items() if state in row.sources))
