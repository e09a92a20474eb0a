"""Routes of mentoring."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, Field

from services.facilitation.mentoring import handlers
from services.facilitation.mentoring.domain import AssignmentStatus, Goal, MentoringAssignment
from services.facilitation.mentoring.instrument import Band, Change, Diagnosis, Item, instruments
from services.facilitation.mentoring.tables import mentoring_assignments, visible_to, waiting_within
from services.facilitation.mentors.api import MentoringReason, distinct
from services.facilitation.scope import get_within
from shared.clock import new_id, today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, Sha256, router
from shared.security.identity import Caller, Role

routes = router("mentoring")
SUPERVISORS = (Role.PROGRAMME_OWNER, Role.PROVINCE, Role.REGENCY)
READERS = (*SUPERVISORS, Role.MENTOR, Role.COORDINATOR, Role.PARTNER_MINISTRY, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


TopicCodes = Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["business_plan"]]), AfterValidator(distinct)]
Evidence = Annotated[list[Sha256], Field(min_length=1, max_length=50), AfterValidator(distinct)]


class OfferMentoring(RequestModel):
    """Who may accompany which group; a transfer names the assignment that it follows and the hand-over note."""

    group_id: UUID
    mentor_id: UUID
    topic_codes: TopicCodes
    enterprise_ids: Annotated[
        list[UUID] | None, Field(min_length=1, max_length=1000, description="some of the members; null: all of them, or those of the predecessor")
    ] = None
    planned_visits: Annotated[int | None, Field(strict=True, ge=1, le=100, description="null: as the rules say")] = None
    months: Annotated[int | None, Field(strict=True, ge=1, le=36, description="null: as the rules say")] = None
    predecessor_assignment_id: UUID | None = None
    hand_over_note_hash: Sha256 | None = None


class Diagnose(RequestModel):
    """Points for every item of the instrument, at a visit or apart from one."""

    enterprise_id: UUID
    instrument_version: Annotated[int, Field(strict=True, ge=1, le=1_000_000, examples=[1])]
    points: Annotated[
        dict[Code, Annotated[int, Field(strict=True, ge=0, le=100)]], Field(min_length=1, max_length=200, examples=[{"cash_book": 2, "cost_price": 1}])
    ]
    visit_id: UUID | None = None


class GoalIn(RequestModel):
    """Something to be reached by a day."""

    goal_code: Annotated[Code, Field(examples=["keep_cash_book"])]
    enterprise_id: Annotated[UUID | None, Field(description="null: by the group")] = None
    due_on: date


class AgreePlan(RequestModel):
    """The goals of the next version of the plan."""

    goals: Annotated[list[GoalIn], Field(min_length=1, max_length=200)]


class AchieveGoal(RequestModel):
    """Which goal, and the evidence."""

    goal_id: UUID
    evidence_hashes: Evidence


class CompleteMentoring(RequestModel):
    """Why it is done, if fewer visits than planned were approved."""

    justification_code: Annotated[Code | None, Field(description="null where every planned visit is approved", examples=["flood"])]


class AssignmentOut(Representation[MentoringAssignment]):
    """Mentoring of a group (pendampingan)."""

    id: UUID
    region_code: str
    group_id: UUID
    mentor_id: UUID
    topic_codes: list[str]
    enterprise_ids: list[UUID]
    respond_by: date
    planned_visits: int
    status: AssignmentStatus
    predecessor_assignment_id: UUID | None
    hand_over_note_hash: str | None
    successor_assignment_id: UUID | None
    start_on: date | None
    planned_end_on: date | None
    ended_on: date | None
    plan_version: int
    goals: list[Goal]
    diagnoses: list[Diagnosis]
    reason_code: str | None


class ChangesOut(BaseModel):
    """What changed since the baseline, for each enterprise that was scored more than once (perubahan)."""

    assignment_id: UUID
    items: list[Change]


class InstrumentOut(BaseModel):
    """A version of the instrument (instrumen diagnosis)."""

    version: int
    valid_from: date
    valid_to: date | None
    source: str
    max_points: int
    items: list[Item]
    bands: list[Band]


class InstrumentsOut(BaseModel):
    """Every version."""

    items: list[InstrumentOut]


class WaitingGoalOut(BaseModel):
    """A goal that waits for a mentor (sasaran yang menunggu pendamping)."""

    id: UUID
    group_id: UUID
    enterprise_id: UUID | None
    goal_code: str
    origin_event_id: UUID
    opened_on: date


@routes.get("/diagnosis-instruments", operation_id="list_diagnosis_instruments", summary="Instrumen diagnosis / Instruments", dependencies=[allow(*READERS)])
async def list_instruments() -> InstrumentsOut:
    """Diagnoses are compared within one version only."""
    made = [InstrumentOut(**{name: getattr(each, name) for name in InstrumentOut.model_fields}) for each in instruments().values()]
    return InstrumentsOut(items=made)


@routes.post(
    "/mentoring-assignments", operation_id="offer_mentoring", summary="Tawarkan pendampingan / Offer mentoring", status_code=201, response_model=AssignmentOut
)
async def offer(body: OfferMentoring, command: Creating, caller: Caller = allow(*SUPERVISORS)) -> Response:
    """To a verified mentor of that area with the competence, below the ceiling; seats are taken from now on."""
    return await command.create(lambda transaction: handlers.offer_mentoring(transaction, caller, **dict(body), on=today()), AssignmentOut, MentoringAssignment)


@routes.get("/mentoring-assignments", operation_id="list_mentoring_assignments", summary="Daftar pendampingan / List mentoring")
async def list_assignments(
    request: Request,
    page: Paging,
    group_id: UUID | None = None,
    mentor_id: UUID | None = None,
    status: AssignmentStatus | None = None,
    caller: Caller = allow(*READERS),
) -> Page[AssignmentOut]:
    """Those in the caller's regions, in the order of the offers; mentors see their own."""
    statement = mentoring_assignments.select().where(visible_to(caller))
    for column, value in (("group_id", group_id), ("mentor_id", mentor_id), ("status", status)):
        if value is not None:
            statement = statement.where(mentoring_assignments.c[column] == value)
    return await page.listing(request, statement, AssignmentOut, by=[mentoring_assignments.c.id])


