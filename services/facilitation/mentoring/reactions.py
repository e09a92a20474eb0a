"""What mentoring makes of what happens elsewhere in facilitation."""

from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.products import ApplicantType
from services.facilitation.financing.reasons import refusal_reasons
from services.facilitation.mentoring.handlers import open_goal
from shared.clock import WIB
from shared.contracts.facilitation import FinancingDeclined
from shared.database import Transaction
from shared.envelope import Message


async def when_financing_declined(transaction: Transaction, event: FinancingDeclined, message: Message) -> None:
    """A declined credit becomes goals: one for each thing that mentoring can change, of the enterprise or of the group that asked together."""
    goals = {reason.mentoring_goal_code for reason in refusal_reasons() if reason.code in event.reason_codes and reason.mentoring_goal_code}
    if not goals:
        return
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, event.application_id)
        whose = application.enterprise_id if application.applicant_type is ApplicantType.ENTERPRISE else None
        on = message.time.astimezone(WIB).date()
        for goal_code in sorted(goals):
            await open_goal(uow, group_id=application.group_id, enterprise_id=whose, goal_code=goal_code, origin_event_id=message.id, on=on)
