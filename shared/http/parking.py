"""Parked messages: operators list, replay and discard what a consumer had to set aside."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from shared.consumer import Consumer
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.pages import Page, Paging
from shared.http.requests import StrictRoute
from shared.runtime import Runtime
from shared.security.identity import Caller, Role

router = APIRouter(prefix="/v1/parked-messages", tags=["parked messages"], route_class=StrictRoute)
OPERATOR = allow(Role.SYSTEM_ADMIN)
Subject = Annotated[str, Path(max_length=300)]


class ParkedMessage(BaseModel):
    """One message that waits, or waited, for an operator; its content stays in the database."""

    id: int
    subject: str
    sequence: int | None
    type: str | None
    reason_code: str = Field(examples=["sequence_gap"])
    reason: str
    topic: str
    partition: int
    offset: int
    parked_at: datetime
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None


class SubjectState(BaseModel):
    """Where a subject stands after an operator acted."""

    subject: str
    waiting: int = Field(description="messages that still wait")
    reason: str | None = Field(description="why they wait; null when the subject flows again")


@router.get("", operation_id="list_parked_messages", summary="Daftar pesan tertahan / List parked messages")
async def parked_messages(request: Request, page: Paging, resolved: bool = False, caller: Caller = OPERATOR) -> Page[ParkedMessage]:
    """In the order in which they were parked."""
    consumer = _consumer(request)
    parked = consumer.inbox.parked
    statement = select(parked).where(parked.c.resolution.is_not(None) if resolved else parked.c.resolution.is_(None))
    async with consumer.engine.connect() as connection:
        rows, cursor = await page.of(connection, statement, by=[parked.c.id])
    return Page(items=[ParkedMessage.model_validate(row._mapping) for row in rows], next_cursor=cursor)


@router.post("/{subject:path}/replay", operation_id="replay_parked_messages", summary="Terapkan ulang / Apply again, in order")
async def replay(request: Request, subject: Subject, caller: Caller = OPERATOR) -> SubjectState:
    """Try the subject's messages again in order, stopping at the first that still fails. Harmless when repeated."""
    consumer = _consumer(request)
    if not await _waiting(consumer, subject):
        raise NotFound
    reason = await consumer.replay(subject, caller.subject)
    return SubjectState(subject=subject, waiting=await _waiting(consumer, subject), reason=reason)


@router.post("/{subject:path}/discard", operation_id="discard_parked_message", summary="Buang pesan pertama / Discard the first")
async def discard(request: Request, subject: Subject, caller: Caller = OPERATOR) -> SubjectState:
    """Give up the first waiting message of the subject for good; it stays in the list of resolved ones. Then replay the rest."""
    consumer = _consumer(request)
    if not await consumer.discard(subject, caller.subject):
        raise NotFound
    reason = await consumer.replay(subject, caller.subject)
    return SubjectState(subject=subject, waiting=await _waiting(consumer, subject), reason=reason)


def _consumer(request: Request) -> Consumer:
    runtime: Runtime = request.app.state.runtime
    if runtime.consumer is None:
        raise NotFound
    return runtime.consumer


async def _waiting(consumer: Consumer, subject: str) -> int:
    async with consumer.engine.connect() as connection:
        return len(await consumer.inbox.waiting(connection, subject))
