"""Assessing: gather the facts, apply the rules, keep the answer."""

from datetime import date
from uuid import UUID

from services.facilitation.eligibility.domain import Inputs, ServiceCode, assess
from services.facilitation.eligibility.tables import eligibility_results
from services.facilitation.enterprises.criteria import criteria_on
from services.facilitation.enterprises.domain import Enterprise, LegalityType
from services.facilitation.enterprises.tables import place_of
from services.facilitation.groups.domain import GroupStatus
from services.facilitation.locations.tables import priority_in_force
from services.facilitation.scope import get_within
from services.facilitation.waivers.tables import waiver_in_force
from shared.clock import new_id, now
from shared.database import Transaction, UnitOfWork
from shared.security.identity import Caller

_CERTIFICATES = (LegalityType.HALAL, LegalityType.PIRT, LegalityType.SNI)


async def inputs_of(uow: UnitOfWork, enterprise: Enterprise, programme_id: UUID, on: date) -> Inputs:
    """The facts about an enterprise in a programme."""
    place = (await uow.connection.execute(place_of(enterprise.id))).one_or_none()
    priority = await uow.connection.scalar(priority_in_force(programme_id, enterprise.region_code, on))
    waiver = await uow.connection.scalar(waiver_in_force(programme_id, enterprise.region_code, place.group_id if place else None, on))
    scale = criteria_on(on)
    valid = {each.legality_type for each in enterprise.legality if each.valid_until is None or each.valid_until >= on}
    return Inputs(
        micro=scale.is_micro(capital_idr=enterprise.capital_idr, annual_sales_idr=enterprise.annual_sales_idr),
        consent=enterprise.consent_withdrawn_on is None,
        member=place is not None,
        group_active=place is not None and place.status == GroupStatus.ACTIVE,
        prioritised=priority is not None,
        waived=waiver is not None,
        nib=enterprise.nib is not None,
        certified=bool(valid.intersection(_CERTIFICATES)),
        on=on,
    )


async def assess_eligibility(
    transaction: Transaction, enterprise_id: UUID, caller: Caller, *, service_code: ServiceCode, programme_id: UUID, on: date
) -> Enterprise:
    """Assess an enterprise for a service of a programme, and keep the answer with what it rests on."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        facts = await inputs_of(uow, enterprise, programme_id, on)
        found = assess(service_code, facts)
        enterprise.assess_eligibility(
            service_code=service_code,
            outcome=found.outcome,
            reason_codes=found.reason_codes,
            rule_version=found.rule_version,
            inputs_hash=facts.hash,
        )
        kept = {
            "id": new_id(),
            "enterprise_id": enterprise_id,
            "service_code": service_code,
            "outcome": found.outcome,
            "reason_codes": list(found.reason_codes),
            "rule_version": found.rule_version,
            "inputs_hash": facts.hash,
            "assessed_on": on,
            "assessed_at": now(),
        }
        uow.also(eligibility_results.insert().values(kept))
    return enterprise
