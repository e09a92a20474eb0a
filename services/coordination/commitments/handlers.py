"""What can be done with a commitment."""

from datetime import date
from uuid import UUID

from services.coordination.calendar.days import calendar
from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.problems import DueAfterProgramme, LocationNotOpen, NotTaking, OutsideProgramme, PlanDoesNotHold
from services.coordination.commitments.state import ProgressReport
from services.coordination.locations.tables import open_location
from services.coordination.participation.domain import Participation
from services.coordination.participation.tables import accepted_participations
from services.coordination.plans.domain import ActionPlan, PlanStatus
from services.coordination.plans.tables import allot
from services.coordination.programmes.domain import Programme, ProgrammeStatus
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.money import Rupiah


async def pledge_commitment(
    transaction: Transaction,
    *,
    programme_id: UUID,
    institution_id: UUID | None,
    location_code: str,
    intervention_code: str,
    amount_idr: int,
    funding_source: str,
    output_quantity: int,
    output_unit: str,
    due_on: date,
    plan_id: UUID | None = None,
    propose_only: bool = False,
) -> Commitment:
    """Promise an output for an open location, as an institution that takes part there; with `propose_only` write it down for the signatory."""
    async with transaction() as uow:
        programme = await _running(uow, programme_id)
        if funding_source not in programme.funding_sources:
            raise _outside(programme)
        if institution_id is None or not await takes_part(uow, programme_id, institution_id, location_code):
            raise NotTaking
        if await uow.connection.scalar(open_location(programme_id, location_code)) is None:
            raise LocationNotOpen
        moved = working_due_date(due_on, programme)
        commitment = Commitment.propose(
            id=new_id(),
            programme_id=programme_id,
            institution_id=institution_id,
            location_code=location_code,
            intervention_code=intervention_code,
            amount_idr=Rupiah(amount_idr),
            funding_source=funding_source,
            output_quantity=output_quantity,
            output_unit=output_unit,
            due_on=moved,
            requested_due_on=due_on if moved != due_on else None,
            plan_id=plan_id,
        )
        if plan_id:
            await _line_of(uow, commitment)
        if not propose_only:
            commitment.pledge(institution_id)
            await _allot(uow, commitment, amount_idr)
        uow.add(commitment)
    return commitment


def _outside(programme: Programme) -> OutsideProgramme:
    return OutsideProgramme(valid_from=str(programme.valid_from), valid_to=str(programme.valid_to), funding_sources=programme.funding_sources)


def working_due_date(due_on: date, programme: Programme) -> date:
    """The working day (hari kerja) that something is due on: the day itself or the next one, within the programme's dates."""
    if not programme.valid_from <= due_on <= programme.valid_to:
        raise _outside(programme)
    days = calendar()
    after = days.on_or_after(due_on)
    return after if after <= programme.valid_to else days.plus(after, -1)


async def _running(uow: UnitOfWork, programme_id: UUID) -> Programme:
    programme = await uow.get(Programme, programme_id)
    programme.refuse_unless(programme.status, {ProgrammeStatus.ACTIVE})
    return programme


async def takes_part(uow: UnitOfWork, programme_id: UUID, institution_id: UUID, location_code: str) -> bool:
    """Whether an accepted participation of the institution covers the location."""
    ids = (await uow.connection.scalars(accepted_participations(programme_id, institution_id))).all()
    return any([(await uow.get(Participation, id)).covers(location_code) for id in ids])


async def _line_of(uow: UnitOfWork, commitment: Commitment) -> ActionPlan:
    plan = await uow.find(ActionPlan, commitment.plan_id) if commitment.plan_id else None
    if plan is None or plan.status is not PlanStatus.APPROVED or plan.institution_id != commitment.institution_id:
        raise PlanDoesNotHold
    if plan.programme_id != commitment.programme_id or not plan.planned(commitment.location_code, commitment.intervention_code):
        raise PlanDoesNotHold
    return plan


async def _allot(uow: UnitOfWork, commitment: Commitment, amount_idr: int) -> None:
    """Take rupiah from the plan's line, or give them back; the database refuses more than there are."""
    if commitment.plan_id:
        plan = await uow.get(ActionPlan, commitment.plan_id)
        uow.also(allot(plan, commitment.location_code, commitment.intervention_code, amount_idr))


