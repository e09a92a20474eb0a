"""What can be done with a plan."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.coordination.approvals.domain import Officer, Tier, Verdict
from services.coordination.approvals.handlers import write_down
from services.coordination.commitments.problems import NotTaking
from services.coordination.locations.tables import open_codes
from services.coordination.participation.domain import Participation
from services.coordination.participation.tables import accepted_participations
from services.coordination.plans.domain import ActionPlan, PlanLine, check_lines
from services.coordination.plans.problems import YearOutsideProgramme
from services.coordination.plans.tables import approved_version, set_allotments, versions_of
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme, ProgrammeStatus
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork


async def draft_plan(
    transaction: Transaction, *, programme_id: UUID, institution_id: UUID | None, fiscal_year: int, lines: list[PlanLine], author: str, on: date
) -> ActionPlan:
    """Begin an institution's plan for a year of a programme in force, or the next version of it."""
    async with transaction() as uow:
        programme = await uow.get(Programme, programme_id)
        programme.refuse_unless(programme.status, {ProgrammeStatus.ACTIVE})
        if not programme.valid_from.year <= fiscal_year <= programme.valid_to.year:
            raise YearOutsideProgramme(first=programme.valid_from.year, last=programme.valid_to.year)
        if institution_id is None:
            raise NotTaking
        await _check(uow, programme, institution_id, fiscal_year, lines)
        last = await uow.connection.scalar(versions_of(programme_id, institution_id, fiscal_year))
        plan = ActionPlan.draft(
            id=new_id(),
            programme_id=programme_id,
            institution_id=institution_id,
            fiscal_year=fiscal_year,
            plan_version=(last or 0) + 1,
            lines=lines,
            author=author,
            approval_tiers=[Tier(tier=each.tier, role=each.role) for each in policy_on(on).plan_tiers],
        )
        uow.add(plan)
    return plan


async def _check(uow: UnitOfWork, programme: Programme, institution_id: UUID, fiscal_year: int, lines: Sequence[PlanLine]) -> None:
    ids = (await uow.connection.scalars(accepted_participations(programme.id, institution_id))).all()
    if not ids:
        raise NotTaking
    participations = [await uow.get(Participation, id) for id in ids]
    places = (await uow.connection.scalars(open_codes(programme.id))).all()
    check_lines(
        lines,
        fiscal_year=fiscal_year,
        open_location_codes=places,
        covered=[code for code in places if any(each.covers(code) for each in participations)],
        funding_sources=programme.funding_sources,
    )


async def set_lines(transaction: Transaction, plan_id: UUID, lines: list[PlanLine], by_institution: UUID | None) -> ActionPlan:
    """Write all lines anew."""
    async with transaction() as uow:
        plan = await uow.get(ActionPlan, plan_id)
        plan.set_lines(lines, by_institution)
        await _check(uow, await uow.get(Programme, plan.programme_id), plan.institution_id, plan.fiscal_year, lines)
    return plan


async def submit_plan(transaction: Transaction, plan_id: UUID, by_institution: UUID | None) -> ActionPlan:
    """Hand it over."""
    async with transaction() as uow:
        plan = await uow.get(ActionPlan, plan_id)
        plan.submit(by_institution)
    return plan


async def approve_tier(
    transaction: Transaction, plan_id: UUID, *, tier: int, by: Officer, institution_id: UUID | None, comment: str | None, on: date
) -> ActionPlan:
    """Agree as a tier; with the last one the plan is approved, the former version superseded, and its rupiah can be pledged."""
    async with transaction() as uow:
        plan = await uow.get(ActionPlan, plan_id)
        plan.approve_tier(tier, by, on)
        if plan.approved_on:
            if former := await uow.connection.scalar(approved_version(plan)):
                (await uow.get(ActionPlan, former)).supersede(plan.plan_version)
            for statement in set_allotments(plan):
                uow.also(statement)
        write_down(uow, plan, tier, Verdict.APPROVED, by, institution_id, None, comment)
    return plan


async def request_revision(
    transaction: Transaction, plan_id: UUID, *, tier: int, by: Officer, institution_id: UUID | None, reason_code: str, comment: str
) -> ActionPlan:
    """Give it back."""
    async with transaction() as uow:
        plan = await uow.get(ActionPlan, plan_id)
        plan.request_revision(tier, by, reason_code)
        write_down(uow, plan, tier, Verdict.REVISION_REQUESTED, by, institution_id, reason_code, comment)
    return plan


async def reject_plan(
    transaction: Transaction, plan_id: UUID, *, tier: int, by: Officer, institution_id: UUID | None, reason_code: str, comment: str
) -> ActionPlan:
    """Refuse it; it is kept."""
    async with transaction() as uow:
        plan = await uow.get(ActionPlan, plan_id)
        plan.reject(tier, by, reason_code)
        write_down(uow, plan, tier, Verdict.REJECTED, by, institution_id, reason_code, comment)
    return plan
