"""Routes of webhooks: an institution registers addresses to which the events of this service are sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Row, delete, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import clock
from shared.contracts import EVENT_TYPES
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.feed import READERS, EventTypeUnknown
from shared.http.pages import Page, Paging
from shared.http.requests import RequestModel, StrictRoute
from shared.outbox import outbox_of
from shared.runtime import Runtime
from shared.security.identity import Caller, Role
from shared.webhooks.addresses import Unusable, target
from shared.webhooks.rules import (
    MAX_ENDPOINTS,
    DeliveryState,
    EndpointState,
    Failure,
    InstitutionMissing,
    PauseReason,
    WebhookAddressRefused,
    WebhookExists,
    WebhookLimit,
    secret,
)
from shared.webhooks.sender import Sender
from shared.webhooks.tables import deliveries_of, webhooks_of

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StrictRoute)
OWNER = allow(*READERS.roles)
"""What is sent is what the feed tells, so the same roles may ask for it, each for its own institution."""
OVERSEER = allow(*READERS.roles, Role.SYSTEM_ADMIN)


class NewWebhook(RequestModel):
    """Where to send, and what."""

    url: Annotated[str, Field(min_length=10, max_length=2000, description="https, port 443, a public name", examples=["https://siap.example.go.id/entaskan"])]
    types: Annotated[
        Sequence[Annotated[str, Field(max_length=200)]],
        Field(max_length=50, description="event types of this service; none for all", examples=[["entaskan.coordination.CommitmentFellOverdue.v1"]]),
    ] = ()


class WebhookOut(BaseModel):
    """An address that events are sent to. `pause_reason`: `by_owner`, `failing` (ten attempts in a row failed), `gone` (it answered 410)."""

    id: UUID
    institution_id: UUID
    url: str
    types: list[str]
    state: EndpointState
    pause_reason: PauseReason | None
    failures: int = Field(description="in a row; 0 after a success")
    secret_version: int
    created_by: str
    created_at: datetime


class WebhookWithSecret(WebhookOut):
    """The same, with the secret that its messages are signed with; shown here only."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])


class DeliveryOut(BaseModel):
    """One event for one webhook, and what its last attempt came to."""

    id: UUID
    event_id: UUID
    type: str
    state: DeliveryState
    attempts: int
    failure: Failure | None
    status: int | None = Field(description="HTTP status that the receiver answered")
    attempted_at: datetime | None
    next_at: datetime | None = Field(description="not tried again before; null once it is delivered or dead")


class Replayed(BaseModel):
    """How many deliveries are tried again."""

    deliveries: int


class Tested(BaseModel):
    """What a message sent just now came to."""

    delivered: bool
    failure: Failure | None
    status: int | None


@router.post("", operation_id="create_webhook", summary="Daftarkan webhook / Register a webhook", status_code=201)
async def create_webhook(request: Request, response: Response, body: NewWebhook, caller: Annotated[Caller, OWNER]) -> WebhookWithSecret:
    """From now on every event of these types that this service publishes is sent there, signed by Standard Webhooks.

    The answer holds the secret, once. What was published before is in the feed, `GET /v1/events`.
    """
    if caller.institution_id is None:
        raise InstitutionMissing
    runtime = _runtime(request)
    published = sorted(kind.wire_type for kind in EVENT_TYPES.values() if kind.publisher == runtime.service)
    if not set(body.types) <= set(published):
        raise EventTypeUnknown(published_types=published)
    try:
        await target(body.url, request.app.state.settings.webhook_networks)
    except Unusable as error:
        raise WebhookAddressRefused(reason=str(error)) from error
    table, now = webhooks_of(runtime.database.metadata), clock.now()
    values = {
        "id": clock.new_id(),
        "institution_id": caller.institution_id,
        "url": body.url,
        "types": sorted(set(body.types)),
        "state": EndpointState.ACTIVE,
        "secret_version": 1,
        "rotated_at": now,
        "failures": 0,
        "next_at": now,
        "created_by": caller.subject,
        "created_at": now,
    }
    async with runtime.engine.begin() as connection:
        values["position"] = await connection.scalar(select(func.coalesce(func.max(outbox_of(runtime.database.metadata).c.feed_seq), 0)))
        known = (await connection.execute(select(table.c.id, table.c.url).where(table.c.institution_id == caller.institution_id))).all()
        if len(known) >= MAX_ENDPOINTS:
            raise WebhookLimit(limit=MAX_ENDPOINTS)
        row = (await connection.execute(insert(table).values(values).on_conflict_do_nothing().returning(table))).one_or_none()
        if row is None:
            there = await connection.scalar(select(table.c.id).where(table.c.institution_id == caller.institution_id, table.c.url == body.url))
            raise WebhookExists(webhook_id=str(there))
    response.headers["Location"] = f"{request.url.path.rstrip('/')}/{row.id}"
    return _with_secret(request, response, row)


