"""The table of enrolments."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Select, Sequence, Text, UniqueConstraint, Uuid, func, or_, select

from services.facilitation.enrolments.domain import Enrolment, EnrolmentStatus, Gender
from services.facilitation.groups.tables import memberships
from services.facilitation.schema import metadata
from services.facilitation.trainings.errors import TrainingBusy
from shared.tables import Code, persisted

enrolments = persisted(
    metadata,
    Enrolment,
    "enrolments",
    Column("region_code", Text, nullable=False),
    Column("training_id", Uuid, ForeignKey("trainings.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("course_code", Text, nullable=False),
    Column("gender", Code(Gender), nullable=False),
    Column("consent_purpose", Text, nullable=False),
    Column("consent_on", Date, nullable=False),
    Column("nominated_on", Date, nullable=False),
    Column("status", Code(EnrolmentStatus), nullable=False),
    Column("seat_no", Integer, comment="null without a seat"),
    Column("position", Integer, comment="null unless it waits"),
    Column("attendance_percent", Integer),
    Column("pre_score", Integer),
    Column("post_score", Integer),
    Column("ended_on", Date),
    Column("reason_code", Text),
    Column("certificate_id", Uuid),
    Column("certificate_number", Text),
    Column("certificate_code", Text, comment="random; whoever holds it may verify the certificate"),
    Column("certificate_issued_on", Date),
    Column("certificate_valid_until", Date),
    Column("certificate_revoked_on", Date),
    UniqueConstraint("training_id", "enterprise_id"),
    UniqueConstraint("training_id", "seat_no"),
    UniqueConstraint("training_id", "position"),
    UniqueConstraint("certificate_number"),
    UniqueConstraint("certificate_code"),
    CheckConstraint("seat_no IS NULL OR position IS NULL", name="seated_or_waiting"),
    CheckConstraint("(status = 'waitlisted') = (position IS NOT NULL)", name="waiting_has_position"),
    CheckConstraint("status NOT IN ('enrolled', 'attending', 'completed', 'failed') OR seat_no IS NOT NULL", name="participant_has_seat"),
    # Somebody else was quicker; the next attempt sees what they did.
    refusals={f"uq_enrolments_training_id_{each}": TrainingBusy for each in ("enterprise_id", "seat_no", "position")},
)
Index("ix_enrolments_region_code", enrolments.c.region_code)
Index("ix_enrolments_enterprise_id_course_code", enrolments.c.enterprise_id, enrolments.c.course_code)

certificate_serials = Sequence("certificate_serials", metadata=metadata)


def places_of(training_id: UUID) -> "Select[UUID, int | None, int | None]":
    """Id, seat and position of everybody who has either, who waits longest first."""
    c = enrolments.c
    return select(c.id, c.seat_no, c.position).where(c.training_id == training_id, or_(c.seat_no.is_not(None), c.position.is_not(None))).order_by(c.position)


def of_training(training_id: UUID, statuses: Iterable[EnrolmentStatus]) -> Select[Any]:
    """Enrolments of a training in some states, in the order of their ids, which is the order of locks too."""
    c = enrolments.c
    return enrolments.select().where(c.training_id == training_id, c.status.in_(list(statuses))).order_by(c.id)


def nominated_before(training_id: UUID) -> "Select[UUID]":
    """Enterprises that were ever nominated for a training."""
    return select(enrolments.c.enterprise_id).where(enrolments.c.training_id == training_id)


def active_members(group_id: UUID) -> "Select[UUID]":
    """Enterprises that are in a group now."""
    c = memberships.c
    return select(c.enterprise_id).where(c.group_id == group_id, c.left_on.is_(None))


def next_serials(count: int) -> "Select[int]":
    """So many numbers that no certificate has yet."""
    return select(certificate_serials.next_value()).select_from(func.generate_series(1, count).alias())
