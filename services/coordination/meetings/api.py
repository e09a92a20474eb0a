"""Routes of meetings."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.action_items.domain import Priority
from services.coordination.meetings import handlers
from services.coordination.meetings.domain import Meeting, MeetingDecision, MeetingStatus
from services.coordination.meetings.tables import meetings
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, RequestModel, Sha256, router
from shared.security.identity import Caller, Role

routes = router("meetings")
CALLERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN, Role.MENTOR))
Institutions = Annotated[list[UUID], Field(min_length=1, max_length=200)]


class ScheduleMeeting(RequestModel):
    """When, where, about what, with whom."""

    programme_id: UUID
    title: Annotated[Name, Field(examples=["Rapat koordinasi triwulan II"])]
    place: Annotated[Name, Field(examples=["Kantor Kemenko PMK"])]
    held_on: date
    agenda: Annotated[list[Name], Field(min_length=1, max_length=50)]
    invited_institution_ids: Institutions


class HoldMeeting(RequestModel):
    """Who was there."""

    present_institution_ids: Institutions


class DecisionIn(RequestModel):
    """What was decided, who does it by when."""

    text: Annotated[Name, Field(examples=["Dinas mengirim daftar kelompok yang siap dilatih"])]
    owner_institution_id: UUID
    due_on: date
    priority: Priority = Priority.NORMAL


class FileMinutes(RequestModel):
    """The minutes by their SHA-256, and what they decide."""

    minutes_hash: Sha256
    decisions: Annotated[list[DecisionIn], Field(max_length=100)]


class CancelMeeting(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["no_quorum"])]


class MeetingOut(Representation[Meeting]):
    """A meeting (rapat koordinasi)."""

    id: UUID
    programme_id: UUID
    title: str
    place: str
    held_on: date
    agenda: list[str]
    invited_institution_ids: list[UUID]
    present_institution_ids: list[UUID]
    status: MeetingStatus
    minutes_hash: str | None
    decisions: list[MeetingDecision]
    reason_code: str | None


@routes.post("/meetings", operation_id="schedule_meeting", summary="Undang rapat / Schedule a meeting", status_code=201, response_model=MeetingOut)
async def schedule(body: ScheduleMeeting, command: Creating, caller: Caller = allow(*CALLERS)) -> Response:
    """The institutions invited get a notice."""
    return await command.create(lambda transaction: handlers.schedule_meeting(transaction, **dict(body)), MeetingOut, Meeting)


@routes.get("/meetings", operation_id="list_meetings", summary="Daftar rapat / List meetings", dependencies=[allow(*READERS)])
async def list_meetings(request: Request, page: Paging, programme_id: UUID | None = None) -> Page[MeetingOut]:
    """In the order in which they were called."""
    statement = meetings.select() if programme_id is None else meetings.select().where(meetings.c.programme_id == programme_id)
    return await page.listing(request, statement, MeetingOut, by=[meetings.c.id])


@routes.get(
    "/meetings/{meeting_id}", operation_id="get_meeting", summary="Baca rapat / Read a meeting", response_model=MeetingOut, dependencies=[allow(*READERS)]
)
async def get_meeting(request: Request, meeting_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, Meeting, meeting_id, MeetingOut)


@routes.post("/meetings/{meeting_id}/hold", operation_id="hold_meeting", summary="Catat kehadiran / Record attendance", response_model=MeetingOut)
async def hold(meeting_id: UUID, body: HoldMeeting, command: Changing, caller: Caller = allow(*CALLERS)) -> Response:
    """On its day or later."""
    return await command.change(
        meeting_id, lambda transaction: handlers.hold_meeting(transaction, meeting_id, body.present_institution_ids, today()), MeetingOut, Meeting
    )


@routes.post("/meetings/{meeting_id}/file-minutes", operation_id="file_minutes", summary="Simpan notula / File minutes", response_model=MeetingOut)
async def file_minutes(meeting_id: UUID, body: FileMinutes, command: Changing, caller: Caller = allow(*CALLERS)) -> Response:
    """Every decision opens an action item of its owner, due on a working day."""
    decided = [handlers.Decided(**dict(each)) for each in body.decisions]
    return await command.change(
        meeting_id,
        lambda transaction: handlers.file_minutes(transaction, meeting_id, minutes_hash=body.minutes_hash, decisions=decided),
        MeetingOut,
        Meeting,
    )


@routes.post("/meetings/{meeting_id}/cancel", operation_id="cancel_meeting", summary="Batalkan rapat / Cancel a meeting", response_model=MeetingOut)
async def cancel(meeting_id: UUID, body: CancelMeeting, command: Changing, caller: Caller = allow(*CALLERS)) -> Response:
    """Before it was held."""
    return await command.change(meeting_id, lambda transaction: handlers.cancel_meeting(transaction, meeting_id, body.reason_code), MeetingOut, Meeting)
