"""Routes of visits."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.facilitation.mentoring.api import READERS, SUPERVISORS, Evidence, TopicCodes
from services.facilitation.mentors.api import MentoringReason, distinct
from services.facilitation.scope import under
from services.facilitation.visits import handlers
from services.facilitation.visits.domain import MentoringVisit, VisitStatus
from services.facilitation.visits.report import Position, VisitReport
from services.facilitation.visits.rules import visit_rules_on
from services.facilitation.visits.tables import alerts, visible_to, visits
from shared.clock import now, today
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Note, RegionPrefix, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("mentoring-visits")
REVIEWERS = SUPERVISORS


def _in_century(instant: datetime) -> datetime:
    if not 2000 <= instant.year <= 2099:
        raise PydanticCustomError("date_out_of_range", "the year lies outside 2000 to 2099")
    return instant.astimezone(UTC)


def _is_text(value: object) -> object:
    """RFC 3339 and nothing else: a number would be read as seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "a time is written as text")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_is_text), AfterValidator(_in_century), Field(examples=["2026-03-02T09:00:00+08:00"])]


class PlanVisit(RequestModel):
    """When to go to whom, under an id that the device chose."""

    visit_id: Annotated[UUID, Field(description="a random UUID made by the device")]
    assignment_id: UUID
    planned_on: date


class PositionIn(RequestModel):
    """Where the device was; seen by reviewers alone."""

    longitude: Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False, examples=[124.28])]
    latitude: Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False, examples=[-9.86])]
    accuracy_m: Annotated[int | None, Field(strict=True, ge=0, le=1_000_000)] = None


class ReportVisit(RequestModel):
    """A visit as the device recorded it; the same report may be sent again and again."""

    visit_id: UUID
    assignment_id: UUID
    started_at: Instant
    ended_at: Instant
    topic_codes: TopicCodes
    attendee_count: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    enterprise_ids: Annotated[list[UUID], Field(max_length=1000, default_factory=list)]
    evidence_hashes: Evidence
    position: PositionIn | None = None
    note: Annotated[Note | None, Field(description="stays in this service")] = None

    def plain(self) -> VisitReport:
        """As the domain knows it."""
        given = {name: value for name, value in self if name in VisitReport.__dataclass_fields__}
        return VisitReport(**given | {"position": Position(**dict(self.position)) if self.position else None})


class CheckIn(RequestModel):
    """Whether it is told later than it happened."""

    captured_offline: Annotated[bool, Field(strict=True)]


class ResolveConflict(RequestModel):
    """The fields to take from the second report; none keeps the first."""

    take: Annotated[list[Code], Field(max_length=20, examples=[["attendee_count"]]), AfterValidator(distinct)]


class Difference(BaseModel):
    """A field in which two reports differ; positions are seen by reviewers alone, so their values are left out here."""

    field_code: str
    first: Any
    second: Any


class VisitOut(Representation[MentoringVisit]):
    """A visit (kunjungan), without position and note."""

    id: UUID
    region_code: str
    assignment_id: UUID
    group_id: UUID
    mentor_id: UUID
    planned_on: date
    status: VisitStatus
    captured_offline: bool
    occurred_on: date | None
    duration_minutes: int | None
    attendee_count: int | None
    topic_codes: list[str]
    evidence_hashes: list[str]
    flag_codes: list[str]
    rule_version: int | None
    differences: list[Difference]
    reviewed_by: str | None
    resolved_by: str | None
    reason_code: str | None

    @classmethod
    def of(cls, aggregate: MentoringVisit) -> Self:
        """What the report says is shown beside the visit."""
        report, rival = aggregate.report, aggregate.rival
        hidden = ("position", "note")
        told = {
            "duration_minutes": report.duration_minutes if report else None,
            "attendee_count": report.attendee_count if report else None,
            "topic_codes": report.topic_codes if report else [],
            "evidence_hashes": report.evidence_hashes if report else [],
            "differences": [
                Difference(field_code=name, first=None if name in hidden else getattr(report, name), second=None if name in hidden else getattr(rival, name))
                for name in aggregate.conflicting()
            ],
        }
        return cls(**{name: told[name] if name in told else getattr(aggregate, name) for name in cls.model_fields})


