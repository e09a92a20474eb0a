"""Lists in pages: signed cursors over a sort key, and Link headers."""

import base64
import hmac
import json
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import Database
from shared.errors import Problem

MAX_LIMIT = 200
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class CursorInvalid(Problem):
    """The cursor was altered, or made for another list, filter or caller."""

    status = 400
    code = "cursor_invalid"
    message = ("Cursor ini tidak berlaku untuk daftar, penyaring atau pemanggil ini.", "This cursor is not valid for this list, these filters or this caller.")
    action = ("Mulai lagi tanpa cursor.", "Start again without a cursor.")


class Page(BaseModel, Generic[T]):
    """Some items, and where the next ones begin."""

    items: list[T]
    next_cursor: str | None = Field(None, description="send as `cursor` to go on; null at the end")


class PageRequest:
    """Which part of a list is asked for. A cursor is bound to the caller, the path and the filters it was made for."""

    def __init__(self, request: Request, response: Response, limit: int, cursor: str | None) -> None:
        self._request = request
        self._response = response
        self._secret: bytes = request.app.state.settings.cursor_secret.encode()
        self.limit = min(limit, MAX_LIMIT)
        self._cursor = cursor

    async def of(self, connection: AsyncConnection, statement: Select[Any], *, by: list[Any]) -> tuple[list[Any], str | None]:
        """The rows of one page of `statement`, sorted by the columns `by` (whose values must identify a row), and the next cursor."""
        if self._cursor:  # opened only now, when the caller it is bound to is known
            key = zip(self._opened(self._cursor), by, strict=True)
            after = [literal(msgspec.convert(value, column.type.python_type, strict=False), column.type) for value, column in key]
            statement = statement.where(tuple_(*by) > tuple_(*after))
        rows = list((await connection.execute(statement.order_by(*by).limit(self.limit + 1))).all())
        more, rows = len(rows) > self.limit, rows[: self.limit]
        cursor = self._sealed([rows[-1]._mapping[column] for column in by]) if more else None
        first = self._request.url.remove_query_params("cursor")
        links = [f'<{_relative(first)}>; rel="first"']
        if cursor:
            links.append(f'<{_relative(self._request.url.include_query_params(cursor=cursor))}>; rel="next"')
        self._response.headers["Link"] = ", ".join(links)
        return rows, cursor

    async def listing(self, request: Request, statement: Select[Any], model: type[M], *, by: list[Any]) -> Page[M]:
        """The page as `model`s, which read the columns of the same name."""
        database: Database = request.app.state.database
        async with database.reading() as connection:
            rows, cursor = await self.of(connection, statement, by=by)
        items = [model(**{name: row._mapping[name] for name in model.model_fields}) for row in rows]
        return Page(items=items, next_cursor=cursor)

    def _signature(self, payload: bytes) -> bytes:
        caller = getattr(self._request.state, "caller", None)
        filters = sorted((name, value) for name, value in self._request.query_params.multi_items() if name not in ("cursor", "limit"))
        bound = json.dumps([self._request.url.path, filters, caller.subject if caller else None]).encode()
        return hmac.digest(self._secret, payload + b"\x1f" + bound, "sha256")[:16]

    def _sealed(self, key: list[Any]) -> str:
        payload = json.dumps(key, default=str, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._signature(payload) + payload).rstrip(b"=").decode()

    def _opened(self, cursor: str) -> list[Any]:
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        payload = raw[16:]
        if not payload or not hmac.compare_digest(raw[:16], self._signature(payload)):
            raise CursorInvalid
        key: list[Any] = json.loads(payload)
        return key


def _relative(url: Any) -> str:
    return f"{url.path}?{url.query}" if url.query else str(url.path)


def _page(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=2**31 - 1, description=f"at most {MAX_LIMIT}; more is read as {MAX_LIMIT}")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before")] = None,
) -> PageRequest:
    return PageRequest(request, response, limit, cursor)


Paging = Annotated[PageRequest, Depends(_page)]
