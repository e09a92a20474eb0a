"""What the calendar does to trainings: registration opens and closes, who never came is no-show, tracers fall due and overdue."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from services.facilitation.enrolments.domain import EnrolmentStatus
from services.facilitation.enrolments.seats import roster
from services.facilitation.tracers.handlers import tell_tracers
from services.facilitation.trainings.domain import Training
from services.facilitation.trainings.handlers import close_registration, open_registration
from services.facilitation.trainings.rules import rules_on
from services.facilitation.trainings.tables import over_since, to_close, to_open
from services.facilitation.trainings.turns import in_turn
from shared.database import Database, UnitOfWork
from shared.errors import Conflict, Refused


async def pass_day(database: Database, on: date) -> int:
    """Do what is due on a day; repeating it changes nothing. How many things happened."""

    async def opened(training_id: UUID) -> int:
        await open_registration(database.transaction, training_id, None, on)
        return 1

    async def closed(training_id: UUID) -> int:
        await close_registration(database.transaction, training_id, None, on)
        return 1

    async def missed(training_id: UUID) -> int:
        return await record_no_shows(database, training_id, on)

    last = on - timedelta(days=rules_on(on).no_show_grace_days + 1)
    done = 0
    for statement, act in ((to_open(on), opened), (to_close(on), closed), (over_since(last), missed)):
        done += await _each(database, statement, act)
    return done + await tell_tracers(database, on)


async def _each(database: Database, statement: "Select[UUID]", act: Callable[[UUID], Awaitable[int]]) -> int:
    async with database.reading() as connection:
        ids: Any = (await connection.scalars(statement)).all()
    done = 0
    for id in ids:
        try:
            done += await act(id)
        except (Conflict, Refused):
            continue  # somebody acted on it at this moment
    return done


async def record_no_shows(database: Database, training_id: UUID, on: date) -> int:
    """Whoever has a seat and was never present, after the days of grace in which lists may still come; how many there were."""

    async def work(uow: UnitOfWork, training: Training) -> int:
        absent = await roster(uow, training.id, EnrolmentStatus.ENROLLED)
        for enrolment in absent:
            enrolment.no_show(on)
        return len(absent)

    return await in_turn(database.transaction, training_id, work)
