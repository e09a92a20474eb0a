"""Events of coordination: programmes, institutions, participation and commitments."""

from datetime import date
from uuid import UUID

from shared.contracts.registry import event

TOPIC = "entaskan.coordination"


@event("entaskan.coordination.ProgrammeDrafted.v1", topic=TOPIC)
class ProgrammeDrafted:
    """A programme was written down, with its code and fiscal years."""

    programme_id: UUID
    programme_code: str
    fiscal_year_from: int
    fiscal_year_to: int
    lead_institution_id: UUID


@event("entaskan.coordination.ProgrammeSubmitted.v1", topic=TOPIC)
class ProgrammeSubmitted:
    """The author handed the programme over for approval; `area_quota` regencies/cities in `province_quota` provinces."""

    programme_id: UUID
    area_quota: int
    province_quota: int


@event("entaskan.coordination.ProgrammeActivated.v1", topic=TOPIC)
class ProgrammeActivated:
    """Another person than the author approved the programme; it is in force from `valid_from` to `valid_to`, both included."""

    programme_id: UUID
    programme_code: str
    area_quota: int
    province_quota: int
    valid_from: date
    valid_to: date
    legal_basis_ref: str


@event("entaskan.coordination.InstitutionRegistered.v1", topic=TOPIC)
class InstitutionRegistered:
    """A ministry, Eselon I unit, local office, bank or buyer entered the register."""

    institution_id: UUID
    institution_code: str
    institution_type: str
    parent_institution_id: UUID | None
    sector_code: str | None


@event("entaskan.coordination.ParticipationInvited.v1", topic=TOPIC)
class ParticipationInvited:
    """An institution was asked to take part in a programme with a role; an empty `area_scope` means everywhere."""

    participation_id: UUID
    programme_id: UUID
    institution_id: UUID
    role_code: str
    area_scope: list[str]
    respond_by: date


@event("entaskan.coordination.ParticipationAccepted.v1", topic=TOPIC)
class ParticipationAccepted:
    """The invited institution takes part."""

    participation_id: UUID
    programme_id: UUID
    institution_id: UUID
    role_code: str
    area_scope: list[str]


@event("entaskan.coordination.ParticipationDeclined.v1", topic=TOPIC)
class ParticipationDeclined:
    """The invited institution does not take part."""

    participation_id: UUID
    programme_id: UUID
    institution_id: UUID
    reason_code: str


@event("entaskan.coordination.LocationOpened.v1", topic=TOPIC)
class LocationOpened:
    """A prioritised regency/city now takes commitments of the programme."""

    location_id: UUID
    programme_id: UUID
    region_code: str
    province_code: str
    opened_on: date


@event("entaskan.coordination.LocationConfirmed.v1", topic=TOPIC)
class LocationConfirmed:
    """A later list of priority locations names the regency/city again: it stays open, with the rank it has there."""

    location_id: UUID
    programme_id: UUID
    region_code: str
    rank: int


@event("entaskan.coordination.LocationClosed.v1", topic=TOPIC)
class LocationClosed:
    """The regency/city is no priority location any more: it takes no new commitments; those pledged stand."""

    location_id: UUID
    programme_id: UUID
    region_code: str
    closed_on: date


@event("entaskan.coordination.LocationReopened.v1", topic=TOPIC)
class LocationReopened:
    """A later list of priority locations names a closed regency/city: it takes commitments again."""

    location_id: UUID
    programme_id: UUID
    region_code: str
    reopened_on: date


@event("entaskan.coordination.CommitmentPledged.v1", topic=TOPIC)
class CommitmentPledged:
    """An institution promised an output and an amount in whole rupiah for one location by `due_on`."""

    commitment_id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    amount_idr: int
    funding_source: str
    output_quantity: int
    output_unit: str
    due_on: date


@event("entaskan.coordination.CommitmentStarted.v1", topic=TOPIC)
class CommitmentStarted:
    """The first progress report arrived."""

    commitment_id: UUID
    started_on: date


@event("entaskan.coordination.CommitmentProgressReported.v1", topic=TOPIC)
class CommitmentProgressReported:
    """Cumulative output and rupiah as of a day, with the SHA-256 of the evidence."""

    commitment_id: UUID
    report_id: UUID
    cumulative_output: int
    cumulative_amount_idr: int
    as_of: date
    evidence_hashes: list[str]


@event("entaskan.coordination.CommitmentProgressVerified.v1", topic=TOPIC)
class CommitmentProgressVerified:
    """Another institution than the reporter confirmed a report."""

    commitment_id: UUID
    report_id: UUID
    verified_by_institution_id: UUID
    verified_output: int
    verified_amount_idr: int


@event("entaskan.coordination.CommitmentFulfilled.v1", topic=TOPIC)
class CommitmentFulfilled:
    """Verified output and rupiah reached what was promised; `days_late` is 0 when on time."""

    commitment_id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    fulfilled_on: date
    verified_output: int
    verified_amount_idr: int
    days_late: int
