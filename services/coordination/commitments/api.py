"""Routes of commitments, and their public totals."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field, computed_field
from sqlalchemy import Select, false, or_

from services.coordination.calendar.days import calendar
from services.coordination.commitments import handlers
from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.state import CommitmentStatus, Escalation, ProgressReport
from services.coordination.commitments.tables import as_recorded, commitments, totals_by_location
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
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
    due_on: Annotated[date, Field(description="moved to the next working day where it is none; the answer says so")]
    plan_id: Annotated[UUID | None, Field(description="the approved action plan whose line this follows; null: off plan (di luar rencana)")] = None
    propose_only: Annotated[bool, Field(strict=True, description="leave it proposed, for the signatory to pledge")] = False


class ReportProgress(RequestModel):
    """Cumulative progress with evidence."""

    cumulative_output: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    cumulative_amount_idr: RupiahOrNone
    as_of: date
    evidence_hashes: Annotated[list[Sha256], Field(min_length=1, max_length=50)]
    correction_reason_code: Annotated[Code | None, Field(description="why figures fall, where they do", examples=["counted_twice"])] = None


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["evidence_unclear"])]


class ReleaseCommitment(RequestModel):
    """Why, and what takes its place."""

    reason_code: Annotated[Code, Field(examples=["budget_cut"])]
    successor_commitment_id: UUID | None = None
    accept_gap: Annotated[bool, Field(strict=True)] = False


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
    plan_id: UUID | None
    requested_due_on: date | None = Field(description="the day asked for, where it was no working day")
    due_version: int
    escalations: list[Escalation]
    successor_commitment_id: UUID | None
    reason_code: str | None

    @computed_field(description="why the due date was moved, in Indonesian and English; null where it was not")  # type: ignore[prop-decorator]
    @property
    def due_date_moved_because(self) -> tuple[str, str] | None:
        """What made the day asked for no working day."""
        return calendar().why_not(self.requested_due_on) if self.requested_due_on else None


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


def _may_see(caller: Caller, commitment: Commitment | CommitmentOut) -> bool:
    return caller.role in OVERSEERS or caller.acts_for(commitment.institution_id) or (caller.role in REGIONAL and caller.covers(commitment.location_code))


@routes.get("/commitments/{commitment_id}", operation_id="get_commitment", summary="Baca komitmen / Read a commitment", response_model=CommitmentOut)
async def get_commitment(
    request: Request,
    commitment_id: UUID,
    as_of: Annotated[AwareDatetime | None, Query(description="an instant with its offset, such as 2026-07-01T00:00:00Z")] = None,
    caller: Caller = allow(*READERS),
) -> Response:
    """With its reports and its ETag; with `as_of` as it was at that instant, without an ETag."""
    if as_of is None:
        return await resource(request, Commitment, commitment_id, CommitmentOut, visible=lambda found: _may_see(caller, found))
    database: Database = request.app.state.database
    async with database.reading() as connection:
        row = (await connection.execute(as_recorded(commitment_id, as_of))).one_or_none()
    if row is None:
        raise NotFound
    then = CommitmentOut.model_validate(row.state)
    if not _may_see(caller, then):
        raise NotFound
    return Response(then.model_dump_json(), headers={"Cache-Control": "private, no-cache"}, media_type="application/json")


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
        lambda transaction: handlers.verify_progress(transaction, commitment_id, report_id, caller.institution_id),
        CommitmentOut,
        Commitment,
    )


@routes.post(
    "/commitments/{commitment_id}/progress-reports/{report_id}/dispute",
    operation_id="dispute_progress",
    summary="Sanggah capaian / Dispute progress",
    response_model=CommitmentOut,
)
async def dispute(commitment_id: UUID, report_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*PLEDGERS, Role.AUDITOR)) -> Response:
    """By another institution than the one that reported; the report counts no longer."""
    return await command.change(
        commitment_id,
        lambda transaction: handlers.dispute_progress(transaction, commitment_id, report_id, caller.institution_id, body.reason_code),
        CommitmentOut,
        Commitment,
    )


@routes.post(
    "/commitments/{commitment_id}/pledge",
    operation_id="sign_commitment",
    summary="Nyatakan komitmen yang diusulkan / Pledge what was proposed",
    response_model=CommitmentOut,
)
async def sign(commitment_id: UUID, command: Changing, caller: Caller = allow(*PLEDGERS)) -> Response:
    """By the signatory of the institution."""
    return await command.change(
        commitment_id, lambda transaction: handlers.sign_commitment(transaction, commitment_id, caller.institution_id), CommitmentOut, Commitment
    )


@routes.post("/commitments/{commitment_id}/cancel", operation_id="cancel_commitment", summary="Batalkan usul / Cancel a proposal", response_model=CommitmentOut)
async def cancel(commitment_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*PLEDGERS)) -> Response:
    """Before it is pledged."""
    return await command.change(
        commitment_id,
        lambda transaction: handlers.cancel_commitment(transaction, commitment_id, caller.institution_id, body.reason_code),
        CommitmentOut,
        Commitment,
    )


@routes.post(
    "/commitments/{commitment_id}/report-fulfilled",
    operation_id="report_fulfilled",
    summary="Laporkan selesai / Report fulfilment",
    response_model=CommitmentOut,
)
async def fulfilled(commitment_id: UUID, command: Changing, caller: Caller = allow(*PLEDGERS)) -> Response:
    """By the institution that pledged, when its last report reaches what was promised."""
    return await command.change(
        commitment_id, lambda transaction: handlers.report_fulfilled(transaction, commitment_id, caller.institution_id), CommitmentOut, Commitment
    )


@routes.post(
    "/commitments/{commitment_id}/confirm-fulfilled",
    operation_id="confirm_fulfilled",
    summary="Benarkan selesai / Confirm fulfilment",
    response_model=CommitmentOut,
)
async def confirm(commitment_id: UUID, command: Changing, caller: Caller = allow(*PLEDGERS, Role.AUDITOR)) -> Response:
    """By another institution."""
    return await command.change(
        commitment_id, lambda transaction: handlers.confirm_fulfilled(transaction, commitment_id, caller.institution_id, today()), CommitmentOut, Commitment
    )


@routes.post(
    "/commitments/{commitment_id}/reject-fulfilled",
    operation_id="reject_fulfilled",
    summary="Tolak laporan selesai / Reject fulfilment",
    response_model=CommitmentOut,
)
async def reject(commitment_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*PLEDGERS, Role.AUDITOR)) -> Response:
    """By another institution, with a reason."""
    return await command.change(
        commitment_id,
        lambda transaction: handlers.reject_fulfilled(transaction, commitment_id, caller.institution_id, body.reason_code),
        CommitmentOut,
        Commitment,
    )


@routes.post("/commitments/{commitment_id}/release", operation_id="release_commitment", summary="Lepaskan komitmen / Release", response_model=CommitmentOut)
async def release(commitment_id: UUID, body: ReleaseCommitment, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """By the coordinator; a successor is named, or the gap accepted."""
    return await command.change(
        commitment_id, lambda transaction: handlers.release_commitment(transaction, commitment_id, **dict(body)), CommitmentOut, Commitment
    )


@routes.get("/totals", operation_id="commitment_totals", summary="Jumlah komitmen per lokasi / Commitment totals by location", dependencies=[PUBLIC])
async def totals(request: Request, programme_id: UUID) -> Totals:
    """Summed over this service's own tables at the moment of asking."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(totals_by_location(programme_id))).all()
    return Totals(items=[LocationTotals(**row._mapping) for row in rows])