def sees(caller: Caller, assignment: MentoringAssignment) -> bool:
    """What `visible_to` says, over a loaded assignment."""
    return caller.covers(assignment.region_code) and (caller.role is not Role.MENTOR or caller.subject == assignment.mentor_subject)


@routes.get(
    "/mentoring-assignments/{assignment_id}",
    operation_id="get_mentoring_assignment",
    summary="Baca pendampingan / Read mentoring",
    response_model=AssignmentOut,
)
async def get_assignment(request: Request, assignment_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, MentoringAssignment, assignment_id, AssignmentOut, visible=lambda found: sees(caller, found))


@routes.get("/mentoring-assignments/{assignment_id}/changes", operation_id="get_mentoring_changes", summary="Perubahan sejak awal / Change")
async def changes(request: Request, assignment_id: UUID, caller: Caller = allow(*READERS)) -> ChangesOut:
    """Item by item and by band, on the instrument of the baseline."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        assignment = await get_within(uow, MentoringAssignment, assignment_id, caller)
    if not sees(caller, assignment):
        raise NotFound
    return ChangesOut(assignment_id=assignment_id, items=assignment.changes())


@routes.get("/waiting-goals", operation_id="list_waiting_goals", summary="Sasaran yang menunggu / Goals that wait for a mentor")
async def list_waiting(request: Request, page: Paging, caller: Caller = allow(*SUPERVISORS, Role.COORDINATOR, Role.AUDITOR)) -> Page[WaitingGoalOut]:
    """What was asked for while nobody mentored, such as after a declined credit; the next mentor who accepts takes it up."""
    statement = waiting_within(caller)
    return await page.listing(request, statement, WaitingGoalOut, by=[statement.selected_columns.id])


@routes.post("/mentoring-assignments/{assignment_id}/accept", operation_id="accept_mentoring", summary="Terima / Accept", response_model=AssignmentOut)
async def accept(assignment_id: UUID, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor; after a transfer the former mentor writes no more from this moment."""
    return await command.change(
        assignment_id, lambda transaction: handlers.accept_mentoring(transaction, assignment_id, caller, today()), AssignmentOut, MentoringAssignment
    )


