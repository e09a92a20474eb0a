"""A commitment: pledged by one institution, reported with evidence, confirmed by another, chased while it is late."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from services.coordination.commitments.problems import (
    AlreadyVerified,
    BelowVerified,
    NotAllDone,
    NotYours,
    OwnReport,
    ProgressDecreased,
    ReportDisputed,
    SuccessorDoesNotMatch,
    SuccessorMissing,
)
from services.coordination.commitments.state import OPEN, STANDING, CommitmentStatus, Escalation, ProgressReport, S
from shared.aggregate import Living, step
from shared.contracts.coordination_commitments import (
    CommitmentAmended,
    CommitmentCancelled,
    CommitmentDueSoonReached,
    CommitmentEscalated,
    CommitmentFellOverdue,
    CommitmentFulfilled,
    CommitmentFulfilmentRejected,
    CommitmentFulfilmentReported,
    CommitmentMoved,
    CommitmentPledged,
    CommitmentProgressDisputed,
    CommitmentProgressReported,
    CommitmentProgressVerified,
    CommitmentProposed,
    CommitmentReleased,
    CommitmentRescheduled,
    CommitmentStarted,
)
from shared.errors import NotFound
from shared.money import Rupiah

NOTHING = Rupiah(0)


@dataclass(eq=False, kw_only=True)
class Commitment(Living):
    """An output and an amount promised for one location by `due_on`; `plan_id` null means off plan (di luar rencana).

    `requested_due_on` is the day that was asked for, where it was no working day. Each new due date is a further `due_version`;
    `reminded` are the thresholds of working days that this version passed, `overdue_version` the last version that fell overdue.
    """

    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    amount_idr: Rupiah
    funding_source: str
    output_quantity: int
    output_unit: str
    due_on: date
    status: CommitmentStatus
    reports: list[ProgressReport] = field(default_factory=list)
    verified_output: int = 0
    verified_amount_idr: Rupiah = NOTHING
    plan_id: UUID | None = None
    requested_due_on: date | None = None
    due_version: int = 1
    reminded: list[int] = field(default_factory=list)
    overdue_version: int = 0
    escalations: list[Escalation] = field(default_factory=list)
    successor_commitment_id: UUID | None = None
    reason_code: str | None = None

    LIFE: ClassVar = {
        "pledge": step(S.PROPOSED, to=S.PLEDGED),
        "cancel": step(S.PROPOSED, to=S.CANCELLED),
        "start": step(S.PLEDGED, to=S.IN_PROGRESS),
        "report_progress": step(S.PLEDGED, S.IN_PROGRESS, S.OVERDUE, S.PARTIALLY_FULFILLED),
        "verify_progress": step(S.IN_PROGRESS, S.OVERDUE, S.PARTIALLY_FULFILLED),
        "dispute_progress": step(S.IN_PROGRESS, S.OVERDUE, S.PARTIALLY_FULFILLED),
        "mark_due_soon": step(S.PLEDGED, S.IN_PROGRESS),
        "mark_overdue": step(S.PLEDGED, S.IN_PROGRESS, S.PARTIALLY_FULFILLED, to=S.OVERDUE),
        "escalate": step(S.OVERDUE),
        "reschedule": step(S.PLEDGED, S.IN_PROGRESS, S.OVERDUE, to=S.IN_PROGRESS),
        "amend": step(S.PLEDGED, S.IN_PROGRESS, S.OVERDUE),
        "report_fulfilled": step(S.IN_PROGRESS, S.OVERDUE, S.PARTIALLY_FULFILLED, to=S.REPORTED_FULFILLED),
        "confirm_fulfilled": step(S.REPORTED_FULFILLED, to=S.FULFILLED),
        "reject_fulfilled": step(S.REPORTED_FULFILLED, to=S.PARTIALLY_FULFILLED),
        "release": step(S.PLEDGED, S.IN_PROGRESS, S.OVERDUE, S.PARTIALLY_FULFILLED, to=S.RELEASED),
        "move_to": step(*OPEN, S.PROPOSED),
    }

    @classmethod
    def propose(cls, *, id: UUID, **promised: Any) -> Self:
        """Write it down; `promised` are its fields of the same name."""
        commitment = cls(id=id, status=S.PROPOSED, **promised)
        commitment.record(CommitmentProposed(commitment_id=id, **commitment._promise()))
        return commitment

    def _promise(self) -> dict[str, Any]:
        names = ("programme_id", "institution_id", "location_code", "intervention_code", "amount_idr", "funding_source", "output_quantity", "output_unit")
        return {"due_on": self.due_on} | {name: getattr(self, name) for name in names}

    def pledge(self, by_institution: UUID | None) -> None:
        """Promise."""
        self._mine(by_institution)
        self.move("pledge")
        self.record(CommitmentPledged(commitment_id=self.id, plan_id=self.plan_id, **self._promise()))

    def cancel(self, by_institution: UUID | None, reason_code: str) -> None:
        """Give it up before it is pledged."""
        self._mine(by_institution)
        self.move("cancel")
        self.reason_code = reason_code
        self.record(CommitmentCancelled(commitment_id=self.id, reason_code=reason_code))

    def _mine(self, by_institution: UUID | None) -> None:
        if by_institution != self.institution_id:
            raise NotYours(allowed_roles=[])

    def _others(self, by_institution: UUID | None) -> UUID:
        if by_institution is None or by_institution == self.institution_id:
            raise OwnReport(allowed_roles=[])
        return by_institution

    def report_progress(self, report: ProgressReport, by_institution: UUID | None) -> None:
        """Say how far it is; the first report starts the work. Figures fall only with a reason."""
        self._mine(by_institution)
        self.may("report_progress")
        if last := self.last_report:
            fell = report.cumulative_output < last.cumulative_output or report.cumulative_amount_idr < last.cumulative_amount_idr
            if report.as_of < last.as_of or (fell and not report.correction_reason_code):
                raise ProgressDecreased(output=last.cumulative_output, amount_idr=last.cumulative_amount_idr)
        if self.status is S.PLEDGED:
            self.move("start")
            self.record(CommitmentStarted(commitment_id=self.id, started_on=report.as_of))
        self.reports = [*self.reports, report]
        self.record(
            CommitmentProgressReported(
                commitment_id=self.id,
                report_id=report.id,
                cumulative_output=report.cumulative_output,
                cumulative_amount_idr=report.cumulative_amount_idr,
                as_of=report.as_of,
                evidence_hashes=report.evidence_hashes,
            )
        )

    @property
    def last_report(self) -> ProgressReport | None:
        """The latest report that nobody disputed."""
        return next((report for report in reversed(self.reports) if not report.disputed_by_institution_id), None)

    def _report(self, report_id: UUID) -> ProgressReport:
        report = next((report for report in self.reports if report.id == report_id), None)
        if report is None:
            raise NotFound
        if report.verified_by_institution_id:
            raise AlreadyVerified
        if report.disputed_by_institution_id:
            raise ReportDisputed
        return report

    def verify_progress(self, report_id: UUID, by_institution: UUID | None) -> None:
        """Confirm a report, as another institution."""
        other = self._others(by_institution)
        self.move("verify_progress")
        self._verify(self._report(report_id), other)

    def _verify(self, report: ProgressReport, by_institution: UUID) -> None:
        self.reports = [replace(each, verified_by_institution_id=by_institution) if each is report else each for each in self.reports]
        # An older report may be verified after a newer one; what was once confirmed does not shrink.
        self.verified_output = max(self.verified_output, report.cumulative_output)
        self.verified_amount_idr = Rupiah(max(self.verified_amount_idr, report.cumulative_amount_idr))
        self.record(
            CommitmentProgressVerified(
                commitment_id=self.id,
                report_id=report.id,
                verified_by_institution_id=by_institution,
                verified_output=self.verified_output,
                verified_amount_idr=self.verified_amount_idr,
            )
        )

    def dispute_progress(self, report_id: UUID, by_institution: UUID | None, reason_code: str) -> None:
        """Contest a report, as another institution; it counts no longer."""
        other = self._others(by_institution)
        self.move("dispute_progress")
        report = self._report(report_id)
        disputed = replace(report, disputed_by_institution_id=other, dispute_reason_code=reason_code)
        self.reports = [disputed if each is report else each for each in self.reports]
        self.record(CommitmentProgressDisputed(commitment_id=self.id, report_id=report_id, reason_code=reason_code))

    @property
    def outstanding(self) -> tuple[int, Rupiah]:
        """Output and rupiah that were promised and are not verified."""
        return max(0, self.output_quantity - self.verified_output), Rupiah(max(0, self.amount_idr - self.verified_amount_idr))

    def report_fulfilled(self, by_institution: UUID | None) -> None:
        """Say that all is done, as the last report shows."""
        self._mine(by_institution)
        self.may("report_fulfilled")
        last = self.last_report
        done, spent = (last.cumulative_output, last.cumulative_amount_idr) if last else (0, 0)
        if last is None or done < self.output_quantity or spent < self.amount_idr:
            raise NotAllDone(
                outstanding_output=max(0, self.output_quantity - done), output_unit=self.output_unit, outstanding_amount_idr=max(0, self.amount_idr - spent)
            )
        self.move("report_fulfilled")
        self.record(CommitmentFulfilmentReported(commitment_id=self.id, cumulative_output=done, cumulative_amount_idr=spent))

    def confirm_fulfilled(self, by_institution: UUID | None, on: date) -> None:
        """Confirm that all is done, as another institution; that verifies the last report too."""
        other = self._others(by_institution)
        self.move("confirm_fulfilled")
        last = self.last_report
        if last and not last.verified_by_institution_id:
            self._verify(last, other)
        self.record(
            CommitmentFulfilled(
                commitment_id=self.id,
                programme_id=self.programme_id,
                institution_id=self.institution_id,
                location_code=self.location_code,
                intervention_code=self.intervention_code,
                fulfilled_on=on,
                verified_output=self.verified_output,
                verified_amount_idr=self.verified_amount_idr,
                days_late=max(0, (on - self.due_on).days),
            )
        )

    def reject_fulfilled(self, by_institution: UUID | None, reason_code: str) -> None:
        """Not confirm it, as another institution."""
        self._others(by_institution)
        self.move("reject_fulfilled")
        self.record(CommitmentFulfilmentRejected(commitment_id=self.id, reason_code=reason_code, verified_output=self.verified_output))

    def mark_due_soon(self, working_days_left: int, thresholds: Sequence[int]) -> None:
        """Tell that so many working days are left, when a threshold is passed that was not told before in this version of the due date."""
        self.move("mark_due_soon")
        passed = [each for each in thresholds if working_days_left <= each and each not in self.reminded]
        if not passed:
            return
        self.reminded = sorted({*self.reminded, *passed}, reverse=True)
        self.record(CommitmentDueSoonReached(commitment_id=self.id, due_on=self.due_on, due_version=self.due_version, working_days_left=working_days_left))

    def mark_overdue(self, on: date) -> None:
        """Fall overdue once the due date has passed, once for each version of it."""
        self.may("mark_overdue")
        if on <= self.due_on or self.overdue_version == self.due_version:
            return
        self.move("mark_overdue")
        self.overdue_version = self.due_version
        output, amount = self.outstanding
        self.record(
            CommitmentFellOverdue(
                commitment_id=self.id,
                programme_id=self.programme_id,
                institution_id=self.institution_id,
                location_code=self.location_code,
                due_on=self.due_on,
                due_version=self.due_version,
                outstanding_output=output,
                outstanding_amount_idr=amount,
            )
        )

    @property
    def escalation_level(self) -> int:
        """The last step of the ladder that was used in this version of the due date; 0 for none."""
        return max((each.level for each in self.escalations if each.due_version == self.due_version), default=0)

    def escalate(self, level: int, to_institution: UUID, *, on: date, working_days_late: int) -> None:
        """Bring it before the next step of the ladder; a step is used once."""
        self.move("escalate")
        if level <= self.escalation_level:
            return
        told = Escalation(due_version=self.due_version, level=level, institution_id=to_institution, on=on, working_days_late=working_days_late)
        self.escalations = [*self.escalations, told]
        self.record(
            CommitmentEscalated(commitment_id=self.id, escalation_level=level, escalated_to_institution_id=to_institution, working_days_late=working_days_late)
        )

    def reschedule(self, due_on: date, *, requested: date | None, change_request_id: UUID) -> None:
        """Be due on another day, by an approved change request: a new version of the due date, told and escalated anew."""
        self.move("reschedule")
        previous, self.due_on, self.requested_due_on = self.due_on, due_on, requested
        self.due_version += 1
        self.reminded = []
        self.record(
            CommitmentRescheduled(
                commitment_id=self.id, previous_due_on=previous, due_on=due_on, due_version=self.due_version, change_request_id=change_request_id
            )
        )

    def amend(self, *, amount_idr: Rupiah, output_quantity: int, change_request_id: UUID) -> None:
        """Promise another amount or output, not less than is verified, by an approved change request."""
        self.move("amend")
        if amount_idr < self.verified_amount_idr or output_quantity < self.verified_output:
            raise BelowVerified(verified_output=self.verified_output, verified_amount_idr=self.verified_amount_idr)
        new = {"amount_idr": amount_idr, "output_quantity": output_quantity}
        changed = [name for name, value in new.items() if value != getattr(self, name)]
        difference = amount_idr - self.amount_idr
        self.amount_idr, self.output_quantity = amount_idr, output_quantity
        self.record(
            CommitmentAmended(
                commitment_id=self.id,
                changed_fields=changed,
                amount_idr=amount_idr,
                output_quantity=output_quantity,
                change_request_id=change_request_id,
                amount_change_idr=difference,
            )
        )

    def release(self, reason_code: str, *, successor: "Commitment | None", accept_gap: bool) -> None:
        """Let the institution go; another commitment takes its place, or the gap is accepted."""
        self.may("release")
        if successor is None and not accept_gap:
            raise SuccessorMissing
        if successor and (successor.id == self.id or successor.status not in STANDING or successor._place != self._place):
            raise SuccessorDoesNotMatch
        self.move("release")
        self.reason_code, self.successor_commitment_id = reason_code, successor.id if successor else None
        self.record(
            CommitmentReleased(commitment_id=self.id, reason_code=reason_code, successor_commitment_id=self.successor_commitment_id, amount_idr=self.amount_idr)
        )

    @property
    def _place(self) -> tuple[UUID, str, str]:
        return self.programme_id, self.location_code, self.intervention_code

    def move_to(self, institution_id: UUID) -> None:
        """The institution went up in another one, which answers for it now."""
        self.move("move_to")
        previous, self.institution_id = self.institution_id, institution_id
        self.record(CommitmentMoved(commitment_id=self.id, previous_institution_id=previous, institution_id=institution_id))
