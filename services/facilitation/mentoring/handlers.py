"""What can be done with mentoring.

Seats under a mentor's ceiling are taken at the offer and given back at the end; a transfer takes the successor's at the offer and
gives the predecessor's back when the successor accepts.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.facilitation.financing.errors import GroupNotActive
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.mentoring import errors
from services.facilitation.mentoring.domain import NO_RESPONSE, RUNNING, Goal, MentoringAssignment, goal_id
from services.facilitation.mentoring.tables import (
    assignments_with_goals_waiting,
    goals_waiting,
    handed_over,
    lapsed_offers,
    member_ids,
    mentored_enterprises,
    released,
    running_assignment,
    waiting_goals,
)
from services.facilitation.mentors.domain import Mentor
from services.facilitation.mentors.rules import rules_on, units_for
from services.facilitation.mentors.tables import free_seats, take_seats
from services.facilitation.scope import get_within
from services.facilitation.visits.domain import MentoringVisit
from services.facilitation.visits.tables import approved_visits, planned_visit_ids, visit_of_assignment
from shared.clock import new_id
from shared.database import Database, Transaction, UnitOfWork
from shared.errors import IllegalTransition, NotFound, StaleVersion
from shared.security.identity import Caller, Role


async def offer_mentoring(
    transaction: Transaction,
    caller: Caller,
    *,
    group_id: UUID,
    mentor_id: UUID,
    topic_codes: list[str],
    enterprise_ids: list[UUID] | None,
    planned_visits: int | None,
    months: int | None,
    predecessor_assignment_id: UUID | None,
    hand_over_note_hash: str | None,
    on: date,
) -> MentoringAssignment:
    """Ask a mentor to accompany a group or some of its members, or to take over from another mentor."""
    rules, units = rules_on(on), units_for(topic_codes)
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        mentor = await uow.get(Mentor, mentor_id)
        predecessor = await _predecessor(uow, caller, group, mentor, predecessor_assignment_id, hand_over_note_hash)
        if group.status != GroupStatus.ACTIVE:
            raise GroupNotActive
        mentor.must_suit(group.region_code, units, on)
        chosen = predecessor.enterprise_ids if predecessor else await _chosen(uow, group_id, enterprise_ids)
        assignment = MentoringAssignment.offer(
            id=new_id(),
            region_code=group.region_code,
            group_id=group_id,
            mentor_id=mentor_id,
            mentor_subject=mentor.subject,
            topic_codes=topic_codes,
            enterprise_ids=chosen,
            planned_visits=planned_visits,
            months=months,
            rules=rules,
            on=on,
            predecessor_assignment_id=predecessor_assignment_id,
            hand_over_note_hash=hand_over_note_hash,
        )
        uow.add(assignment)
        if predecessor is None:  # after a transfer they stay the predecessor's until it is accepted
            uow.also(mentored_enterprises.insert(), [{"enterprise_id": id, "assignment_id": assignment.id} for id in chosen])
        uow.also(take_seats(mentor_id, len(chosen), mentor.ceiling(rules)))
    return assignment


async def _predecessor(
    uow: UnitOfWork, caller: Caller, group: Group, mentor: Mentor, predecessor_id: UUID | None, hand_over_note_hash: str | None
) -> MentoringAssignment | None:
    if predecessor_id is None and hand_over_note_hash is None:
        return None
    if predecessor_id is None or hand_over_note_hash is None:
        raise errors.HandOverIncomplete
    found = await get_within(uow, MentoringAssignment, predecessor_id, caller)
    if found.group_id != group.id or found.mentor_id == mentor.id or found.status not in RUNNING:
        raise errors.HandOverIncomplete
    return found


async def _chosen(uow: UnitOfWork, group_id: UUID, enterprise_ids: list[UUID] | None) -> list[UUID]:
    """Members in the order of their ids, so that offers made at the same moment wait for one another instead of locking crosswise."""
    members = list((await uow.connection.scalars(member_ids(group_id))).all())
    if enterprise_ids is None:
        return members
    if not set(enterprise_ids) <= set(members):
        raise errors.NotOfTheGroup
    return sorted(set(enterprise_ids))


async def get_own(uow: UnitOfWork, assignment_id: UUID, caller: Caller) -> MentoringAssignment:
    """The assignment for its own mentor, who is verified; for any other one it does not exist."""
    assignment = await get_within(uow, MentoringAssignment, assignment_id, caller)
    if caller.subject != assignment.mentor_subject:
        raise NotFound
    (await uow.get(Mentor, assignment.mentor_id)).must_be_verified()
    return assignment


async def accept_mentoring(transaction: Transaction, assignment_id: UUID, caller: Caller, on: date) -> MentoringAssignment:
    """Begin; after a transfer the predecessor ends in the same transaction, and its mentor writes no more."""
    async with transaction() as uow:
        assignment = await get_own(uow, assignment_id, caller)
        before = assignment.predecessor_assignment_id
        predecessor = await uow.get(MentoringAssignment, before) if before else None
        assignment.accept(on, predecessor)
        if predecessor:
            uow.also(handed_over(predecessor.id, assignment.id))
            uow.also(free_seats(predecessor.mentor_id, len(predecessor.enterprise_ids)))
            await _cancel_visits(uow, predecessor, "mentoring_transferred")
        await _take_up(uow, assignment, on)
    return assignment


async def decline_mentoring(transaction: Transaction, assignment_id: UUID, caller: Caller, reason_code: str) -> MentoringAssignment:
    """Say no."""
    async with transaction() as uow:
        assignment = await get_own(uow, assignment_id, caller)
        assignment.decline(reason_code)
        _give_back(uow, assignment)
    return assignment


async def diagnose(
    transaction: Transaction,
    assignment_id: UUID,
    caller: Caller,
    *,
    enterprise_id: UUID,
    instrument_version: int,
    points: dict[str, int],
    visit_id: UUID | None,
    on: date,
) -> MentoringAssignment:
    """Score an enterprise, at a visit or apart from one."""
    async with transaction() as uow:
        assignment = await get_own(uow, assignment_id, caller)
        if visit_id and await uow.connection.scalar(visit_of_assignment(visit_id, assignment_id)) is None:
            raise NotFound
        assignment.diagnose(id=new_id(), enterprise_id=enterprise_id, instrument_version=instrument_version, points=points, on=on, visit_id=visit_id)
    return assignment


async def agree_plan(transaction: Transaction, assignment_id: UUID, caller: Caller, goals: list[Goal], on: date) -> MentoringAssignment:
    """Agree on goals."""
    async with transaction() as uow:
        assignment = await get_own(uow, assignment_id, caller)
        assignment.plan(goals, on)
    return assignment


async def achieve_goal(
    transaction: Transaction, assignment_id: UUID, caller: Caller, *, goal_id: UUID, evidence_hashes: list[str], on: date
) -> MentoringAssignment:
    """Reach a goal."""
    async with transaction() as uow:
        assignment = await get_own(uow, assignment_id, caller)
        assignment.achieve_goal(goal_id, evidence_hashes, on)
    return assignment


async def _seen(uow: UnitOfWork, assignment_id: UUID, caller: Caller) -> MentoringAssignment:
    """For the own mentor or a supervisor of the region."""
    if caller.role is Role.MENTOR:
        return await get_own(uow, assignment_id, caller)
    return await get_within(uow, MentoringAssignment, assignment_id, caller)


async def pause_mentoring(transaction: Transaction, assignment_id: UUID, caller: Caller, reason_code: str) -> MentoringAssignment:
    """Let it rest; planned visits are cancelled, so that none is missed meanwhile."""
    async with transaction() as uow:
        assignment = await _seen(uow, assignment_id, caller)
        assignment.pause(reason_code)
        await _cancel_visits(uow, assignment, "mentoring_paused")
    return assignment


async def resume_mentoring(transaction: Transaction, assignment_id: UUID, caller: Caller, on: date) -> MentoringAssignment:
    """Go on, with the goals that came up meanwhile."""
    async with transaction() as uow:
        assignment = await _seen(uow, assignment_id, caller)
        assignment.resume()
        await _take_up(uow, assignment, on)
    return assignment


async def complete_mentoring(transaction: Transaction, assignment_id: UUID, caller: Caller, justification_code: str | None, on: date) -> MentoringAssignment:
    """End as planned."""
    async with transaction() as uow:
        assignment = await _seen(uow, assignment_id, caller)
        assignment.complete(await uow.connection.scalar(approved_visits(assignment_id)) or 0, justification_code, on)
        _give_back(uow, assignment)
        await _cancel_visits(uow, assignment, "mentoring_completed")
    return assignment


async def terminate_mentoring(transaction: Transaction, assignment_id: UUID, caller: Caller, reason_code: str, on: date) -> MentoringAssignment:
    """End before it is done."""
    async with transaction() as uow:
        assignment = await get_within(uow, MentoringAssignment, assignment_id, caller)
        assignment.terminate(reason_code, on)
        _give_back(uow, assignment)
        await _cancel_visits(uow, assignment, "mentoring_terminated")
    return assignment


async def open_goal(uow: UnitOfWork, *, group_id: UUID, enterprise_id: UUID | None, goal_code: str, origin_event_id: UUID, on: date) -> UUID:
    """Make a goal of something that happened elsewhere, such as a declined credit: on the active assignment of the enterprise, or
    waiting for the next one that is accepted. The id of the goal; the same event opens it once, however often it comes.
    """
    id = goal_id(origin_event_id, goal_code)
    assignment_id = await uow.connection.scalar(running_assignment(group_id, enterprise_id))
    goal = {"id": id, "group_id": group_id, "enterprise_id": enterprise_id, "goal_code": goal_code, "origin_event_id": origin_event_id, "opened_on": on}
    known = await uow.connection.scalar(waiting_goals.select().where(waiting_goals.c.id == id))
    if known is None:
        if assignment_id:
            assignment = await uow.get(MentoringAssignment, assignment_id)
            _open(assignment, goal_code, enterprise_id, origin_event_id, on)
        uow.also(insert(waiting_goals).values(**goal, assignment_id=assignment_id).on_conflict_do_nothing())
    return id


def _open(assignment: MentoringAssignment, goal_code: str, enterprise_id: UUID | None, origin_event_id: UUID, on: date) -> None:
    due_on = on + timedelta(days=rules_on(on).goal_due_days)
    assignment.open_goal(goal_code=goal_code, enterprise_id=enterprise_id, origin_event_id=origin_event_id, due_on=due_on)


async def _take_up(uow: UnitOfWork, assignment: MentoringAssignment, on: date) -> None:
    """Open the goals that wait for the enterprises of an assignment."""
    for row in (await uow.connection.execute(goals_waiting(assignment.group_id, assignment.enterprise_ids))).all():
        _open(assignment, row.goal_code, row.enterprise_id, row.origin_event_id, on)
        uow.also(waiting_goals.update().where(waiting_goals.c.id == row.id).values(assignment_id=assignment.id))


def _give_back(uow: UnitOfWork, assignment: MentoringAssignment) -> None:
    uow.also(released(assignment.id))
    uow.also(free_seats(assignment.mentor_id, len(assignment.enterprise_ids)))


async def _cancel_visits(uow: UnitOfWork, assignment: MentoringAssignment, reason_code: str) -> None:
    for id in (await uow.connection.scalars(planned_visit_ids(assignment.id))).all():
        (await uow.get(MentoringVisit, id)).cancel(reason_code)


async def let_offers_lapse(database: Database, on: date) -> int:
    """Free the seats of offers that nobody answered; how many there were. Repeating it changes nothing."""
    async with database.reading() as connection:
        ids = (await connection.scalars(lapsed_offers(on))).all()
    lapsed = 0
    for id in ids:
        try:
            async with database.transaction() as uow:
                assignment = await uow.get(MentoringAssignment, id)
                assignment.decline(NO_RESPONSE)
                _give_back(uow, assignment)
            lapsed += 1
        except (IllegalTransition, StaleVersion):
            continue  # it was answered at this moment
    return lapsed


async def take_up_goals(database: Database, on: date) -> int:
    """Open goals that began to wait at the moment when a mentor accepted; how many assignments had some. Repeating it changes nothing."""
    async with database.reading() as connection:
        ids = (await connection.scalars(assignments_with_goals_waiting())).all()
    taken = 0
    for id in ids:
        try:
            async with database.transaction() as uow:
                await _take_up(uow, await uow.get(MentoringAssignment, id), on)
            taken += 1
        except (IllegalTransition, StaleVersion):
            continue  # somebody acted on it at this moment; the next look finds what is left
    return taken
