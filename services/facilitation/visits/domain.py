"""A visit of a mentor to a group."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.located import Located
from services.facilitation.visits.report import VisitReport
from shared.aggregate import Living, step
from shared.contracts.facilitation_mentoring import (
    VisitCancelled,
    VisitConflictDetected,
    VisitConflictResolved,
    VisitFlagged,
    VisitMissed,
    VisitPlanned,
    VisitRejected,
    VisitReported,
    VisitStarted,
    VisitVerified,
)
from shared.errors import Conflict, Refused, SamePerson


class VisitStatus(StrEnum):
    """Where a visit stands."""

    PLANNED = "planned"
    CHECKED_IN = "checked_in"
    SUBMITTED = "submitted"
    FLAGGED = "flagged"
    APPROVED = "approved"
    REJECTED = "rejected"
    MISSED = "missed"
    CANCELLED = "cancelled"
    CONFLICT = "conflict"


class Resolution(StrEnum):
    """Which of two reports was chosen."""

    KEPT_FIRST = "kept_first"
    TOOK_SECOND = "took_second"
    MERGED = "merged"


class VisitIdTaken(Conflict):
    """The device's id names another visit."""

    code = "visit_id_taken"
    message = ("Id kunjungan ini sudah dipakai.", "This id names another visit.")
    action = ("Buat UUID baru.", "Make a new UUID.")


class MentoringNotActive(Conflict):
    """Visits belong to mentoring under way."""

    code = "mentoring_not_active"
    message = ('Pendampingan berstatus "{state}".', 'The mentoring is "{state}".')
    action = ("Lanjutkan pendampingannya terlebih dahulu.", "Have the mentoring resumed first.")


class VisitTimeImpossible(Refused):
    """A visit ends after it begins, lies in the past, and not before mentoring began or too long ago."""

    code = "visit_time_impossible"
    message = ("Waktu kunjungan tidak mungkin.", "The time of the visit is impossible.")
    action = ("Isi kunjungan antara {earliest} dan {latest}, paling lama satu hari.", "Report a visit between {earliest} and {latest}, a day long at most.")


class NotInConflict(Refused):
    """Only a field in which both reports differ can be taken from the second."""

    code = "not_in_conflict"
    message = ("Kolom ini tidak berbeda: {unknown}.", "These fields do not differ: {unknown}.")
    action = ("Pilih dari: {conflicting}.", "Choose from: {conflicting}.")


S = VisitStatus
COUNTING = (S.SUBMITTED, S.FLAGGED, S.CONFLICT, S.APPROVED)
"""What was reported and not rejected."""


