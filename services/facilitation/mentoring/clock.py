"""What the calendar does to mentoring: offers lapse, and goals that waited are taken up."""

from datetime import date

from services.facilitation.mentoring.handlers import let_offers_lapse, take_up_goals
from shared.database import Database


async def pass_day(database: Database, on: date) -> int:
    """Do what is due on a day; repeating it changes nothing. How many things happened."""
    return await let_offers_lapse(database, on) + await take_up_goals(database, on)
