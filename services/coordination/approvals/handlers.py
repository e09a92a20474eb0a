"""Writing a decision down beside what it decides."""

from typing import Protocol
from uuid import UUID

from services.coordination.approvals.domain import Officer, Verdict
from services.coordination.approvals.tables import decided
from shared.clock import new_id
from shared.database import UnitOfWork


class Submitted(Protocol):
    """A programme or a plan; every submission is decided anew, also one that changed nothing."""

    id: UUID
    submissions: int


def write_down(
    uow: UnitOfWork, subject: Submitted, tier: int, verdict: Verdict, by: Officer, institution_id: UUID | None, reason_code: str | None, comment: str | None
) -> None:
    """Add the decision to the transaction that saves its subject."""
    uow.also(
        decided(
            id=new_id(),
            subject_id=subject.id,
            subject_version=subject.submissions,
            tier=tier,
            verdict=verdict,
            by=by,
            institution_id=institution_id,
            reason_code=reason_code,
            comment=comment,
        )
    )
