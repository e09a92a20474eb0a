"""What a mentor reports of a visit."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where the device was, in degrees of WGS 84; it stays in this service, for reviewers."""

    longitude: float
    latitude: float
    accuracy_m: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReport:
    """A report as the device recorded it; times are UTC."""

    started_at: datetime
    ended_at: datetime
    topic_codes: list[str]
    attendee_count: int
    enterprise_ids: list[UUID]
    evidence_hashes: list[str]
    position: Position | None
    note: str | None

    @property
    def duration_minutes(self) -> int:
        """Whole minutes."""
        return int((self.ended_at - self.started_at).total_seconds() // 60)

    def content_hash(self) -> str:
        """SHA-256 of the content, the same for the same report."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()

    def differs_in(self, other: "VisitReport") -> list[str]:
        """The fields in which another report says something else."""
        return [each.name for each in fields(self) if getattr(self, each.name) != getattr(other, each.name)]
