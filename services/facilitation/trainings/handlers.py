"""What can be done with a training. What touches its participants as well is done in turn."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from services.facilitation.courses.domain import Course
from services.facilitation.enrolments.domain import EnrolmentStatus
from services.facilitation.enrolments.seats import promote, roster, seats_of
from services.facilitation.locations.domain import NotPrioritisedLocation
from services.facilitation.locations.tables import priority_in_force
from services.facilitation.providers.domain import ProviderNotVerified
from services.facilitation.providers.tables import verified
from services.facilitation.trainings.domain import Schedule, Selection, Training
from services.facilitation.trainings.organisers import organised_by
from services.facilitation.trainings.turns import in_turn
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import NotFound
from shared.security.identity import Caller

_LEAVING = (EnrolmentStatus.NOMINATED, EnrolmentStatus.WAITLISTED, EnrolmentStatus.ENROLLED)


async def draft_training(
    transaction: Transaction,
    caller: Caller,
    *,
    programme_id: UUID,
    course_id: UUID,
    region_code: str,
    venue: str,
    selection: Selection,
    schedule: Schedule,
    on: date,
) -> Training:
    """Plan a training of a verified provider in a location that the programme prioritised."""
    async with transaction() as uow:
        if not caller.covers(region_code):
            raise NotFound
        course = await uow.get(Course, course_id)
        if await uow.connection.scalar(priority_in_force(programme_id, region_code, on)) is None:
            raise NotPrioritisedLocation
        if await uow.connection.scalar(verified(course.provider_institution_id)) is None:
            raise ProviderNotVerified
        training = Training.draft(
            id=new_id(), programme_id=programme_id, course=course, region_code=region_code, venue=venue, selection=selection, schedule=schedule, on=on
        )
        organised_by(caller, training)
        uow.add(training)
    return training


async def reschedule_training(transaction: Transaction, training_id: UUID, caller: Caller, schedule: Schedule) -> Training:
    """Give it other dates or another quota."""

    async def work(uow: UnitOfWork, training: Training) -> None:
        training.reschedule(schedule, len((await seats_of(uow, training)).taken))

    return await _organised(transaction, training_id, caller, work)


async def publish_training(transaction: Transaction, training_id: UUID, caller: Caller, on: date) -> Training:
    """Announce it."""

    async def work(_: UnitOfWork, training: Training) -> None:
        training.publish(on)

    return await _organised(transaction, training_id, caller, work)


async def open_registration(transaction: Transaction, training_id: UUID, caller: Caller | None, on: date) -> Training:
    """Let groups nominate; who waited since before a postponement gets what a larger quota gives."""

    async def work(uow: UnitOfWork, training: Training) -> None:
        training.open_registration(on)
        await promote(uow, await seats_of(uow, training))

    return await _organised(transaction, training_id, caller, work)


async def close_registration(transaction: Transaction, training_id: UUID, caller: Caller | None, on: date) -> Training:
    """Let nobody nominate any more."""

    async def work(uow: UnitOfWork, training: Training) -> None:
        seats = await seats_of(uow, training)
        training.close_registration(on, enrolled_count=len(seats.taken), waitlisted_count=len(seats.waiting))

    return await _organised(transaction, training_id, caller, work)


async def start_training(transaction: Transaction, training_id: UUID, caller: Caller, on: date) -> Training:
    """Begin; nominees that nobody selected and those who still wait are told so."""

    async def work(uow: UnitOfWork, training: Training) -> None:
        entered = await roster(uow, training_id, *_LEAVING)
        training.start(on, sum(each.status is EnrolmentStatus.ENROLLED for each in entered))
        for enrolment in entered:
            if enrolment.status is EnrolmentStatus.NOMINATED:
                enrolment.reject("not_selected", on)
            elif enrolment.status is EnrolmentStatus.WAITLISTED:
                enrolment.withdraw("no_seat", on)

    return await _organised(transaction, training_id, caller, work)


async def postpone_training(transaction: Transaction, training_id: UUID, caller: Caller, reason_code: str) -> Training:
    """Let it wait for other dates."""

    async def work(_: UnitOfWork, training: Training) -> None:
        training.postpone(reason_code)

    return await _organised(transaction, training_id, caller, work)


async def cancel_training(transaction: Transaction, training_id: UUID, caller: Caller, reason_code: str, on: date) -> Training:
    """Give it up, and free everybody who was to come."""

    async def work(uow: UnitOfWork, training: Training) -> None:
        training.cancel(reason_code)
        for enrolment in await roster(uow, training_id, *_LEAVING):
            enrolment.withdraw("training_cancelled", on)

    return await _organised(transaction, training_id, caller, work)


async def _organised(transaction: Transaction, training_id: UUID, caller: Caller | None, work: Callable[[UnitOfWork, Training], Awaitable[None]]) -> Training:
    """In turn, by its organiser; without a caller it is the calendar that acts."""

    async def checked(uow: UnitOfWork, training: Training) -> Training:
        if caller:
            organised_by(caller, training)
        await work(uow, training)
        return training

    return await in_turn(transaction, training_id, checked)
