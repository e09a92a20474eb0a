"""Receiving a file: streamed into a file as it comes, for callers who may send one, and hashed on the way."""

import tempfile
from collections.abc import Callable, Coroutine, Mapping
from hashlib import sha256
from importlib.util import find_spec
from typing import IO, Any, TypeVar

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from shared.files.errors import FileMediaType, FileTooLarge
from shared.http.requests import StrictRequest, StrictRoute

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
CSV = "text/csv"
MAX_BYTES = 256 << 20
"""Twice the CSV of twelve indicators for every village."""
_IN_MEMORY = 1 << 20
K = TypeVar("K", bound=str)


class FileRequest(StrictRequest):
    """A request whose body is a file. Its idempotency is that of the file's hash, for the body itself is never held."""

    file: IO[bytes] | None = None

    async def received(self, kinds: Mapping[str, K]) -> tuple[K, str]:
        """What kind of file it is by its media type, and the SHA-256 of its bytes; FileMediaType, or FileTooLarge as soon as it turns out to be."""
        kind = kinds.get(self.headers.get("content-type", "").partition(";")[0].strip().lower())
        if kind is None or (kind == "parquet" and find_spec("pyarrow") is None):
            raise FileMediaType
        self.file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by the route, or by who took it over
        digest, size = sha256(), 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > MAX_BYTES:
                raise FileTooLarge(limit_bytes=MAX_BYTES)
            digest.update(chunk)
            self.file.write(chunk)
        self.file.seek(0)
        self._body = digest.digest()
        return kind, digest.hexdigest()

    def taken(self) -> IO[bytes]:
        """The file, which whoever takes it has to close."""
        file, self.file = self.file, None
        assert file is not None
        return file


class FileRoute(StrictRoute):
    """A route whose body is a file; unlike other routes it reads nothing before the caller is known."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given the request that streams."""
        handler = APIRoute.get_route_handler(self)

        async def streaming(request: Request) -> Response:
            received = FileRequest(request.scope, request.receive)
            try:
                return await handler(received)
            finally:
                if received.file:
                    received.file.close()

        return streaming
