"""A course in the catalogue, and the versions of its terms by the day from which each holds."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.groups.minimums import GroupType
from shared.aggregate import Living, step
from shared.contracts.facilitation_training import CourseOffered, CourseRetired, CourseRevised
from shared.errors import Conflict, Forbidden, Refused


class CourseStatus(StrEnum):
    """Where a course stands."""

    OFFERED = "offered"
    RETIRED = "retired"


class CourseCodeTaken(Conflict):
    """Codes of courses are unique."""

    code = "course_code_taken"
    message = ("Kode kursus sudah dipakai.", "The course's code is taken.")
    action = ("Gunakan kode lain, atau ubah kursus yang ada.", "Use another code, or revise the course that exists.")


class NotTheProvider(Forbidden):
    """A ministry offers its own courses."""

    code = "not_the_provider"
    message = ("Kursus ini milik lembaga penyelenggara lain.", "The course is another institution's.")
    action = ("Gunakan token lembaga penyelenggara, atau token pemilik program.", "Use a token of the provider, or of the programme's owner.")


class CourseNotCurrent(Refused):
    """The course is retired, or none of its versions holds yet."""

    code = "course_not_current"
    message = ("Kursus ini tidak berlaku pada {on}.", "The course is not current on {on}.")
    action = ("Lihat GET /facilitation/v1/courses.", "See GET /facilitation/v1/courses.")


class VersionInPast(Refused):
    """Terms are not changed backwards."""

    code = "course_version_in_past"
    message = ("Versi baru berlaku paling cepat {earliest}.", "A new version holds from {earliest} at the earliest.")
    action = ("Isi valid_from sejak {earliest}.", "Give a valid_from from {earliest} on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseTerms:
    """One version of a course: `attendance_percent` of the hours and `pass_mark` of 100 points are needed to pass.

    Units are codes of SKKNI; `certificate_months` null means that the certificate does not expire.
    """

    course_version: int
    valid_from: date
    hours: int
    competence_unit_codes: list[str]
    target_group_types: list[GroupType]
    attendance_percent: int
    pass_mark: int
    certificate_months: int | None


S = CourseStatus


@dataclass(eq=False, kw_only=True)
class Course(Living):
    """A course of one provider; the title is read here and in no event."""

    course_code: str
    title: str
    provider_institution_id: UUID
    status: CourseStatus
    versions: list[CourseTerms]
    reason_code: str | None = None

    LIFE: ClassVar = {"revise": step(S.OFFERED), "retire": step(S.OFFERED, to=S.RETIRED)}

    @classmethod
    def offer(cls, *, id: UUID, course_code: str, title: str, provider_institution_id: UUID, terms: CourseTerms, on: date) -> Self:
        """Enter it in the catalogue."""
        if terms.valid_from < on:
            raise VersionInPast(earliest=str(on))
        course = cls(id=id, course_code=course_code, title=title, provider_institution_id=provider_institution_id, status=S.OFFERED, versions=[terms])
        course.record(
            CourseOffered(
                course_id=id,
                course_code=course_code,
                course_version=terms.course_version,
                provider_institution_id=provider_institution_id,
                competence_unit_codes=terms.competence_unit_codes,
                hours=terms.hours,
                target_group_types=list(terms.target_group_types),
                attendance_percent=terms.attendance_percent,
                pass_mark=terms.pass_mark,
                certificate_months=terms.certificate_months,
                valid_from=terms.valid_from,
            )
        )
        return course

    def revise(self, terms: CourseTerms, on: date) -> None:
        """Add a version, from a day that is neither past nor before the newest version's."""
        self.move("revise")
        earliest = max(on, self.versions[-1].valid_from)
        if terms.valid_from < earliest:
            raise VersionInPast(earliest=str(earliest))
        self.versions = [*self.versions, terms]
        self.record(
            CourseRevised(
                course_id=self.id,
                course_code=self.course_code,
                course_version=terms.course_version,
                competence_unit_codes=terms.competence_unit_codes,
                hours=terms.hours,
                target_group_types=list(terms.target_group_types),
                attendance_percent=terms.attendance_percent,
                pass_mark=terms.pass_mark,
                certificate_months=terms.certificate_months,
                valid_from=terms.valid_from,
            )
        )

    def retire(self, reason_code: str) -> None:
        """Take it out of the catalogue."""
        self.move("retire")
        self.reason_code = reason_code
        self.record(CourseRetired(course_id=self.id, course_code=self.course_code, reason_code=reason_code))

    def terms_on(self, day: date) -> CourseTerms:
        """The version that trainings drafted on a day are held under."""
        held = [terms for terms in self.versions if terms.valid_from <= day]
        if self.status is not S.OFFERED or not held:
            raise CourseNotCurrent(on=str(day))
        return held[-1]