@dataclass(eq=False, kw_only=True)
class MentoringVisit(Living, Located):
    """A visit; `rival` is a second report that says something else. Position and note are in the reports and in no event."""

    assignment_id: UUID
    group_id: UUID
    mentor_id: UUID
    mentor_subject: str
    planned_on: date
    status: VisitStatus
    captured_offline: bool = False
    report: VisitReport | None = None
    rival: VisitReport | None = None
    occurred_on: date | None = None
    longitude: float | None = None
    latitude: float | None = None
    flag_codes: list[str] = field(default_factory=list)
    rule_version: int | None = None
    reviewed_by: str | None = None
    resolved_by: str | None = None
    reason_code: str | None = None

    LIFE: ClassVar = {
        "check_in": step(S.PLANNED, to=S.CHECKED_IN),
        "submit": step(S.PLANNED, S.CHECKED_IN, to=S.SUBMITTED),
        "flag": step(S.SUBMITTED, to=S.FLAGGED),
        "approve": step(S.SUBMITTED, S.FLAGGED, to=S.APPROVED),
        "reject": step(S.SUBMITTED, S.FLAGGED, to=S.REJECTED),
        "conflict": step(S.SUBMITTED, S.FLAGGED, to=S.CONFLICT),
        "resolve": step(S.CONFLICT, to=S.SUBMITTED),
        "miss": step(S.PLANNED, to=S.MISSED),
        "cancel": step(S.PLANNED, to=S.CANCELLED),
    }

    @classmethod
    def plan(cls, *, id: UUID, region_code: str, assignment_id: UUID, group_id: UUID, mentor_id: UUID, mentor_subject: str, planned_on: date) -> Self:
        """Plan a visit under the id that the device chose."""
        visit = cls(
            id=id,
            region_code=region_code,
            assignment_id=assignment_id,
            group_id=group_id,
            mentor_id=mentor_id,
            mentor_subject=mentor_subject,
            planned_on=planned_on,
            status=S.PLANNED,
        )
        visit.record(VisitPlanned(visit_id=id, assignment_id=assignment_id, planned_on=planned_on))
        return visit

    def check_in(self, captured_offline: bool) -> None:
        """Arrive."""
        self.move("check_in")
        self.captured_offline = captured_offline
        self.record(VisitStarted(visit_id=self.id, captured_offline=captured_offline))

    def holds(self, report: VisitReport) -> bool:
        """Whether this very report came before."""
        return any(known and known.content_hash() == report.content_hash() for known in (self.report, self.rival))

    def submit(self, report: VisitReport, occurred_on: date) -> None:
        """Say what happened."""
        self.move("submit")
        self._tell(report, occurred_on)

    def _tell(self, report: VisitReport, occurred_on: date) -> None:
        self.report, self.occurred_on = report, occurred_on
        self.longitude = report.position.longitude if report.position else None
        self.latitude = report.position.latitude if report.position else None
        self.record(
            VisitReported(
                visit_id=self.id,
                assignment_id=self.assignment_id,
                group_id=self.group_id,
                occurred_on=occurred_on,
                topic_codes=report.topic_codes,
                duration_minutes=report.duration_minutes,
                attendee_count=report.attendee_count,
            )
        )

    def flag(self, flag_codes: list[str], rule_version: int) -> None:
        """Hold it until somebody decides."""
        self.move("flag")
        self.flag_codes, self.rule_version = flag_codes, rule_version
        self.record(VisitFlagged(visit_id=self.id, flag_codes=flag_codes, rule_version=rule_version))

    def approve(self, by: str) -> None:
        """Let it count, as another person than the mentor."""
        self.may("approve")
        self._reviewed(by)
        assert self.occurred_on is not None
        self.move("approve")
        self.record(
            VisitVerified(visit_id=self.id, assignment_id=self.assignment_id, group_id=self.group_id, occurred_on=self.occurred_on, flag_codes=self.flag_codes)
        )

    def reject(self, by: str, reason_code: str) -> None:
        """Not let it count, as another person than the mentor."""
        self.may("reject")
        self._reviewed(by)
        self.move("reject")
        self.reason_code = reason_code
        self.record(VisitRejected(visit_id=self.id, reason_code=reason_code))

    def _reviewed(self, by: str) -> None:
        if by == self.mentor_subject:
            raise SamePerson
        self.reviewed_by = by

    def conflict(self, report: VisitReport) -> None:
        """Keep a second report that says something else beside the first."""
        self.move("conflict")
        self.rival = report
        self.record(VisitConflictDetected(visit_id=self.id, conflicting_field_codes=self.conflicting()))

    def conflicting(self) -> list[str]:
        """The fields in which the two reports differ."""
        return self.report.differs_in(self.rival) if self.report and self.rival else []

    def chosen(self, take: Sequence[str]) -> VisitReport:
        """The first report with these fields of the second."""
        self.may("resolve")
        assert self.report is not None
        if unknown := sorted(set(take) - set(self.conflicting())):
            raise NotInConflict(unknown=unknown, conflicting=self.conflicting())
        return replace(self.report, **{name: getattr(self.rival, name) for name in take})

    def resolve(self, take: Sequence[str], by: str, occurred_on: date) -> None:
        """Choose, field by field; it is checked again afterwards."""
        report, differed = self.chosen(take), len(self.conflicting())
        self.move("resolve")
        code = Resolution.KEPT_FIRST if not take else Resolution.TOOK_SECOND if len(set(take)) == differed else Resolution.MERGED
        self.rival, self.resolved_by = None, by
        self.flag_codes, self.rule_version = [], None
        self.record(VisitConflictResolved(visit_id=self.id, resolution_code=code))
        if take:
            self._tell(report, occurred_on)

    def miss(self) -> None:
        """Nothing came in time."""
        self.move("miss")
        self.record(VisitMissed(visit_id=self.id, assignment_id=self.assignment_id, planned_on=self.planned_on))

    def cancel(self, reason_code: str) -> None:
        """Not go there."""
        self.move("cancel")
        self.reason_code = reason_code
        self.record(VisitCancelled(visit_id=self.id, reason_code=reason_code))
