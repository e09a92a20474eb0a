"""A service that was overrun does not go on working for those who hung up."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from services.coordination.app import SERVICE
from shared.database import Database
from shared.security.identity import Role
from tests.kit import Person, Served


async def ask(served: Served, person: Person, code: str, hung_up: asyncio.Event) -> int:
    """POST an institution as a server would hand it on, whose client may hang up; the status."""
    body = json.dumps({"code": code, "name": "Kementerian", "institution_type": "ministry"}).encode()
    headers = {"authorization": f"Bearer {person.token}", "idempotency-key": uuid4().hex, "content-type": "application/json"}
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    status = 0

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/v1/institutions",
        "raw_path": b"/v1/institutions", "query_string": b"", "root_path": "", "server": ("test", 80), "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await served.app(scope, receive, send)
    return status


async def test_who_hung_up_while_waiting_for_a_connection_is_not_served(
    serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, owner = await serving(SERVICE), person(Role.PROGRAMME_OWNER)
    gone, there = asyncio.Event(), asyncio.Event()
    crowded, looked = Database.crowded.fget, []
    monkeypatch.setattr(Database, "crowded", property(lambda database: looked.append(crowded(database)) or looked[-1]))
    async with AsyncExitStack() as stack:
        for _ in range(served.runtime.engine.pool.size()):  # all of them: one that the relay has now may come back any moment
            await stack.enter_async_context(served.runtime.engine.connect())
        looked.clear()
        waiting = [asyncio.create_task(ask(served, owner, code, event)) for code, event in (("pergi", gone), ("tinggal", there))]
        while len(looked) < len(waiting):  # a command looks once, and waits from then on
            await asyncio.sleep(0.01)
        assert all(looked)
        gone.set()
    assert await asyncio.gather(*waiting) == [499, 201]
    listed = await served.get("/v1/institutions", owner)
    assert [each["code"] for each in listed.json()["items"]] == ["tinggal"]
