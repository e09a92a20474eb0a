"""How a group names participants."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.facilitation.enrolments.domain import Enrolment, Nominee
from services.facilitation.enrolments.errors import AlreadyNominated, GroupTypeNotTargeted, MembershipNotActive, RegistrationNotOpen
from services.facilitation.enrolments.seats import seats_of
from services.facilitation.enrolments.tables import active_members, nominated_before
from services.facilitation.financing.errors import GroupNotActive
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.nominations.domain import Nomination, NominationRow
from services.facilitation.scope import get_within
from services.facilitation.trainings.domain import Selection, Training, TrainingStatus
from services.facilitation.trainings.turns import in_turn
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import NotFound, Problem
from shared.security.identity import Caller


async def nominate(transaction: Transaction, training_id: UUID, caller: Caller, *, group_id: UUID, nominees: Sequence[Nominee], on: date) -> Nomination:
    """Answer a group's list row by row; what is refused in one row does not stop the others."""

    async def work(uow: UnitOfWork, training: Training) -> Nomination:
        group = await get_within(uow, Group, group_id, caller)
        if not caller.covers(training.region_code):
            raise NotFound
        if training.status is not TrainingStatus.REGISTRATION_OPEN or on > training.closes_on:
            raise RegistrationNotOpen
        if group.status is not GroupStatus.ACTIVE:
            raise GroupNotActive
        if training.target_group_types and group.group_type not in training.target_group_types:
            raise GroupTypeNotTargeted(target_group_types=[each.value for each in training.target_group_types])
        members = set(await uow.connection.scalars(active_members(group_id)))
        known = set(await uow.connection.scalars(nominated_before(training_id)))
        seats = await seats_of(uow, training)
        rows = []
        for number, nominee in enumerate(nominees, 1):
            try:
                if nominee.enterprise_id not in members:
                    raise MembershipNotActive
                if nominee.enterprise_id in known:
                    raise AlreadyNominated
                enrolment = Enrolment.nominate(id=new_id(), training=training, group_id=group_id, region_code=group.region_code, nominee=nominee, on=on)
            except Problem as problem:
                rows.append(NominationRow.refused(number, nominee.enterprise_id, problem))
                continue
            known.add(nominee.enterprise_id)
            if training.selection is Selection.FIRST_COME:
                seats.place(enrolment)
            uow.add(enrolment)
            rows.append(NominationRow.accepted(number, enrolment))
        nomination = Nomination.answer(id=new_id(), training_id=training_id, group_id=group_id, region_code=group.region_code, rows=rows, on=on)
        uow.add(nomination)
        return nomination

    return await in_turn(transaction, training_id, work)
