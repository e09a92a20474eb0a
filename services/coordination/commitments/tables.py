"""The table of commitments, and their sums."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Select, Text, Uuid, func, select

from services.coordination.commitments.domain import Commitment, CommitmentStatus, ProgressReport
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
)
Index("ix_commitments_programme_id_location_code", commitments.c.programme_id, commitments.c.location_code)


def totals_by_location(programme_id: UUID) -> "Select[Any]":
    """Counts and rupiah of a programme's commitments, for each regency/city."""
    c = commitments.c
    return (
        select(
            c.location_code.label("region_code"),
            func.count().label("commitments"),
            func.sum(c.amount_idr).cast(BigInteger).label("pledged_idr"),
            func.sum(c.verified_amount_idr).cast(BigInteger).label("verified_idr"),
            func.count().filter(c.status == CommitmentStatus.FULFILLED).label("fulfilled"),
        )
        .where(c.programme_id == programme_id)
        .group_by(c.location_code)
        .order_by(c.location_code)
    )