@router.get("", operation_id="list_webhooks", summary="Daftar webhook / List webhooks", response_model=Page[WebhookOut])
async def list_webhooks(request: Request, page: Paging, state: EndpointState | None = None, caller: Caller = OVERSEER) -> Any:
    """Those of the caller's institution; for `system_admin` all."""
    table = webhooks_of(_database(request).metadata)
    statement = select(table).where(_visible(table, caller))
    if state is not None:
        statement = statement.where(table.c.state == state)
    return await page.listing(request, statement, WebhookOut, by=[table.c.id])


@router.get("/{webhook_id}", operation_id="get_webhook", summary="Baca webhook / Read a webhook")
async def get_webhook(request: Request, webhook_id: UUID, caller: Annotated[Caller, OVERSEER]) -> WebhookOut:
    """Its state, and whether it fails."""
    async with _database(request).reading() as connection:
        return _shown(await _found(connection, request, webhook_id, caller))


@router.delete("/{webhook_id}", operation_id="delete_webhook", summary="Hapus webhook / Delete a webhook", status_code=204)
async def delete_webhook(request: Request, webhook_id: UUID, caller: Annotated[Caller, OWNER]) -> None:
    """Nothing is sent there any longer, and what became of its deliveries is forgotten."""
    table = webhooks_of(_database(request).metadata)
    async with _database(request).engine.begin() as connection:
        await _found(connection, request, webhook_id, caller)
        await connection.execute(delete(table).where(table.c.id == webhook_id))


@router.post("/{webhook_id}/pause", operation_id="pause_webhook", summary="Jeda / Pause")
async def pause_webhook(request: Request, webhook_id: UUID, caller: Annotated[Caller, OWNER]) -> WebhookOut:
    """Events wait until it is resumed; none is lost."""
    return _shown(await _change(request, webhook_id, caller, state=EndpointState.PAUSED, pause_reason=PauseReason.BY_OWNER))


@router.post("/{webhook_id}/resume", operation_id="resume_webhook", summary="Lanjutkan / Resume")
async def resume_webhook(request: Request, webhook_id: UUID, caller: Annotated[Caller, OWNER]) -> WebhookOut:
    """What waited is sent now, in order; dead deliveries wait for a replay."""
    return _shown(await _change(request, webhook_id, caller, state=EndpointState.ACTIVE, pause_reason=None, failures=0, next_at=clock.now()))


@router.post("/{webhook_id}/rotate-secret", operation_id="rotate_webhook_secret", summary="Ganti rahasia / Rotate the secret")
async def rotate_secret(request: Request, response: Response, webhook_id: UUID, caller: Annotated[Caller, OWNER]) -> WebhookWithSecret:
    """A new secret, shown here only. For 24 hours messages are signed with the old one too, so that none is refused meanwhile."""
    version = webhooks_of(_database(request).metadata).c.secret_version + 1
    return _with_secret(request, response, await _change(request, webhook_id, caller, secret_version=version, rotated_at=clock.now()))


@router.post("/{webhook_id}/test", operation_id="test_webhook", summary="Kirim pesan percobaan / Send a test message")
async def test_webhook(request: Request, webhook_id: UUID, caller: Annotated[Caller, OWNER]) -> Tested:
    """Sends a signed message of the type `entaskan.webhook.test` now, once, and says what came of it. At most one in ten seconds."""
    sender: Sender = request.app.state.webhook_sender
    async with _database(request).reading() as connection:
        webhook = await _found(connection, request, webhook_id, caller)
    outcome = await sender.test(webhook)
    return Tested(delivered=outcome.failure is None, failure=outcome.failure, status=outcome.status)


