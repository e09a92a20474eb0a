"""How decisions are asked for and read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.coordination.approvals.domain import Officer, Verdict
from shared.http.requests import Code, Note, RequestModel
from shared.security.identity import Caller

TierNumber = Annotated[int, Field(strict=True, ge=1, le=20, description="counted from 1", examples=[1])]


class ApproveTier(RequestModel):
    """Agree, as the tier whose turn it is."""

    tier: TierNumber
    comment: Note | None = None


class ReturnAtTier(RequestModel):
    """Give back or refuse, as the tier whose turn it is; a comment is required."""

    tier: TierNumber
    reason_code: Annotated[Code, Field(examples=["amount_unclear"])]
    comment: Note


class DecisionOut(BaseModel):
    """A decision (keputusan) as it was taken; such rows never change."""

    id: UUID
    subject_version: int
    approval_tier: int
    verdict: Verdict
    role: str
    decided_by: str
    institution_id: UUID | None
    reason_code: str | None
    comment: str | None
    decided_at: datetime


def officer(caller: Caller) -> Officer:
    """The caller as who decides."""
    return Officer(subject=caller.subject, role=caller.role.value)
