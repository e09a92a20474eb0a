"""Action items that monitoring's findings open."""

from datetime import date

from services.coordination.action_items.domain import ActionItem, Origin, Priority
from services.coordination.calendar.days import calendar
from services.coordination.institutions.domain import Institution
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme
from shared.clock import id_caused_by, today
from shared.contracts.monitoring import RecommendationIssued, TargetMissed
from shared.database import Transaction
from shared.envelope import Message


def _due(on: date) -> date:
    return calendar().plus(on, policy_on(on).action_item_due_working_days)


async def when_target_missed(transaction: Transaction, event: TargetMissed, message: Message) -> None:
    """The programme's lead answers for a missed target."""
    async with transaction() as uow:
        programme = await uow.get(Programme, event.programme_id)
        uow.add(
            ActionItem.create(
                id=id_caused_by(message.id, "action-item"),
                programme_id=programme.id,
                owner_institution_id=programme.lead_institution_id,
                origin_type=Origin.TARGET_MISSED,
                origin_id=event.indicator_id,
                title=f"Tindak lanjuti target {event.indicator_code} di {event.region_code}, {event.period}",
                location_code=event.region_code,
                due_on=_due(today()),
                priority=Priority.HIGH,
            )
        )


async def when_recommendation_issued(transaction: Transaction, event: RecommendationIssued, message: Message) -> None:
    """The institution that the evaluation names follows the recommendation up."""
    async with transaction() as uow:
        await uow.get(Programme, event.programme_id)
        await uow.get(Institution, event.owner_institution_id)
        uow.add(
            ActionItem.create(
                id=id_caused_by(message.id, "action-item"),
                programme_id=event.programme_id,
                owner_institution_id=event.owner_institution_id,
                origin_type=Origin.RECOMMENDATION,
                origin_id=event.recommendation_id,
                title="Tindak lanjuti rekomendasi evaluasi",
                due_on=calendar().on_or_after(event.due_on),
            )
        )
