"""What can be done with a commitment."""

from datetime import date
from uuid import UUID

from services.coordination.commitments.domain import Commitment, LocationNotOpen, NotTaking, OutsideProgramme, ProgressReport
from services.coordination.locations.tables import open_location
from services.coordination.participation.domain import Participation
from services.coordination.participation.tables import accepted_participations
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
) -> Commitment:
    """Promise an output for an open location, as an institution that takes part there."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.refuse_unless(programme.status, {ProgrammeStatus.ACTIVE})
        if not programme.valid_from <= due_on <= programme.valid_to or funding_source not in programme.funding_sources:
            raise OutsideProgramme(valid_from=str(programme.valid_from), valid_to=str(programme.valid_to), funding_sources=programme.funding_sources)
        if institution_id is None or not await _takes_part(uow, programme_id, institution_id, location_code):
            raise NotTaking
        if await uow.connection.scalar(open_location(programme_id, location_code)) is None:
            raise LocationNotOpen
        commitment = Commitment.pledge(
            id=new_id(),
            programme_id=programme_id,
            institution_id=institution_id,
            location_code=location_code,
            intervention_code=intervention_code,
            amount_idr=Rupiah(amount_idr),
            funding_source=funding_source,
            output_quantity=output_quantity,
            output_unit=output_unit,
            due_on=due_on,
        )
        uow.add(commitment)
    return commitment


async def _takes_part(uow: UnitOfWork, programme_id: UUID, institution_id: UUID, location_code: str) -> bool:
    ids = (await uow.connection.scalars(accepted_participations(programme_id, institution_id))).all()
    return any([(await uow.get(Participation, id)).covers(location_code) for id in ids])


async def report_progress(
    transaction: Transaction,
    commitment_id: UUID,
    *,
    cumulative_output: int,
    cumulative_amount_idr: int,
    as_of: date,
    evidence_hashes: list[str],
    by_institution: UUID | None,
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
        )
        commitment.report_progress(report, by_institution)
    return commitment


async def verify_progress(transaction: Transaction, commitment_id: UUID, report_id: UUID, by_institution: UUID | None, on: date) -> Commitment:
    """Confirm a report, as another institution."""
    async with transaction() as uow:
        commitment = await uow.get(Commitment, commitment_id)
        commitment.verify_progress(report_id, by_institution, on)
    return commitment
