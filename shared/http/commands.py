"""Commands over HTTP: the answer is stored with the effect under the caller's Idempotency-Key, and If-Match guards changes."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from hashlib import blake2b, sha256
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

import msgspec
from fastapi import Depends, Header, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from shared import telemetry
from shared.aggregate import Aggregate
from shared.database import Database, Remembered, Transaction, UnitOfWork
from shared.errors import NotFound, Problem, Refused
from shared.security.identity import Caller

A = TypeVar("A", bound=Aggregate)


class Abandoned(Exception):
    """Who asked is not there any more."""


class KeyMissing(Problem):
    """A creating request came without an Idempotency-Key."""

    status = 400
    code = "idempotency_key_missing"
    message = ("Permintaan yang membuat data memerlukan Idempotency-Key.", "A request that creates something needs an Idempotency-Key.")
    action = ("Kirim header Idempotency-Key berisi nilai unik, misalnya UUID.", "Send an Idempotency-Key header with a unique value, such as a UUID.")


class KeyInvalid(Problem):
    """The Idempotency-Key cannot be read."""

    status = 400
    code = "idempotency_key_invalid"
    message = ("Idempotency-Key harus 1-255 karakter ASCII tanpa spasi.", "Idempotency-Key must be 1 to 255 visible ASCII characters.")
    action = ("Kirim misalnya sebuah UUID.", "Send a UUID, for example.")


class KeyReused(Refused):
    """The Idempotency-Key belongs to another request."""

    code = "idempotency_key_reused"
    message = ("Idempotency-Key ini sudah dipakai untuk permintaan lain.", "This Idempotency-Key was used for another request.")
    action = ("Gunakan kunci baru untuk permintaan baru.", "Use a new key for a new request.")


class IfMatchMissing(Problem):
    """A change came without saying which version it is based on."""

    status = 428
    code = "if_match_missing"
    message = ("Sebutkan versi yang Anda lihat.", "Say which version you saw.")
    action = ("Kirim header If-Match berisi ETag dari GET terakhir.", "Send If-Match with the ETag of your last GET.")


class IfMatchInvalid(Problem):
    """The If-Match header cannot be read."""

    status = 400
    code = "if_match_invalid"
    message = ("If-Match bukan ETag dari layanan ini.", "If-Match is no ETag of this service.")
    action = ('Kirim ETag persis seperti diterima, misalnya "3".', 'Send the ETag exactly as received, such as "3".')


class Representation(BaseModel, Generic[A]):
    """How an aggregate looks from outside. A subclass names its aggregate and how it is read from it."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def of(cls, aggregate: A) -> Self:
        """By default the fields of the same name."""
        return cls(**{name: getattr(aggregate, name) for name in cls.model_fields})


R = TypeVar("R", bound=Representation[Any])


