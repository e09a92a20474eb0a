"""What the calendar does to visits: those of which nothing came are missed."""

from datetime import date

from services.facilitation.visits.handlers import let_visits_be_missed
from shared.database import Database


async def pass_day(database: Database, on: date) -> int:
    """Do what is due on a day; repeating it changes nothing. How many things happened."""
    return await let_visits_be_missed(database, on)
