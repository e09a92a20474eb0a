"""Rebuilding the view while it serves."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.monitoring.consumers import GROUP, view_consumer
from services.monitoring.overview import rebuild as mechanics
from services.monitoring.overview.rebuild import Interrupted, RebuildRunning, only_one, rebuild
from shared.contracts import coordination_commitments as k
from shared.contracts import facilitation as f
from shared.eventlog.postgres import PostgresLog
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.monitoring.conftest import events_applied, figures
from tests.monitoring.story import Story, records

STORY = Story(size=5, busy=4)


async def _feed(log: PostgresLog, story: Story, pause: float = 0.0) -> int:
    feed = records(story.shuffled(7))
    for start in range(0, len(feed), 20):
        await log.append(feed[start : start + 20])
        await asyncio.sleep(pause)
    return len(feed)


async def _schemas(served: Served) -> set[str]:
    async with served.runtime.engine.connect() as connection:
        rows = await connection.execute(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'view%'"))
        return set(rows.scalars().all())


async def _rebuilt(served: Served, admin: Person, eventually: Callable[..., Any]) -> dict[str, Any]:
    asked = await served.post("/v1/rebuilds", admin)
    assert asked.status_code == 202, asked.text
    path = asked.headers["location"]

    async def ended() -> Any:
        found = (await served.client.get(f"http://test{path}", headers={"Authorization": f"Bearer {admin.token}"})).json()
        return found if found["state"] != "running" else None

    outcome: dict[str, Any] = await eventually(ended, 30)
    return outcome


async def test_a_rebuild_gives_the_same_figures(monitoring: Served, log: PostgresLog, person: Callable[..., Person], eventually: Callable[..., Any]) -> None:
    count = await _feed(log, STORY)

    async def applied() -> bool:
        return await events_applied(monitoring.runtime.engine) == count

    await eventually(applied)
    async with monitoring.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE view.figures SET granted_idr = granted_idr + 1, declined = 7"))
        await connection.execute(text("CREATE SCHEMA view_next"))  # left by a crash
        await connection.execute(text("CREATE TABLE view_next.rubbish (n int)"))
    assert await figures(monitoring.runtime.engine) != STORY.expected
    for _ in range(2):  # twice: pooled connections then hold statements prepared for an earlier view
        outcome = await _rebuilt(monitoring, person(Role.SYSTEM_ADMIN), eventually)
        assert outcome["state"] == "done"
        assert outcome["progress"] == {"done": count, "total": count}
        assert await figures(monitoring.runtime.engine) == STORY.expected
    assert await _schemas(monitoring) == {"view"}


async def test_a_rebuild_under_live_traffic_serves_and_loses_nothing(
    monitoring: Served, log: PostgresLog, person: Callable[..., Person], eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mechanics, "LAST_STRETCH", 5)
    story = Story(size=8, busy=6, seed=5)
    admin, programme = person(Role.SYSTEM_ADMIN), story.programme
    feeding = asyncio.create_task(_feed(log, story, 0.004))
    statuses: list[int] = []
    granted: list[int] = []

    async def read() -> None:
        while not feeding.done() or len(statuses) < 20:
            answer = await monitoring.get(f"/v1/programmes/{programme}")
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                granted.append(answer.json()["totals"]["grants"])
            listed = await monitoring.get("/v1/locations")
            statuses.append(listed.status_code)
            await asyncio.sleep(0.002)

    reading = asyncio.create_task(read())
    rebuilt = 0
    while not feeding.done() or rebuilt < 2:
        assert (await _rebuilt(monitoring, admin, eventually))["state"] == "done"
        rebuilt += 1
    count = await feeding
    await reading

    async def applied() -> bool:
        return await events_applied(monitoring.runtime.engine) == count

    await eventually(applied)
    assert await figures(monitoring.runtime.engine) == story.expected
    assert set(statuses) <= {200, 404}  # 404 until the programme is known
    assert granted == sorted(granted), "a swap never shows less than was shown before"
    assert monitoring.runtime.dead_tasks() == []
    assert (await monitoring.get("/readyz")).json()["checks"]["parked_messages"]["ok"]


async def test_one_rebuild_at_a_time(monitoring: Served, person: Callable[..., Person], eventually: Callable[..., Any]) -> None:
    admin = person(Role.SYSTEM_ADMIN)
    async with only_one(monitoring.runtime.engine):
        refused = await monitoring.post("/v1/rebuilds", admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "rebuild_running")
    assert (await _rebuilt(monitoring, admin, eventually))["state"] == "done"


async def test_only_operators_rebuild(monitoring: Served, person: Callable[..., Person]) -> None:
    assert (await monitoring.post("/v1/rebuilds")).status_code == 401
    assert (await monitoring.post("/v1/rebuilds", person(Role.COORDINATOR))).status_code == 403
    assert (await monitoring.get(f"/v1/rebuilds/{uuid4()}", person(Role.SYSTEM_ADMIN))).status_code == 404
    assert (await monitoring.get("/v1/rebuilds", person(Role.SYSTEM_ADMIN))).json() == {"items": []}


async def test_a_rebuild_that_stopped_half_way_leaves_the_view_and_is_called_interrupted(
    monitoring: Served, log: PostgresLog, person: Callable[..., Person], eventually: Callable[..., Any]
) -> None:
    count = await _feed(log, STORY)

    async def applied() -> bool:
        return await events_applied(monitoring.runtime.engine) == count

    await eventually(applied)
    engine, stopping = monitoring.runtime.engine, asyncio.Event()
    stopping.set()
    async with only_one(engine):
        with pytest.raises(Interrupted):
            await rebuild(engine, log, view_consumer, GROUP, stopping=stopping)
    assert await figures(engine) == STORY.expected
    assert await _schemas(monitoring) == {"view", "view_next"}
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO rebuilds (id, state, done, total, requested_by) VALUES ('00000000-0000-7000-8000-000000000000', 'running', 0, 0, 'somebody')")
        )
    admin = person(Role.SYSTEM_ADMIN)
    (found,) = (await monitoring.get("/v1/rebuilds", admin)).json()["items"]
    assert found["state"] == "interrupted"
    async with AsyncExitStack() as held:
        await held.enter_async_context(only_one(engine))
        (found,) = (await monitoring.get("/v1/rebuilds", admin)).json()["items"]
        assert found["state"] == "running"
        with pytest.raises(RebuildRunning):
            await monitoring.app.state.rebuilder.now("cli")
    await monitoring.app.state.rebuilder.now("cli")
    assert [item["state"] for item in (await monitoring.get("/v1/rebuilds", admin)).json()["items"]] == ["done", "interrupted"]
    assert await _schemas(monitoring) == {"view"}


async def test_what_operators_discarded_stays_discarded(
    monitoring: Served, log: PostgresLog, person: Callable[..., Person], eventually: Callable[..., Any]
) -> None:
    subject, commitment, programme = uuid4(), uuid4(), uuid4()
    bad = k.CommitmentProgressVerified(
        commitment_id=commitment, report_id=uuid4(), verified_by_institution_id=uuid4(), verified_output=1, verified_amount_idr=1
    )
    good = f.FinancingApplied(
        application_id=uuid4(), programme_id=programme, group_id=uuid4(), enterprise_id=uuid4(), product_code="kur", requested_amount_idr=5, region_code="53.04"
    )
    await log.append(records([(subject, 1, bad), (subject, 2, bad)]))
    await log.append(records([(uuid4(), 1, good)]))
    admin = person(Role.SYSTEM_ADMIN)

    async def parked() -> bool:
        return len((await monitoring.get("/v1/parked-messages", admin)).json()["items"]) == 2

    await eventually(parked)
    assert (await monitoring.post(f"/v1/parked-messages/{subject}/discard", admin)).json()["waiting"] == 1
    assert (await monitoring.post(f"/v1/parked-messages/{subject}/discard", admin)).json()["waiting"] == 0
    assert (await _rebuilt(monitoring, admin, eventually))["state"] == "done"
    assert (await monitoring.get("/v1/parked-messages", admin)).json()["items"] == []
    assert len((await monitoring.get("/v1/parked-messages?resolved=true", admin)).json()["items"]) == 2


async def test_a_failed_rebuild_says_so_and_the_old_view_serves(
    monitoring: Served, log: PostgresLog, person: Callable[..., Person], eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = await _feed(log, STORY)

    async def applied() -> bool:
        return await events_applied(monitoring.runtime.engine) == count

    await eventually(applied)

    async def broken(*_: Any) -> None:
        raise OSError("disk")

    monkeypatch.setattr(mechanics, "_create", broken)
    outcome = await _rebuilt(monitoring, person(Role.SYSTEM_ADMIN), eventually)
    assert (outcome["state"], outcome["failure"]) == ("failed", "OSError")
    assert await figures(monitoring.runtime.engine) == STORY.expected
    monkeypatch.undo()
    assert (await _rebuilt(monitoring, person(Role.SYSTEM_ADMIN), eventually))["state"] == "done"
