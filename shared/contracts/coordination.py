"""Events of coordination: programmes, institutions, participation and locations."""

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
    programme_version: int | None = None


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
    programme_version: int | None = None
    target_indicator_codes: list[str] | None = None


@event("entaskan.coordination.ProgrammeTierApproved.v1", topic=TOPIC)
class ProgrammeTierApproved:
    """One tier of approval agreed to a submitted programme; the last tier activates it."""

    programme_id: UUID
    programme_version: int
    approval_tier: int


@event("entaskan.coordination.ProgrammeRevisionRequested.v1", topic=TOPIC)
class ProgrammeRevisionRequested:
    """A tier of approval gave the programme back to be mended."""

    programme_id: UUID
    programme_version: int
    approval_tier: int
    reason_code: str


@event("entaskan.coordination.ProgrammeRevised.v1", topic=TOPIC)
class ProgrammeRevised:
    """The author mended a programme that was given back, or not yet submitted; the next submission starts at the first tier."""

    programme_id: UUID
    programme_version: int
    changed_fields: list[str]


@event("entaskan.coordination.ProgrammeAmended.v1", topic=TOPIC)
class ProgrammeAmended:
    """An approved change request altered a programme in force; its values after the change."""

    programme_id: UUID
    programme_version: int
    changed_fields: list[str]
    effective_from: date
    change_request_id: UUID
    area_quota: int
    province_quota: int
    valid_to: date
    funding_sources: list[str]


@event("entaskan.coordination.ProgrammeSuspended.v1", topic=TOPIC)
class ProgrammeSuspended:
    """The programme takes no new plans and pledges for the time being."""

    programme_id: UUID
    reason_code: str
    effective_from: date


@event("entaskan.coordination.ProgrammeResumed.v1", topic=TOPIC)
class ProgrammeResumed:
    """A suspended programme takes plans and pledges again."""

    programme_id: UUID
    effective_from: date


@event("entaskan.coordination.ProgrammeClosed.v1", topic=TOPIC)
class ProgrammeClosed:
    """The programme was closed with a final report, whose SHA-256 is given; open commitments stand only where they are carried over."""

    programme_id: UUID
    closed_on: date
    final_report_hash: str
    open_commitments_carried_over: int


@event("entaskan.coordination.ProgrammeCancelled.v1", topic=TOPIC)
class ProgrammeCancelled:
    """A programme that never came into force was given up."""

    programme_id: UUID
    reason_code: str


@event("entaskan.coordination.InstitutionRegistered.v1", topic=TOPIC)
class InstitutionRegistered:
    """A ministry, Eselon I unit, local office, bank or buyer entered the register."""

    institution_id: UUID
    institution_code: str
    institution_type: str
    parent_institution_id: UUID | None
    sector_code: str | None


@event("entaskan.coordination.InstitutionVerified.v1", topic=TOPIC)
class InstitutionVerified:
    """Somebody outside the institution confirmed that it is what its entry says."""

    institution_id: UUID
    verified_by_institution_id: UUID | None


@event("entaskan.coordination.InstitutionMandateSet.v1", topic=TOPIC)
class InstitutionMandateSet:
    """What the institution is charged with, by pillar, sector and legal basis; the text of the tasks is read at the register."""

    institution_id: UUID
    pillar_codes: list[str]
    intervention_codes: list[str]
    sector_codes: list[str]


@event("entaskan.coordination.InstitutionRenamed.v1", topic=TOPIC)
class InstitutionRenamed:
    """The institution has another name since a day; both are read at the register."""

    institution_id: UUID
    effective_from: date
    legal_basis_ref: str


@event("entaskan.coordination.InstitutionMoved.v1", topic=TOPIC)
class InstitutionMoved:
    """The institution stands below another parent since a day."""

    institution_id: UUID
    previous_parent_institution_id: UUID | None
    parent_institution_id: UUID | None
    effective_from: date


@event("entaskan.coordination.InstitutionSuspended.v1", topic=TOPIC)
class InstitutionSuspended:
    """The institution cannot be invited for the time being."""

    institution_id: UUID
    reason_code: str


@event("entaskan.coordination.InstitutionReinstated.v1", topic=TOPIC)
class InstitutionReinstated:
    """A suspended institution can be invited again."""

    institution_id: UUID
    reason_code: str


@event("entaskan.coordination.InstitutionMerged.v1", topic=TOPIC)
class InstitutionMerged:
    """The institution went up in another one (a change of cabinet): its open commitments and participations moved in the same transaction."""

    institution_id: UUID
    merged_into_institution_id: UUID
    effective_from: date
    moved_commitment_count: int


@event("entaskan.coordination.InstitutionRetired.v1", topic=TOPIC)
class InstitutionRetired:
    """The institution ended without a successor; it took part in nothing any more."""

    institution_id: UUID
    effective_from: date


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


@event("entaskan.coordination.ParticipationInvitationExpired.v1", topic=TOPIC)
class ParticipationInvitationExpired:
    """The day by which the invitation was to be answered passed."""

    participation_id: UUID
    programme_id: UUID
    institution_id: UUID


@event("entaskan.coordination.ParticipationScopeChanged.v1", topic=TOPIC)
class ParticipationScopeChanged:
    """The institution takes part for other areas since a day; none of its open commitments lies outside them."""

    participation_id: UUID
    area_scope: list[str]
    effective_from: date


@event("entaskan.coordination.ParticipationSuspended.v1", topic=TOPIC)
class ParticipationSuspended:
    """The institution cannot pledge for the time being; what it pledged stands."""

    participation_id: UUID
    reason_code: str


@event("entaskan.coordination.ParticipationResumed.v1", topic=TOPIC)
class ParticipationResumed:
    """The institution can pledge again."""

    participation_id: UUID


@event("entaskan.coordination.ParticipationMoved.v1", topic=TOPIC)
class ParticipationMoved:
    """The institution that takes part went up in another one, which takes its place."""

    participation_id: UUID
    previous_institution_id: UUID
    institution_id: UUID


@event("entaskan.coordination.ParticipationWithdrawn.v1", topic=TOPIC)
class ParticipationWithdrawn:
    """The institution takes part no longer; its open commitments went to others or were released before."""

    participation_id: UUID
    reason_code: str
    transferred_commitment_ids: list[UUID]


@event("entaskan.coordination.ParticipationEnded.v1", topic=TOPIC)
class ParticipationEnded:
    """The programme was closed, and the participation with it."""

    participation_id: UUID
    programme_id: UUID


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


@event("entaskan.coordination.ConvergenceGapDetected.v1", topic=TOPIC)
class ConvergenceGapDetected:
    """Nobody in charge planned or pledged these required interventions for an open location and a quarter (`2026-Q3`)."""

    location_id: UUID
    programme_id: UUID
    location_code: str
    missing_intervention_codes: list[str]
    quarter: str
    rule_version: int


@event("entaskan.coordination.ConvergenceGapClosed.v1", topic=TOPIC)
class ConvergenceGapClosed:
    """Interventions that were missing for a location and a quarter are planned or pledged now."""

    location_id: UUID
    programme_id: UUID
    location_code: str
    covered_intervention_codes: list[str]
    quarter: str
    rule_version: int
