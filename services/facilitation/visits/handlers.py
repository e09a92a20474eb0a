"""What can be done with a visit.

A device sends when it has a network, perhaps several times and from several places at once: the same report for the same id is the
same result, another one is a conflict that somebody resolves.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from services.facilitation.mentoring.domain import AssignmentStatus, MentoringAssignment
from services.facilitation.mentoring.errors import NotMentoredHere
from services.facilitation.mentoring.handlers import get_own
from services.facilitation.mentors.domain import Mentor
from services.facilitation.mentors.rules import units_for
from services.facilitation.region_points.domain import Point
from services.facilitation.region_points.tables import points_of
from services.facilitation.scope import get_within
from services.facilitation.visits.checks import Other, flags_of
from services.facilitation.visits.domain import MentoringNotActive, MentoringVisit, VisitIdTaken, VisitTimeImpossible
from services.facilitation.visits.report import VisitReport
from services.facilitation.visits.rules import VisitRules, visit_rules_on
from services.facilitation.visits.tables import overdue_visit_ids, to_compare
from shared.clock import WIB
from shared.database import Database, Transaction, UnitOfWork
from shared.errors import IllegalTransition, NotFound, StaleVersion
from shared.security.identity import Caller, Role

_TRIES = 5
_DAY = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=5)


async def _again(attempt: Callable[[], Awaitable[MentoringVisit]]) -> MentoringVisit:
    """Look again when the same id was written at this moment: by then the other one is there to be compared with."""
    for _ in range(_TRIES - 1):
        try:
            return await attempt()
        except (StaleVersion, VisitIdTaken):
            continue
    return await attempt()


async def plan_visit(transaction: Transaction, caller: Caller, *, visit_id: UUID, assignment_id: UUID, planned_on: date, on: date) -> MentoringVisit:
    """Plan a visit; the same plan for the same id is the same result."""
    rules = visit_rules_on(on)

    async def attempt() -> MentoringVisit:
        async with transaction() as uow:
            assignment = await get_own(uow, assignment_id, caller)
            if known := await uow.find(MentoringVisit, visit_id):
                if (known.assignment_id, known.planned_on) != (assignment_id, planned_on):
                    raise VisitIdTaken
                return known
            _must_be_active(assignment)
            earliest = on - timedelta(days=rules.missed_after_days)
            if not max(earliest, assignment.start_on or on) <= planned_on <= on + timedelta(days=366):
                raise VisitTimeImpossible(earliest=str(max(earliest, assignment.start_on or on)), latest=str(on + timedelta(days=366)))
            visit = _planned(assignment, visit_id, planned_on)
            uow.add(visit)
        return visit

    return await _again(attempt)


def _must_be_active(assignment: MentoringAssignment) -> None:
    if assignment.status != AssignmentStatus.ACTIVE:
        raise MentoringNotActive(state=str(assignment.status))


def _planned(assignment: MentoringAssignment, visit_id: UUID, planned_on: date) -> MentoringVisit:
    return MentoringVisit.plan(
        id=visit_id,
        region_code=assignment.region_code,
        assignment_id=assignment.id,
        group_id=assignment.group_id,
        mentor_id=assignment.mentor_id,
        mentor_subject=assignment.mentor_subject,
        planned_on=planned_on,
    )


async def report_visit(transaction: Transaction, caller: Caller, *, visit_id: UUID, assignment_id: UUID, report: VisitReport, now: datetime) -> MentoringVisit:
    """Take a report in: a first one, the same one again, or one that contradicts. A visit that nobody planned is planned with it."""
    rules = visit_rules_on(now.astimezone(WIB).date())
    units_for(report.topic_codes)

    async def attempt() -> MentoringVisit:
        async with transaction() as uow:
            assignment = await get_own(uow, assignment_id, caller)
            visit = await uow.find(MentoringVisit, visit_id)
            if visit and visit.assignment_id != assignment_id:
                raise VisitIdTaken
            if visit and visit.holds(report):
                return visit
            _must_be_active(assignment)
            if not set(report.enterprise_ids) <= set(assignment.enterprise_ids):
                raise NotMentoredHere
            day = _day_of(report, rules, assignment, now)
            if visit is None:
                visit = _planned(assignment, visit_id, day)
                uow.add(visit)
            if visit.report:
                visit.conflict(report)
            else:
                visit.submit(report, day)
                await _check(uow, visit, rules)
        return visit

    return await _again(attempt)


def _day_of(report: VisitReport, rules: VisitRules, assignment: MentoringAssignment, now: datetime) -> date:
    """The day of the visit where it took place; refused where it cannot have been."""
    day, today = (rules.local(instant, assignment.region_code).date() for instant in (report.started_at, now))
    earliest = max(today - timedelta(days=rules.report_within_days), assignment.start_on or today)
    too_late = report.ended_at > now + _CLOCKS_DIFFER
    if too_late or day < earliest or not timedelta(0) < report.ended_at - report.started_at <= _DAY:
        raise VisitTimeImpossible(earliest=str(earliest), latest=now.isoformat(timespec="minutes"))
    return day


async def _check(uow: UnitOfWork, visit: MentoringVisit, rules: VisitRules) -> None:
    """Flag a visit that was just submitted, if a check finds something."""
    assert visit.report is not None
    assert visit.occurred_on is not None
    rows = (
        await uow.connection.execute(
            to_compare(visit.id, visit.mentor_id, visit.occurred_on, visit.report, max(rules.near_metres, rules.near_metres_same_group))
        )
    ).all()
    place = (await uow.connection.execute(points_of([visit.region_code]))).one_or_none()
    found = flags_of(
        visit.report,
        rules,
        region_code=visit.region_code,
        group_id=visit.group_id,
        mentor_id=visit.mentor_id,
        centre=Point(longitude=place.longitude, latitude=place.latitude) if place else None,
        others=[Other(**row._mapping) for row in rows],
    )
    if found:
        visit.flag([str(flag) for flag in found], rules.version)


async def _own_visit(uow: UnitOfWork, visit_id: UUID, caller: Caller) -> MentoringVisit:
    """The visit for its own mentor, who is verified; for any other one it does not exist."""
    visit = await get_within(uow, MentoringVisit, visit_id, caller)
    if caller.subject != visit.mentor_subject:
        raise NotFound
    (await uow.get(Mentor, visit.mentor_id)).must_be_verified()
    return visit


async def check_in(transaction: Transaction, visit_id: UUID, caller: Caller, captured_offline: bool) -> MentoringVisit:
    """Arrive."""
    async with transaction() as uow:
        visit = await _own_visit(uow, visit_id, caller)
        _must_be_active(await uow.get(MentoringAssignment, visit.assignment_id))
        visit.check_in(captured_offline)
    return visit


async def cancel_visit(transaction: Transaction, visit_id: UUID, caller: Caller, reason_code: str) -> MentoringVisit:
    """Not go there."""
    async with transaction() as uow:
        visit = await _own_visit(uow, visit_id, caller)
        visit.cancel(reason_code)
    return visit


async def approve_visit(transaction: Transaction, visit_id: UUID, caller: Caller) -> MentoringVisit:
    """Let it count."""
    async with transaction() as uow:
        visit = await get_within(uow, MentoringVisit, visit_id, caller)
        visit.approve(caller.subject)
    return visit


async def reject_visit(transaction: Transaction, visit_id: UUID, caller: Caller, reason_code: str) -> MentoringVisit:
    """Not let it count."""
    async with transaction() as uow:
        visit = await get_within(uow, MentoringVisit, visit_id, caller)
        visit.reject(caller.subject, reason_code)
    return visit


async def resolve_conflict(transaction: Transaction, visit_id: UUID, caller: Caller, take: list[str], on: date) -> MentoringVisit:
    """Choose between two reports, field by field; what was chosen is checked as a report is."""
    rules = visit_rules_on(on)
    async with transaction() as uow:
        if caller.role is Role.MENTOR:
            visit = await _own_visit(uow, visit_id, caller)
            _must_be_active(await uow.get(MentoringAssignment, visit.assignment_id))
        else:
            visit = await get_within(uow, MentoringVisit, visit_id, caller)
        chosen = visit.chosen(take)
        if chosen.ended_at <= chosen.started_at:
            raise VisitTimeImpossible(earliest=str(chosen.started_at), latest=str(chosen.started_at + _DAY))
        visit.resolve(take, caller.subject, rules.local(chosen.started_at, visit.region_code).date())
        await _check(uow, visit, rules)
    return visit


async def let_visits_be_missed(database: Database, on: date) -> int:
    """Visits of which nothing came within the days of grace; how many there were. Repeating it changes nothing."""
    async with database.reading() as connection:
        ids = (await connection.scalars(overdue_visit_ids(visit_rules_on(on).overdue(on)))).all()
    missed = 0
    for id in ids:
        try:
            async with database.transaction() as uow:
                (await uow.get(MentoringVisit, id)).miss()
            missed += 1
        except (IllegalTransition, StaleVersion):
            continue  # it was reported or cancelled at this moment
    return missed
