"""What can be done with a programme."""

from datetime import date
from uuid import UUID

from services.coordination.institutions.domain import Institution
from services.coordination.programmes.domain import Programme
from shared.clock import new_id
from shared.database import Transaction


async def draft_programme(
    transaction: Transaction,
    *,
    code: str,
    title: str,
    legal_basis: str,
    valid_from: date,
    valid_to: date,
    area_quota: int,
    province_quota: int,
    funding_sources: list[str],
    lead_institution_id: UUID,
    author: str,
) -> Programme:
    """Write a programme down; its lead institution must be registered."""
    async with transaction() as uow:
        await uow.get(Institution, lead_institution_id)
        programme = Programme.draft(
            id=new_id(),
            code=code,
            title=title,
            legal_basis=legal_basis,
            valid_from=valid_from,
            valid_to=valid_to,
            area_quota=area_quota,
            province_quota=province_quota,
            funding_sources=funding_sources,
            lead_institution_id=lead_institution_id,
            author=author,
        )
        uow.add(programme)
    return programme


async def submit_programme(transaction: Transaction, programme_id: UUID) -> Programme:
    """Hand it over for approval."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.submit()
    return programme


async def activate_programme(transaction: Transaction, programme_id: UUID, by: str) -> Programme:
    """Put it in force; `by` is not its author."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.activate(by)
    return programme
