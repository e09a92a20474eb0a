"""What can be done with an institution."""

from datetime import date
from uuid import UUID

from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.tables import open_commitments_of
from services.coordination.institutions.domain import Institution, InstitutionType, Mandate, without_overlaps
from services.coordination.participation.domain import Participation
from services.coordination.participation.tables import participations_of
from shared.clock import new_id, today
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
            on=today(),
        )
        uow.add(institution)
    return institution


async def verify_institution(transaction: Transaction, institution_id: UUID, by_institution: UUID | None) -> Institution:
    """Confirm the entry, from outside."""
    async with transaction() as uow:
        institution = await uow.get(Institution, institution_id)
        institution.verify(by_institution)
    return institution


async def set_mandates(transaction: Transaction, institution_id: UUID, mandates: list[Mandate]) -> Institution:
    """Say what it is charged with."""
    async with transaction() as uow:
        institution = await uow.get(Institution, institution_id)
        institution.set_mandates(without_overlaps(mandates))
    return institution


async def rename_institution(transaction: Transaction, institution_id: UUID, *, name: str, effective_from: date, legal_basis: str) -> Institution:
    """Bear another name."""
    async with transaction() as uow:
        institution = await uow.get(Institution, institution_id)
        institution.rename(name, effective_from=effective_from, legal_basis=legal_basis)
    return institution


async def move_institution(
    transaction: Transaction, institution_id: UUID, *, parent_institution_id: UUID | None, effective_from: date, legal_basis: str
) -> Institution:
    """Stand below another parent."""
    async with transaction() as uow:
        if parent_institution_id:
            await uow.get(Institution, parent_institution_id)
        institution = await uow.get(Institution, institution_id)
        institution.move_below(parent_institution_id, effective_from=effective_from, legal_basis=legal_basis)
    return institution


async def suspend_institution(transaction: Transaction, institution_id: UUID, reason_code: str) -> Institution:
    """Not be invited for the time being."""
    async with transaction() as uow:
        institution = await uow.get(Institution, institution_id)
        institution.suspend(reason_code)
    return institution


async def reinstate_institution(transaction: Transaction, institution_id: UUID, reason_code: str) -> Institution:
    """Be invited again."""
    async with transaction() as uow:
        institution = await uow.get(Institution, institution_id)
        institution.reinstate(reason_code)
    return institution


async def merge_institution(transaction: Transaction, institution_id: UUID, *, into: UUID, effective_from: date) -> Institution:
    """Go up in another institution, with open commitments and participations, all at once (perubahan kabinet)."""
    async with transaction() as uow:
        institution, successor = await uow.get(Institution, institution_id), await uow.get(Institution, into)
        commitments = (await uow.connection.scalars(open_commitments_of(institution_id))).all()
        institution.merge(successor, effective_from=effective_from, moved_commitments=len(commitments))
        for id in commitments:
            (await uow.get(Commitment, id)).move_to(into)
        there = {
            (each.programme_id, each.role_code)
            for id in (await uow.connection.scalars(participations_of(into))).all()
            if (each := await uow.get(Participation, id))
        }
        for id in (await uow.connection.scalars(participations_of(institution_id))).all():
            participation = await uow.get(Participation, id)
            if (participation.programme_id, participation.role_code) in there:
                participation.end()  # the successor takes part in that role itself
            else:
                participation.move_to(into)
    return institution


async def retire_institution(transaction: Transaction, institution_id: UUID, effective_from: date) -> Institution:
    """End without a successor."""
    async with transaction() as uow:
        institution = await uow.get(Institution, institution_id)
        taking_part = (await uow.connection.scalars(participations_of(institution_id))).all()
        institution.retire(effective_from=effective_from, participations=len(taking_part))
    return institution
