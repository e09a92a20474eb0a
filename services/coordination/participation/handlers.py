"""What can be done with a participation."""

from datetime import date
from uuid import UUID

from services.coordination.commitments.tables import open_location_codes, transferred_commitments
from services.coordination.institutions.domain import Institution, InstitutionStatus
from services.coordination.institutions.problems import InstitutionNotVerified
from services.coordination.participation.domain import Participation, ParticipationRole
from services.coordination.participation.problems import ProgrammeNotOpen
from services.coordination.participation.tables import unanswered
from services.coordination.programmes.domain import Programme, ProgrammeStatus
from shared.clock import new_id
from shared.database import Database, Transaction


async def invite_institution(
    transaction: Transaction,
    *,
    programme_id: UUID,
    institution_id: UUID,
    role_code: ParticipationRole,
    area_scope: list[str],
    respond_by: date,
) -> Participation:
    """Ask a verified institution to take part in a programme."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        if programme.status not in (ProgrammeStatus.DRAFT, ProgrammeStatus.ACTIVE):
            raise ProgrammeNotOpen(state=programme.status)
        institution = await uow.get(Institution, institution_id)
        if institution.status is not InstitutionStatus.VERIFIED:
            raise InstitutionNotVerified(state=institution.status)
        participation = Participation.invite(
            id=new_id(),
            programme_id=programme_id,
            institution_id=institution_id,
            role_code=role_code,
            area_scope=sorted(set(area_scope)),
            respond_by=respond_by,
        )
        uow.add(participation)
    return participation


async def accept_invitation(transaction: Transaction, participation_id: UUID, by_institution: UUID | None, on: date) -> Participation:
    """Take part."""
    async with transaction() as uow:
        participation = await uow.get(Participation, participation_id)
        participation.accept(by_institution, on)
    return participation


async def decline_invitation(transaction: Transaction, participation_id: UUID, by_institution: UUID | None, on: date, reason_code: str) -> Participation:
    """Not take part."""
    async with transaction() as uow:
        participation = await uow.get(Participation, participation_id)
        participation.decline(by_institution, on, reason_code)
    return participation


async def change_scope(transaction: Transaction, participation_id: UUID, area_scope: list[str], on: date) -> Participation:
    """Take part for other areas."""
    async with transaction() as uow:
        participation = await uow.get(Participation, participation_id)
        codes = await uow.connection.scalars(open_location_codes(participation.programme_id, participation.institution_id))
        participation.change_scope(sorted(set(area_scope)), on=on, open_location_codes=codes.all())
    return participation


async def suspend_participation(transaction: Transaction, participation_id: UUID, reason_code: str) -> Participation:
    """Not pledge for the time being."""
    async with transaction() as uow:
        participation = await uow.get(Participation, participation_id)
        participation.suspend(reason_code)
    return participation


async def resume_participation(transaction: Transaction, participation_id: UUID) -> Participation:
    """Pledge again."""
    async with transaction() as uow:
        participation = await uow.get(Participation, participation_id)
        participation.resume()
    return participation


async def withdraw_participation(transaction: Transaction, participation_id: UUID, by_institution: UUID | None, reason_code: str) -> Participation:
    """Take part no longer."""
    async with transaction() as uow:
        participation = await uow.get(Participation, participation_id)
        codes = await uow.connection.scalars(open_location_codes(participation.programme_id, participation.institution_id))
        moved = await uow.connection.scalars(transferred_commitments(participation.programme_id, participation.institution_id))
        participation.withdraw(by_institution, reason_code, open_commitments=len(codes.all()), transferred=list(moved.all()))
    return participation


async def expire_invitations(database: Database, on: date) -> int:
    """Those whose day has passed; how many there were."""
    async with database.reading() as connection:
        ids = (await connection.scalars(unanswered(on))).all()
    for id in ids:
        async with database.transaction() as uow:
            (await uow.get(Participation, id)).expire(on)
    return len(ids)
