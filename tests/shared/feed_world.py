"""What the tests of the feed work with: a service that counts behind a real server, and readers of both forms."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from shared.http.app import Service
from shared.http.host import host
from tests.kafka import free_port
from tests.kit import Person, Served
from tests.shared.world import Counter, counter_tables

METADATA = counter_tables()
COUNTING = Service(name="coordination", title="Counting", description="The feed over the smallest aggregate.", metadata=METADATA, routers=[])
Event = dict[str, Any]


@asynccontextmanager
async def listening(served: Served) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """The service behind a server on a port, whose lifespan is somebody else's: its feed's address, and the server."""
    port = free_port()
    application = host({served.service.name: served.app})
    config = uvicorn.Config(application, port=port, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=8)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{port}/{served.service.name}/v1/events", server
    finally:
        server.should_exit = True
        await task


async def begin(served: Served, name: str, events: int = 1) -> Counter:
    """A counter with so many events."""
    counter = Counter.begin(name)
    counter.increase(events - 1)
    async with served.runtime.database.transaction() as uow:
        uow.add(counter)
    return counter


async def published(served: Served) -> list[Any]:
    """The rows of the outbox in the order of the feed, once none waits to be published."""
    async with asyncio.timeout(15):
        rows = await served.outbox()
        while any(row.feed_seq is None for row in rows):
            await asyncio.sleep(0.02)
            rows = await served.outbox()
    return sorted(rows, key=lambda row: row.feed_seq)


def ids(events: list[Event]) -> list[str]:
    return [event["id"] for event in events]


@dataclass
class StreamReader:
    """Reads server-sent events as the HTML standard says, and remembers what a browser would: the events and the last id."""

    address: str
    person: Person
    last_id: str | None = None
    events: list[Event] = field(default_factory=list)
    comments: int = 0
    connections: int = 0
    refused: httpx.Response | None = None

    async def read(self, enough: int | None = None, parameters: dict[str, str] | None = None) -> None:
        """One connection, until its end or until enough events are known."""
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {self.person.token}"}
        headers |= {"Last-Event-ID": self.last_id} if self.last_id else {}
        async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", self.address, headers=headers, params=parameters) as answer:
            if answer.status_code != 200:
                await answer.aread()
                self.refused = answer
                return
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            self.connections += 1
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    assert name not in fields, "the data of an event is one line"
                    fields[name] = value
                else:
                    self._dispatch(fields)
                    fields = {}
                if enough is not None and len(self.events) >= enough:
                    return

    async def keep_reading(self, enough: int) -> None:
        """Connect again whenever the connection or the server is lost, as browsers do."""
        while len(self.events) < enough:
            with suppress(httpx.TransportError):
                await self.read(enough)
            assert self.refused is None, self.refused and self.refused.text
            await asyncio.sleep(0.1)

    def _dispatch(self, fields: dict[str, str]) -> None:
        self.last_id = fields.get("id", self.last_id)
        if "data" in fields:
            event = json.loads(fields["data"])
            assert (fields["id"], fields["event"]) == (event["id"], event["type"])
            self.events.append(event)


@dataclass
class BatchReader:
    """Polls the http-feed and remembers the events."""

    address: str
    person: Person
    events: list[Event] = field(default_factory=list)

    async def keep_reading(self, enough: int, limit: int = 7) -> None:
        """Poll, each time after the last event known, until enough are; a lost server is asked again."""
        async with httpx.AsyncClient(timeout=30, headers={"Authorization": f"Bearer {self.person.token}"}) as client:
            while len(self.events) < enough:
                after = {"lastEventId": self.events[-1]["id"]} if self.events else {}
                try:
                    answer = await client.get(self.address, params={"limit": limit, "timeout": 2000} | after)
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                assert answer.status_code == 200, answer.text
                self.events += answer.json()
