"""A file of figures: received, checked row by row, then taken over or discarded by another person than who sent it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Literal, Self
from uuid import UUID

from services.mapping.figure_imports.errors import (
    FiguresRefused,
    FiguresSuspicious,
    NothingToCommit,
)
from services.mapping.regions.codes import Scheme
from shared.aggregate import Aggregate
from shared.contracts.mapping_figures import (
    FigureImportChecked,
    FigureImportCommitted,
    FigureImportDiscarded,
    FigureImportFailed,
    FigureImportReceived,
)
from shared.errors import SamePerson

Decimals = Literal["comma", "point"]
Atomic = Literal["all", "row"]
FileKind = Literal["csv", "xlsx", "parquet"]


class FigureImportStatus(StrEnum):
    """Where a file stands."""

    CHECKING = "checking"
    CHECKED = "checked"
    FAILED = "failed"
    COMMITTED = "committed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the sender says of a file: the scheme of its codes, how decimals are written, whose figures they are and by which method.

    `indicator_code` and `period` hold for rows without columns of their own. `source_year`, `publisher` and `title` describe a
    source that is new here.
    """

    kind: FileKind
    scheme: Scheme
    decimals: Decimals
    atomic: Atomic
    source_code: str
    indicator_code: str | None = None
    period: str | None = None
    method: str | None = None
    publisher: str | None = None
    title: str | None = None
    source_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A rule that finds the file as a whole doubtful, how many rows it concerns, and the first of them."""

    rule: str
    row_count: int
    region_codes: list[str]
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCounts:
    """What a file holds, and what taking it over does."""

    rows: int = 0
    refused_rows: int = 0
    entered: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(eq=False, kw_only=True)
class FigureImport(Aggregate):
    """A file that was sent. `content_hash` is SHA-256 of its bytes; `accepted_reason` is why it was taken over in spite of suspicions."""

    content_hash: str
    declared: Declared
    counts: FigureCounts
    suspicions: list[Suspicion]
    author: str
    decided_by: str | None = None
    reason_code: str | None = None
    accepted_reason: str | None = None
    status: FigureImportStatus

    TRANSITIONS: ClassVar = {
        FigureImportStatus.CHECKING: frozenset({"check", "fail", "discard"}),
        FigureImportStatus.CHECKED: frozenset({"commit", "discard"}),
        FigureImportStatus.FAILED: frozenset(),
        FigureImportStatus.COMMITTED: frozenset(),
        FigureImportStatus.DISCARDED: frozenset(),
    }

    @classmethod
    def receive(cls, *, id: UUID, content_hash: str, declared: Declared, author: str) -> Self:
        """A file that arrived whole; its rows are read afterwards."""
        found = cls(
            id=id,
            content_hash=content_hash,
            declared=declared,
            counts=FigureCounts(),
            suspicions=[],
            author=author,
            status=FigureImportStatus.CHECKING,
        )
        found.record(FigureImportReceived(import_id=id, content_hash=content_hash, source_code=declared.source_code))
        return found

    def check(self, counts: FigureCounts, suspicions: list[Suspicion]) -> None:
        """Every row was read; whoever decides sees how many were refused."""
        self.refuse_unless(self.status, {FigureImportStatus.CHECKING})
        self.status, self.counts, self.suspicions = FigureImportStatus.CHECKED, counts, suspicions
        self.record(
            FigureImportChecked(
                import_id=self.id, row_count=counts.rows, refused_row_count=counts.refused_rows, suspicion_codes=[each.rule for each in suspicions]
            )
        )

    def fail(self, reason_code: str) -> None:
        """It could not be read to its end; nothing of it is kept."""
        self.refuse_unless(self.status, {FigureImportStatus.CHECKING})
        self.status, self.reason_code = FigureImportStatus.FAILED, reason_code
        self.record(FigureImportFailed(import_id=self.id, reason_code=reason_code))

    def require_committable(self, by: str, accepted_reason: str | None) -> None:
        """Raise unless `by`, another person than who sent it, may take it over."""
        self.refuse_unless(self.status, {FigureImportStatus.CHECKED})
        if by == self.author:
            raise SamePerson
        if self.counts.refused_rows and self.declared.atomic == "all":
            raise FiguresRefused(refused_row_count=self.counts.refused_rows, row_count=self.counts.rows)
        if self.counts.rows == self.counts.refused_rows:
            raise NothingToCommit
        if self.suspicions and not accepted_reason:
            raise FiguresSuspicious(rules=[each.rule for each in self.suspicions])

    def commit(self, by: str, counts: FigureCounts, indicator_codes: list[str], periods: list[str], accepted_reason: str | None) -> None:
        """Take its good rows over; `counts` are those of now."""
        self.require_committable(by, accepted_reason)
        self.status, self.decided_by, self.counts, self.accepted_reason = FigureImportStatus.COMMITTED, by, counts, accepted_reason
        self.record(
            FigureImportCommitted(
                import_id=self.id,
                content_hash=self.content_hash,
                source_code=self.declared.source_code,
                indicator_codes=indicator_codes,
                periods=periods,
                entered_count=counts.entered,
                changed_count=counts.changed,
            )
        )

    def discard(self, by: str, reason_code: str) -> None:
        """Throw it away, also while it is being read (batal)."""
        self.refuse_unless(self.status, {FigureImportStatus.CHECKING, FigureImportStatus.CHECKED})
        self.status, self.decided_by, self.reason_code = FigureImportStatus.DISCARDED, by, reason_code
        self.record(FigureImportDiscarded(import_id=self.id, reason_code=reason_code))
