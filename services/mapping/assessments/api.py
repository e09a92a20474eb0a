"""Routes of assessments and of a region's profile."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Body, Query, Request, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.mapping.assessments import handlers
from services.mapping.assessments.bodies import PotentialIn, PovertyIn, SourceCode
from services.mapping.assessments.domain import Assessment, AssessmentKind, AssessmentStatus
from services.mapping.assessments.periods import PATTERN
from services.mapping.assessments.representations import (
    AssessmentListed,
    AssessmentOut,
    IndicatorValueOut,
    RegionProfile,
    current,
    dominant_sectors,
)
from services.mapping.assessments.tables import assessments, found, newest_validated, newest_values
from services.mapping.regions.domain import Region, id_of
from shared.clock import today
from shared.database import Database
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Note, RegionCode, RegionPrefix, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("assessments")
DRAFTERS = (Role.PROGRAMME_OWNER, Role.PROVINCE, Role.REGENCY)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)
Period = Annotated[str, Field(pattern=PATTERN, examples=["2021-03"])]


class _Drafted(RequestModel):
    """What both kinds say."""

    region_code: RegionCode
    period: Period
    source_code: SourceCode


class DraftPoverty(_Drafted):
    """An assessment of poverty. Records are measured and not kept."""

    kind: Literal["poverty"]
    content: PovertyIn = PovertyIn()


class DraftPotential(_Drafted):
    """An assessment of local potential."""

    kind: Literal["local_potential"]
    content: PotentialIn = PotentialIn()


DraftAssessment = Annotated[DraftPoverty | DraftPotential, Body(discriminator="kind")]


class SubmitAssessment(RequestModel):
    """New content, in place of all that it said; without it, the content stays."""

    poverty: PovertyIn | None = None
    local_potential: PotentialIn | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "SubmitAssessment":
        if self.poverty and self.local_potential:
            raise PydanticCustomError("two_kinds", "an assessment is of one kind")
        return self


class RequestRevision(RequestModel):
    """What is to be mended."""

    reason_code: Annotated[Code, Field(examples=["source_unclear"])]
    comment: Annotated[Note, Field(examples=["Sebutkan tahun survei dan galatnya."])]


class ValidateAssessment(RequestModel):
    """Why what the checks found is accepted; not needed where they found nothing."""

    comment: Annotated[Note | None, Field(examples=["Selisih berasal dari bulan survei yang berbeda."])] = None


class WithdrawAssessment(RequestModel):
    """Why it is taken back."""

    reason_code: Annotated[Code, Field(examples=["wrong_region"])]


@routes.post("/assessments", operation_id="draft_assessment", summary="Susun penilaian / Draft an assessment", status_code=201, response_model=AssessmentOut)
async def draft_assessment(body: DraftAssessment, command: Creating, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Of a regency or city, of a period that is over. Measures are computed at once from records, of which only count and hash are kept."""
    content = body.content.content()
    return await command.create(
        lambda transaction: handlers.draft_assessment(
            transaction,
            caller,
            kind=AssessmentKind(body.kind),
            region_code=body.region_code,
            period=body.period,
            source_code=body.source_code,
            content=content,
            on=today(),
        ),
        AssessmentOut,
        Assessment,
    )


@routes.get("/assessments", operation_id="list_assessments", summary="Daftar penilaian / List assessments")
async def list_assessments(
    request: Request,
    page: Paging,
    region_code: Annotated[RegionPrefix | None, Query(description="a regency or city, or all of a province")] = None,
    kind: AssessmentKind | None = None,
    status: AssessmentStatus | None = None,
    period: Annotated[Period | None, Query()] = None,
    on: Annotated[date | None, Query(description="only those in force on that day")] = None,
    caller: Caller = allow(*READERS),
) -> Page[AssessmentListed]:
    """Of the caller's regions, in the order in which they were drafted."""
    return await page.listing(request, found(caller, region_code, kind, status, period, on), AssessmentListed, by=[assessments.c.id])


