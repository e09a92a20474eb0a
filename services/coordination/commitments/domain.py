"""A commitment: pledged by one institution, reported with evidence, confirmed by another institution."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.coordination import (
    CommitmentFulfilled,
    CommitmentPledged,
    CommitmentProgressReported,
    CommitmentProgressVerified,
    CommitmentStarted,
)
from shared.errors import Conflict, Forbidden, NotFound, Refused
from shared.money import Rupiah


class CommitmentStatus(StrEnum):
    """Where a commitment stands."""

    PLEDGED = "pledged"
    IN_PROGRESS = "in_progress"
    FULFILLED = "fulfilled"


class NotTaking(Refused):
    """The institution has not accepted an invitation that covers this location."""

    code = "not_participating"
    message = ("Lembaga Anda tidak ikut serta untuk lokasi ini.", "Your institution does not take part for this location.")
    action = ("Terima undangan program terlebih dahulu, atau periksa cakupan wilayahnya.", "Accept the programme's invitation first, or check its area scope.")


class LocationNotOpen(Refused):
    """Commitments go to prioritised locations only."""

    code = "location_not_open"
    message = ("Lokasi ini bukan lokasi prioritas program.", "This is not a priority location of the programme.")
    action = ("Lihat GET /coordination/v1/locations.", "See GET /coordination/v1/locations.")


class OutsideProgramme(Refused):
    """Due dates and funding sources are the programme's."""

    code = "outside_programme"
    message = ("Di luar masa berlaku atau sumber dana program.", "Outside the programme's dates or funding sources.")
    action = (
        "Tenggat antara {valid_from} dan {valid_to}; sumber dana: {funding_sources}.",
        "Due between {valid_from} and {valid_to}; funding sources: {funding_sources}.",
    )


class NotYours(Forbidden):
    """Only the institution that pledged reports."""

    code = "not_your_commitment"
    message = ("Hanya lembaga yang berkomitmen dapat melaporkan.", "Only the institution that pledged may report.")
    action = ("Gunakan token lembaga tersebut.", "Use a token of that institution.")


class OwnReport(Forbidden):
    """Whoever reports does not verify: not the same institution."""

    code = "verifier_is_reporter"
    message = ("Verifikator harus dari lembaga lain.", "The verifier must belong to another institution.")
    action = ("Minta lembaga lain memverifikasi.", "Ask another institution to verify.")


class ProgressDecreased(Refused):
    """Cumulative figures and their dates never decrease."""

    code = "progress_decreased"
    message = ("Capaian kumulatif atau tanggalnya lebih kecil dari laporan sebelumnya.", "Cumulative progress or its date is below the report before.")
    action = ("Laporkan angka kumulatif, minimal {output} dan Rp{amount_idr}.", "Report cumulative figures, at least {output} and Rp{amount_idr}.")


class AlreadyVerified(Conflict):
    """A report is verified once."""

    code = "already_verified"
    message = ("Laporan ini sudah diverifikasi.", "This report was verified before.")
    action = ("Tidak ada yang perlu dilakukan.", "Nothing needs to be done.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """Cumulative output and rupiah as of a day; evidence by SHA-256."""

    id: UUID
    cumulative_output: int
    cumulative_amount_idr: int
    as_of: date
    evidence_hashes: list[str]
    verified_by_institution_id: UUID | None = None


@dataclass(eq=False, kw_only=True)
class Commitment(Aggregate):
    """An output and an amount promised for one location by `due_on`."""

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
    reports: list[ProgressReport]
    verified_output: int
    verified_amount_idr: Rupiah

    TRANSITIONS: ClassVar = {
        CommitmentStatus.PLEDGED: frozenset({"report_progress"}),
        CommitmentStatus.IN_PROGRESS: frozenset({"report_progress", "verify_progress"}),
        CommitmentStatus.FULFILLED: frozenset(),
    }

    @classmethod
    def pledge(
        cls,
        *,
        id: UUID,
        programme_id: UUID,
        institution_id: UUID,
        location_code: str,
        intervention_code: str,
        amount_idr: Rupiah,
        funding_source: str,
        output_quantity: int,
        output_unit: str,
        due_on: date,
    ) -> Self:
        """Promise."""
        commitment = cls(
            id=id,
            programme_id=programme_id,
            institution_id=institution_id,
            location_code=location_code,
            intervention_code=intervention_code,
            amount_idr=amount_idr,
            funding_source=funding_source,
            output_quantity=output_quantity,
            output_unit=output_unit,
            due_on=due_on,
            status=CommitmentStatus.PLEDGED,
            reports=[],
            verified_output=0,
            verified_amount_idr=Rupiah(0),
        )
        commitment.record(
            CommitmentPledged(
                commitment_id=id,
                programme_id=programme_id,
                institution_id=institution_id,
                location_code=location_code,
                intervention_code=intervention_code,
                amount_idr=amount_idr,
                funding_source=funding_source,
                output_quantity=output_quantity,
                output_unit=output_unit,
                due_on=due_on,
            )
        )
        return commitment

    def report_progress(self, report: ProgressReport, by_institution: UUID | None) -> None:
        """Say how far it is; the first report starts the commitment."""
        if by_institution != self.institution_id:
            raise NotYours(allowed_roles=[])
        self.refuse_unless(self.status, {CommitmentStatus.PLEDGED, CommitmentStatus.IN_PROGRESS})
        if self.reports:
            last = self.reports[-1]
            if report.cumulative_output < last.cumulative_output or report.cumulative_amount_idr < last.cumulative_amount_idr or report.as_of < last.as_of:
                raise ProgressDecreased(output=last.cumulative_output, amount_idr=last.cumulative_amount_idr)
        if self.status is CommitmentStatus.PLEDGED:
            self.status = CommitmentStatus.IN_PROGRESS
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

    def verify_progress(self, report_id: UUID, by_institution: UUID | None, on: date) -> None:
        """Confirm a report; the commitment is fulfilled once verified output and rupiah reach what was promised."""
        if by_institution is None or by_institution == self.institution_id:
            raise OwnReport(allowed_roles=[])
        self.refuse_unless(self.status, {CommitmentStatus.IN_PROGRESS})
        report = next((report for report in self.reports if report.id == report_id), None)
        if report is None:
            raise NotFound
        if report.verified_by_institution_id:
            raise AlreadyVerified
        self.reports = [replace(each, verified_by_institution_id=by_institution) if each is report else each for each in self.reports]
        # An older report may be verified after a newer one; what was once confirmed does not shrink.
        self.verified_output = max(self.verified_output, report.cumulative_output)
        self.verified_amount_idr = Rupiah(max(self.verified_amount_idr, report.cumulative_amount_idr))
        self.record(
            CommitmentProgressVerified(
                commitment_id=self.id,
                report_id=report_id,
                verified_by_institution_id=by_institution,
                verified_output=self.verified_output,
                verified_amount_idr=self.verified_amount_idr,
            )
        )
        if self.verified_output >= self.output_quantity and self.verified_amount_idr >= self.amount_idr:
            self.status = CommitmentStatus.FULFILLED
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
