"""A list that was handed in: what of it counted, what was refused, and who is still missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.facilitation.located import Located
from shared.contracts.facilitation_training import TrainingListReceived
from shared.errors import Conflict, Refused


class ListKind(StrEnum):
    """What a list holds."""

    ATTENDANCE = "attendance"
    PRE_TEST = "pre_test"
    POST_TEST = "post_test"


class FileNotUtf8(Refused):
    """The file is not text in UTF-8."""

    code = "file_not_utf8"
    message = ("Berkas bukan CSV berenkode UTF-8.", "The file is no CSV in UTF-8.")
    action = ('Simpan sebagai "CSV UTF-8" lalu kirim ulang.', 'Save it as "CSV UTF-8" and send it again.')


class HeadingsMissing(Refused):
    """The first row names the columns."""

    code = "headings_missing"
    message = ("Baris pertama harus memuat kolom: {expected}.", "The first row must name the columns: {expected}.")
    action = ("Tambahkan judul kolom itu lalu kirim ulang.", "Add these headings and send it again.")


class RowsOutOfBounds(Refused):
    """A list has a row for each participant, hence no more than a training has seats."""

    code = "rows_out_of_bounds"
    message = ("Daftar harus berisi 1 sampai {limit} baris.", "A list holds 1 to {limit} rows.")
    action = ("Bagi daftar menjadi beberapa berkas.", "Split the list into several files.")


class SessionAhead(Refused):
    """Nobody has attended a session that is still to come."""

    code = "session_in_future"
    message = ("Sesi ini baru berlangsung {on}.", "The session takes place on {on}.")
    action = ("Kirim daftar hadir sesudahnya.", "Hand in its attendance afterwards.")


class NotRunning(Conflict):
    """Lists belong to a training that is under way."""

    code = "training_not_running"
    message = ("Pelatihan tidak sedang berjalan.", "The training is not running.")
    action = ("Mulai pelatihan terlebih dahulu, atau periksa pelatihannya.", "Start the training first, or check which one it is.")


# What a row may be refused for: in Indonesian, in English.
HINTS: Mapping[str, tuple[str, str]] = {
    "id_unreadable": ("enrolment_id bukan UUID; salin dari GET /enrolments.", "enrolment_id is no UUID; copy it from GET /enrolments."),
    "no_participant": ("Bukan peserta pelatihan ini yang mempunyai kursi.", "No participant of this training who has a seat."),
    "twice_in_list": ("Peserta ini sudah ada pada baris sebelumnya.", "The participant is in an earlier row already."),
    "presence_unreadable": ("Isi hadir atau tidak.", "Say present or absent."),
    "score_unreadable": ("Isi nilai bulat 0 sampai 100.", "Give a whole score from 0 to 100."),
    "was_present_only_here": (
        "Peserta ini tercatat mulai hadir; kehadiran pertamanya tidak dapat dihapus.",
        "The participant began to attend; the only attendance on record cannot be taken away.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A row as it came: number, who, and what about them, still as text."""

    row: int
    enrolment_id: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that does not count, with what was in it and what to do."""

    row: int
    enrolment_id: str
    value: str
    code: str
    hint: str
    hint_en: str

    @classmethod
    def of(cls, row: ListRow, code: str) -> Self:
        """With the sentences of its code."""
        hint, hint_en = HINTS[code]
        return cls(row=row.row, enrolment_id=row.enrolment_id, value=row.value, code=code, hint=hint, hint_en=hint_en)


_PRESENT = frozenset({"hadir", "ya", "y", "1", "true", "present", "yes"})
_ABSENT = frozenset({"tidak", "tidak hadir", "t", "0", "false", "absent", "no", "n", "alpa", "izin", "sakit"})


def presence(value: str) -> bool | None:
    """Whether the row says present; null where it says neither."""
    said = value.strip().lower()
    return True if said in _PRESENT else False if said in _ABSENT else None


def score(value: str) -> int | None:
    """Whole points of 100; null for anything else."""
    said = value.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 3 and int(said) <= 100 else None


def sort_out(
    kind: ListKind, rows: Sequence[ListRow], participants: Collection[UUID], only_here: Collection[UUID] = ()
) -> tuple[dict[UUID, int], list[RefusedRow]]:
    """What counts, by participant (1 and 0 for present and absent), and what does not.

    `only_here` are participants who attended no other session, and so cannot be absent from this one any more.
    """
    counted: dict[UUID, int] = {}
    refused = []
    for row in rows:
        try:
            id = UUID(row.enrolment_id)
        except ValueError:
            refused.append(RefusedRow.of(row, "id_unreadable"))
            continue
        value = presence(row.value) if kind is ListKind.ATTENDANCE else score(row.value)
        if id not in participants:
            refused.append(RefusedRow.of(row, "no_participant"))
        elif id in counted:
            refused.append(RefusedRow.of(row, "twice_in_list"))
        elif value is None:
            refused.append(RefusedRow.of(row, "presence_unreadable" if kind is ListKind.ATTENDANCE else "score_unreadable"))
        elif not value and id in only_here:
            refused.append(RefusedRow.of(row, "was_present_only_here"))
        else:
            counted[id] = int(value)
    return counted, refused


@dataclass(eq=False, kw_only=True)
class TrainingList(Located):
    """A list as it was read; `missing` are participants of whom nothing of the kind is known yet."""

    training_id: UUID
    list_kind: ListKind
    session_no: int | None
    content_hash: str
    accepted_count: int
    refused: list[RefusedRow]
    missing: list[UUID]

    @classmethod
    def receive(
        cls,
        *,
        id: UUID,
        region_code: str,
        training_id: UUID,
        list_kind: ListKind,
        session_no: int | None,
        content_hash: str,
        accepted_count: int,
        refused: list[RefusedRow],
        missing: list[UUID],
    ) -> Self:
        """Write down what became of it."""
        received = cls(
            id=id,
            region_code=region_code,
            training_id=training_id,
            list_kind=list_kind,
            session_no=session_no,
            content_hash=content_hash,
            accepted_count=accepted_count,
            refused=refused,
            missing=missing,
        )
        received.record(
            TrainingListReceived(
                training_list_id=id,
                training_id=training_id,
                list_kind=list_kind,
                session_no=session_no,
                accepted_count=accepted_count,
                refused_count=len(refused),
                content_hash=content_hash,
            )
        )
        return received
