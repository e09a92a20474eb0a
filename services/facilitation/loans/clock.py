"""What the calendar does to loans: arrears, and older arrears."""

from datetime import date

from services.facilitation.loans.domain import Loan, LoanStatus
from services.facilitation.loans.tables import loans_to_look_at
from shared.database import Database
from shared.errors import StaleVersion


async def pass_day(database: Database, on: date) -> int:
    """Look at the loans whose day has come; how many recorded something. Repeating it changes nothing."""
    told = 0
    async with database.reading() as connection:
        ids = (await connection.scalars(loans_to_look_at(on))).all()
    for id in ids:
        try:
            async with database.transaction() as uow:
                loan = await uow.get(Loan, id)
                if loan.status == LoanStatus.IN_ARREARS:
                    loan.reclassify(on)
                elif loan.overdue_days(on):
                    loan.arrears(on)
                told += bool(loan.recorded)
        except StaleVersion:
            continue  # a repayment came at this moment; the next look finds what is left to do
    return told