@routes.post("/mentoring-assignments/{assignment_id}/decline", operation_id="decline_mentoring", summary="Tolak / Decline", response_model=AssignmentOut)
async def decline(assignment_id: UUID, body: MentoringReason, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor, with a reason."""
    return await command.change(
        assignment_id,
        lambda transaction: handlers.decline_mentoring(transaction, assignment_id, caller, body.reason_code),
        AssignmentOut,
        MentoringAssignment,
    )


@routes.post(
    "/mentoring-assignments/{assignment_id}/diagnose", operation_id="diagnose_business", summary="Diagnosis usaha / Diagnose", response_model=AssignmentOut
)
async def diagnose(assignment_id: UUID, body: Diagnose, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor; the first one is the baseline, later ones use the same version of the instrument."""
    return await command.change(
        assignment_id, lambda transaction: handlers.diagnose(transaction, assignment_id, caller, **dict(body), on=today()), AssignmentOut, MentoringAssignment
    )


@routes.post(
    "/mentoring-assignments/{assignment_id}/plan", operation_id="agree_development_plan", summary="Sepakati rencana / Plan", response_model=AssignmentOut
)
async def plan(assignment_id: UUID, body: AgreePlan, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor with the group; goals of the former plan that were not reached are replaced."""
    goals = [Goal(id=new_id(), **dict(each)) for each in body.goals]
    return await command.change(
        assignment_id, lambda transaction: handlers.agree_plan(transaction, assignment_id, caller, goals, today()), AssignmentOut, MentoringAssignment
    )


@routes.post(
    "/mentoring-assignments/{assignment_id}/achieve-goal", operation_id="achieve_goal", summary="Sasaran tercapai / Goal achieved", response_model=AssignmentOut
)
async def achieve(assignment_id: UUID, body: AchieveGoal, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor, with the SHA-256 of the evidence."""
    return await command.change(
        assignment_id,
        lambda transaction: handlers.achieve_goal(transaction, assignment_id, caller, **dict(body), on=today()),
        AssignmentOut,
        MentoringAssignment,
    )


@routes.post("/mentoring-assignments/{assignment_id}/pause", operation_id="pause_mentoring", summary="Hentikan sementara / Pause", response_model=AssignmentOut)
async def pause(assignment_id: UUID, body: MentoringReason, command: Changing, caller: Caller = allow(*SUPERVISORS, Role.MENTOR)) -> Response:
    """Planned visits are cancelled; seats stay taken."""
    return await command.change(
        assignment_id,
        lambda transaction: handlers.pause_mentoring(transaction, assignment_id, caller, body.reason_code),
        AssignmentOut,
        MentoringAssignment,
    )


@routes.post("/mentoring-assignments/{assignment_id}/resume", operation_id="resume_mentoring", summary="Lanjutkan / Resume", response_model=AssignmentOut)
async def resume(assignment_id: UUID, command: Changing, caller: Caller = allow(*SUPERVISORS, Role.MENTOR)) -> Response:
    """With the goals that came up meanwhile."""
    return await command.change(
        assignment_id, lambda transaction: handlers.resume_mentoring(transaction, assignment_id, caller, today()), AssignmentOut, MentoringAssignment
    )


@routes.post(
    "/mentoring-assignments/{assignment_id}/complete", operation_id="complete_mentoring", summary="Selesaikan / Complete", response_model=AssignmentOut
)
async def complete(assignment_id: UUID, body: CompleteMentoring, command: Changing, caller: Caller = allow(*SUPERVISORS, Role.MENTOR)) -> Response:
    """When the planned visits are approved, or their lack is explained, and everybody who was scored is scored again."""
    return await command.change(
        assignment_id,
        lambda transaction: handlers.complete_mentoring(transaction, assignment_id, caller, body.justification_code, today()),
        AssignmentOut,
        MentoringAssignment,
    )


@routes.post("/mentoring-assignments/{assignment_id}/terminate", operation_id="terminate_mentoring", summary="Akhiri / Terminate", response_model=AssignmentOut)
async def terminate(assignment_id: UUID, body: MentoringReason, command: Changing, caller: Caller = allow(*SUPERVISORS)) -> Response:
    """Before it is done, with a reason."""
    return await command.change(
        assignment_id,
        lambda transaction: handlers.terminate_mentoring(transaction, assignment_id, caller, body.reason_code, today()),
        AssignmentOut,
        MentoringAssignment,
    )
