"""Routes of programmes."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.coordination.approvals.api import ApproveTier, DecisionOut, ReturnAtTier, officer
from services.coordination.approvals.domain import Tier
from services.coordination.approvals.tables import approval_decisions, decisions_on
from services.coordination.programmes import handlers
from services.coordination.programmes.domain import Programme, ProgrammeStatus, Target
from services.coordination.programmes.tables import programmes
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, Name, Note, RequestModel, Sha256, router
from shared.security.identity import Caller, Role

routes = router("programmes")
OWNERS = (Role.PROGRAMME_OWNER, Role.COORDINATOR)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


def _decimal(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise PydanticCustomError("decimal_expected", "a decimal number is expected")
    return text


class TargetIn(RequestModel):
    """What is to be reached by when."""

    indicator_code: Annotated[Code, Field(examples=["extreme_poverty_rate"])]
    value: Annotated[str, Field(max_length=20), AfterValidator(_decimal), Field(description="decimal; percent where the indicator is one", examples=["0"])]
    by: date


class TierIn(RequestModel):
    """A step of approval and the role that decides it."""

    role: Annotated[Role, Field(examples=["coordinator"])]


Codes = Annotated[list[Code], Field(max_length=20)]
Targets = Annotated[list[TargetIn], Field(max_length=20, description="absent: the targets of the policy in force on valid_from")]
Tiers = Annotated[list[TierIn], Field(min_length=1, max_length=8, description="in the order in which they decide; absent: as the policy says")]


class DraftProgramme(RequestModel):
    """A programme as written down."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,31}$", examples=["PKE-2024"])]
    title: Annotated[Name, Field(examples=["Pengentasan kemiskinan ekstrem melalui usaha mikro"])]
    legal_basis: Annotated[Name, Field(description="dasar hukum", examples=["Inpres 4/2022"])]
    valid_from: date
    valid_to: date
    area_quota: Annotated[Count, Field(description="regencies/cities to be prioritised", examples=[48])]
    province_quota: Annotated[Count, Field(description="in exactly so many provinces", examples=[8])]
    funding_sources: Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["apbn", "apbd"]])]
    lead_institution_id: UUID
    targets: Targets | None = None
    required_interventions: Annotated[Codes | None, Field(description="what every prioritised location needs; absent: as the policy says")] = None
    pillar_codes: Annotated[Codes | None, Field(description="pilar strategi; absent: as the policy says")] = None
    approval_tiers: Tiers | None = None


class ReviseProgramme(RequestModel):
    """What is to be altered; what is absent stays."""

    title: Name | None = None
    legal_basis: Name | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    area_quota: Count | None = None
    province_quota: Count | None = None
    funding_sources: Annotated[list[Code], Field(min_length=1, max_length=20)] | None = None
    lead_institution_id: UUID | None = None
    targets: Annotated[list[TargetIn], Field(max_length=20)] | None = None
    required_interventions: Codes | None = None
    pillar_codes: Codes | None = None


class Activation(RequestModel):
    """What the last tier says to it."""

    comment: Note | None = None


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["budget_cut"])]


class CloseProgramme(RequestModel):
    """The final report, and whether what is open stands."""

    final_report_hash: Sha256
    carry_over: Annotated[bool, Field(strict=True, description="leave open commitments standing")] = False


class ProgrammeOut(Representation[Programme]):
    """A programme (program)."""

    id: UUID
    code: str
    title: str
    legal_basis: str
    valid_from: date
    valid_to: date
    area_quota: int
    province_quota: int
    funding_sources: list[str]
    lead_institution_id: UUID
    status: ProgrammeStatus
    targets: list[Target]
    required_interventions: list[str]
    pillar_codes: list[str]
    approval_tiers: list[Tier]
    current_tier: int
    programme_version: int
    closed_on: date | None
    final_report_hash: str | None


def _written(body: RequestModel) -> dict[str, Any]:
    """The fields of a body that were given, as the domain holds them."""
    given = {name: value for name, value in dict(body).items() if value is not None}
    if "targets" in given:
        given["targets"] = [Target(indicator_code=each.indicator_code, value=each.value, by=each.by) for each in given["targets"]]
    if "approval_tiers" in given:
        given["approval_tiers"] = [Tier(tier=n, role=each.role.value) for n, each in enumerate(given["approval_tiers"], 1)]
    return given


@routes.post("/programmes", operation_id="draft_programme", summary="Susun program / Draft a programme", status_code=201, response_model=ProgrammeOut)
async def draft(body: DraftProgramme, command: Creating, caller: Caller = allow(*OWNERS)) -> Response:
    """It is in force only once every tier of approval has agreed."""
    return await command.create(lambda transaction: handlers.draft_programme(transaction, **_written(body), author=caller.subject), ProgrammeOut, Programme)


@routes.get("/programmes", operation_id="list_programmes", summary="Daftar program / List programmes", dependencies=[allow(*READERS)])
async def list_programmes(request: Request, page: Paging, code: Annotated[str | None, Field(max_length=32)] = None) -> Page[ProgrammeOut]:
    """In the order in which they were drafted."""
    statement = programmes.select() if code is None else programmes.select().where(programmes.c.code == code)
    return await page.listing(request, statement, ProgrammeOut, by=[programmes.c.id])


