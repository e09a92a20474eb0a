"""A file of points: checked as a whole, then taken over by another person than who sent it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.mapping_figures import RegionPointsChecked, RegionPointsCommitted, RegionPointsDiscarded
from shared.errors import Conflict, Refused, SamePerson


class RegionPointsStatus(StrEnum):
    """Where a file of points stands."""

    CHECKED = "checked"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class PointsUnreadable(Refused):
    """The file is no FeatureCollection of points in WGS 84."""

    code = "points_unreadable"
    message = ("Berkas bukan FeatureCollection GeoJSON (RFC 7946, WGS 84).", "The file is no GeoJSON FeatureCollection (RFC 7946, WGS 84).")
    action = (
        "Kirim titik dengan properties.region_code, atau CSV/XLSX dengan kolom kode, lintang, bujur.",
        "Send points with properties.region_code, or CSV/XLSX with the columns kode, lintang, bujur.",
    )


class PointsHaveRefusedRows(Conflict):
    """Points are taken over whole, or not at all."""

    code = "points_have_refused_rows"
    message = ("{refused_row_count} titik ditolak; berkas hanya dapat disahkan utuh.", "{refused_row_count} points were refused; a file is taken over whole.")
    action = ("Baca baris yang ditolak, perbaiki, lalu kirim ulang.", "Read the refused rows, mend the file and send it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCounts:
    """What a file holds and does: `moved` points change or are new, in all levels together."""

    rows: int
    refused_rows: int
    moved: int
    unchanged: int


@dataclass(eq=False, kw_only=True)
class RegionPoints(Aggregate):
    """A file of points that was sent; `source` says who surveyed or computed them."""

    content_hash: str
    source: str
    counts: PointCounts
    author: str
    decided_by: str | None = None
    reason_code: str | None = None
    status: RegionPointsStatus

    TRANSITIONS: ClassVar = {
        RegionPointsStatus.CHECKED: frozenset({"commit", "discard"}),
        RegionPointsStatus.COMMITTED: frozenset(),
        RegionPointsStatus.DISCARDED: frozenset(),
    }

    @classmethod
    def checked(cls, *, id: UUID, content_hash: str, source: str, counts: PointCounts, author: str) -> Self:
        """A file whose points were read and checked."""
        found = cls(id=id, content_hash=content_hash, source=source, counts=counts, author=author, status=RegionPointsStatus.CHECKED)
        found.record(RegionPointsChecked(import_id=id, content_hash=content_hash, row_count=counts.rows, refused_row_count=counts.refused_rows))
        return found

    def commit(self, by: str, counts: PointCounts) -> None:
        """Take it over; `by` is another person than who sent it."""
        self.refuse_unless(self.status, {RegionPointsStatus.CHECKED})
        if by == self.author:
            raise SamePerson
        if self.counts.refused_rows:
            raise PointsHaveRefusedRows(refused_row_count=self.counts.refused_rows)
        self.status, self.decided_by, self.counts = RegionPointsStatus.COMMITTED, by, counts
        self.record(RegionPointsCommitted(import_id=self.id, content_hash=self.content_hash, moved_count=counts.moved))

    def discard(self, by: str, reason_code: str) -> None:
        """Throw it away."""
        self.refuse_unless(self.status, {RegionPointsStatus.CHECKED})
        self.status, self.decided_by, self.reason_code = RegionPointsStatus.DISCARDED, by, reason_code
        self.record(RegionPointsDiscarded(import_id=self.id, reason_code=reason_code))
