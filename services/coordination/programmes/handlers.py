"""What can be done with a programme."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.coordination.approvals.domain import Officer, Tier, Verdict
from services.coordination.approvals.handlers import write_down
from services.coordination.commitments.tables import open_commitments
from services.coordination.institutions.domain import Institution
from services.coordination.participation.domain import Participation
from services.coordination.participation.tables import participations_in
from services.coordination.policies.domain import Policy, policy_on
from services.coordination.programmes.domain import Programme, Target
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
    targets: list[Target] | None = None,
    required_interventions: list[str] | None = None,
    pillar_codes: list[str] | None = None,
    approval_tiers: list[Tier] | None = None,
) -> Programme:
    """Write a programme down; its lead institution must be registered. What is not given follows the policy in force on its first day."""
    policy = policy_on(valid_from)
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
            targets=_targets(policy) if targets is None else targets,
            required_interventions=list(policy.required_interventions) if required_interventions is None else required_interventions,
            pillar_codes=list(policy.default_pillar_codes) if pillar_codes is None else pillar_codes,
            approval_tiers=[Tier(tier=each.tier, role=each.role) for each in policy.programme_tiers] if approval_tiers is None else approval_tiers,
        )
        uow.add(programme)
    return programme


def _targets(policy: Policy) -> list[Target]:
    return [Target(indicator_code=each.indicator_code, value=each.value, by=each.by) for each in policy.targets]


async def revise_programme(transaction: Transaction, programme_id: UUID, changes: Mapping[str, Any]) -> Programme:
    """Mend it before it is submitted (again)."""
    async with transaction() as uow:
        if lead := changes.get("lead_institution_id"):
            await uow.get(Institution, lead)
        programme = await uow.get(Programme, programme_id)
        programme.revise(changes)
    return programme


async def submit_programme(transaction: Transaction, programme_id: UUID) -> Programme:
    """Hand it over for approval."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.submit()
    return programme


async def approve_tier(transaction: Transaction, programme_id: UUID, *, tier: int, by: Officer, institution_id: UUID | None, comment: str | None) -> Programme:
    """Agree as a tier before the last."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.approve_tier(tier, by)
        write_down(uow, programme, tier, Verdict.APPROVED, by, institution_id, None, comment)
    return programme


async def request_revision(
    transaction: Transaction, programme_id: UUID, *, tier: int, by: Officer, institution_id: UUID | None, reason_code: str, comment: str
) -> Programme:
    """Give it back."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.request_revision(tier, by, reason_code)
        write_down(uow, programme, tier, Verdict.REVISION_REQUESTED, by, institution_id, reason_code, comment)
    return programme


async def activate_programme(
    transaction: Transaction, programme_id: UUID, by: Officer, on: date, *, institution_id: UUID | None = None, comment: str | None = None
) -> Programme:
    """Put it in force, as the last tier of approval."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.activate(by, policy_on(on).freeze_period(on))
        write_down(uow, programme, len(programme.approval_tiers), Verdict.APPROVED, by, institution_id, None, comment)
    return programme


async def suspend_programme(transaction: Transaction, programme_id: UUID, reason_code: str, on: date) -> Programme:
    """Take no new plans and pledges for the time being."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.suspend(reason_code, on)
    return programme


async def resume_programme(transaction: Transaction, programme_id: UUID, on: date) -> Programme:
    """Go on."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.resume(on)
    return programme


async def close_programme(transaction: Transaction, programme_id: UUID, *, final_report_hash: str, carry_over: bool, on: date) -> Programme:
    """End it with its participations."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        still_open = await uow.connection.scalar(open_commitments(programme_id)) or 0
        programme.close(final_report_hash=final_report_hash, open_commitments=still_open, carry_over=carry_over, on=on)
        for id in (await uow.connection.scalars(participations_in(programme_id))).all():
            (await uow.get(Participation, id)).end()
    return programme


async def cancel_programme(transaction: Transaction, programme_id: UUID, reason_code: str) -> Programme:
    """Give it up before it came into force."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.cancel(reason_code)
    return programme
