"""The table of decisions: rows are only ever added, which a trigger of the database sees to."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Insert, Integer, Select, Table, Text, UniqueConstraint, Uuid, func, insert, select

from services.coordination.approvals.domain import Officer, TierNotReached, Verdict
from services.coordination.schema import metadata
from shared.tables import Code, refuse

approval_decisions = Table(
    "approval_decisions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("subject_version", Integer, nullable=False),
    Column("approval_tier", Integer, nullable=False),
    Column("verdict", Code(Verdict), nullable=False),
    Column("role", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("institution_id", Uuid),
    Column("reason_code", Text),
    Column("comment", Text),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("subject_id", "subject_version", "approval_tier"),
)


class DecidedMeanwhile(TierNotReached):
    """Somebody else decided this tier at the same moment."""

    code = "tier_decided_meanwhile"
    message = ("Tingkat ini baru saja diputus pihak lain.", "Somebody else just decided this tier.")
    action = ("Baca ulang berkasnya.", "Read it again.")


refuse(metadata, {"uq_approval_decisions_subject_id_subject_version_approval_tier": DecidedMeanwhile})


def decided(
    *,
    id: UUID,
    subject_id: UUID,
    subject_version: int,
    tier: int,
    verdict: Verdict,
    by: Officer,
    institution_id: UUID | None,
    reason_code: str | None,
    comment: str | None,
) -> Insert:
    """Write a decision down."""
    return insert(approval_decisions).values(
        id=id,
        subject_id=subject_id,
        subject_version=subject_version,
        approval_tier=tier,
        verdict=verdict,
        role=by.role,
        decided_by=by.subject,
        institution_id=institution_id,
        reason_code=reason_code,
        comment=comment,
        decided_at=func.statement_timestamp(),
    )


def decisions_on(subject_id: UUID) -> "Select[Any]":
    """Every decision on a programme or a plan, in order."""
    return select(approval_decisions).where(approval_decisions.c.subject_id == subject_id)
