"""Between services and a broker: a second way to a broker that runs, on which what passes can be delayed, cut off and falsified.

The broker gets a second listener whose advertised address is the proxy's, so that clients which come by the proxy stay on it, while
the checker goes straight to the broker.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from tests.faults.world import NAMES, World
from tests.kafka import free_port

PRODUCE = 0
_LISTENER = "ASIDE"


@dataclass(frozen=True)
class Frame:
    """A request or an answer of Kafka's protocol, without its length; `key` and `version` are the request's."""

    key: int
    version: int
    body: bytes


class Interference(Protocol):
    """What happens to what passes. Any of the methods may raise `ConnectionResetError`: then that connection is cut."""

    async def request(self, frame: Frame) -> bytes:
        """The request that the broker gets."""

    async def answer(self, frame: Frame) -> bytes | None:
        """The answer that the client gets; None: none."""


class Proxy:
    """One address that leads to `target`."""

    def __init__(self, port: int, target: int, interference: Interference) -> None:
        self._port = port
        self._target = target
        self._interference = interference
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    async def close(self) -> None:
        """Cut everything."""
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        there: asyncio.StreamWriter | None = None
        try:
            from_broker, there = await asyncio.open_connection("127.0.0.1", self._target)
            asked: dict[int, tuple[int, int]] = {}
            ways = [self._requests(reader, there, asked), self._answers(from_broker, writer, asked)]
            done, left = await asyncio.wait([asyncio.ensure_future(way) for way in ways], return_when=asyncio.FIRST_COMPLETED)
            for each in left:
                each.cancel()
            await asyncio.gather(*done, *left, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, there):
                if end:
                    end.transport.abort()
            self._tasks.discard(task)

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]) -> None:
        async def one(body: bytes) -> bytes:
            key, version, correlation = struct.unpack_from(">hhi", body)
            asked[correlation] = key, version
            return await self._interference.request(Frame(key, version, body))

        await _pass(reader, writer, one)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]) -> None:
        async def one(body: bytes) -> bytes | None:
            return await self._interference.answer(Frame(*asked.pop(struct.unpack_from(">i", body)[0]), body))

        await _pass(reader, writer, one)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Callable[[bytes], Awaitable[bytes | None]]) -> None:
    """Frame after frame in order; what takes long to pass keeps nothing behind it from being under way at the same time."""
    under_way: asyncio.Queue[asyncio.Future[bytes | None]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            body = await (await under_way.get())
            if body is not None:
                writer.write(struct.pack(">i", len(body)) + body)
                await writer.drain()

    async def receive() -> None:
        while True:
            size = struct.unpack(">i", await reader.readexactly(4))[0]
            under_way.put_nowait(asyncio.ensure_future(change(await reader.readexactly(size))))

    tasks = [asyncio.ensure_future(deliver()), asyncio.ensure_future(receive())]
    try:
        with suppress(OSError, asyncio.IncompleteReadError):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
    finally:
        for each in tasks:
            each.cancel()
        while not under_way.empty():
            under_way.get_nowait().cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def aside(world: World, interference: Interference, names: tuple[str, ...] = NAMES) -> AsyncIterator[None]:
    """The services `names` reach the (one) broker by a proxy; afterwards they go straight again. Broker and services are started anew."""
    (broker,) = world.brokers
    proxy_port, port = free_port(), free_port()
    broker.settings |= {
        "listeners": f"PLAINTEXT://{broker.bootstrap},CONTROLLER://127.0.0.1:{broker.voters[broker.node_id]},{_LISTENER}://127.0.0.1:{port}",
        "advertised.listeners": f"PLAINTEXT://{broker.bootstrap},{_LISTENER}://127.0.0.1:{proxy_port}",
        "listener.security.protocol.map": f"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,{_LISTENER}:PLAINTEXT",
    }
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    proxy = Proxy(proxy_port, port, interference)
    await proxy.start()
    try:
        url = world.event_log.replace(world.bootstrap, f"127.0.0.1:{proxy_port}")
        await asyncio.gather(*(world.services[name].restart(environment={"ENTASKAN_EVENT_LOG": url}) for name in names))
        yield
    finally:
        try:
            await asyncio.gather(*(world.services[name].restart() for name in names))
        finally:
            await proxy.close()
