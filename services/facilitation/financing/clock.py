"""What the calendar does to applications: referrals and forwarded applications that nobody answered expire."""

from datetime import date

from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.tables import applications_unanswered, borrowers_freed
from shared.database import Database
from shared.errors import IllegalTransition, StaleVersion


async def pass_day(database: Database, on: date) -> int:
    """Expire what nobody answered in time; how many. Repeating it changes nothing."""
    done = 0
    async with database.reading() as connection:
        ids = (await connection.scalars(applications_unanswered(on))).all()
    for id in ids:
        try:
            async with database.transaction() as uow:
                application = await uow.get(FinancingApplication, id)
                application.expire(on)
                if application.recorded:
                    uow.also(borrowers_freed(id))
                    done += 1
        except (StaleVersion, IllegalTransition):
            continue  # it was answered at this moment
    return done
