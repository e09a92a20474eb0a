"""When each participant who passed is asked again, and what was answered. A part of the enrolment, whose version guards it."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Insert, Integer, Select, Table, Text, Update, Uuid, select

from services.facilitation.enrolments.tables import enrolments
from services.facilitation.schema import metadata
from services.facilitation.tracers.domain import TracerState
from services.facilitation.trainings.rules import months_after, rules_on
from shared.tables import Code

training_tracers = Table(
    "training_tracers",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id"), primary_key=True),
    Column("months_after", Integer, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("overdue_after", Date, nullable=False, comment="the last day of grace"),
    Column("state", Code(TracerState), nullable=False),
    Column("recorded_on", Date),
    Column("applied_skill_code", Text),
    Column("turnover_band", Text),
)
Index("ix_training_tracers_state_due_on", training_tracers.c.state, training_tracers.c.due_on)


def schedule(enrolment_ids: Sequence[UUID], passed_on: date) -> Insert:
    """Write down when everybody who passed that day is asked again, by the rules of that day."""
    rules = rules_on(passed_on)
    rows = [
        {
            "enrolment_id": id,
            "months_after": months,
            "due_on": (due_on := months_after(passed_on, months)),
            "overdue_after": date.fromordinal(due_on.toordinal() + rules.tracer_grace_days),
            "state": TracerState.SCHEDULED,
        }
        for id in enrolment_ids
        for months in rules.tracer_months
    ]
    return training_tracers.insert().values(rows)


def tracer_of(enrolment_id: UUID, months: int) -> Select[Any]:
    """One of a participant's tracers."""
    c = training_tracers.c
    return training_tracers.select().where(c.enrolment_id == enrolment_id, c.months_after == months)


def to_tell(on: date) -> Select[Any]:
    """Tracers that fell due or overdue by a day and were not told to be, the oldest first."""
    c = training_tracers.c
    due = (c.state == TracerState.SCHEDULED) & (c.due_on <= on)
    overdue = c.state.in_([TracerState.SCHEDULED, TracerState.DUE]) & (c.overdue_after < on)
    return training_tracers.select().where(due | overdue).order_by(c.due_on, c.enrolment_id, c.months_after)


def moved(enrolment_id: UUID, months: int, **values: Any) -> Update:
    """Change one of a participant's tracers."""
    c = training_tracers.c
    return training_tracers.update().where(c.enrolment_id == enrolment_id, c.months_after == months).values(**values)


def with_region() -> Select[Any]:
    """Every tracer with what tells who may see it."""
    e = enrolments.c
    return select(training_tracers, e.training_id, e.enterprise_id, e.group_id, e.course_code).join(enrolments)
