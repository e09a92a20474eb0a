"""Further events of the register (enterprises and groups): what became of them after they were entered.

No event carries a name, a NIK, a NIB or any other document number.
"""

from datetime import date
from uuid import UUID

from shared.contracts.facilitation import ENTERPRISES
from shared.contracts.registry import event


@event("entaskan.facilitation.EnterpriseVerified.v1", topic=ENTERPRISES)
class EnterpriseVerified:
    """Somebody other than who registered it found the enterprise to be there."""

    enterprise_id: UUID
    verification_method: str
    has_nib: bool


@event("entaskan.facilitation.EnterpriseActivated.v1", topic=ENTERPRISES)
class EnterpriseActivated:
    """The enterprise may be facilitated: a member of an active group, in a priority location or under a waiver."""

    enterprise_id: UUID
    group_id: UUID
    region_code: str
    location_priority_id: UUID | None
    waiver_id: UUID | None


@event("entaskan.facilitation.EnterpriseLegalityUpgraded.v1", topic=ENTERPRISES)
class EnterpriseLegalityUpgraded:
    """A step towards legality: a NIB, halal, P-IRT or SNI certificate was recorded; its number stays in the register."""

    enterprise_id: UUID
    legality_type: str
    risk_level: str | None
    valid_until: date | None


@event("entaskan.facilitation.EnterpriseHouseholdLinked.v1", topic=ENTERPRISES)
class EnterpriseHouseholdLinked:
    """The owner's household is in a register of the poor, in the decile that the register gives it."""

    enterprise_id: UUID
    source_code: str
    source_version: str
    welfare_decile: int | None


@event("entaskan.facilitation.EnterpriseEligibilityAssessed.v1", topic=ENTERPRISES)
class EnterpriseEligibilityAssessed:
    """Whether a service is open to the enterprise, by which rules, on which inputs."""

    enterprise_id: UUID
    service_code: str
    outcome: str
    reason_codes: list[str]
    rule_version: int
    inputs_hash: str


@event("entaskan.facilitation.EnterprisePaused.v1", topic=ENTERPRISES)
class EnterprisePaused:
    """Facilitation rests, until somebody activates the enterprise again."""

    enterprise_id: UUID
    reason_code: str


@event("entaskan.facilitation.EnterpriseLadderStepReached.v1", topic=ENTERPRISES)
class EnterpriseLadderStepReached:
    """The criteria of the next step of the graduation ladder were met."""

    enterprise_id: UUID
    from_step: str
    to_step: str
    days_in_step: int
    criteria_version: int


@event("entaskan.facilitation.EnterpriseGraduated.v1", topic=ENTERPRISES)
class EnterpriseGraduated:
    """The enterprise stands by itself."""

    enterprise_id: UUID
    group_id: UUID | None
    region_code: str
    criteria_version: int
    months_in_programme: int


@event("entaskan.facilitation.EnterpriseRelapsed.v1", topic=ENTERPRISES)
class EnterpriseRelapsed:
    """A graduated enterprise needs facilitation again."""

    enterprise_id: UUID
    reason_code: str


@event("entaskan.facilitation.EnterpriseExited.v1", topic=ENTERPRISES)
class EnterpriseExited:
    """The enterprise left the programme for good."""

    enterprise_id: UUID
    reason_code: str


@event("entaskan.facilitation.EnterpriseConsentWithdrawn.v1", topic=ENTERPRISES)
class EnterpriseConsentWithdrawn:
    """The owner withdrew consent; processing for that purpose ends by `stop_by`."""

    enterprise_id: UUID
    purpose_code: str
    effective_on: date
    stop_by: date


@event("entaskan.facilitation.EnterpriseConsentRenewed.v1", topic=ENTERPRISES)
class EnterpriseConsentRenewed:
    """The owner agreed again."""

    enterprise_id: UUID
    purpose_code: str
    effective_on: date


@event("entaskan.facilitation.EnterpriseMerged.v1", topic=ENTERPRISES)
class EnterpriseMerged:
    """The enterprise was the same as another, under whose id it goes on."""

    enterprise_id: UUID
    surviving_enterprise_id: UUID
    merge_id: UUID
    reversible_until: date


@event("entaskan.facilitation.EnterpriseMergeReversed.v1", topic=ENTERPRISES)
class EnterpriseMergeReversed:
    """The two are different after all."""

    enterprise_id: UUID
    surviving_enterprise_id: UUID
    merge_id: UUID


@event("entaskan.facilitation.DuplicateCandidateFlagged.v1", topic=ENTERPRISES)
class DuplicateCandidateFlagged:
    """Two enterprises may be the same; facilitation of both goes on until two people decided."""

    candidate_id: UUID
    enterprise_id: UUID
    other_enterprise_id: UUID
    score_points: int
    matched_field_codes: list[str]