@router.get("/{webhook_id}/deliveries", operation_id="list_webhook_deliveries", summary="Daftar pengiriman / List deliveries", response_model=Page[DeliveryOut])
async def list_deliveries(request: Request, page: Paging, webhook_id: UUID, state: DeliveryState | None = None, caller: Caller = OVERSEER) -> Any:
    """In the order of the events; `state=dead` lists those that were tried for the last time."""
    table = deliveries_of(_database(request).metadata)
    async with _database(request).reading() as connection:
        await _found(connection, request, webhook_id, caller)
        statement = select(table).where(table.c.webhook_id == webhook_id)
        if state is not None:
            statement = statement.where(table.c.state == state)
        rows, cursor = await page.of(connection, statement, by=[table.c.feed_seq])
    return Page(items=[_delivery(row) for row in rows], next_cursor=cursor)


@router.post("/{webhook_id}/replay", operation_id="replay_webhook", summary="Kirim ulang yang gagal / Send the dead ones again")
async def replay_webhook(request: Request, webhook_id: UUID, caller: Annotated[Caller, OWNER]) -> Replayed:
    """Every dead delivery is tried again from now on, as if for the first time."""
    return await _replay(request, webhook_id, caller, DeliveryState.DEAD)


@router.post("/{webhook_id}/deliveries/{delivery_id}/replay", operation_id="replay_webhook_delivery", summary="Kirim ulang satu / Send one again")
async def replay_delivery(request: Request, webhook_id: UUID, delivery_id: UUID, caller: Annotated[Caller, OWNER]) -> Replayed:
    """Whatever became of it; the event keeps its `webhook-id`, by which the receiver knows it."""
    return await _replay(request, webhook_id, caller, None, delivery_id)


async def _replay(request: Request, webhook_id: UUID, caller: Caller, state: DeliveryState | None, delivery_id: UUID | None = None) -> Replayed:
    table, now = deliveries_of(_database(request).metadata), clock.now()
    statement = update(table).where(
        table.c.webhook_id == webhook_id,
        table.c.state == state if state else true(),
        table.c.id == delivery_id if delivery_id else true(),
    )
    async with _database(request).engine.begin() as connection:
        await _found(connection, request, webhook_id, caller)
        done = await connection.execute(statement.values(state=DeliveryState.PENDING, attempts=0, next_at=now))
    if delivery_id and not done.rowcount:
        raise NotFound
    return Replayed(deliveries=done.rowcount)


async def _change(request: Request, webhook_id: UUID, caller: Caller, **values: Any) -> Row[Any]:
    table = webhooks_of(_database(request).metadata)
    async with _database(request).engine.begin() as connection:
        await _found(connection, request, webhook_id, caller)
        changed: Row[Any] = (await connection.execute(update(table).where(table.c.id == webhook_id).values(**values).returning(table))).one()
        return changed


async def _found(connection: AsyncConnection, request: Request, webhook_id: UUID, caller: Caller) -> Row[Any]:
    table = webhooks_of(_database(request).metadata)
    row = (await connection.execute(select(table).where(table.c.id == webhook_id, _visible(table, caller)))).one_or_none()
    if row is None:
        raise NotFound
    return row


def _visible(table: Any, caller: Caller) -> Any:
    return true() if caller.role is Role.SYSTEM_ADMIN else table.c.institution_id == literal(caller.institution_id, table.c.institution_id.type)


def _shown(row: Row[Any]) -> WebhookOut:
    return WebhookOut(**{name: row._mapping[name] for name in WebhookOut.model_fields})


def _with_secret(request: Request, response: Response, row: Row[Any]) -> WebhookWithSecret:
    response.headers["Cache-Control"] = "no-store"
    return WebhookWithSecret(**_shown(row).model_dump(), secret=secret(request.app.state.webhook_key, row.id, row.secret_version))


def _delivery(row: Row[Any]) -> DeliveryOut:
    shown = {name: row._mapping[name] for name in DeliveryOut.model_fields}
    return DeliveryOut(**shown | ({} if row.state == DeliveryState.PENDING else {"next_at": None}))


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _database(request: Request) -> Database:
    return _runtime(request).database