class VisitReportOut(Representation[MentoringVisit]):
    """What was reported, with position and note, and the second report where there is a conflict (laporan kunjungan)."""

    id: UUID
    status: VisitStatus
    first: VisitReport | None
    second: VisitReport | None

    @classmethod
    def of(cls, aggregate: MentoringVisit) -> Self:
        """Both reports as they came."""
        return cls(id=aggregate.id, status=aggregate.status, first=aggregate.report, second=aggregate.rival)


class AlertOut(BaseModel):
    """A visit that did not take place, or was begun and never reported (peringatan), for the mentor and the supervisor."""

    id: UUID
    assignment_id: UUID
    group_id: UUID
    mentor_id: UUID
    region_code: str
    planned_on: date
    status: VisitStatus


class VisitRulesOut(BaseModel):
    """The rules of visits (ketentuan kunjungan) of one version."""

    version: int
    valid_from: date
    valid_to: date | None
    source: str
    near_metres: int
    near_metres_same_group: int
    catchment_km: int
    minimum_minutes: int
    earliest: str = Field(description="on the clock of the region", examples=["07:00"])
    latest: str = Field(description="on the clock of the region", examples=["18:00"])
    missed_after_days: int
    report_within_days: int


@routes.post("/mentoring-visits", operation_id="plan_visit", summary="Rencanakan kunjungan / Plan a visit", status_code=201, response_model=VisitOut)
async def plan(body: PlanVisit, command: Creating, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor; the same plan under the same id is the same visit."""
    return await command.create(lambda transaction: handlers.plan_visit(transaction, caller, **dict(body), on=today()), VisitOut, MentoringVisit)


@routes.post("/visit-reports", operation_id="report_visit", summary="Kirim laporan kunjungan / Report a visit", status_code=201, response_model=VisitOut)
async def report(body: ReportVisit, command: Creating, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor, whenever there is a network: the same report is the same result, another one for the same id a conflict to be resolved."""
    return await command.create(
        lambda transaction: handlers.report_visit(
            transaction, caller, visit_id=body.visit_id, assignment_id=body.assignment_id, report=body.plain(), now=now()
        ),
        VisitOut,
        MentoringVisit,
    )


@routes.get("/visit-reports/{visit_id}", operation_id="get_visit_report", summary="Baca laporan kunjungan / Read a report", response_model=VisitReportOut)
async def get_report(request: Request, visit_id: UUID, caller: Caller = allow(*REVIEWERS)) -> Response:
    """By reviewers alone: it holds where the device was."""
    return await resource(request, MentoringVisit, visit_id, VisitReportOut, visible=lambda found: caller.covers(found.region_code))


@routes.get("/mentoring-visits", operation_id="list_visits", summary="Daftar kunjungan / List visits")
async def list_visits(
    request: Request,
    page: Paging,
    assignment_id: UUID | None = None,
    status: VisitStatus | None = None,
    region_code: RegionPrefix | None = None,
    caller: Caller = allow(*READERS),
) -> Page[VisitOut]:
    """Those in the caller's regions, by their ids; mentors see their own."""
    statement = visits.select().where(visible_to(caller))
    if assignment_id:
        statement = statement.where(visits.c.assignment_id == assignment_id)
    if status:
        statement = statement.where(visits.c.status == status)
    if region_code:
        statement = statement.where(under(visits.c.region_code, region_code))
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows, cursor = await page.of(connection, statement, by=[visits.c.id])
    return Page(items=[VisitOut.of(MentoringVisit(**row._mapping)) for row in rows], next_cursor=cursor)


@routes.get("/mentoring-visits/{visit_id}", operation_id="get_visit", summary="Baca kunjungan / Read a visit", response_model=VisitOut)
async def get_visit(request: Request, visit_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag; where two reports contradict each other, the fields in which they do."""
    return await resource(request, MentoringVisit, visit_id, VisitOut, visible=lambda found: _sees(caller, found))


def _sees(caller: Caller, visit: MentoringVisit) -> bool:
    """What `visible_to` says, over a loaded visit."""
    return caller.covers(visit.region_code) and (caller.role is not Role.MENTOR or caller.subject == visit.mentor_subject)


@routes.get("/visit-alerts", operation_id="list_visit_alerts", summary="Kunjungan terlewat / Alerts of missed visits")
async def list_alerts(request: Request, page: Paging, caller: Caller = allow(*SUPERVISORS, Role.MENTOR, Role.COORDINATOR)) -> Page[AlertOut]:
    """For the mentor and for the supervisors of the region, until the mentor has been there."""
    overdue = visit_rules_on(today()).overdue(today())
    return await page.listing(request, alerts(overdue).where(visible_to(caller)), AlertOut, by=[visits.c.id])


@routes.get("/visit-rules/in-force", operation_id="get_visit_rules", summary="Ketentuan kunjungan / Rules of visits", dependencies=[allow(*READERS)])
async def rules_in_force(on: date | None = None) -> VisitRulesOut:
    """On a day, today if none is given."""
    rules = visit_rules_on(on or today())
    hours = {"earliest": rules.earliest.isoformat("minutes"), "latest": rules.latest.isoformat("minutes")}
    return VisitRulesOut(**{name: getattr(rules, name) for name in VisitRulesOut.model_fields} | hours)


@routes.post("/mentoring-visits/{visit_id}/check-in", operation_id="check_in_visit", summary="Tiba di lokasi / Check in", response_model=VisitOut)
async def check_in(visit_id: UUID, body: CheckIn, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor; it may be told later."""
    return await command.change(visit_id, lambda transaction: handlers.check_in(transaction, visit_id, caller, body.captured_offline), VisitOut, MentoringVisit)


@routes.post("/mentoring-visits/{visit_id}/cancel", operation_id="cancel_visit", summary="Batalkan / Cancel", response_model=VisitOut)
async def cancel(visit_id: UUID, body: MentoringReason, command: Changing, caller: Caller = allow(Role.MENTOR)) -> Response:
    """By the mentor, before it begins."""
    return await command.change(visit_id, lambda transaction: handlers.cancel_visit(transaction, visit_id, caller, body.reason_code), VisitOut, MentoringVisit)


@routes.post("/mentoring-visits/{visit_id}/approve", operation_id="approve_visit", summary="Setujui kunjungan / Approve", response_model=VisitOut)
async def approve(visit_id: UUID, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """By another person than the mentor; flags do not stand in the way."""
    return await command.change(visit_id, lambda transaction: handlers.approve_visit(transaction, visit_id, caller), VisitOut, MentoringVisit)


@routes.post("/mentoring-visits/{visit_id}/reject", operation_id="reject_visit", summary="Tolak kunjungan / Reject", response_model=VisitOut)
async def reject(visit_id: UUID, body: MentoringReason, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """By another person than the mentor, with a reason."""
    return await command.change(visit_id, lambda transaction: handlers.reject_visit(transaction, visit_id, caller, body.reason_code), VisitOut, MentoringVisit)


@routes.post("/mentoring-visits/{visit_id}/resolve", operation_id="resolve_visit_conflict", summary="Pilih laporan / Resolve", response_model=VisitOut)
async def resolve(visit_id: UUID, body: ResolveConflict, command: Changing, caller: Caller = allow(*REVIEWERS, Role.MENTOR)) -> Response:
    """Field by field; who chose is recorded, and what was chosen is checked again."""
    return await command.change(
        visit_id, lambda transaction: handlers.resolve_conflict(transaction, visit_id, caller, list(body.take), today()), VisitOut, MentoringVisit
    )
