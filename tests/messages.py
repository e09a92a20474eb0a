"""Records as the relay would write them."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec

from shared import clock
from shared.contracts import event_type_of
from shared.envelope import record_of
from shared.eventlog import Record


def record(event: Any, *, subject: UUID, sequence: int, id: UUID | None = None) -> Record:
    """The log record of an event."""
    kind = event_type_of(event)
    return record_of(
        SimpleNamespace(
            id=id or clock.new_id(),
            type=kind.wire_type,
            topic=kind.topic,
            subject=subject,
            sequence=sequence,
            time=clock.now(),
            data=msgspec.json.encode(event).decode(),
            correlation_id="test",
            causation_id=None,
            actor="tester",
            traceparent=None,
        )
    )
