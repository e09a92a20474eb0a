"""The table of trainings, and whose turn it is to change what belongs to one."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Select, Table, Text, Uuid, func, select

from services.facilitation.groups.minimums import GroupType
from services.facilitation.schema import metadata
from services.facilitation.trainings.domain import Selection, Session, Training, TrainingStatus
from services.facilitation.trainings.errors import TrainingBusy
from shared.tables import Code, Typed, persisted, refuse

trainings = persisted(
    metadata,
    Training,
    "trainings",
    Column("region_code", Text, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("course_code", Text, ForeignKey("courses.course_code"), nullable=False),
    Column("course_version", Integer, nullable=False),
    Column("provider_institution_id", Uuid, nullable=False),
    Column("course_hours", Integer, nullable=False),
    Column("target_group_types", Typed(list[GroupType]), nullable=False),
    Column("attendance_percent", Integer, nullable=False),
    Column("pass_mark", Integer, nullable=False),
    Column("certificate_months", Integer),
    Column("venue", Text, nullable=False),
    Column("selection", Code(Selection), nullable=False),
    Column("status", Code(TrainingStatus), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("sessions", Typed(list[Session]), nullable=False),
    Column("quota", Integer, nullable=False),
    Column("minimum_participants", Integer, nullable=False),
    Column("participant_count", Integer),
    Column("passed_count", Integer),
    Column("cost_idr", BigInteger),
    Column("completed_on", Date),
    Column("reason_code", Text),
    CheckConstraint("quota > 0", name="quota_positive"),
)
Index("ix_trainings_region_code", trainings.c.region_code)
Index("ix_trainings_status_closes_on", trainings.c.status, trainings.c.closes_on)

training_turns = Table(
    "training_turns",
    metadata,
    Column("training_id", Uuid, ForeignKey("trainings.id"), primary_key=True),
    Column("turn", Integer, primary_key=True, comment="1, 2, 3, …: whoever writes the next one was the only one to change seats and lists"),
)
refuse(metadata, {"pk_training_turns": TrainingBusy})


def last_turn(training_id: UUID) -> "Select[int]":
    """How many turns were taken."""
    c = training_turns.c
    return select(func.coalesce(func.max(c.turn), 0)).where(c.training_id == training_id)


def to_open(on: date) -> "Select[UUID]":
    """Ids of trainings whose registration begins by that day."""
    c = trainings.c
    return select(c.id).where(c.status == TrainingStatus.PUBLISHED, c.opens_on <= on).order_by(c.id)


def to_close(on: date) -> "Select[UUID]":
    """Ids of trainings whose registration ended before that day."""
    c = trainings.c
    return select(c.id).where(c.status == TrainingStatus.REGISTRATION_OPEN, c.closes_on < on).order_by(c.id)


def over_since(last: date) -> "Select[UUID]":
    """Ids of running trainings whose last session was on or before a day."""
    c = trainings.c
    return select(c.id).where(c.status == TrainingStatus.RUNNING, c.ends_on <= last).order_by(c.id)
