"""A participant: nominated by a group, with a seat or waiting, then judged by attendance and test, then asked again."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.enrolments.errors import ConsentAhead, NoCertificate
from services.facilitation.located import Located
from services.facilitation.trainings.domain import Training
from services.facilitation.trainings.rules import months_after
from shared.aggregate import Living, step
from shared.contracts.facilitation_training import (
    CertificateIssued,
    CertificateRevoked,
    ParticipantAttended,
    ParticipantEnrolled,
    ParticipantNominated,
    ParticipantNoShowRecorded,
    ParticipantRejected,
    ParticipantWaitlisted,
    ParticipantWithdrawn,
    TrainingFailed,
    TrainingPassed,
    TrainingTracerDueReached,
    TrainingTracerFellOverdue,
    TrainingTracerRecorded,
)


class EnrolmentStatus(StrEnum):
    """Where a participant stands."""

    NOMINATED = "nominated"
    ENROLLED = "enrolled"
    WAITLISTED = "waitlisted"
    ATTENDING = "attending"
    COMPLETED = "completed"
    FAILED = "failed"
    NO_SHOW = "no_show"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class Gender(StrEnum):
    """Of the person who takes part, as said at the nomination; counted, never published for one."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominee:
    """Whom a group names, with the consent of that person."""

    enterprise_id: UUID
    gender: Gender
    consent_purpose: str
    consent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a participant reached: percent of the hours, rounded down, and points of 100 before and after."""

    attendance_percent: int
    pre_score: int | None
    post_score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNumbers:
    """What names a certificate: its id in events, its number on paper, and the code by which anybody verifies it."""

    id: UUID
    number: str
    code: str


S = EnrolmentStatus
SEATED = (S.ENROLLED, S.ATTENDING)
"""Who sits in the training."""


@dataclass(eq=False, kw_only=True)
class Enrolment(Located, Living):
    """One enterprise in one training; `region_code` is its group's. The certificate, once there is one, is part of it."""

    training_id: UUID
    group_id: UUID
    enterprise_id: UUID
    course_code: str
    gender: Gender
    consent_purpose: str
    consent_on: date
    nominated_on: date
    status: EnrolmentStatus
    seat_no: int | None = None
    position: int | None = None
    attendance_percent: int | None = None
    pre_score: int | None = None
    post_score: int | None = None
    ended_on: date | None = None
    reason_code: str | None = None
    certificate_id: UUID | None = None
    certificate_number: str | None = None
    certificate_code: str | None = None
    certificate_issued_on: date | None = None
    certificate_valid_until: date | None = None
    certificate_revoked_on: date | None = None

    LIFE: ClassVar = {
        "enrol": step(S.NOMINATED, S.WAITLISTED, to=S.ENROLLED),
        "waitlist": step(S.NOMINATED, to=S.WAITLISTED),
        "attend": step(S.ENROLLED, to=S.ATTENDING),
        "complete": step(S.ATTENDING, to=S.COMPLETED),
        "certify": step(S.COMPLETED),
        "revoke_certificate": step(S.COMPLETED),
        "fail": step(S.ATTENDING, to=S.FAILED),
        "no_show": step(S.ENROLLED, to=S.NO_SHOW),
        "withdraw": step(S.NOMINATED, S.WAITLISTED, S.ENROLLED, to=S.WITHDRAWN),
        "reject": step(S.NOMINATED, to=S.REJECTED),
        "tracer_due": step(S.COMPLETED),
        "tracer_overdue": step(S.COMPLETED),
        "trace": step(S.COMPLETED),
    }

    @classmethod
    def nominate(cls, *, id: UUID, training: Training, group_id: UUID, region_code: str, nominee: Nominee, on: date) -> Self:
        """Name an active member, who agreed."""
        if nominee.consent_on > on:
            raise ConsentAhead
        enrolment = cls(
            id=id,
            region_code=region_code,
            training_id=training.id,
            group_id=group_id,
            enterprise_id=nominee.enterprise_id,
            course_code=training.course_code,
            gender=nominee.gender,
            consent_purpose=nominee.consent_purpose,
            consent_on=nominee.consent_on,
            nominated_on=on,
            status=S.NOMINATED,
        )
        enrolment.record(ParticipantNominated(enrolment_id=id, training_id=training.id, group_id=group_id, enterprise_id=nominee.enterprise_id))
        return enrolment

    def enrol(self, seat_no: int) -> None:
        """Take a seat."""
        self.move("enrol")
        self.seat_no, self.position = seat_no, None
        self.record(ParticipantEnrolled(enrolment_id=self.id, training_id=self.training_id, enterprise_id=self.enterprise_id, seat_no=seat_no))

    def waitlist(self, position: int) -> None:
        """Wait for a seat, behind everybody of a lower position."""
        self.move("waitlist")
        self.position = position
        self.record(ParticipantWaitlisted(enrolment_id=self.id, training_id=self.training_id, position=position))

    def attend(self, session_no: int) -> None:
        """Be present for the first time."""
        self.move("attend")
        self.record(ParticipantAttended(enrolment_id=self.id, training_id=self.training_id, session_no=session_no))

    def judge(self, training: Training, results: Results, on: date) -> None:
        """Pass or fail by the training's rule of attendance and its pass mark."""
        if results.attendance_percent < training.attendance_percent:
            self._fail("attendance_below_rule", results, on)
        elif results.post_score < training.pass_mark:
            self._fail("score_below_pass_mark", results, on)
        else:
            self._complete(results, on)

    def _complete(self, results: Results, on: date) -> None:
        self.move("complete")
        self._reached(results, on)
        self.record(
            TrainingPassed(
                enrolment_id=self.id,
                training_id=self.training_id,
                enterprise_id=self.enterprise_id,
                course_code=self.course_code,
                attendance_percent=results.attendance_percent,
            )
        )

    def _fail(self, reason_code: str, results: Results, on: date) -> None:
        self.move("fail")
        self._reached(results, on)
        self.reason_code = reason_code
        self.record(TrainingFailed(enrolment_id=self.id, training_id=self.training_id, reason_code=reason_code))

    def _reached(self, results: Results, on: date) -> None:
        self.attendance_percent, self.pre_score, self.post_score = results.attendance_percent, results.pre_score, results.post_score
        self.ended_on = on

    def certify(self, numbers: CertificateNumbers, *, months: int | None, on: date) -> None:
        """Issue the certificate, valid for so many months or for ever."""
        self.move("certify")
        self.certificate_id, self.certificate_number, self.certificate_code = numbers.id, numbers.number, numbers.code
        self.certificate_issued_on = on
        self.certificate_valid_until = months_after(on, months) if months else None
        self.record(CertificateIssued(certificate_id=numbers.id, enrolment_id=self.id, course_code=self.course_code, valid_until=self.certificate_valid_until))

    def revoke_certificate(self, reason_code: str, on: date) -> None:
        """Take the certificate back."""
        self.move("revoke_certificate")
        if self.certificate_id is None or self.certificate_revoked_on:
            raise NoCertificate
        self.certificate_revoked_on, self.reason_code = on, reason_code
        self.record(CertificateRevoked(certificate_id=self.certificate_id, enrolment_id=self.id, course_code=self.course_code, reason_code=reason_code))

    def no_show(self, on: date) -> None:
        """Have had a seat and never come."""
        self.move("no_show")
        self.ended_on = on
        self.record(ParticipantNoShowRecorded(enrolment_id=self.id, training_id=self.training_id))

    def withdraw(self, reason_code: str, on: date) -> None:
        """Not come; the seat is free."""
        self.move("withdraw")
        self.seat_no = self.position = None
        self.ended_on, self.reason_code = on, reason_code
        self.record(ParticipantWithdrawn(enrolment_id=self.id, training_id=self.training_id, reason_code=reason_code))

    def reject(self, reason_code: str, on: date) -> None:
        """Not be selected."""
        self.move("reject")
        self.ended_on, self.reason_code = on, reason_code
        self.record(ParticipantRejected(enrolment_id=self.id, training_id=self.training_id, reason_code=reason_code))

    def tracer_due(self, months: int, due_on: date) -> None:
        """It is time to ask again."""
        self.move("tracer_due")
        self.record(TrainingTracerDueReached(enrolment_id=self.id, training_id=self.training_id, months_after=months, due_on=due_on))

    def tracer_overdue(self, months: int, due_on: date) -> None:
        """Nobody asked in time."""
        self.move("tracer_overdue")
        self.record(TrainingTracerFellOverdue(enrolment_id=self.id, training_id=self.training_id, months_after=months, due_on=due_on))

    def trace(self, months: int, applied_skill_code: str, turnover_band: str) -> None:
        """Say what is applied, and in which band the monthly turnover lies."""
        self.move("trace")
        self.record(TrainingTracerRecorded(enrolment_id=self.id, months_after=months, applied_skill_code=applied_skill_code, turnover_band=turnover_band))
