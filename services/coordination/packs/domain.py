"""A quarterly pack: compiled as often as one likes until it is frozen; a correction is a further version beside the frozen one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Living, step
from shared.contracts.coordination_packs import QuarterlyPackCompiled, QuarterlyPackCorrected, QuarterlyPackFrozen
from shared.errors import Conflict, Refused


class PackStatus(StrEnum):
    """Where a pack stands."""

    COMPILED = "compiled"
    FROZEN = "frozen"


class Form(StrEnum):
    """A form of PP 39/2006: by the head of an activity, the head of a programme, the minister."""

    A = "A"
    B = "B"
    C = "C"


class PackExists(Conflict):
    """One pack for each programme, quarter and form."""

    code = "pack_exists"
    message = ("Laporan triwulan untuk program, triwulan dan formulir ini sudah ada.", "There is a pack of this programme, quarter and form.")
    action = ("Susun ulang laporan itu: POST …/compile.", "Compile that one anew: POST …/compile.")


class QuarterNotOver(Refused):
    """A pack is frozen after its quarter."""

    code = "quarter_not_over"
    message = ("Triwulan {quarter} belum berakhir.", "Quarter {quarter} is not over.")
    action = ("Bekukan sesudah {last_day}.", "Freeze it after {last_day}.")


class QuarterOutsideProgramme(Refused):
    """A pack is about a quarter of its programme."""

    code = "quarter_outside_programme"
    message = ("Triwulan itu di luar masa berlaku program.", "That quarter is outside the programme's dates.")
    action = ("Pilih triwulan antara {valid_from} dan {valid_to}.", "Choose a quarter between {valid_from} and {valid_to}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """SHA-256 of the content as canonical JSON, and of the two files made of it."""

    content: str
    pdf: str
    xlsx: str


S = PackStatus


@dataclass(eq=False, kw_only=True)
class QuarterlyPack(Living):
    """The pack of a programme, a quarter (`2026-Q3`) and a form; the files are kept beside it by version."""

    programme_id: UUID
    quarter: str
    form: Form
    deadline: date
    pack_version: int
    content_hash: str
    status: PackStatus
    pdf_hash: str | None = None
    xlsx_hash: str | None = None
    frozen_on: date | None = None
    reason_code: str | None = None

    LIFE: ClassVar = {
        "compile": step(S.COMPILED),
        "freeze": step(S.COMPILED, to=S.FROZEN),
        "correct": step(S.FROZEN, to=S.COMPILED),
    }

    @classmethod
    def begin(cls, *, id: UUID, programme_id: UUID, quarter: str, form: Form, deadline: date, content_hash: str) -> Self:
        """Compile it for the first time."""
        pack = cls(
            id=id, programme_id=programme_id, quarter=quarter, form=form, deadline=deadline, pack_version=1, content_hash=content_hash, status=S.COMPILED
        )
        pack._compiled()
        return pack

    def _compiled(self) -> None:
        self.record(
            QuarterlyPackCompiled(
                pack_id=self.id, programme_id=self.programme_id, quarter=self.quarter, pack_version=self.pack_version, content_hash=self.content_hash
            )
        )

    def compile_anew(self, content_hash: str) -> None:
        """Compile it from the data of the moment; nothing is recorded when nothing changed."""
        self.move("compile")
        if content_hash != self.content_hash:
            self.content_hash = content_hash
            self._compiled()

    def freeze(self, hashes: Hashes, on: date, last_day: date) -> None:
        """Leave it as it is from now on, after its quarter."""
        self.may("freeze")
        if on <= last_day:
            raise QuarterNotOver(quarter=self.quarter, last_day=str(last_day))
        self.move("freeze")
        self.content_hash, self.pdf_hash, self.xlsx_hash, self.frozen_on = hashes.content, hashes.pdf, hashes.xlsx, on
        self.record(
            QuarterlyPackFrozen(
                pack_id=self.id,
                programme_id=self.programme_id,
                quarter=self.quarter,
                pack_version=self.pack_version,
                deadline=self.deadline,
                content_hash=hashes.content,
                pdf_hash=hashes.pdf,
                xlsx_hash=hashes.xlsx,
            )
        )

    def correct(self, reason_code: str, content_hash: str) -> None:
        """Begin a further version, for a reason; the frozen one stays readable."""
        self.move("correct")
        previous, self.content_hash = self.content_hash, content_hash
        self.pack_version, self.reason_code = self.pack_version + 1, reason_code
        self.pdf_hash = self.xlsx_hash = self.frozen_on = None
        self.record(
            QuarterlyPackCorrected(
                pack_id=self.id,
                programme_id=self.programme_id,
                quarter=self.quarter,
                pack_version=self.pack_version,
                previous_hash=previous,
                reason_code=reason_code,
            )
        )
