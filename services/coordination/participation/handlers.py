"""What can be done with a participation."""

from datetime import date
from uuid import UUID

from services.coordination.institutions.domain import Institution
from services.coordination.participation.domain import Participation, ParticipationRole
from services.coordination.programmes.domain import Programme
from shared.clock import new_id
from shared.database import Transaction


async def invite_institution(
    transaction: Transaction,
    *,
    programme_id: UUID,
    institution_id: UUID,
    role_code: ParticipationRole,
    area_scope: list[str],
    respond_by: date,
) -> Participation:
    """Ask a registered institution to take part in a programme."""
    async with transaction() as uow:
        await uow.get(Programme, programme_id)
        await uow.get(Institution, institution_id)
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
