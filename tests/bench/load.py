"""A small HTTP/1.1 client that is faster than the servers it measures: raw bytes over kept-alive loopback connections."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from uuid import uuid4


def request(path: str, headers: Mapping[str, str], body: object) -> bytes:
    """One POST, as bytes."""
    payload = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(payload)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


async def rate(port: int, make: Callable[[], bytes], *, seconds: float, connections: int = 16) -> float:
    """Successful requests a second over `connections` for `seconds`; any other answer than 2xx raises."""
    done = 0
    deadline = time.perf_counter() + seconds

    async def worker() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < deadline:
            writer.write(make())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 2"):
                raise RuntimeError(body.decode())
            done += 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    return done / (time.perf_counter() - started)


def institution() -> dict[str, str]:
    """A body with a code of its own."""
    return {"code": f"i{uuid4().hex}", "name": "Lembaga Peragaan", "institution_type": "other"}
