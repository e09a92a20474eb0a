"""Finding overlaps and gaps: when plans are approved, when commitments come and go, and once an hour."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.coordination.action_items.domain import ActionItem, ActionItemStatus, Origin, Priority
from services.coordination.action_items.tables import unfinished_from
from services.coordination.calendar.days import calendar
from services.coordination.convergence.domain import last_day_of, missing, quarter_of
from services.coordination.convergence.queries import entries_of
from services.coordination.institutions.domain import Institution
from services.coordination.locations.domain import Location
from services.coordination.locations.tables import locations
from services.coordination.participation.domain import Participation, ParticipationStatus
from services.coordination.participation.tables import participations
from services.coordination.plans.domain import ActionPlan, Overlap, PlanStatus
from services.coordination.plans.tables import approved_plans
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme
from services.coordination.programmes.tables import running_programmes
from shared.clock import id_caused_by, today
from shared.contracts.coordination import ConvergenceGapClosed, ConvergenceGapDetected
from shared.contracts.coordination_plans import ActionPlanApproved
from shared.database import Database, Transaction, UnitOfWork
from shared.envelope import Message
from shared.errors import StaleVersion


async def when_action_plan_approved(transaction: Transaction, event: ActionPlanApproved, _: Message) -> None:
    """Flag every cell that another institution's plan in force has too, on both plans. Of two plans approved at one moment the later reaction sees both."""
    async with transaction() as uow:
        plan = await uow.get(ActionPlan, event.plan_id)
        if plan.status is not PlanStatus.APPROVED:
            return
        rule, cells = policy_on(today()).overlap_rule_version, {line.cell for line in plan.lines}
        others = (await uow.connection.execute(approved_plans(plan.programme_id, plan.fiscal_year))).all()
        for row in others:
            shared_cells = sorted(cells & {line.cell for line in row.lines}) if row.institution_id != plan.institution_id else []
            if not shared_cells:
                continue
            other = await uow.get(ActionPlan, row.id)
            for location, intervention, quarter in shared_cells:
                for one, two in ((plan, other), (other, plan)):
                    found = Overlap(other_plan_id=two.id, location_code=location, intervention_code=intervention, quarter=quarter)
                    one.flag_overlap(found, rule)


async def look_for_gaps(database: Database, on: date) -> int:
    """Compare what every open location of the programmes in force needs with what it gets; how many locations changed."""
    changed = 0
    async with database.reading() as connection:
        programmes = [Programme(**row._mapping) for row in await connection.execute(running_programmes())]
    for programme in programmes:
        if programme.valid_from <= on <= programme.valid_to and programme.required_interventions:
            changed += await _look_at(database, programme, on)
    return changed


async def _look_at(database: Database, programme: Programme, on: date) -> int:
    policy, quarter, changed = policy_on(on), quarter_of(on), 0
    async with database.reading() as connection:
        entries = await entries_of(connection, programme.id, on.year)
        of_programme = select(locations).where(locations.c.programme_id == programme.id, locations.c.closed_on.is_(None))
        places = [Location(**row._mapping) for row in await connection.execute(of_programme.order_by(locations.c.region_code))]
    for place in places:
        found = missing(place.region_code, programme.required_interventions, entries)
        if calendar().plus(place.opened_on, policy.gap_grace_working_days) >= on or not place.differs(quarter, found):
            continue
        try:
            async with database.transaction() as uow:
                location = await uow.get(Location, place.id)
                location.set_gaps(quarter, found, policy.gap_rule_version)
                changed += bool(location.recorded)
        except StaleVersion:
            continue  # a list of priorities arrived at this moment; the next look finds what is left
    return changed


async def when_convergence_gap_detected(transaction: Transaction, event: ConvergenceGapDetected, message: Message) -> None:
    """Give the institution in charge of each missing intervention something to do."""
    async with transaction() as uow:
        programme = await uow.get(Programme, event.programme_id)
        on = today()
        due_on = min(calendar().plus(on, policy_on(on).gap_due_working_days), last_day_of(event.quarter))
        for code in event.missing_intervention_codes:
            uow.add(
                ActionItem.create(
                    id=id_caused_by(message.id, code),
                    programme_id=programme.id,
                    owner_institution_id=await in_charge(uow, programme, event.location_code, code, on),
                    origin_type=Origin.CONVERGENCE_GAP,
                    origin_id=event.location_id,
                    title=f"Isi kekosongan {code} di {event.location_code}, {event.quarter}",
                    location_code=event.location_code,
                    intervention_code=code,
                    due_on=calendar().on_or_after(max(due_on, on)),
                    priority=Priority.HIGH,
                )
            )


async def in_charge(uow: UnitOfWork, programme: Programme, location_code: str, intervention_code: str, on: date) -> UUID:
    """The participant whose mandate names the intervention and whose scope holds the location; the programme's lead where there is none."""
    p = participations.c
    taking_part = select(participations).where(p.programme_id == programme.id, p.status == ParticipationStatus.ACCEPTED).order_by(p.id)
    candidates: list[Institution] = []
    for row in (await uow.connection.execute(taking_part)).all():
        if Participation(**row._mapping).covers(location_code):
            institution = await uow.get(Institution, row.institution_id)
            if institution.in_charge_of(intervention_code, on):
                candidates.append(institution)
    return min(candidates, key=lambda each: each.code).id if candidates else programme.lead_institution_id


async def when_convergence_gap_closed(transaction: Transaction, event: ConvergenceGapClosed, _: Message) -> None:
    """What was asked for because of the gap is no longer needed."""
    async with transaction() as uow:
        for id in await _unfinished(uow, event.location_id, event.covered_intervention_codes):
            item = await uow.get(ActionItem, id)
            if item.status is not ActionItemStatus.DONE_REPORTED:
                item.drop("gap_closed")


async def _unfinished(uow: UnitOfWork, origin_id: UUID, codes: list[str]) -> Sequence[UUID]:
    return (await uow.connection.scalars(unfinished_from(origin_id, codes))).all()
