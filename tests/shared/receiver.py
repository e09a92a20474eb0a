"""A receiver of webhooks behind a real port: it verifies what it is sent with the reference library, and answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from standardwebhooks import Webhook

from tests.kafka import free_port


@dataclass
class Receiver:
    """What came, in order. `answers(message)` gives the status of the answer; `hang` holds every answer back."""

    url: str
    secret: str = ""
    answers: Callable[[dict[str, Any]], int] = lambda message: 204
    hang: bool = False
    location: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        self.heard.append((headers, body))
        while self.hang:
            await asyncio.sleep(0.01)
        message = self._verified(headers, body) if self.secret else {}
        status = self.answers(message)
        if 200 <= status < 300:
            self.accepted.append(message)
        location = [(b"location", self.location.encode())] if self.location else []
        await send({"type": "http.response.start", "status": status, "headers": [*location, (b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    def _verified(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """By the library's signature for the message's own time: that of the tests may be moved on by days, the library's is not."""
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert Webhook(self.secret).sign(headers["webhook-id"], at, body.decode()) in headers["webhook-signature"].split()
        message: dict[str, Any] = json.loads(body)
        return message

    def ids(self) -> list[str]:
        return [message["id"] for message in self.accepted]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    port = free_port()
    receiver = Receiver(f"http://127.0.0.1:{port}/in?box=1")
    server = uvicorn.Server(uvicorn.Config(receiver, port=port, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        yield receiver
    finally:
        receiver.hang = False
        server.should_exit = True
        await task
