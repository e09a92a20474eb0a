"""A mentor: who may accompany which groups, and how many enterprises at one time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.located import Located
from services.facilitation.mentors.rules import MentoringRules
from shared.aggregate import Living, step
from shared.contracts.facilitation_mentoring import (
    MentorCompetencesSet,
    MentorRegistered,
    MentorReinstated,
    MentorScopeSet,
    MentorSuspended,
    MentorVerified,
)
from shared.errors import Conflict, Refused, SamePerson


class MentorStatus(StrEnum):
    """Where a mentor stands."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    SUSPENDED = "suspended"


class MentorAlreadyRegistered(Conflict):
    """One mentor for each login."""

    code = "mentor_already_registered"
    message = ("Pengguna ini sudah terdaftar sebagai pendamping.", "This user is registered as a mentor already.")
    action = ("Cari di GET /facilitation/v1/mentors.", "Look in GET /facilitation/v1/mentors.")


class MentorNotVerified(Conflict):
    """Only verified mentors are offered groups, and write."""

    code = "mentor_not_verified"
    message = ("Pendamping belum diverifikasi atau sedang ditangguhkan.", "The mentor is not verified, or is suspended.")
    action = ("Verifikasi atau pulihkan pendamping, atau pilih yang lain.", "Verify or reinstate the mentor, or choose another one.")


class MentorOutsideArea(Refused):
    """A mentor serves the regions named at registration."""

    code = "mentor_outside_area"
    message = ("Wilayah {region_code} di luar wilayah kerja pendamping ({area_codes}).", "{region_code} lies outside the mentor's area ({area_codes}).")
    action = ("Pilih pendamping lain, atau ubah wilayah kerjanya.", "Choose another mentor, or change the mentor's area.")


class CompetenceMissing(Refused):
    """The topics ask for units of competence that the mentor does not hold on that day."""

    code = "competence_missing"
    message = ("Pendamping tidak memiliki unit kompetensi yang berlaku: {missing}.", "The mentor holds no valid certificate for: {missing}.")
    action = ("Pilih pendamping lain, atau catat sertifikatnya.", "Choose another mentor, or record the certificate.")


class CaseCeilingReached(Conflict):
    """A mentor accompanies so many enterprises at one time and no more."""

    code = "case_ceiling_reached"
    message = ("Batas dampingan pendamping akan terlampaui.", "The mentor's ceiling of enterprises would be exceeded.")
    action = ("Lihat GET /facilitation/v1/mentor-caseloads; pilih pendamping lain.", "See GET /facilitation/v1/mentor-caseloads; choose another mentor.")


class CeilingTooHigh(Refused):
    """Own ceilings are bounded."""

    code = "ceiling_too_high"
    message = ("Batas dampingan paling banyak {most} usaha.", "A ceiling is {most} enterprises at most.")
    action = ("Isi batas sampai {most}.", "Give a ceiling up to {most}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence:
    """A unit of competence of SKKNI 181/2017 from day to day, with the SHA-256 of its certificate."""

    unit_code: str
    valid_from: date
    valid_to: date | None
    certificate_hash: str

    def holds(self, on: date) -> bool:
        """Whether the certificate is valid on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


S = MentorStatus


@dataclass(eq=False, kw_only=True)
class Mentor(Living, Located):
    """A mentor; `region_code` is the regency/city of the office, `subject` the login's pseudonym, which stays in this service."""

    subject: str
    area_codes: list[str]
    competences: list[Competence]
    case_ceiling: int | None
    status: MentorStatus
    registered_by: str
    verified_by: str | None = None
    reason_code: str | None = None

    LIFE: ClassVar = {
        "verify": step(S.REGISTERED, to=S.VERIFIED),
        "set_competences": step(S.REGISTERED, S.VERIFIED, S.SUSPENDED),
        "set_scope": step(S.REGISTERED, S.VERIFIED, S.SUSPENDED),
        "suspend": step(S.VERIFIED, to=S.SUSPENDED),
        "reinstate": step(S.SUSPENDED, to=S.VERIFIED),
    }

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        subject: str,
        region_code: str,
        area_codes: list[str],
        competences: list[Competence],
        case_ceiling: int | None,
        rules: MentoringRules,
        by: str,
    ) -> Self:
        """Enter a mentor; somebody else verifies."""
        mentor = cls(
            id=id,
            subject=subject,
            region_code=region_code,
            area_codes=area_codes,
            competences=competences,
            case_ceiling=_bounded(case_ceiling, rules),
            status=S.REGISTERED,
            registered_by=by,
        )
        units = sorted({each.unit_code for each in competences})
        mentor.record(MentorRegistered(mentor_id=id, region_code=region_code, area_codes=area_codes, competence_unit_codes=units))
        return mentor

    def verify(self, by: str) -> None:
        """Confirm what was entered, as another person, who is not the mentor either."""
        self.may("verify")
        if by in (self.registered_by, self.subject):
            raise SamePerson
        self.move("verify")
        self.verified_by = by
        self.record(MentorVerified(mentor_id=self.id))

    def set_competences(self, competences: list[Competence], by: str) -> None:
        """Replace the certificates; nobody writes their own."""
        self.move("set_competences")
        if by == self.subject:
            raise SamePerson
        self.competences = competences
        self.record(MentorCompetencesSet(mentor_id=self.id, competence_unit_codes=sorted({each.unit_code for each in competences})))

    def set_scope(self, area_codes: list[str], case_ceiling: int | None, rules: MentoringRules) -> None:
        """Change area and ceiling; what was accepted before goes on."""
        self.move("set_scope")
        self.area_codes, self.case_ceiling = area_codes, _bounded(case_ceiling, rules)
        self.record(MentorScopeSet(mentor_id=self.id, area_codes=area_codes, case_ceiling=case_ceiling))

    def suspend(self, reason_code: str) -> None:
        """Let the mentor rest."""
        self.move("suspend")
        self.reason_code = reason_code
        self.record(MentorSuspended(mentor_id=self.id, reason_code=reason_code))

    def reinstate(self) -> None:
        """Let the mentor go on."""
        self.move("reinstate")
        self.reason_code = None
        self.record(MentorReinstated(mentor_id=self.id))

    def ceiling(self, rules: MentoringRules) -> int:
        """So many enterprises at one time: the mentor's own number, or everybody's."""
        return rules.case_ceiling if self.case_ceiling is None else self.case_ceiling

    def missing(self, unit_codes: Collection[str], on: date) -> list[str]:
        """The units among these that the mentor holds no valid certificate for."""
        return sorted(set(unit_codes) - {each.unit_code for each in self.competences if each.holds(on)})

    def serves(self, region_code: str) -> bool:
        """Whether a region lies in the mentor's area."""
        return any(region_code == own or region_code.startswith(f"{own}.") for own in self.area_codes)

    def must_be_verified(self) -> None:
        """Refuse a mentor who is not verified, or suspended."""
        if self.status != S.VERIFIED:
            raise MentorNotVerified

    def must_suit(self, region_code: str, unit_codes: Collection[str], on: date) -> None:
        """Refuse a mentor who may not accompany a group there on these topics."""
        self.must_be_verified()
        if not self.serves(region_code):
            raise MentorOutsideArea(region_code=region_code, area_codes=self.area_codes)
        if missing := self.missing(unit_codes, on):
            raise CompetenceMissing(missing=missing)


def _bounded(case_ceiling: int | None, rules: MentoringRules) -> int | None:
    if case_ceiling is not None and case_ceiling > rules.case_ceiling_max:
        raise CeilingTooHigh(most=rules.case_ceiling_max)
    return case_ceiling
