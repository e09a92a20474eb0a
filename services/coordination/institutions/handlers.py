"""What can be done with an institution."""

from uuid import UUID

from services.coordination.institutions.domain import Institution, InstitutionType
from shared.clock import new_id
from shared.database import Transaction


async def register_institution(
    transaction: Transaction,
    *,
    code: str,
    name: str,
    institution_type: InstitutionType,
    parent_institution_id: UUID | None,
    sector_code: str | None,
) -> Institution:
    """Enter it in the register, below its parent if it has one."""
    async with transaction() as uow:
        if parent_institution_id:
            await uow.get(Institution, parent_institution_id)
        institution = Institution.register(
            id=new_id(),
            code=code,
            name=name,
            institution_type=institution_type,
            parent_institution_id=parent_institution_id,
            sector_code=sector_code,
        )
        uow.add(institution)
    return institution
