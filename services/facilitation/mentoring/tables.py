"""The tables of assignments, of who is mentored by which, and of goals that wait for a mentor."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Date, Delete, ForeignKey, Index, Integer, Select, Table, Text, Update, Uuid, and_, exists, select, true

from services.facilitation.groups.tables import groups, memberships
from services.facilitation.mentoring.domain import AssignmentStatus, Goal, MentoringAssignment
from services.facilitation.mentoring.errors import AlreadyMentored, SuccessorOffered
from services.facilitation.mentoring.instrument import Diagnosis
from services.facilitation.schema import metadata
from services.facilitation.scope import within
from shared.security.identity import Caller, Role
from shared.tables import Code, Typed, persisted, refuse

mentoring_assignments = persisted(
    metadata,
    MentoringAssignment,
    "mentoring_assignments",
    Column("region_code", Text, nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("mentor_id", Uuid, ForeignKey("mentors.id"), nullable=False),
    Column("mentor_subject", Text, nullable=False),
    Column("topic_codes", Typed(list[str]), nullable=False),
    Column("enterprise_ids", Typed(list[UUID]), nullable=False),
    Column("respond_by", Date, nullable=False),
    Column("planned_visits", Integer, nullable=False),
    Column("months", Integer, nullable=False),
    Column("status", Code(AssignmentStatus), nullable=False),
    Column("predecessor_assignment_id", Uuid, ForeignKey("mentoring_assignments.id")),
    Column("hand_over_note_hash", Text),
    Column("successor_assignment_id", Uuid),
    Column("start_on", Date),
    Column("planned_end_on", Date),
    Column("ended_on", Date),
    Column("plan_version", Integer, nullable=False),
    Column("goals", Typed(list[Goal]), nullable=False),
    Column("diagnoses", Typed(list[Diagnosis]), nullable=False),
    Column("reason_code", Text),
    refusals={"uq_mentoring_assignments_offered_successor": SuccessorOffered},
)
_c = mentoring_assignments.c
_offered = _c.status == AssignmentStatus.OFFERED
Index("uq_mentoring_assignments_offered_successor", _c.predecessor_assignment_id, unique=True, postgresql_where=_offered)
Index("ix_mentoring_assignments_group_id", _c.group_id)
Index("ix_mentoring_assignments_mentor_id", _c.mentor_id)
Index("ix_mentoring_assignments_status_respond_by", _c.status, _c.respond_by)

mentored_enterprises = Table(
    "mentored_enterprises",
    metadata,
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), primary_key=True),
    Column("assignment_id", Uuid, ForeignKey("mentoring_assignments.id"), nullable=False, index=True),
)
"""Who is on offer or mentored now; a row goes when the assignment ends."""

waiting_goals = Table(
    "waiting_goals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False, index=True),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), comment="null: of the group"),
    Column("goal_code", Text, nullable=False),
    Column("origin_event_id", Uuid, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("assignment_id", Uuid, ForeignKey("mentoring_assignments.id"), comment="that took it up; null while it waits"),
)
"""Goals that something asked for while nobody mentored; kept when taken up, so that a replay finds them."""

refuse(metadata, {"pk_mentored_enterprises": AlreadyMentored})


def member_ids(group_id: UUID) -> "Select[UUID]":
    """Ids of a group's active members."""
    c = memberships.c
    return select(c.enterprise_id).where(c.group_id == group_id, c.left_on.is_(None)).order_by(c.enterprise_id)


def released(assignment_id: UUID) -> Delete:
    """Nobody mentors the enterprises of an assignment any more."""
    return mentored_enterprises.delete().where(mentored_enterprises.c.assignment_id == assignment_id)


def handed_over(from_assignment_id: UUID, to_assignment_id: UUID) -> Update:
    """The enterprises of one assignment are another one's."""
    c = mentored_enterprises.c
    return mentored_enterprises.update().where(c.assignment_id == from_assignment_id).values(assignment_id=to_assignment_id)


def running_assignment(group_id: UUID, enterprise_id: UUID | None) -> "Select[UUID]":
    """The id of the active assignment of an enterprise; for a goal of the group the earliest one of the group."""
    active = and_(_c.group_id == group_id, _c.status == AssignmentStatus.ACTIVE)
    if enterprise_id is None:
        return select(_c.id).where(active).order_by(_c.start_on, _c.id).limit(1)
    return (
        select(_c.id)
        .join(mentored_enterprises, mentored_enterprises.c.assignment_id == _c.id)
        .where(active, mentored_enterprises.c.enterprise_id == enterprise_id)
    )


def goals_waiting(group_id: UUID, enterprise_ids: list[UUID]) -> "Select[Any]":
    """Goals that wait for somebody who mentors these enterprises of a group."""
    c = waiting_goals.c
    return (
        waiting_goals.select()
        .where(c.group_id == group_id, c.assignment_id.is_(None), c.enterprise_id.is_(None) | c.enterprise_id.in_(enterprise_ids))
        .order_by(c.id)
    )


def assignments_with_goals_waiting() -> "Select[UUID]":
    """Ids of active assignments for whose enterprises, or group, a goal waits."""
    w, m = waiting_goals.c, mentored_enterprises.c
    theirs = w.enterprise_id.is_(None) | exists(select(1).where(m.enterprise_id == w.enterprise_id, m.assignment_id == _c.id))
    waits = exists(select(1).where(w.group_id == _c.group_id, w.assignment_id.is_(None), theirs))
    return select(_c.id).where(_c.status == AssignmentStatus.ACTIVE, waits).order_by(_c.id)


def lapsed_offers(on: date) -> "Select[UUID]":
    """Ids of offers that nobody answered in time."""
    return select(_c.id).where(_offered, _c.respond_by < on).order_by(_c.id)


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """In the caller's regions; a mentor sees the own ones."""
    own = _c.mentor_subject == caller.subject if caller.role is Role.MENTOR else true()
    return and_(within(_c.region_code, caller), own)


def waiting_within(caller: Caller) -> "Select[Any]":
    """Goals that nobody took up yet, of groups in the caller's regions."""
    return waiting_goals.select().join(groups).where(waiting_goals.c.assignment_id.is_(None), within(groups.c.region_code, caller))