async def sign_commitment(transaction: Transaction, commitment_id: UUID, by_institution: UUID | None) -> Commitment:
    """Pledge what was proposed."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.pledge(by_institution)
        await _running(uow, commitment.programme_id)
        if not await takes_part(uow, commitment.programme_id, commitment.institution_id, commitment.location_code):
            raise NotTaking
        if commitment.plan_id:
            await _line_of(uow, commitment)
        await _allot(uow, commitment, commitment.amount_idr)
    return commitment


async def cancel_commitment(transaction: Transaction, commitment_id: UUID, by_institution: UUID | None, reason_code: str) -> Commitment:
    """Give up what was proposed."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.cancel(by_institution, reason_code)
    return commitment


async def report_progress(
    transaction: Transaction,
    commitment_id: UUID,
    *,
    cumulative_output: int,
    cumulative_amount_idr: int,
    as_of: date,
    evidence_hashes: list[str],
    by_institution: UUID | None,
    correction_reason_code: str | None = None,
) -> Commitment:
    """Say how far it is, with evidence."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        report = ProgressReport(
            id=new_id(),
            cumulative_output=cumulative_output,
            cumulative_amount_idr=cumulative_amount_idr,
            as_of=as_of,
            evidence_hashes=evidence_hashes,
            correction_reason_code=correction_reason_code,
        )
        commitment.report_progress(report, by_institution)
    return commitment


async def verify_progress(transaction: Transaction, commitment_id: UUID, report_id: UUID, by_institution: UUID | None) -> Commitment:
    """Confirm a report, as another institution."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.verify_progress(report_id, by_institution)
    return commitment


async def dispute_progress(transaction: Transaction, commitment_id: UUID, report_id: UUID, by_institution: UUID | None, reason_code: str) -> Commitment:
    """Contest a report, as another institution."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.dispute_progress(report_id, by_institution, reason_code)
    return commitment


async def report_fulfilled(transaction: Transaction, commitment_id: UUID, by_institution: UUID | None) -> Commitment:
    """Say that all is done."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.report_fulfilled(by_institution)
    return commitment


async def confirm_fulfilled(transaction: Transaction, commitment_id: UUID, by_institution: UUID | None, on: date) -> Commitment:
    """Confirm that all is done, as another institution."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.confirm_fulfilled(by_institution, on)
    return commitment


async def reject_fulfilled(transaction: Transaction, commitment_id: UUID, by_institution: UUID | None, reason_code: str) -> Commitment:
    """Not confirm it, as another institution."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.reject_fulfilled(by_institution, reason_code)
    return commitment


async def release_commitment(
    transaction: Transaction, commitment_id: UUID, *, reason_code: str, successor_commitment_id: UUID | None, accept_gap: bool
) -> Commitment:
    """Let the institution go, as the coordinator."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        successor = await uow.find(Commitment, successor_commitment_id) if successor_commitment_id else None
        commitment.release(reason_code, successor=successor, accept_gap=accept_gap)
        await _allot(uow, commitment, -commitment.amount_idr)
    return commitment


async def reschedule(uow: UnitOfWork, commitment: Commitment, due_on: date, *, change_request_id: UUID, on: date) -> None:
    """Be due on another day: a working day from today on, within the programme's dates."""
    programme = await uow.get(Programme, commitment.programme_id)
    if not on <= due_on <= programme.valid_to:
        raise DueAfterProgramme(earliest=str(on), latest=str(programme.valid_to))
    moved = working_due_date(due_on, programme)
    commitment.reschedule(moved, requested=due_on if moved != due_on else None, change_request_id=change_request_id)


async def amend(uow: UnitOfWork, commitment: Commitment, *, amount_idr: int, output_quantity: int, change_request_id: UUID) -> None:
    """Promise another amount or output; a plan's line gives or takes the difference."""
    difference = amount_idr - commitment.amount_idr
    commitment.amend(amount_idr=Rupiah(amount_idr), output_quantity=output_quantity, change_request_id=change_request_id)
    await _allot(uow, commitment, difference)
