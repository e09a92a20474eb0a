"""Routes of trainings."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.facilitation.groups.minimums import GroupType
from services.facilitation.scope import under, within
from services.facilitation.trainings import handlers
from services.facilitation.trainings.domain import Schedule, Selection, Session, Training, TrainingStatus
from services.facilitation.trainings.organisers import ORGANISERS
from services.facilitation.trainings.rules import TrainingRules, rules_on
from services.facilitation.trainings.tables import trainings
from shared.clock import today
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, RegionCode, RegionPrefix, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("training")
READERS = (*ORGANISERS, Role.MENTOR, Role.COORDINATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
Day = Annotated[date, Field(ge=date(2021, 1, 1), le=date(2100, 12, 31), examples=["2026-08-10"])]


class SessionGiven(RequestModel):
    """A session (sesi), in the order of their days."""

    on: Day
    hours: Annotated[int, Field(strict=True, ge=1, le=24, description="lessons (jam pelajaran)", examples=[8])]


class ScheduleGiven(RequestModel):
    """When, and for how many."""

    opens_on: Annotated[Day, Field(description="registration opens by itself on this day")]
    closes_on: Annotated[Day, Field(description="the last day of registration; it closes by itself afterwards")]
    sessions: Annotated[list[SessionGiven], Field(min_length=1, max_length=60)]
    quota: Annotated[int, Field(strict=True, ge=1, le=500, examples=[30])]
    minimum_participants: Annotated[int, Field(strict=True, ge=1, le=500, examples=[10])] = 1

    def schedule(self) -> Schedule:
        """As the domain knows it."""
        sessions = [Session(session_no=number, on=each.on, hours=each.hours) for number, each in enumerate(self.sessions, 1)]
        return Schedule(**dict(self) | {"sessions": sessions})


class DraftTraining(RequestModel):
    """A training to plan."""

    programme_id: UUID
    course_id: UUID
    region_code: RegionCode
    venue: Annotated[Name, Field(examples=["Balai Latihan Kerja SoE"])]
    selection: Selection = Selection.FIRST_COME
    schedule: ScheduleGiven


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["trainer_unavailable"])]


class TrainingOut(Representation[Training]):
    """A training (pelatihan)."""

    id: UUID
    programme_id: UUID
    course_code: str
    course_version: int
    provider_institution_id: UUID
    region_code: str
    venue: str
    target_group_types: list[GroupType]
    attendance_percent: int
    pass_mark: int
    certificate_months: int | None
    selection: Selection
    status: TrainingStatus
    opens_on: date
    closes_on: date
    starts_on: date
    ends_on: date
    sessions: list[Session]
    quota: int
    minimum_participants: int
    participant_count: int | None
    passed_count: int | None
    cost_idr: int | None
    completed_on: date | None
    reason_code: str | None


@routes.get("/training-rules", operation_id="get_training_rules", summary="Ketentuan pelatihan / Rules of training", dependencies=[PUBLIC])
async def get_rules(on: Annotated[Day | None, Field(description="today, unless given")] = None) -> TrainingRules:
    """As of a day, with their source: grace days, when tracers are due, and the lists of codes that they use."""
    return rules_on(on or today())


@routes.post("/trainings", operation_id="draft_training", summary="Rencanakan pelatihan / Draft a training", status_code=201, response_model=TrainingOut)
async def draft(body: DraftTraining, command: Creating, caller: Caller = allow(*ORGANISERS)) -> Response:
    """For a current course of a verified provider, in a priority location of the programme; the course's terms of today hold for it."""
    given = dict(body) | {"schedule": body.schedule.schedule()}
    return await command.create(lambda transaction: handlers.draft_training(transaction, caller, **given, on=today()), TrainingOut, Training)


@routes.get("/trainings", operation_id="list_trainings", summary="Daftar pelatihan / List trainings")
async def list_trainings(
    request: Request,
    page: Paging,
    region_code: RegionPrefix | None = None,
    status: TrainingStatus | None = None,
    course_code: Code | None = None,
    programme_id: UUID | None = None,
    caller: Caller = allow(*READERS),
) -> Page[TrainingOut]:
    """Those in the caller's regions, in the order in which they were drafted."""
    c = trainings.c
    statement = trainings.select().where(within(c.region_code, caller))
    if region_code:
        statement = statement.where(under(c.region_code, region_code))
    for column, value in ((c.status, status), (c.course_code, course_code), (c.programme_id, programme_id)):
        if value is not None:
            statement = statement.where(column == value)
    return await page.listing(request, statement, TrainingOut, by=[c.id])


@routes.get("/trainings/{training_id}", operation_id="get_training", summary="Baca pelatihan / Read a training", response_model=TrainingOut)
async def get_training(request: Request, training_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Training, training_id, TrainingOut, visible=lambda found: caller.covers(found.region_code))


@routes.post("/trainings/{training_id}/reschedule", operation_id="reschedule_training", summary="Jadwalkan ulang / Reschedule", response_model=TrainingOut)
async def reschedule(training_id: UUID, body: ScheduleGiven, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """A draft or postponed training; the quota is not below the seats already given."""
    return await command.change(
        training_id, lambda transaction: handlers.reschedule_training(transaction, training_id, caller, body.schedule()), TrainingOut, Training
    )


@routes.post("/trainings/{training_id}/publish", operation_id="publish_training", summary="Umumkan pelatihan / Publish", response_model=TrainingOut)
async def publish(training_id: UUID, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """While registration can still take place."""
    return await command.change(training_id, lambda transaction: handlers.publish_training(transaction, training_id, caller, today()), TrainingOut, Training)


@routes.post(
    "/trainings/{training_id}/open-registration", operation_id="open_registration", summary="Buka pendaftaran / Open registration", response_model=TrainingOut
)
async def open_registration(training_id: UUID, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """From its day on; it also happens by itself within the hour."""
    return await command.change(training_id, lambda transaction: handlers.open_registration(transaction, training_id, caller, today()), TrainingOut, Training)


@routes.post(
    "/trainings/{training_id}/close-registration",
    operation_id="close_registration",
    summary="Tutup pendaftaran / Close registration",
    response_model=TrainingOut,
)
async def close_registration(training_id: UUID, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """As soon as every seat is taken; after its last day it also happens by itself."""
    return await command.change(training_id, lambda transaction: handlers.close_registration(transaction, training_id, caller, today()), TrainingOut, Training)


@routes.post("/trainings/{training_id}/start", operation_id="start_training", summary="Mulai pelatihan / Start", response_model=TrainingOut)
async def start(training_id: UUID, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """With enough participants; whoever still waits is withdrawn (`no_seat`), whoever was not selected is rejected (`not_selected`)."""
    return await command.change(training_id, lambda transaction: handlers.start_training(transaction, training_id, caller, today()), TrainingOut, Training)


@routes.post("/trainings/{training_id}/postpone", operation_id="postpone_training", summary="Tunda pelatihan / Postpone", response_model=TrainingOut)
async def postpone(training_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """Before it begins; seats and waiting list stay as they are."""
    return await command.change(
        training_id, lambda transaction: handlers.postpone_training(transaction, training_id, caller, body.reason_code), TrainingOut, Training
    )


@routes.post("/trainings/{training_id}/cancel", operation_id="cancel_training", summary="Batalkan pelatihan / Cancel", response_model=TrainingOut)
async def cancel(training_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """Every enrolment is withdrawn (`training_cancelled`) in the same transaction. Once registration has closed, postpone it first."""
    return await command.change(
        training_id, lambda transaction: handlers.cancel_training(transaction, training_id, caller, body.reason_code, today()), TrainingOut, Training
    )
