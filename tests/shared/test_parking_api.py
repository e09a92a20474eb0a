"""Parked messages in the hands of operators, through the HTTP API."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from services.coordination.app import SERVICE
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.shared.answers import faults_of, next_link
from tests.shared.malformed import MALFORMED
from tests.shared.world import changed, message


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    made: Served = await serving(SERVICE)
    return made


async def test_only_operators_handle_parked_messages_and_page_through_them(served: Served, person: Callable[..., Person]) -> None:
    operator = person(Role.SYSTEM_ADMIN)
    assert served.runtime.consumer
    unreadable = [changed(record, topic="entaskan.mapping") for record in list(MALFORMED.values())[:7]]
    slashed, gap = changed(message(uuid4(), 1), topic="entaskan.mapping", key=b"a/b", ce_id=None), uuid4()
    late = changed(message(gap, 2), topic="entaskan.mapping", ce_type=b"entaskan.mapping.Later.v1", ce_source=b"/entaskan/mapping")
    await served.runtime.event_log.start(served.runtime.topics)
    await served.runtime.event_log.append([*unreadable, slashed, late])

    async def listed(path: str = "/coordination/v1/parked-messages?limit=4") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            answer = await served.get(f"http://test{following}", operator)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            following = next_link(answer)
        return items

    async with asyncio.timeout(10):
        while len(await listed()) < 9:
            await asyncio.sleep(0.05)
    items = await listed()
    assert len({item["id"] for item in items}) == 9
    assert set(items[0]) >= {"subject", "reason_code", "reason", "topic", "partition", "offset"}
    assert not {"value", "key", "headers"} & set(items[0]), "content stays in the database"
    for role in Role:
        if role is not Role.SYSTEM_ADMIN:
            caller = person(role)
            refused = [
                await served.get("/v1/parked-messages", caller),
                await served.post(f"/v1/parked-messages/{gap}/replay", caller),
                await served.post(f"/v1/parked-messages/{gap}/discard", caller),
            ]
            assert [answer.status_code for answer in refused] == [403, 403, 403], role
    waiting = (await served.post(f"/v1/parked-messages/{gap}/replay", operator)).json()
    assert (waiting["waiting"], waiting["reason"]) == (1, "expected sequence 1, got 2")
    assert (await served.post(f"/v1/parked-messages/{gap}/discard", operator)).json() == {"subject": str(gap), "waiting": 0, "reason": None}
    assert (await served.post("/v1/parked-messages/a%2Fb/replay", operator)).json()["waiting"] == 1
    assert (await served.post("/v1/parked-messages/a%2Fb/discard", operator)).json()["waiting"] == 0
    assert faults_of(await served.post(f"/v1/parked-messages/{gap}/discard", operator), 404, "not_found") == []
    done = await listed("/coordination/v1/parked-messages?resolved=true")
    resolved = {(item["subject"], item["resolution"], item["resolved_by"]) for item in done}
    assert resolved == {(subject, "discarded", operator.name) for subject in (str(gap), "a/b")}
    metrics = await served.get("/readyz")
    assert (metrics.status_code, metrics.json()["checks"]["parked_messages"]["detail"]) == (200, "7 waiting for an operator")
