"""What one part of facilitation makes of what another one published."""

from collections.abc import Callable
from typing import Any

from tests.facilitation.story import Story


async def test_a_declined_credit_opens_goals_of_mentoring_once(prioritised: Story, eventually: Callable[..., Any]) -> None:
    story = prioritised
    group_id, members = await story.active_group()
    application_id = await story.forwarded(members[0])
    declined = await story.act(application_id, "decline", story.lender, {"reason_codes": ["insufficient_cash_flow", "no_such_reason_here"]})
    assert declined.status_code == 200, declined.text

    async def waiting() -> Any:
        return (await story.served.get("/v1/waiting-goals", story.regency)).json()["items"]

    (goal,) = await eventually(waiting)
    event = next(row for row in await story.served.outbox() if row.type.endswith("FinancingDeclined.v1"))
    assert (goal["group_id"], goal["enterprise_id"], goal["origin_event_id"]) == (group_id, members[0], str(event.id))
    runtime = story.served.runtime
    assert runtime.dead_tasks() == []
    assert runtime.consumer
    async with runtime.engine.connect() as connection:
        rows = (await connection.execute(runtime.consumer.inbox.parked.select())).all()
    assert rows == []