class Command:
    """One command request: the key, the precondition, and how they meet the handler's transaction."""

    def __init__(self, request: Request, key: str | None, if_match: str | None) -> None:
        self._request = request
        self._key = key
        self._if_match = if_match
        self._database: Database = request.app.state.database
        self._written: tuple[UUID, int, bytes] | None = None

    async def create(self, handler: Callable[[Transaction], Awaitable[A]], representation: type[R], aggregate: type[A]) -> Response:
        """Run a creating command: 201 with Location and ETag, or the stored answer of the same request."""
        if self._key is None:  # said only now, when the caller is known
            raise KeyMissing
        return await self._run(handler, representation, aggregate, 201, None)

    async def change(self, id: UUID, handler: Callable[[Transaction], Awaitable[A]], representation: type[R], aggregate: type[A]) -> Response:
        """Run a command on the aggregate `id`: 200 with its new ETag. The caller must say which version it saw."""
        return await self._run(handler, representation, aggregate, 200, (id, self._expected_version()))

    async def _run(
        self, handler: Callable[[Transaction], Awaitable[A]], representation: type[R], aggregate: type[A], status: int, expected: tuple[UUID, int] | None
    ) -> Response:
        remembered = await self._remembered(representation, aggregate, status)
        transaction = partial(self._while_wanted, remembered, expected)
        caller: Caller = self._request.state.caller
        context = telemetry.current()
        with telemetry.within(telemetry.Context(context.correlation_id, None, caller.subject, context.traceparent)):
            try:
                changed = await handler(transaction)
            except Abandoned:
                return Response(status_code=499)
            except Problem:
                # Only when something objects is an earlier answer looked up: the common command pays nothing for it.
                if remembered and (stored := await self._stored(remembered)):
                    return stored
                raise
        return self._response(status, self._answer(representation, changed), f'"{changed.version}"', changed.id)

    @asynccontextmanager
    async def _while_wanted(self, remembered: Remembered | None, expected: tuple[UUID, int] | None) -> AsyncIterator[UnitOfWork]:
        """A unit of work; none for who hung up while waiting for it, and asks again. Otherwise a service that was overrun would
        go on working for nobody.
        """
        waits = self._database.crowded
        async with self._database.transaction(remembered, expected) as unit_of_work:
            if waits and await self._request.is_disconnected():
                raise Abandoned
            yield unit_of_work

    async def _remembered(self, representation: type[R], aggregate: type[A], status: int) -> Remembered | None:
        if (key := _key(self._key)) is None:
            return None
        caller: Caller = self._request.state.caller
        route = self._request.scope["route"].path
        scope = "\x1f".join((caller.subject, str(caller.institution_id), self._request.method, route, key))
        canonical = _canonical(await self._request.body())
        asked = self._request.url.path.encode() + b"\x1f" + self._request.scope["query_string"] + b"\x1f" + canonical
        # Keyed: a body may hold a NIK, and a bare hash of it would let a stolen database be searched for one.
        fingerprint = blake2b(asked, digest_size=32, key=self._request.app.state.fingerprint_key).digest()
        answer = partial(self._answer, representation)
        return Remembered(key=sha256(scope.encode()).digest(), fingerprint=fingerprint, status=status, aggregate=aggregate, answer=answer)

    def _answer(self, representation: type[R], aggregate: Aggregate) -> bytes:
        """The answer that describes `aggregate`, written once for the store and for the caller."""
        if self._written is None or self._written[:2] != (aggregate.id, aggregate.version):
            self._written = aggregate.id, aggregate.version, representation.of(aggregate).model_dump_json().encode()
        return self._written[2]

    async def _stored(self, remembered: Remembered) -> Response | None:
        row = await self._database.stored_answer(remembered.key)
        if row is None:
            return None
        if row.fingerprint != remembered.fingerprint:
            raise KeyReused
        response = self._response(row.status, row.answer, row.etag, json.loads(row.answer)["id"])
        response.headers["Idempotency-Replayed"] = "true"
        return response

    def _response(self, status: int, body: bytes, etag: str, id: UUID | str) -> Response:
        headers = {"ETag": etag, "Cache-Control": "no-store"}
        if status == 201:
            headers["Location"] = f"{self._request.url.path.rstrip('/')}/{id}"
        return Response(body, status, headers, media_type="application/json")

    def _expected_version(self) -> int:
        tag = (self._if_match or "").strip()
        if not tag:
            raise IfMatchMissing
        if not (tag.startswith('"') and tag.endswith('"') and tag[1:-1].isascii() and tag[1:-1].isdigit() and len(tag) < 12):
            raise IfMatchInvalid
        return int(tag[1:-1])


def _canonical(body: bytes) -> bytes:
    """JSON whatever its spacing and the order of its names; what is no JSON (where no body is expected) as it is."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="deterministic") if body else body
    except (ValueError, RecursionError):
        return body


def _key(header: str | None) -> str | None:
    """The key, quoted (as in the IETF draft) or bare."""
    if header is None:
        return None
    key = header[1:-1] if len(header) >= 2 and header[0] == header[-1] == '"' else header
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable() and " " not in key):
        raise KeyInvalid
    return key


IdempotencyKey = Annotated[str | None, Header(description="a new value for every new request; the same when repeating one", examples=["5f0c…"])]


async def creating(request: Request, idempotency_key: IdempotencyKey = None) -> Command:
    """A creating POST: the Idempotency-Key is required."""
    return Command(request, idempotency_key, None)


async def changing(
    request: Request,
    if_match: Annotated[str | None, Header(description="the ETag of the version that you saw", examples=['"3"'])] = None,
    idempotency_key: IdempotencyKey = None,
) -> Command:
    """A transition: If-Match is required, an Idempotency-Key is honoured."""
    return Command(request, idempotency_key, if_match)


Creating = Annotated[Command, Depends(creating)]
Changing = Annotated[Command, Depends(changing)]


async def resource(request: Request, aggregate: type[A], id: UUID, representation: type[R], *, visible: Callable[[A], bool] = lambda _: True) -> Response:
    """A single resource with its ETag; 304 when the caller has that version, 404 where it is not `visible` to the caller."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        found = await uow.get(aggregate, id)
    if not visible(found):
        raise NotFound
    headers = {"ETag": f'"{found.version}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(representation.of(found).model_dump_json(), headers=headers, media_type="application/json")
