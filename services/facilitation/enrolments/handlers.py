"""What can be done with a participant; whatever moves a seat does so in turn."""

from datetime import date
from uuid import UUID

from services.facilitation.enrolments.domain import Enrolment, EnrolmentStatus
from services.facilitation.enrolments.errors import RegistrationNotOpen, WaitsItsTurn
from services.facilitation.enrolments.seats import promote, seats_of
from services.facilitation.scope import get_within
from services.facilitation.trainings.domain import Training, TrainingStatus
from services.facilitation.trainings.organisers import organised_by
from services.facilitation.trainings.turns import in_turn
from shared.database import Transaction, UnitOfWork
from shared.security.identity import Caller

_SELECTING = (TrainingStatus.REGISTRATION_OPEN, TrainingStatus.REGISTRATION_CLOSED)


async def enrol_participant(transaction: Transaction, enrolment_id: UUID, caller: Caller) -> Enrolment:
    """Select a nominee: a seat if there is one, or else a place on the waiting list."""
    training_id = await _training_of(transaction, enrolment_id, caller)

    async def work(uow: UnitOfWork, training: Training) -> Enrolment:
        organised_by(caller, training)
        enrolment = await get_within(uow, Enrolment, enrolment_id, caller)
        if enrolment.status is EnrolmentStatus.WAITLISTED:
            raise WaitsItsTurn
        enrolment.may("enrol")
        if training.status not in _SELECTING:
            raise RegistrationNotOpen
        (await seats_of(uow, training)).place(enrolment)
        return enrolment

    return await in_turn(transaction, training_id, work)


async def reject_participant(transaction: Transaction, enrolment_id: UUID, caller: Caller, reason_code: str, on: date) -> Enrolment:
    """Do not select a nominee."""
    async with transaction() as uow:
        enrolment = await get_within(uow, Enrolment, enrolment_id, caller)
        organised_by(caller, await uow.get(Training, enrolment.training_id))
        enrolment.reject(reason_code, on)
    return enrolment


async def withdraw_participant(transaction: Transaction, enrolment_id: UUID, caller: Caller, reason_code: str, on: date) -> Enrolment:
    """Take a participant back; the first who waits gets the seat in the same transaction."""
    training_id = await _training_of(transaction, enrolment_id, caller)

    async def work(uow: UnitOfWork, training: Training) -> Enrolment:
        enrolment = await get_within(uow, Enrolment, enrolment_id, caller)
        seats, seat_no = await seats_of(uow, training), enrolment.seat_no
        enrolment.withdraw(reason_code, on)
        seats.taken.discard(seat_no or 0)
        seats.waiting = [id for id in seats.waiting if id != enrolment_id]
        await promote(uow, seats)
        return enrolment

    return await in_turn(transaction, training_id, work)


async def revoke_certificate(transaction: Transaction, enrolment_id: UUID, caller: Caller, reason_code: str, on: date) -> Enrolment:
    """Take a certificate back."""
    async with transaction() as uow:
        enrolment = await get_within(uow, Enrolment, enrolment_id, caller)
        organised_by(caller, await uow.get(Training, enrolment.training_id))
        enrolment.revoke_certificate(reason_code, on)
    return enrolment


async def _training_of(transaction: Transaction, enrolment_id: UUID, caller: Caller) -> UUID:
    async with transaction() as uow:
        return (await get_within(uow, Enrolment, enrolment_id, caller)).training_id
