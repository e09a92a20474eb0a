"""Routes of the catalogue of courses."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.facilitation.courses import handlers
from services.facilitation.courses.domain import Course, CourseStatus, CourseTerms
from services.facilitation.courses.tables import courses
from services.facilitation.groups.minimums import GroupType
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("training")
PROVIDERS = (Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY)
READERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN))
CompetenceUnit = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(\.[A-Z0-9]+){1,6}$", max_length=40, description="code of SKKNI", examples=["M.70PEN00.009.1"])]


class TermsGiven(RequestModel):
    """What a version of the course teaches, for whom, and what it takes to pass."""

    valid_from: Annotated[date, Field(description="for trainings drafted from this day on", examples=["2026-07-01"])]
    hours: Annotated[int, Field(strict=True, ge=1, le=1000, description="lessons (jam pelajaran)", examples=[24])]
    competence_unit_codes: Annotated[list[CompetenceUnit], Field(min_length=1, max_length=50)]
    target_group_types: Annotated[list[GroupType], Field(max_length=10, description="empty: groups of every type", default_factory=list)]
    attendance_percent: Annotated[int, Field(strict=True, ge=1, le=100, description="share of the hours that must be attended", examples=[80])]
    pass_mark: Annotated[int, Field(strict=True, ge=0, le=100, description="of 100 points in the final test", examples=[70])]
    certificate_months: Annotated[
        int | None, Field(strict=True, ge=1, le=240, description="how long the certificate is valid; null: for ever", examples=[36])
    ] = None

    def terms(self) -> CourseTerms:
        """As the domain knows them; the first version unless it is a revision."""
        return CourseTerms(course_version=1, **dict(self))


class OfferCourse(RequestModel):
    """A course for the catalogue."""

    course_code: Annotated[Code, Field(examples=["keuangan_usaha_mikro"])]
    title: Annotated[Name, Field(examples=["Pembukuan sederhana untuk usaha mikro"])]
    provider_institution_id: UUID
    terms: TermsGiven


class RetireCourse(RequestModel):
    """Why it is not offered any more."""

    reason_code: Annotated[Code, Field(examples=["replaced"])]


class CourseOut(Representation[Course]):
    """A course (kursus) with every version of its terms, the newest last."""

    id: UUID
    course_code: str
    title: str
    provider_institution_id: UUID
    status: CourseStatus
    versions: list[CourseTerms]
    reason_code: str | None


@routes.post("/courses", operation_id="offer_course", summary="Masukkan kursus ke katalog / Offer a course", status_code=201, response_model=CourseOut)
async def offer(body: OfferCourse, command: Creating, caller: Caller = allow(*PROVIDERS)) -> Response:
    """By its provider, or by the programme's owner for a provider."""
    given = dict(body) | {"terms": body.terms.terms()}
    return await command.create(lambda transaction: handlers.offer_course(transaction, caller, **given, on=today()), CourseOut, Course)


@routes.get("/courses", operation_id="list_courses", summary="Katalog kursus / List courses", dependencies=[allow(*READERS)])
async def list_courses(request: Request, page: Paging, status: CourseStatus | None = None, provider_institution_id: UUID | None = None) -> Page[CourseOut]:
    """In the order in which they were offered."""
    statement = courses.select()
    if status:
        statement = statement.where(courses.c.status == status)
    if provider_institution_id:
        statement = statement.where(courses.c.provider_institution_id == provider_institution_id)
    return await page.listing(request, statement, CourseOut, by=[courses.c.id])


@routes.get("/courses/{course_id}", operation_id="get_course", summary="Baca kursus / Read a course", response_model=CourseOut, dependencies=[allow(*READERS)])
async def get_course(request: Request, course_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, Course, course_id, CourseOut)


@routes.post("/courses/{course_id}/revise", operation_id="revise_course", summary="Versi baru kursus / Revise a course", response_model=CourseOut)
async def revise(course_id: UUID, body: TermsGiven, command: Changing, caller: Caller = allow(*PROVIDERS)) -> Response:
    """Trainings that were drafted before keep the version of their day."""
    return await command.change(course_id, lambda transaction: handlers.revise_course(transaction, course_id, caller, body.terms(), today()), CourseOut, Course)


@routes.post("/courses/{course_id}/retire", operation_id="retire_course", summary="Hentikan kursus / Retire a course", response_model=CourseOut)
async def retire(course_id: UUID, body: RetireCourse, command: Changing, caller: Caller = allow(*PROVIDERS)) -> Response:
    """No further training is drafted for it; certificates stay valid."""
    return await command.change(course_id, lambda transaction: handlers.retire_course(transaction, course_id, caller, body.reason_code), CourseOut, Course)
