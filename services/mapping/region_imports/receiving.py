"""Receiving a list: streamed into a file as it comes, for callers who may send one, and hashed on the way."""

import io
import tempfile
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import IO, Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.mapping.region_imports.domain import ListMediaType, ListTooLarge
from shared.http.requests import StrictRequest, StrictRoute

MAX_BYTES = 32 << 20
"""Five times the whole official list of 91,599 regions."""
_IN_MEMORY = 1 << 20


class ListRequest(StrictRequest):
    """A request whose body is a list. Its idempotency is that of the list's hash, for the body itself is never held."""

    async def received(self) -> tuple[IO[str], str]:
        """The list as text in UTF-8, and the SHA-256 of its bytes; `ListMediaType`, or `ListTooLarge` as soon as it turns out to be."""
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise ListMediaType
        self.file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by the route
        digest, size = sha256(), 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > MAX_BYTES:
                raise ListTooLarge(limit_bytes=MAX_BYTES)
            digest.update(chunk)
            self.file.write(chunk)
        self.file.seek(0)
        self._body = digest.digest()
        return io.TextIOWrapper(self.file, encoding="utf-8-sig", errors="strict", newline=""), digest.hexdigest()

    def forget(self) -> None:
        """Close the file, which removes it."""
        if hasattr(self, "file"):
            self.file.close()


class ListRoute(StrictRoute):
    """A route whose body is a list; unlike other routes it reads nothing before the caller is known."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given the request that streams."""
        handler = APIRoute.get_route_handler(self)

        async def streaming(request: Request) -> Response:
            listed = ListRequest(request.scope, request.receive)
            try:
                return await handler(listed)
            finally:
                listed.forget()

        return streaming
