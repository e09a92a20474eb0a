"""The table of visits."""

from datetime import date, timedelta
from math import cos, degrees, radians
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    true,
)

from services.facilitation.region_points.domain import EARTH_RADIUS_M
from services.facilitation.schema import metadata
from services.facilitation.scope import within
from services.facilitation.visits.domain import COUNTING, MentoringVisit, VisitIdTaken, VisitStatus
from services.facilitation.visits.report import VisitReport
from shared.security.identity import Caller, Role
from shared.tables import Code, Typed, persisted

visits = persisted(
    metadata,
    MentoringVisit,
    "mentoring_visits",
    Column("region_code", Text, nullable=False),
    Column("assignment_id", Uuid, ForeignKey("mentoring_assignments.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("mentor_id", Uuid, ForeignKey("mentors.id"), nullable=False),
    Column("mentor_subject", Text, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("status", Code(VisitStatus), nullable=False),
    Column("captured_offline", Boolean, nullable=False),
    Column("report", Typed(VisitReport)),
    Column("rival", Typed(VisitReport)),
    Column("occurred_on", Date),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("flag_codes", Typed(list[str]), nullable=False),
    Column("rule_version", Integer),
    Column("reviewed_by", Text),
    Column("resolved_by", Text),
    Column("reason_code", Text),
    refusals={"pk_mentoring_visits": VisitIdTaken},
)
_c = visits.c
Index("ix_mentoring_visits_assignment_id", _c.assignment_id)
Index("ix_mentoring_visits_mentor_id_occurred_on", _c.mentor_id, _c.occurred_on)
Index("ix_mentoring_visits_latitude_longitude", _c.latitude, _c.longitude)
Index("ix_mentoring_visits_status_planned_on", _c.status, _c.planned_on)


def approved_visits(assignment_id: UUID) -> "Select[int]":
    """How many visits of an assignment count."""
    return select(func.count()).select_from(visits).where(_c.assignment_id == assignment_id, _c.status == VisitStatus.APPROVED)


def planned_visit_ids(assignment_id: UUID) -> "Select[UUID]":
    """Ids of visits that have not begun."""
    return select(_c.id).where(_c.assignment_id == assignment_id, _c.status == VisitStatus.PLANNED).order_by(_c.id)


def visit_of_assignment(visit_id: UUID, assignment_id: UUID) -> "Select[UUID]":
    """The id of a visit, if it is one of the assignment that took place."""
    return select(_c.id).where(_c.id == visit_id, _c.assignment_id == assignment_id, _c.status.in_(COUNTING))


def overdue_visit_ids(last: date) -> "Select[UUID]":
    """Ids of visits that were planned for a day up to this one, and have not begun."""
    return select(_c.id).where(_c.status == VisitStatus.PLANNED, _c.planned_on <= last).order_by(_c.planned_on, _c.id)


def to_compare(visit_id: UUID, mentor_id: UUID, occurred_on: date, report: VisitReport, near_metres: int) -> "Select[Any]":
    """Reported visits that may be too near or doubles: a box around the place, and the mentor's of those days or with the same evidence."""
    evidence = func.jsonb_extract_path(_c.report, "evidence_hashes")
    same_evidence = func.jsonb_exists_any(evidence, cast(report.evidence_hashes, ARRAY(Text)))
    days = _c.occurred_on.between(occurred_on - timedelta(days=1), occurred_on + timedelta(days=1))
    like: list[ColumnElement[bool]] = [and_(_c.mentor_id == mentor_id, or_(days, same_evidence))]
    if place := report.position:
        north = degrees(near_metres / EARTH_RADIUS_M)
        east = north / max(cos(radians(place.latitude)), 1e-6)
        box = _c.latitude.between(place.latitude - north, place.latitude + north), _c.longitude.between(place.longitude - east, place.longitude + east)
        like.append(and_(*box))
    return select(_c.group_id, _c.mentor_id, _c.occurred_on, _c.report).where(_c.id != visit_id, _c.status.in_(COUNTING), or_(*like))


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """In the caller's regions; a mentor sees the own ones."""
    own = _c.mentor_subject == caller.subject if caller.role is Role.MENTOR else true()
    return and_(within(_c.region_code, caller), own)


def alerts(overdue_since: date) -> "Select[Any]":
    """Missed visits, and those that began and were never reported, after which the mentor has not been there: the alert settles with
    the next visit that counts or may count.
    """
    later = visits.alias("later")
    been = exists(select(1).where(later.c.assignment_id == _c.assignment_id, later.c.status.in_(COUNTING), later.c.occurred_on >= _c.planned_on))
    unreported = and_(_c.status == VisitStatus.CHECKED_IN, _c.planned_on <= overdue_since)
    return visits.select().where(or_(_c.status == VisitStatus.MISSED, unreported), ~been)
