"""The property is worth something only if it fails: each mechanism is taken out in turn, and the machine notices."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import crash, outbox
from shared.consumer import Consumer
from shared.envelope import Message, record_of
from shared.eventlog import Batch, EventLog, Subscription
from shared.inbox import Claim, Inbox, Mark, Read
from tests.properties.machine import Machine

ENOUGH = settings(
    max_examples=240, stateful_step_count=30, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


async def _mark(connection: AsyncConnection, table: Table, rows: Sequence[Any]) -> None:
    await connection.execute(outbox._marking(table), {"positions": [row.position for row in rows]})


async def publishing_without_waiting_for_the_log(engine: AsyncEngine, table: Table, event_log: EventLog) -> int:
    """The marker says nothing: it is set before the log has the events."""
    async with engine.begin() as connection:
        unpublished = select(table).where(table.c.published_at.is_(None)).order_by(table.c.position).limit(outbox.BATCH)
        rows = (await connection.execute(unpublished)).all()
        await _mark(connection, table, rows)
    if rows:
        crash.point("relay.after_select")
        await event_log.append([record_of(row) for row in rows])
        crash.point("relay.after_ack")
    return len(rows)


async def publishing_by_a_cursor(engine: AsyncEngine, table: Table, event_log: EventLog) -> int:
    """No marker is looked for: whatever lies behind the last position that was published counts as published."""
    async with engine.begin() as connection:
        last = select(func.coalesce(func.max(table.c.position), 0)).where(table.c.published_at.is_not(None)).scalar_subquery()
        rows = (await connection.execute(select(table).where(table.c.position > last).order_by(table.c.position).limit(outbox.BATCH))).all()
        if rows:
            crash.point("relay.after_select")
            await event_log.append([record_of(row) for row in rows])
            crash.point("relay.after_ack")
            await _mark(connection, table, rows)
        return len(rows)


async def claiming_everything(inbox: Inbox, connection: AsyncConnection, batch: Sequence[Read]) -> Claim:
    """Marks are kept, but nobody looks at them: whatever comes is applied."""
    claim = Claim(fresh=[(record, message) for record, message in batch if isinstance(message, Message)])
    for _, message in claim.fresh:
        claim.marks[message.subject] = Mark(message.sequence, None, message.id)
        await inbox.mark(connection, message.subject, *claim.marks[message.subject])
    return claim


_settle = Consumer._settle


async def committing_the_offset_first(consumer: Consumer, subscription: Subscription, batches: Sequence[Batch], stopping: Any) -> None:
    """The offset is committed before the transaction that it stands for."""
    await subscription.commit({partition: batch[-1].offset + 1 for partition, batch in batches})
    await _settle(consumer, subscription, batches, stopping)


MORE = "the view shows more than there is"
LESS = "the view shows less than there is|subjects wait in|is not at the last event|kept events in its outbox"


@pytest.mark.parametrize(
    ("owner", "name", "bug", "said"),
    [
        pytest.param(outbox, "publish_pending", publishing_without_waiting_for_the_log, LESS, id="marker set before the append"),
        pytest.param(outbox, "publish_pending", publishing_by_a_cursor, LESS, id="cursor instead of the marker"),
        pytest.param(Inbox, "claim", claiming_everything, MORE, id="no inbox"),
        pytest.param(Consumer, "_settle", committing_the_offset_first, LESS, id="offset committed first"),
    ],
)
def test_the_machine_notices(machine: type[Machine], monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, bug: Any, said: str) -> None:
    monkeypatch.setattr(owner, name, bug)
    with pytest.raises(AssertionError, match=said) as noticed:
        run_state_machine_as_test(machine, settings=ENOUGH)
    print(noticed.value)
