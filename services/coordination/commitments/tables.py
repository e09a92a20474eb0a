"""The table of commitments, their history, and their sums."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, ForeignKey, Index, Integer, Select, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.state import OPEN, STANDING, CommitmentStatus, Escalation, ProgressReport
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted

commitments = persisted(
    metadata,
    Commitment,
    "commitments",
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("institution_id", Uuid, ForeignKey("institutions.id"), nullable=False),
    Column("location_code", Text, nullable=False),
    Column("intervention_code", Text, nullable=False),
    Column("amount_idr", BigInteger, CheckConstraint("amount_idr >= 0", name="amount_not_negative"), nullable=False),
    Column("funding_source", Text, nullable=False),
    Column("output_quantity", Integer, nullable=False),
    Column("output_unit", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", Code(CommitmentStatus), nullable=False),
    Column("reports", Typed(list[ProgressReport]), nullable=False),
    Column("verified_output", Integer, nullable=False),
    Column("verified_amount_idr", BigInteger, nullable=False),
    Column("plan_id", Uuid, ForeignKey("action_plans.id")),
    Column("requested_due_on", Date),
    Column("due_version", Integer, nullable=False),
    Column("reminded", Typed(list[int]), nullable=False),
    Column("overdue_version", Integer, nullable=False),
    Column("escalations", Typed(list[Escalation]), nullable=False),
    Column("successor_commitment_id", Uuid, ForeignKey("commitments.id")),
    Column("reason_code", Text),
)
Index("ix_commitments_programme_id_location_code", commitments.c.programme_id, commitments.c.location_code)
Index("ix_commitments_institution_id", commitments.c.institution_id)
Index("ix_commitments_status_due_on", commitments.c.status, commitments.c.due_on)

commitment_history = Table(
    "commitments_history",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("state", JSONB, nullable=False),
)
"""Every version ever saved, as JSON, at the time of its events; written by a trigger of the database."""


def totals_by_location(programme_id: UUID) -> "Select[Any]":
    """Counts and rupiah of what a programme was promised, for each regency/city. What was released counts only by what is verified of it."""
    c = commitments.c
    standing = c.status.in_(STANDING)
    return (
        select(
            c.location_code.label("region_code"),
            func.count().filter(standing).label("commitments"),
            func.coalesce(func.sum(c.amount_idr).filter(standing), 0).cast(BigInteger).label("pledged_idr"),
            func.sum(c.verified_amount_idr).cast(BigInteger).label("verified_idr"),
            func.count().filter(c.status == CommitmentStatus.FULFILLED).label("fulfilled"),
        )
        .where(c.programme_id == programme_id, c.status.not_in((CommitmentStatus.PROPOSED, CommitmentStatus.CANCELLED)))
        .group_by(c.location_code)
        .order_by(c.location_code)
    )


def open_commitments(programme_id: UUID) -> "Select[int]":
    """How many of a programme are promised and neither done nor given up."""
    return select(func.count()).select_from(commitments).where(commitments.c.programme_id == programme_id, commitments.c.status.in_(OPEN))


def open_commitments_of(institution_id: UUID) -> "Select[UUID]":
    """Ids of what an institution still owes, or has written down."""
    return select(commitments.c.id).where(commitments.c.institution_id == institution_id, commitments.c.status.in_((*OPEN, CommitmentStatus.PROPOSED)))


def open_location_codes(programme_id: UUID, institution_id: UUID) -> "Select[str]":
    """The location of each open commitment of an institution in a programme."""
    return select(commitments.c.location_code).where(
        commitments.c.programme_id == programme_id, commitments.c.institution_id == institution_id, commitments.c.status.in_(OPEN)
    )


def transferred_commitments(programme_id: UUID, institution_id: UUID) -> "Select[UUID]":
    """Ids of an institution's commitments that others took over."""
    c = commitments.c
    return select(c.id).where(c.programme_id == programme_id, c.institution_id == institution_id, c.successor_commitment_id.is_not(None))


def due_by(statuses: tuple[CommitmentStatus, ...], last: date) -> "Select[UUID]":
    """Ids of commitments in one of these states that are due on or before a day, the earliest first."""
    return select(commitments.c.id).where(commitments.c.status.in_(statuses), commitments.c.due_on <= last).order_by(commitments.c.due_on, commitments.c.id)


def as_recorded(commitment_id: UUID, at: datetime) -> "Select[Any]":
    """The version of a commitment that held at an instant."""
    h = commitment_history.c
    return select(h.version, h.state).where(h.id == commitment_id, h.recorded_at <= at).order_by(h.version.desc()).limit(1)
