"""Where a commitment and its reports stand."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class CommitmentStatus(StrEnum):
    """Where a commitment stands."""

    PROPOSED = "proposed"
    PLEDGED = "pledged"
    IN_PROGRESS = "in_progress"
    REPORTED_FULFILLED = "reported_fulfilled"
    FULFILLED = "fulfilled"
    OVERDUE = "overdue"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    RELEASED = "released"
    CANCELLED = "cancelled"


S = CommitmentStatus
OPEN = (S.PLEDGED, S.IN_PROGRESS, S.REPORTED_FULFILLED, S.OVERDUE, S.PARTIALLY_FULFILLED)
"""What was promised and is neither done nor given up."""
STANDING = (*OPEN, S.FULFILLED)
"""What counts as promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """Cumulative output and rupiah as of a day; evidence by SHA-256. `correction_reason_code` says why figures fell, where they did."""

    id: UUID
    cumulative_output: int
    cumulative_amount_idr: int
    as_of: date
    evidence_hashes: list[str]
    verified_by_institution_id: UUID | None = None
    disputed_by_institution_id: UUID | None = None
    dispute_reason_code: str | None = None
    correction_reason_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A step of the ladder: who was told on which day, so many working days after the due date of that version."""

    due_version: int
    level: int
    institution_id: UUID
    on: date
    working_days_late: int
