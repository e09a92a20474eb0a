"""An official list of districts and villages: checked as a whole, then taken over by another person than who sent it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.mapping import RegionListChecked, RegionListCommitted, RegionListDiscarded
from shared.errors import Conflict, Problem, Refused, SamePerson


class RegionImportStatus(StrEnum):
    """Where a list stands."""

    CHECKED = "checked"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class ListTooLarge(Problem):
    """The file is larger than any official list."""

    status = 413
    code = "list_too_large"
    message = ("Berkas lebih dari {limit_bytes} byte.", "The file is larger than {limit_bytes} bytes.")
    action = ("Kirim daftar per provinsi.", "Send the list province by province.")


class ListMediaType(Problem):
    """The file is no CSV."""

    status = 415
    code = "list_not_csv"
    message = ("Kirim daftar sebagai CSV (Content-Type: text/csv).", "Send the list as CSV (Content-Type: text/csv).")
    action = ("Simpan lembar kerja sebagai CSV UTF-8, kolom kode sebagai teks.", "Save the sheet as CSV UTF-8, with the column of codes as text.")


class ListUnreadable(Refused):
    """The file cannot be read as CSV in UTF-8."""

    code = "list_unreadable"
    message = ("Berkas tidak dapat dibaca sebagai CSV UTF-8 pada baris {row_number}.", "The file cannot be read as CSV in UTF-8 at row {row_number}.")
    action = (
        "Simpan ulang sebagai CSV UTF-8 dan periksa tanda kutip yang tidak ditutup.",
        "Save it again as CSV UTF-8; look for a quote left open.",
    )


class ColumnsMissing(Refused):
    """The first row does not name the columns."""

    code = "columns_missing"
    message = ("Baris pertama harus memuat kolom: {missing_columns}.", "The first row must name the columns {missing_columns}.")
    action = ("Gunakan judul kolom kode, nama dan (bila ada) induk.", "Use the headings code, name and, if there is one, parent.")


class ListEmpty(Refused):
    """The list has no district or village."""

    code = "list_empty"
    message = ("Daftar tidak memuat kecamatan atau desa/kelurahan.", "The list has no district and no village.")
    action = ("Periksa berkas yang dikirim.", "Check the file.")


class ListHasRefusedRows(Conflict):
    """A list is taken over as a whole, or not at all."""

    code = "list_has_refused_rows"
    message = ("{refused_row_count} baris ditolak; daftar hanya dapat disahkan utuh.", "{refused_row_count} rows were refused; a list is taken over whole.")
    action = ("Baca baris yang ditolak, perbaiki berkas, lalu kirim ulang.", "Read the refused rows, mend the file and send it again.")


class ListKnown(Conflict):
    """The same list was taken over before."""

    code = "list_known"
    message = ("Daftar yang sama sudah disahkan; tidak ada yang berubah.", "The same list was taken over before; nothing changes.")
    action = ("Tidak perlu mengirim ulang.", "There is no need to send it again.")


class RegisterChangedMeanwhile(Conflict):
    """Since the list was checked, a regency of it ended."""

    code = "register_changed_meanwhile"
    message = ("Daftar kabupaten/kota berubah sejak daftar ini diperiksa.", "The register of regencies changed since the list was checked.")
    action = ("Kirim ulang daftar agar diperiksa kembali.", "Send the list again to have it checked.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a list holds and does, in districts and villages together; `listed_above` rows name provinces and regencies, which are known."""

    rows: int
    districts: int
    villages: int
    listed_above: int
    refused_rows: int
    entered: int
    changed: int
    unchanged: int
    ended: int


@dataclass(eq=False, kw_only=True)
class RegionImport(Aggregate):
    """A list that was sent. `content_hash` is SHA-256 of its bytes; `complete`: what it leaves out of a regency that it names has ended."""

    content_hash: str
    effective_from: date
    decree_ref: str
    complete: bool
    counts: Counts
    author: str
    decided_by: str | None
    reason_code: str | None
    status: RegionImportStatus

    TRANSITIONS: ClassVar = {
        RegionImportStatus.CHECKED: frozenset({"commit", "discard"}),
        RegionImportStatus.COMMITTED: frozenset(),
        RegionImportStatus.DISCARDED: frozenset(),
    }

    @classmethod
    def checked(cls, *, id: UUID, content_hash: str, effective_from: date, decree_ref: str, complete: bool, counts: Counts, author: str) -> Self:
        """A list whose rows were read and checked."""
        found = cls(
            id=id,
            content_hash=content_hash,
            effective_from=effective_from,
            decree_ref=decree_ref,
            complete=complete,
            counts=counts,
            author=author,
            decided_by=None,
            reason_code=None,
            status=RegionImportStatus.CHECKED,
        )
        found.record(
            RegionListChecked(import_id=id, content_hash=content_hash, row_count=counts.rows, refused_row_count=counts.refused_rows, source_ref=decree_ref)
        )
        return found

    def require_committable(self, by: str) -> None:
        """Raise unless `by`, another person than who sent it, may take it over: it is whole and not decided."""
        self.refuse_unless(self.status, {RegionImportStatus.CHECKED})
        if by == self.author:
            raise SamePerson
        if self.counts.refused_rows:
            raise ListHasRefusedRows(refused_row_count=self.counts.refused_rows)

    def commit(self, by: str, counts: Counts) -> None:
        """Take it over; `counts` are those of now."""
        self.require_committable(by)
        self.status, self.decided_by, self.counts = RegionImportStatus.COMMITTED, by, counts
        self.record(
            RegionListCommitted(
                import_id=self.id,
                content_hash=self.content_hash,
                entered_count=counts.entered,
                changed_count=counts.changed,
                ended_count=counts.ended,
                effective_from=self.effective_from,
                source_ref=self.decree_ref,
            )
        )

    def discard(self, by: str, reason_code: str) -> None:
        """Throw it away."""
        self.refuse_unless(self.status, {RegionImportStatus.CHECKED})
        self.status, self.decided_by, self.reason_code = RegionImportStatus.DISCARDED, by, reason_code
        self.record(RegionListDiscarded(import_id=self.id, reason_code=reason_code))
