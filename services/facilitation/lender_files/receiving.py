"""Receiving a file: read as it comes, for callers who may send one, and hashed on the way."""

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.facilitation.lender_files.reading import FileKind, FileMediaType, FileTooLarge
from shared.http.requests import ControlCharacter, StrictRequest, StrictRoute

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: dict[str, FileKind] = {"text/csv": "csv", XLSX: "xlsx"}
MAX_BYTES = 4 << 20
"""Ten times a full file of rows."""


class FileRequest(StrictRequest):
    """A request whose body is a file. Its idempotency is that of the file's hash."""

    async def received(self) -> tuple[FileKind, bytes, str]:
        """What kind of file it is by its media type, its bytes and their SHA-256; FileMediaType, or FileTooLarge as soon as it turns out to be."""
        kind = KINDS.get(self.headers.get("content-type", "").partition(";")[0].strip().lower())
        if kind is None:
            raise FileMediaType
        content = bytearray()
        async for chunk in self.stream():
            content += chunk
            if len(content) > MAX_BYTES:
                raise FileTooLarge(limit_bytes=MAX_BYTES)
        digest = sha256(content)
        self._body = digest.digest()
        return kind, bytes(content), digest.hexdigest()


class FileRoute(StrictRoute):
    """A route whose body is a file; unlike other routes it reads nothing before the caller is known."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given the request that reads files."""
        handler = APIRoute.get_route_handler(self)

        async def receiving(request: Request) -> Response:
            if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
                raise ControlCharacter
            return await handler(FileRequest(request.scope, request.receive))

        return receiving