@event("entaskan.facilitation.DuplicateCandidateProposed.v1", topic=ENTERPRISES)
class DuplicateCandidateProposed:
    """The first of two people said what they think of a candidate."""

    candidate_id: UUID
    decision_code: str


@event("entaskan.facilitation.DuplicateCandidateDisputed.v1", topic=ENTERPRISES)
class DuplicateCandidateDisputed:
    """The second of two people did not agree; the candidate is open again."""

    candidate_id: UUID


@event("entaskan.facilitation.DuplicateCandidateDecided.v1", topic=ENTERPRISES)
class DuplicateCandidateDecided:
    """The second of two people agreed: the same, or not."""

    candidate_id: UUID
    decision_code: str


@event("entaskan.facilitation.DuplicateCandidateCleared.v1", topic=ENTERPRISES)
class DuplicateCandidateCleared:
    """What made two enterprises look alike does not hold any longer."""

    candidate_id: UUID


@event("entaskan.facilitation.GroupVerified.v1", topic=ENTERPRISES)
class GroupVerified:
    """The group has members enough, one head, and what its type requires."""

    group_id: UUID
    group_type: str
    member_count: int


@event("entaskan.facilitation.GroupMemberTransferred.v1", topic=ENTERPRISES)
class GroupMemberTransferred:
    """A member went over to another group; both agreed."""

    membership_id: UUID
    enterprise_id: UUID
    from_group_id: UUID
    to_group_id: UUID
    effective_from: date


@event("entaskan.facilitation.GroupHeadChanged.v1", topic=ENTERPRISES)
class GroupHeadChanged:
    """The members chose another head."""

    group_id: UUID
    head_membership_id: UUID
    minutes_hash: str


@event("entaskan.facilitation.CooperativeIncorporated.v1", topic=ENTERPRISES)
class CooperativeIncorporated:
    """A kelompok or klaster became a cooperative."""

    group_id: UUID
    previous_type: str
    group_type: str
    legal_entity_verified: bool


@event("entaskan.facilitation.CooperativeAnnualMeetingRecorded.v1", topic=ENTERPRISES)
class CooperativeAnnualMeetingRecorded:
    """A cooperative held its annual meeting (RAT)."""

    group_id: UUID
    book_year: int
    minutes_hash: str


@event("entaskan.facilitation.GroupBecameDormant.v1", topic=ENTERPRISES)
class GroupBecameDormant:
    """Nothing was heard of an active group for months, or a cooperative missed its annual meetings."""

    group_id: UUID
    inactive_months: int
    reason_code: str
    region_code: str
    active_in_programme_id: UUID | None


@event("entaskan.facilitation.GroupSplit.v1", topic=ENTERPRISES)
class GroupSplit:
    """A group became several; every member was placed."""

    group_id: UUID
    successor_group_ids: list[UUID]
    region_code: str
    active_in_programme_id: UUID | None


@event("entaskan.facilitation.GroupMerged.v1", topic=ENTERPRISES)
class GroupMerged:
    """A group went up in another."""

    group_id: UUID
    surviving_group_id: UUID
    region_code: str
    active_in_programme_id: UUID | None


@event("entaskan.facilitation.GroupDissolved.v1", topic=ENTERPRISES)
class GroupDissolved:
    """A group came to its end; `active_in_programme_id` is null when it was not active before."""

    group_id: UUID
    reason_code: str
    region_code: str
    active_in_programme_id: UUID | None


@event("entaskan.facilitation.WaiverRequested.v1", topic=ENTERPRISES)
class WaiverRequested:
    """A regency asks to facilitate where no priority holds."""

    waiver_id: UUID
    programme_id: UUID
    region_code: str
    group_id: UUID | None
    reason_code: str
    valid_from: date
    valid_to: date


@event("entaskan.facilitation.WaiverGranted.v1", topic=ENTERPRISES)
class WaiverGranted:
    """The programme's owner signed: for so long the place counts as a priority location."""

    waiver_id: UUID
    programme_id: UUID
    region_code: str
    group_id: UUID | None
    valid_from: date
    valid_to: date


@event("entaskan.facilitation.WaiverRefused.v1", topic=ENTERPRISES)
class WaiverRefused:
    """The programme's owner did not sign."""

    waiver_id: UUID
    reason_code: str


@event("entaskan.facilitation.WaiverRevoked.v1", topic=ENTERPRISES)
class WaiverRevoked:
    """The waiver ends before its time."""

    waiver_id: UUID
    reason_code: str
    effective_from: date