@routes.get(
    "/programmes/{programme_id}",
    operation_id="get_programme",
    summary="Baca program / Read a programme",
    response_model=ProgrammeOut,
    dependencies=[allow(*READERS)],
)
async def get_programme(request: Request, programme_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, Programme, programme_id, ProgrammeOut)


@routes.get(
    "/programmes/{programme_id}/decisions",
    operation_id="list_programme_decisions",
    summary="Keputusan atas program / Decisions on a programme",
    dependencies=[allow(*READERS)],
)
async def decisions(request: Request, page: Paging, programme_id: UUID) -> Page[DecisionOut]:
    """Every decision of every tier, also of versions that were given back."""
    return await page.listing(request, decisions_on(programme_id), DecisionOut, by=[approval_decisions.c.id])


@routes.post("/programmes/{programme_id}/revise", operation_id="revise_programme", summary="Perbaiki program / Revise", response_model=ProgrammeOut)
async def revise(programme_id: UUID, body: ReviseProgramme, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """While it is a draft, or after it was given back."""
    return await command.change(programme_id, lambda transaction: handlers.revise_programme(transaction, programme_id, _written(body)), ProgrammeOut, Programme)


@routes.post("/programmes/{programme_id}/submit", operation_id="submit_programme", summary="Ajukan program / Submit", response_model=ProgrammeOut)
async def submit(programme_id: UUID, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """From draft or revision, when nothing is missing."""
    return await command.change(programme_id, lambda transaction: handlers.submit_programme(transaction, programme_id), ProgrammeOut, Programme)


@routes.post(
    "/programmes/{programme_id}/approve", operation_id="approve_programme_tier", summary="Setujui satu tingkat / Approve a tier", response_model=ProgrammeOut
)
async def approve(programme_id: UUID, body: ApproveTier, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """As a tier before the last; the last one activates."""
    return await command.change(
        programme_id,
        lambda transaction: handlers.approve_tier(
            transaction, programme_id, tier=body.tier, by=officer(caller), institution_id=caller.institution_id, comment=body.comment
        ),
        ProgrammeOut,
        Programme,
    )


@routes.post(
    "/programmes/{programme_id}/request-revision",
    operation_id="request_programme_revision",
    summary="Minta perbaikan / Request a revision",
    response_model=ProgrammeOut,
)
async def request_revision(programme_id: UUID, body: ReturnAtTier, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """Gives it back to its author, with a comment."""
    return await command.change(
        programme_id,
        lambda transaction: handlers.request_revision(transaction, programme_id, **dict(body), by=officer(caller), institution_id=caller.institution_id),
        ProgrammeOut,
        Programme,
    )


@routes.post("/programmes/{programme_id}/activate", operation_id="activate_programme", summary="Berlakukan program / Activate", response_model=ProgrammeOut)
async def activate(programme_id: UUID, command: Changing, body: Activation | None = None, caller: Caller = allow(*OWNERS)) -> Response:
    """The decision of the last tier, by another person than the author (prinsip empat mata)."""
    return await command.change(
        programme_id,
        lambda transaction: handlers.activate_programme(
            transaction, programme_id, officer(caller), today(), institution_id=caller.institution_id, comment=body.comment if body else None
        ),
        ProgrammeOut,
        Programme,
    )


@routes.post("/programmes/{programme_id}/suspend", operation_id="suspend_programme", summary="Tangguhkan program / Suspend", response_model=ProgrammeOut)
async def suspend(programme_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """No new plans and pledges until it is resumed."""
    return await command.change(
        programme_id, lambda transaction: handlers.suspend_programme(transaction, programme_id, body.reason_code, today()), ProgrammeOut, Programme
    )


@routes.post("/programmes/{programme_id}/resume", operation_id="resume_programme", summary="Lanjutkan program / Resume", response_model=ProgrammeOut)
async def resume(programme_id: UUID, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """Within its dates."""
    return await command.change(programme_id, lambda transaction: handlers.resume_programme(transaction, programme_id, today()), ProgrammeOut, Programme)


@routes.post("/programmes/{programme_id}/close", operation_id="close_programme", summary="Tutup program / Close", response_model=ProgrammeOut)
async def close(programme_id: UUID, body: CloseProgramme, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """With a final report; participations end with it."""
    return await command.change(
        programme_id, lambda transaction: handlers.close_programme(transaction, programme_id, **dict(body), on=today()), ProgrammeOut, Programme
    )


@routes.post("/programmes/{programme_id}/cancel", operation_id="cancel_programme", summary="Batalkan program / Cancel", response_model=ProgrammeOut)
async def cancel(programme_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """Before it came into force."""
    return await command.change(
        programme_id, lambda transaction: handlers.cancel_programme(transaction, programme_id, body.reason_code), ProgrammeOut, Programme
    )
