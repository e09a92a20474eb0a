"""Climbing: the facts of the register and of the timeline, judged by the ladder of the day."""

from datetime import date
from uuid import UUID

from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.enterprises.problems import NotGraduatedYet
from services.facilitation.enterprises.tables import place_of
from services.facilitation.ladder.domain import Criterion, Facts, ladder_on, quarter_of
from services.facilitation.ladder.tables import checked, quarters_met
from services.facilitation.scope import get_within
from services.facilitation.timeline.tables import counts_of
from shared.database import Transaction, UnitOfWork
from shared.security.identity import Caller


async def facts_of(uow: UnitOfWork, enterprise: Enterprise) -> Facts:
    """What the ladder looks at."""
    place = (await uow.connection.execute(place_of(enterprise.id))).one_or_none()
    counted = (await uow.connection.execute(counts_of(enterprise.id))).all()
    return Facts(
        member=place is not None,
        nib=enterprise.nib is not None,
        annual_sales_idr=enterprise.annual_sales_idr,
        events={row.type.split(".")[2]: row.events for row in counted},
    )


def _unmet(criteria: list[Criterion]) -> list[str]:
    return [criterion.code for criterion in criteria if not criterion.met]


async def climb(transaction: Transaction, enterprise_id: UUID, caller: Caller, on: date) -> Enterprise:
    """Reach the next step, if its criteria are met."""
    ladder = ladder_on(on)
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        enterprise.may("climb")
        following = ladder.after(enterprise.ladder_step)
        if following is None:
            raise NotGraduatedYet(unmet_criteria=["last_step"])
        if unmet := _unmet(ladder.judged(following, await facts_of(uow, enterprise))):
            raise NotGraduatedYet(unmet_criteria=unmet)
        enterprise.climb(following, ladder.version, on)
        if following == ladder.last:
            uow.also(checked(enterprise_id, quarter_of(on), True))
    return enterprise


async def graduate(transaction: Transaction, enterprise_id: UUID, caller: Caller, on: date) -> Enterprise:
    """Let it go, once the criteria of the last step were met in so many quarters in a row."""
    ladder, quarter = ladder_on(on), quarter_of(on)
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        enterprise.may("graduate")
        if enterprise.ladder_step != ladder.last:
            raise NotGraduatedYet(unmet_criteria=["last_step"])
        if unmet := _unmet(ladder.judged(ladder.last, await facts_of(uow, enterprise))):
            raise NotGraduatedYet(unmet_criteria=unmet)
        before = await uow.connection.scalar(quarters_met(enterprise_id, quarter - ladder.consecutive_quarters + 1))
        now_counted = await uow.connection.scalar(quarters_met(enterprise_id, quarter))
        if (before or 0) + (0 if now_counted else 1) < ladder.consecutive_quarters:
            raise NotGraduatedYet(unmet_criteria=["consecutive_quarters"])
        place = (await uow.connection.execute(place_of(enterprise_id))).one_or_none()
        uow.also(checked(enterprise_id, quarter, True))
        enterprise.graduate(group_id=place.group_id if place else None, criteria_version=ladder.version, on=on)
    return enterprise
