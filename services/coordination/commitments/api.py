"""Routes of commitments, and their public totals."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, false, or_

from services.coordination.commitments import handlers
from services.coordination.commitments.domain import Commitment, CommitmentStatus, ProgressReport
from services.coordination.commitments.tables import commitments, totals_by_location
from shared.clock import today
from shared.database import Database
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, RegionCode, RequestModel, RupiahOrNone, Sha256, router
from shared.security.identity import REGIONAL, Caller, Role

routes = router("commitments")
OVERSEERS = frozenset({Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER})
READERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN, Role.MENTOR))
PLEDGERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.PROVINCE, Role.REGENCY, Role.LENDER, Role.BUYER)


class PledgeCommitment(RequestModel):
    """What the caller's institution promises."""

    programme_id: UUID
    location_code: RegionCode
    intervention_code: Annotated[Code, Field(examples=["business_training"])]
    amount_idr: RupiahOrNone
    funding_source: Annotated[Code, Field(examples=["apbn"])]
    output_quantity: Count
    output_unit: Annotated[Code, Field(examples=["enterprises"])]
    due_on: date


class ReportProgress(RequestModel):
    """Cumulative progress with evidence."""

    cumulative_output: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    cumulative_amount_idr: RupiahOrNone
    as_of: date
    evidence_hashes: Annotated[list[Sha256], Field(min_length=1, max_length=50)]


class CommitmentOut(Representation[Commitment]):
    """A commitment (komitmen)."""

    id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    amount_idr: int
    funding_source: str
    output_quantity: int
    output_unit: str
    due_on: date
    status: CommitmentStatus
    reports: list[ProgressReport]
    verified_output: int
    verified_amount_idr: int


class LocationTotals(BaseModel):
    """Sums over a programme's commitments in one regency/city."""

    region_code: str
    commitments: int
    pledged_idr: int
    verified_idr: int
    fulfilled: int


class Totals(BaseModel):
    """Sums for each location that has any."""

    items: list[LocationTotals]


@routes.post("/commitments", operation_id="pledge_commitment", summary="Nyatakan komitmen / Pledge a commitment", status_code=201, response_model=CommitmentOut)
async def pledge(body: PledgeCommitment, command: Creating, caller: Caller = allow(*PLEDGERS)) -> Response:
    """For a prioritised location, by an institution that accepted its invitation."""
    return await command.create(
        lambda transaction: handlers.pledge_commitment(transaction, **dict(body), institution_id=caller.institution_id), CommitmentOut, Commitment
    )


@routes.get("/commitments", operation_id="list_commitments", summary="Daftar komitmen / List commitments")
async def list_commitments(
    request: Request,
    page: Paging,
    programme_id: UUID | None = None,
    location_code: RegionCode | None = None,
    status: CommitmentStatus | None = None,
    caller: Caller = allow(*READERS),
) -> Page[CommitmentOut]:
    """Those of the caller's institution and regions; overseers see all."""
    statement = _visible(commitments.select(), caller)
    for column, value in (("programme_id", programme_id), ("location_code", location_code), ("status", status)):
        if value is not None:
            statement = statement.where(commitments.c[column] == value)
    return await page.listing(request, statement, CommitmentOut, by=[commitments.c.id])


def _visible(statement: "Select[Any]", caller: Caller) -> "Select[Any]":
    if caller.role in OVERSEERS:
        return statement
    mine = [commitments.c.institution_id == caller.institution_id] if caller.institution_id else []
    if caller.role in REGIONAL:
        for code in caller.regions:
            mine += [commitments.c.location_code == code, commitments.c.location_code.startswith(f"{code}.", autoescape=True)]
    return statement.where(or_(false(), *mine))


def _may_see(caller: Caller, commitment: Commitment) -> bool:
    return caller.role in OVERSEERS or caller.acts_for(commitment.institution_id) or (caller.role in REGIONAL and caller.covers(commitment.location_code))


@routes.get("/commitments/{commitment_id}", operation_id="get_commitment", summary="Baca komitmen / Read a commitment", response_model=CommitmentOut)
async def get_commitment(request: Request, commitment_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its reports and its ETag."""
    return await resource(request, Commitment, commitment_id, CommitmentOut, visible=lambda found: _may_see(caller, found))


@routes.post(
    "/commitments/{commitment_id}/progress-reports", operation_id="report_progress", summary="Laporkan capaian / Report progress", response_model=CommitmentOut
)
async def report(commitment_id: UUID, body: ReportProgress, command: Changing, caller: Caller = allow(*PLEDGERS)) -> Response:
    """By the institution that pledged; figures are cumulative."""
    return await command.change(
        commitment_id,
        lambda transaction: handlers.report_progress(transaction, commitment_id, **dict(body), by_institution=caller.institution_id),
        CommitmentOut,
        Commitment,
    )


@routes.post(
    "/commitments/{commitment_id}/progress-reports/{report_id}/verify",
    operation_id="verify_progress",
    summary="Verifikasi capaian / Verify progress",
    response_model=CommitmentOut,
)
async def verify(commitment_id: UUID, report_id: UUID, command: Changing, caller: Caller = allow(*PLEDGERS, Role.AUDITOR)) -> Response:
    """By another institution than the one that reported."""
    return await command.change(
        commitment_id,
        lambda transaction: handlers.verify_progress(transaction, commitment_id, report_id, caller.institution_id, today()),
        CommitmentOut,
        Commitment,
    )


@routes.get("/totals", operation_id="commitment_totals", summary="Jumlah komitmen per lokasi / Commitment totals by location", dependencies=[PUBLIC])
async def totals(request: Request, programme_id: UUID) -> Totals:
    """Summed over this service's own tables at the moment of asking."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(totals_by_location(programme_id))).all()
    return Totals(items=[LocationTotals(**row._mapping) for row in rows])
