"""Routes of mentors and their caseloads."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import func, literal, select

from services.facilitation.mentors import handlers
from services.facilitation.mentors.domain import Competence, Mentor, MentorStatus
from services.facilitation.mentors.rules import rules_on, topics
from services.facilitation.mentors.tables import mentor_caseloads, mentors, serving, visible_to
from services.facilitation.scope import under
from shared.clock import today
from shared.http.access import allow, require_region
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RegionCode, RegionPrefix, RequestModel, Sha256, router
from shared.security.identity import Caller, Role

routes = router("mentors")
REGISTRARS = (Role.PROGRAMME_OWNER, Role.PROVINCE, Role.REGENCY)
READERS = (*REGISTRARS, Role.MENTOR, Role.COORDINATOR, Role.PARTNER_MINISTRY, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


def distinct(values: list[str]) -> list[str]:
    """Refuse a value that occurs twice."""
    if len(set(values)) != len(values):
        raise PydanticCustomError("repeated", "a value occurs twice")
    return values


AreaCodes = Annotated[list[RegionPrefix], Field(min_length=1, max_length=100, examples=[["53.04", "53.05"]]), AfterValidator(distinct)]
Ceiling = Annotated[int | None, Field(ge=1, le=1000, strict=True, description="enterprises at one time; null: the number that the rules set for everybody")]
Subject = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$", description="`sub` of the mentor's token", examples=["sub-4c1f"])]


class CompetenceIn(RequestModel):
    """A unit of competence (unit kompetensi) of SKKNI 181/2017."""

    unit_code: Annotated[str, Field(pattern=r"^M\.70PEN00\.[0-9]{3}\.[0-9]$", examples=["M.70PEN00.009.1"])]
    valid_from: date
    valid_to: date | None = None
    certificate_hash: Sha256

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """A certificate ends after it begins."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("dates_in_order", "valid_to lies before valid_from")
        return self

    def plain(self) -> Competence:
        """As the domain knows it."""
        return Competence(**dict(self))


Competences = Annotated[list[CompetenceIn], Field(max_length=100)]


class RegisterMentor(RequestModel):
    """A mentor without a name: the login, the office, the area, the certificates."""

    subject: Subject
    region_code: RegionCode
    area_codes: AreaCodes
    competences: Competences
    case_ceiling: Ceiling = None


class SetCompetences(RequestModel):
    """All certificates, in place of the former ones."""

    competences: Competences


class SetScope(RequestModel):
    """Area and ceiling, in place of the former ones."""

    area_codes: AreaCodes
    case_ceiling: Ceiling


class MentoringReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["harvest_season"])]


class MentorOut(Representation[Mentor]):
    """A mentor (pendamping)."""

    id: UUID
    region_code: str
    area_codes: list[str]
    competences: list[Competence]
    case_ceiling: int | None = Field(description="null: the number that the rules set for everybody")
    status: MentorStatus
    reason_code: str | None


class CaseloadOut(BaseModel):
    """How many enterprises a mentor accompanies, of how many (beban dampingan)."""

    mentor_id: UUID
    region_code: str
    status: MentorStatus
    enterprises: int
    ceiling: int
    free: int


class TopicOut(BaseModel):
    """A topic (topik pendampingan) and the units of competence that it asks for."""

    code: str
    name_id: str
    name_en: str
    unit_codes: list[str]


class TopicsOut(BaseModel):
    """Every topic."""

    items: list[TopicOut]


class MentoringRulesOut(BaseModel):
    """The rules of mentoring (ketentuan pendampingan) of one version."""

    version: int
    valid_from: date
    valid_to: date | None
    source: str
    case_ceiling: int
    case_ceiling_max: int
    respond_days: int
    assignment_months: int
    planned_visits: int
    goal_due_days: int
    max_distance_km: int


@routes.post("/mentors", operation_id="register_mentor", summary="Catat pendamping / Register a mentor", status_code=201, response_model=MentorOut)
async def register(body: RegisterMentor, command: Creating, caller: Caller = allow(*REGISTRARS)) -> Response:
    """With an office in the caller's regions; another person verifies."""
    require_region(caller, body.region_code)
    competences = [each.plain() for each in body.competences]
    given = dict(body) | {"competences": competences}
    return await command.create(lambda transaction: handlers.register_mentor(transaction, **given, by=caller.subject, on=today()), MentorOut, Mentor)


@routes.get("/mentors", operation_id="list_mentors", summary="Daftar pendamping / List mentors")
async def list_mentors(
    request: Request, page: Paging, serving_region: RegionPrefix | None = None, status: MentorStatus | None = None, caller: Caller = allow(*READERS)
) -> Page[MentorOut]:
    """Those whose office or area touches the caller's regions; mentors see themselves."""
    statement = mentors.select().where(visible_to(caller))
    if serving_region:
        statement = statement.where(serving(serving_region))
    if status:
        statement = statement.where(mentors.c.status == status)
    return await page.listing(request, statement, MentorOut, by=[mentors.c.id])


