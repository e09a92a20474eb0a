"""How a plan is computed."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.facilitation.mentoring_plans.domain import MentoringPlan, NotSeeking, PlanTooLarge, PointUnknown, Proposed, Unassigned
from services.facilitation.mentoring_plans.optimum import Assignment, Candidate, Seeker, Task, assign
from services.facilitation.mentoring_plans.tables import available, seeking
from services.facilitation.mentors.domain import Mentor
from services.facilitation.mentors.rules import MentoringRules, rules_on, units_for
from services.facilitation.region_points.domain import Point, metres_between
from services.facilitation.region_points.tables import points_of
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork

MOST_GROUPS, MOST_MENTORS = 1_000, 500
"""So many are solved while the caller waits."""


async def compute_plan(
    transaction: Transaction,
    *,
    region_code: str,
    topic_codes: list[str],
    topics_of: Mapping[UUID, list[str]],
    max_distance_km: int | None,
    points: Mapping[str, Point],
    by: str,
    on: date,
) -> MentoringPlan:
    """Propose who mentors whom in a region; nobody is offered anything yet."""
    rules = rules_on(on)
    farthest = rules.max_distance_km if max_distance_km is None else max_distance_km
    async with transaction() as uow:
        groups = (await uow.connection.execute(seeking(region_code, MOST_GROUPS))).all()
        mentors = (await uow.connection.execute(available(region_code, MOST_MENTORS))).all()
        if len(groups) > MOST_GROUPS or len(mentors) > MOST_MENTORS:
            raise PlanTooLarge(most_groups=MOST_GROUPS, most_mentors=MOST_MENTORS)
        if not topics_of.keys() <= {row.id for row in groups}:
            raise NotSeeking
        seekers = [
            Seeker(key=str(row.id), enterprises=row.enterprises, region_code=row.region_code, unit_codes=units_for(topics_of.get(row.id, topic_codes)))
            for row in groups
        ]
        candidates = [_candidate(row, rules, on) for row in mentors]
        places = await _places(uow, {each.region_code for each in seekers} | {each.region_code for each in candidates}, points)
    metres = {
        (office, place): round(metres_between(places[office], places[place]))
        for office in {each.region_code for each in candidates}
        for place in {each.region_code for each in seekers}
    }
    found = await asyncio.to_thread(assign, Task(seekers=seekers, candidates=candidates, metres=metres, max_metres=farthest * 1000))
    office = {each.key: each.region_code for each in candidates}
    async with transaction() as uow:
        plan = MentoringPlan.compute(
            id=new_id(),
            region_code=region_code,
            on=on,
            by=by,
            rule_version=rules.version,
            max_distance_km=farthest,
            topic_codes=topic_codes,
            proposed=[_proposed(each, found, office, metres) for each in seekers if each.key in found.mentor_of],
            unassigned=[_unassigned(each, found) for each in seekers if each.key in found.reasons],
            proven=found.proven,
        )
        uow.add(plan)
    return plan


def _candidate(row: Any, rules: MentoringRules, on: date) -> Candidate:
    given = dict(row._mapping)
    enterprises = given.pop("enterprises")
    mentor = Mentor(**given)
    return Candidate(
        key=str(mentor.id),
        free=max(0, mentor.ceiling(rules) - enterprises),
        region_code=mentor.region_code,
        area_codes=tuple(mentor.area_codes),
        unit_codes=frozenset(each.unit_code for each in mentor.competences if each.holds(on)),
    )


async def _places(uow: UnitOfWork, region_codes: Collection[str], given: Mapping[str, Point]) -> dict[str, Point]:
    """Where regions lie: as the request says, or as mapping published it."""
    rows = (await uow.connection.execute(points_of(region_codes))).all()
    places = {row.region_code: Point(longitude=row.longitude, latitude=row.latitude) for row in rows} | dict(given)
    if unknown := sorted(set(region_codes) - places.keys()):
        raise PointUnknown(region_codes=unknown)
    return places


def _proposed(seeker: Seeker, found: Assignment, office: Mapping[str, str], metres: Mapping[tuple[str, str], int]) -> Proposed:
    mentor = found.mentor_of[seeker.key]
    return Proposed(group_id=UUID(seeker.key), mentor_id=UUID(mentor), enterprises=seeker.enterprises, distance_m=metres[office[mentor], seeker.region_code])


def _unassigned(seeker: Seeker, found: Assignment) -> Unassigned:
    return Unassigned(group_id=UUID(seeker.key), enterprises=seeker.enterprises, reason_codes=[str(each) for each in found.reasons[seeker.key]])
