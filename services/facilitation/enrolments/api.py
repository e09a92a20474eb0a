"""Routes of enrolments."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.facilitation.enrolments import handlers
from services.facilitation.enrolments.domain import Enrolment, EnrolmentStatus, Gender
from services.facilitation.enrolments.tables import enrolments
from services.facilitation.scope import within
from services.facilitation.trainings.organisers import ORGANISERS
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("training")
COMPANIONS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
READERS = (*ORGANISERS, Role.MENTOR, Role.COORDINATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["fell_ill"])]


class EnrolmentOut(Representation[Enrolment]):
    """A participant (peserta): one enterprise in one training. `position` is its order on the waiting list, not the number of those before it."""

    id: UUID
    training_id: UUID
    group_id: UUID
    enterprise_id: UUID
    region_code: str
    course_code: str
    gender: Gender
    consent_purpose: str
    consent_on: date
    nominated_on: date
    status: EnrolmentStatus
    seat_no: int | None
    position: int | None
    attendance_percent: int | None
    pre_score: int | None
    post_score: int | None
    ended_on: date | None
    reason_code: str | None
    certificate_number: str | None
    certificate_code: str | None
    certificate_issued_on: date | None
    certificate_valid_until: date | None
    certificate_revoked_on: date | None


@routes.get("/enrolments", operation_id="list_enrolments", summary="Daftar peserta / List enrolments")
async def list_enrolments(
    request: Request,
    page: Paging,
    training_id: UUID | None = None,
    group_id: UUID | None = None,
    enterprise_id: UUID | None = None,
    status: EnrolmentStatus | None = None,
    caller: Caller = allow(*READERS),
) -> Page[EnrolmentOut]:
    """Those in the caller's regions, in the order in which they were nominated."""
    c = enrolments.c
    statement = enrolments.select().where(within(c.region_code, caller))
    for column, value in ((c.training_id, training_id), (c.group_id, group_id), (c.enterprise_id, enterprise_id), (c.status, status)):
        if value is not None:
            statement = statement.where(column == value)
    return await page.listing(request, statement, EnrolmentOut, by=[c.id])


@routes.get("/enrolments/{enrolment_id}", operation_id="get_enrolment", summary="Baca keikutsertaan / Read an enrolment", response_model=EnrolmentOut)
async def get_enrolment(request: Request, enrolment_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Enrolment, enrolment_id, EnrolmentOut, visible=lambda found: caller.covers(found.region_code))


@routes.post("/enrolments/{enrolment_id}/enrol", operation_id="enrol_participant", summary="Pilih peserta / Enrol a nominee", response_model=EnrolmentOut)
async def enrol(enrolment_id: UUID, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """Where the organiser selects: a seat, or a place on the waiting list when all are taken."""
    return await command.change(enrolment_id, lambda transaction: handlers.enrol_participant(transaction, enrolment_id, caller), EnrolmentOut, Enrolment)


@routes.post("/enrolments/{enrolment_id}/reject", operation_id="reject_participant", summary="Tolak usulan / Reject a nominee", response_model=EnrolmentOut)
async def reject(enrolment_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """Where the organiser selects."""
    return await command.change(
        enrolment_id, lambda transaction: handlers.reject_participant(transaction, enrolment_id, caller, body.reason_code, today()), EnrolmentOut, Enrolment
    )


@routes.post("/enrolments/{enrolment_id}/withdraw", operation_id="withdraw_participant", summary="Tarik peserta / Withdraw", response_model=EnrolmentOut)
async def withdraw(enrolment_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """Before the first attendance; the first who waits gets the seat in the same transaction."""
    return await command.change(
        enrolment_id, lambda transaction: handlers.withdraw_participant(transaction, enrolment_id, caller, body.reason_code, today()), EnrolmentOut, Enrolment
    )