@routes.get("/mentors/{mentor_id}", operation_id="get_mentor", summary="Baca pendamping / Read a mentor", response_model=MentorOut)
async def get_mentor(request: Request, mentor_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Mentor, mentor_id, MentorOut, visible=lambda found: _sees(caller, found))


def _sees(caller: Caller, mentor: Mentor) -> bool:
    """What `visible_to` says, over a loaded mentor."""
    if caller.role is Role.MENTOR:
        return mentor.subject == caller.subject
    return caller.covers(mentor.region_code) or any(caller.covers(code) for code in mentor.area_codes) or any(mentor.serves(own) for own in caller.regions)


@routes.get("/mentor-caseloads", operation_id="list_mentor_caseloads", summary="Beban dampingan / Caseloads of mentors")
async def list_caseloads(request: Request, page: Paging, region_code: RegionPrefix | None = None, caller: Caller = allow(*READERS)) -> Page[CaseloadOut]:
    """Enterprises of offers and of mentoring that is not over, under the ceiling of today."""
    ceiling = func.coalesce(mentors.c.case_ceiling, literal(rules_on(today()).case_ceiling))
    load = mentor_caseloads.c.enterprises
    columns = [mentor_caseloads.c.mentor_id, mentors.c.region_code, mentors.c.status, load, ceiling.label("ceiling")]
    statement = select(*columns, func.greatest(ceiling - load, 0).label("free")).join(mentors).where(visible_to(caller))
    if region_code:
        statement = statement.where(under(mentors.c.region_code, region_code))
    return await page.listing(request, statement, CaseloadOut, by=[mentor_caseloads.c.mentor_id])


@routes.get("/mentoring-topics", operation_id="list_mentoring_topics", summary="Topik pendampingan / Topics", dependencies=[allow(*READERS)])
async def list_topics() -> TopicsOut:
    """With the units of SKKNI 181/2017 that each asks for."""
    return TopicsOut(items=[TopicOut(code=t.code, name_id=t.name_id, name_en=t.name_en, unit_codes=list(t.unit_codes)) for t in topics().values()])


@routes.get("/mentoring-rules/in-force", operation_id="get_mentoring_rules", summary="Ketentuan yang berlaku / Rules in force", dependencies=[allow(*READERS)])
async def rules_in_force(on: date | None = None) -> MentoringRulesOut:
    """On a day, today if none is given."""
    rules = rules_on(on or today())
    return MentoringRulesOut(**{name: getattr(rules, name) for name in MentoringRulesOut.model_fields})


@routes.post("/mentors/{mentor_id}/verify", operation_id="verify_mentor", summary="Verifikasi / Verify", response_model=MentorOut)
async def verify(mentor_id: UUID, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """By another person than the one who registered the mentor."""
    return await command.change(mentor_id, lambda transaction: handlers.verify_mentor(transaction, mentor_id, caller), MentorOut, Mentor)


@routes.post(
    "/mentors/{mentor_id}/set-competences", operation_id="set_mentor_competences", summary="Tetapkan kompetensi / Set competences", response_model=MentorOut
)
async def set_competences(mentor_id: UUID, body: SetCompetences, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """All of them; what is left out is gone."""
    competences = [each.plain() for each in body.competences]
    return await command.change(mentor_id, lambda transaction: handlers.set_competences(transaction, mentor_id, caller, competences), MentorOut, Mentor)


@routes.post("/mentors/{mentor_id}/set-scope", operation_id="set_mentor_scope", summary="Tetapkan wilayah dan batas / Set area", response_model=MentorOut)
async def set_scope(mentor_id: UUID, body: SetScope, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """What was accepted before goes on."""
    return await command.change(mentor_id, lambda transaction: handlers.set_scope(transaction, mentor_id, caller, **dict(body), on=today()), MentorOut, Mentor)


@routes.post("/mentors/{mentor_id}/suspend", operation_id="suspend_mentor", summary="Tangguhkan / Suspend", response_model=MentorOut)
async def suspend(mentor_id: UUID, body: MentoringReason, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """No offers and no writing until reinstated."""
    return await command.change(mentor_id, lambda transaction: handlers.suspend_mentor(transaction, mentor_id, caller, body.reason_code), MentorOut, Mentor)


@routes.post("/mentors/{mentor_id}/reinstate", operation_id="reinstate_mentor", summary="Pulihkan / Reinstate", response_model=MentorOut)
async def reinstate(mentor_id: UUID, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """A suspended mentor goes on."""
    return await command.change(mentor_id, lambda transaction: handlers.reinstate_mentor(transaction, mentor_id, caller), MentorOut, Mentor)