@routes.get("/assessments/{assessment_id}", operation_id="get_assessment", summary="Baca penilaian / Read an assessment", response_model=AssessmentOut)
async def get_assessment(request: Request, assessment_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its content, what the checks found, and its ETag."""
    return await resource(request, Assessment, assessment_id, AssessmentOut, visible=lambda assessment: caller.covers(assessment.region_code))


@routes.post("/assessments/{assessment_id}/submit", operation_id="submit_assessment", summary="Ajukan penilaian / Submit", response_model=AssessmentOut)
async def submit_assessment(assessment_id: UUID, body: SubmitAssessment, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Every mandatory criterion has a value or is declared missing with a reason. Sources that differ too much are flagged."""
    given = body.poverty or body.local_potential
    content = given.content() if given else None
    return await command.change(
        assessment_id,
        lambda transaction: handlers.submit_assessment(transaction, assessment_id, caller, content, today()),
        AssessmentOut,
        Assessment,
    )


@routes.post(
    "/assessments/{assessment_id}/request-revision",
    operation_id="request_assessment_revision",
    summary="Minta perbaikan / Request a revision",
    response_model=AssessmentOut,
)
async def request_revision(assessment_id: UUID, body: RequestRevision, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Send it back with a reason and a comment; by another person than its author."""
    return await command.change(
        assessment_id,
        lambda transaction: handlers.request_revision(transaction, assessment_id, caller, body.reason_code, body.comment),
        AssessmentOut,
        Assessment,
    )


@routes.post("/assessments/{assessment_id}/validate", operation_id="validate_assessment", summary="Sahkan penilaian / Validate", response_model=AssessmentOut)
async def validate_assessment(assessment_id: UUID, body: ValidateAssessment, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than its author (prinsip empat mata). The validated one before it is superseded with it."""
    return await command.change(
        assessment_id,
        lambda transaction: handlers.validate_assessment(transaction, assessment_id, caller, body.comment, today()),
        AssessmentOut,
        Assessment,
    )


@routes.post(
    "/assessments/{assessment_id}/flag-discrepancy",
    operation_id="flag_source_discrepancy",
    summary="Tandai perbedaan sumber / Flag a discrepancy",
    response_model=AssessmentOut,
)
async def flag_discrepancy(assessment_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Compare it with what other sources say by now; the rule decides, not the caller."""
    return await command.change(
        assessment_id, lambda transaction: handlers.flag_discrepancy(transaction, assessment_id, caller, today()), AssessmentOut, Assessment
    )


@routes.post("/assessments/{assessment_id}/withdraw", operation_id="withdraw_assessment", summary="Tarik penilaian / Withdraw", response_model=AssessmentOut)
async def withdraw_assessment(assessment_id: UUID, body: WithdrawAssessment, command: Changing, caller: Caller = allow(*DRAFTERS, *DECIDERS)) -> Response:
    """With a reason, unless a published run rests on it."""
    return await command.change(
        assessment_id,
        lambda transaction: handlers.withdraw_assessment(transaction, assessment_id, caller, body.reason_code, today()),
        AssessmentOut,
        Assessment,
    )


@routes.get("/regions/{region_code}/profile", operation_id="get_region_profile", summary="Profil wilayah / A region's profile", dependencies=[PUBLIC])
async def get_profile(request: Request, region_code: RegionPrefix) -> RegionProfile:
    """The validated assessments of both kinds side by side, the newest values of all indicators, and who is in charge of dominant sectors."""
    database: Database = request.app.state.database
    on = today()
    async with database.transaction() as uow:
        region = await uow.get(Region, id_of(region_code))
        rows = (await uow.connection.execute(newest_validated(region_code))).all()
        values = (await uow.connection.execute(newest_values(region_code))).all()
    newest: dict[AssessmentKind, Assessment] = {}
    for row in rows:
        newest.setdefault(row.kind, Assessment(**row._mapping))
    potential = newest.get(AssessmentKind.LOCAL_POTENTIAL)
    return RegionProfile(
        region_code=region_code,
        name=region.name,
        level=region.level,
        **{kind.value: current(newest[kind], on) if kind in newest else None for kind in AssessmentKind},
        dominant_sectors=dominant_sectors(potential.content.sectors if potential else None, on),
        indicators=[IndicatorValueOut(**row._mapping) for row in values],
    )
