"""Wire names, topics and classes of the published events."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform


class Event(Protocol):
    """A frozen dataclass declared with `@event`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class EventType:
    """How one event class travels.

    `wire_type` is the CloudEvents type, `topic` the stream, `source` the CloudEvents source of its publisher.
    """

    wire_type: str
    topic: str
    source: str
    event_class: type[Event]

    @property
    def name(self) -> str:
        """`FinancingGranted` of `entaskan.facilitation.FinancingGranted.v1`."""
        return self.wire_type.split(".")[2]

    @property
    def publisher(self) -> str:
        """The service that publishes it, such as `facilitation`."""
        return self.wire_type.split(".")[1]


EVENT_TYPES: dict[str, EventType] = {}
_TYPE_OF_CLASS: dict[type[Any], EventType] = {}
_WIRE_TYPE = re.compile(r"entaskan\.(coordination|mapping|facilitation|monitoring)\.[A-Z][A-Za-z]+\.v[1-9][0-9]*")

E = TypeVar("E")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(wire_type: str, *, topic: str) -> Callable[[type[E]], type[E]]:
    """Declare a published event: a frozen, keyword-only dataclass known by `wire_type` on `topic`."""
    if not _WIRE_TYPE.fullmatch(wire_type):
        raise ValueError(f"{wire_type} is not entaskan.<service>.<EventName>.v<n>")
    if wire_type in EVENT_TYPES:
        raise ValueError(f"{wire_type} is declared twice")

    def declare(cls: type[E]) -> type[E]:
        declared = dataclass(frozen=True, kw_only=True, slots=True)(cls)
        kind = EventType(wire_type, topic, f"/entaskan/{wire_type.split('.')[1]}", declared)  # type: ignore[arg-type]
        EVENT_TYPES[wire_type] = _TYPE_OF_CLASS[declared] = kind
        return declared

    return declare


def event_type_of(event_or_class: object) -> EventType:
    """The registered type of an event or of its class; `KeyError` for anything else."""
    cls = event_or_class if isinstance(event_or_class, type) else type(event_or_class)
    return _TYPE_OF_CLASS[cls]
