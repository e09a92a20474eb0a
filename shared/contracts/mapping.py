"""Events of mapping: regions, prioritisation models, runs and the locations they name."""

from dataclasses import field
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts.registry import event

TOPIC = "entaskan.mapping"


@event("entaskan.mapping.RegionRegistered.v1", topic=TOPIC)
class RegionRegistered:
    """A province, regency or city entered the register. Codes are Kemendagri's; `bps_code` is the one that BPS has used since 2024.

    `region_level` is `province` or `regency` (kabupaten and kota alike). Name and centroid (degrees, WGS 84; a point for labels,
    not the capital) are public. `valid_from` is null for what existed before the tables begin.
    """

    region_code: str
    bps_code: str | None
    region_level: str
    parent_region_code: str | None
    name: str
    latitude: float
    longitude: float
    valid_from: date | None


@event("entaskan.mapping.RegionChangeDrafted.v1", topic=TOPIC)
class RegionChangeDrafted:
    """A change of the register under a decree was written down; nothing has changed yet.

    `change_kind` is `register`, `correct`, `rename`, `recode`, `split`, `merge` or `deactivate`.
    """

    change_id: UUID
    change_kind: str
    region_code: str
    effective_from: date
    source_ref: str


@event("entaskan.mapping.RegionChangeConfirmed.v1", topic=TOPIC)
class RegionChangeConfirmed:
    """Another person than the author confirmed the change; the events of the regions are in the same transaction."""

    change_id: UUID
    change_kind: str
    region_code: str


@event("entaskan.mapping.RegionChangeRejected.v1", topic=TOPIC)
class RegionChangeRejected:
    """The change was turned down; nothing changed."""

    change_id: UUID
    change_kind: str
    region_code: str
    reason_code: str


@event("entaskan.mapping.RegionCorrected.v1", topic=TOPIC)
class RegionCorrected:
    """Something that the register says of a region was corrected, or its name was changed by decree; read the region for its values."""

    region_code: str
    changed_fields: list[str]
    source_ref: str


@event("entaskan.mapping.RegionRecoded.v1", topic=TOPIC)
class RegionRecoded:
    """From `effective_from` the region stands under another code, which is registered in the same transaction; the old one is not used again."""

    previous_region_code: str
    region_code: str
    effective_from: date
    source_ref: str


@event("entaskan.mapping.RegionSplit.v1", topic=TOPIC)
class RegionSplit:
    """A region was divided (pemekaran). Shares of population stand in the order of the successors and sum to 1.

    Where the old code is among the successors, what is left of the region goes on under it; otherwise it has ended.
    """

    region_code: str
    successor_region_codes: list[str]
    population_shares: list[Decimal]
    effective_from: date
    source_ref: str


@event("entaskan.mapping.RegionMerged.v1", topic=TOPIC)
class RegionMerged:
    """A region became part of another (penggabungan) and has ended."""

    region_code: str
    successor_region_code: str
    effective_from: date
    source_ref: str


@event("entaskan.mapping.RegionDeactivated.v1", topic=TOPIC)
class RegionDeactivated:
    """A region has ended without a successor."""

    region_code: str
    effective_from: date
    source_ref: str


@event("entaskan.mapping.RegionListChecked.v1", topic=TOPIC)
class RegionListChecked:
    """An official list of districts and villages was read and checked; nothing has changed yet. `content_hash` is SHA-256 of the file."""

    import_id: UUID
    content_hash: str
    row_count: int
    refused_row_count: int
    source_ref: str


@event("entaskan.mapping.RegionListCommitted.v1", topic=TOPIC)
class RegionListCommitted:
    """Another person than who sent it took the list over; districts and villages have no events of their own.

    Counts are of districts and villages together: entered, with another name or kind than before, and ended because the whole
    list no longer has them.
    """

    import_id: UUID
    content_hash: str
    entered_count: int
    changed_count: int
    ended_count: int
    effective_from: date
    source_ref: str


@event("entaskan.mapping.RegionListDiscarded.v1", topic=TOPIC)
class RegionListDiscarded:
    """A checked list was thrown away; nothing changed."""

    import_id: UUID
    reason_code: str


@event("entaskan.mapping.PrioritisationModelDrafted.v1", topic=TOPIC)
class PrioritisationModelDrafted:
    """A version of the rule (criteria, weights, direction, normalisation) was written down."""

    model_id: UUID
    model_code: str
    model_version: int
    criteria_codes: list[str]
    model_hash: str


@event("entaskan.mapping.PrioritisationModelSubmitted.v1", topic=TOPIC)
class PrioritisationModelSubmitted:
    """A version of the rule, which ranks the figures of now, was handed over for approval."""

    model_id: UUID
    model_version: int
    model_hash: str


@event("entaskan.mapping.PrioritisationModelScheduled.v1", topic=TOPIC)
class PrioritisationModelScheduled:
    """An approved version of the rule becomes current on a later day."""

    model_id: UUID
    model_version: int
    effective_from: date


@event("entaskan.mapping.PrioritisationModelActivated.v1", topic=TOPIC)
class PrioritisationModelActivated:
    """A version of the rule became current: runs use it from now on."""

    model_id: UUID
    model_version: int
    effective_from: date


@event("entaskan.mapping.PrioritisationModelRetired.v1", topic=TOPIC)
class PrioritisationModelRetired:
    """No further run uses this version of the rule; a successor became current, or it was taken out of use."""

    model_id: UUID
    model_version: int
    reason_code: str


@event("entaskan.mapping.PrioritisationModelApproved.v1", topic=TOPIC)
class PrioritisationModelApproved:
    """Another person than the author approved this version of the rule."""

    model_id: UUID
    model_version: int
    model_hash: str


@event("entaskan.mapping.PrioritisationRunCreated.v1", topic=TOPIC)
class PrioritisationRunCreated:
    """A run of an approved model for an active programme was started."""

    run_id: UUID
    programme_id: UUID
    model_id: UUID
    model_version: int


@event("entaskan.mapping.PrioritisationComputed.v1", topic=TOPIC)
class PrioritisationComputed:
    """Ranking and selection are done; the hashes are SHA-256 over canonical JSON of the inputs and of the whole result."""

    run_id: UUID
    candidate_count: int
    excluded_region_codes: list[str]
    waived_region_codes: list[str] = field(default_factory=list)
    input_hash: str
    result_hash: str


@event("entaskan.mapping.PrioritisationRunLocked.v1", topic=TOPIC)
class PrioritisationRunLocked:
    """Another person than the analyst confirmed the selection; nothing in it can change any more."""

    run_id: UUID
    selected_count: int
    province_count: int
    result_hash: str


@event("entaskan.mapping.PrioritisationRunPublished.v1", topic=TOPIC)
class PrioritisationRunPublished:
    """The selection was published under a decree; one `LocationPrioritised` per location follows in the same transaction."""

    run_id: UUID
    programme_id: UUID
    model_version: int
    selected_count: int
    province_codes: list[str]
    decree_ref: str
    effective_from: date
    result_hash: str


@event("entaskan.mapping.LocationPrioritised.v1", topic=TOPIC)
class LocationPrioritised:
    """A regency/city became a priority location of a programme.

    Codes are Kemendagri's; `rank` counts from 1 over all candidates; scores lie in 0..1 with six decimals.
    """

    location_priority_id: UUID
    programme_id: UUID
    run_id: UUID
    region_code: str
    province_code: str
    rank: int
    score: Decimal
    poverty_score: Decimal
    potential_score: Decimal
    model_version: int
    effective_from: date


@event("entaskan.mapping.LocationDeprioritised.v1", topic=TOPIC)
class LocationDeprioritised:
    """A regency/city stopped being a priority location; `replaced_by_run_id` names the later run that no longer selects it."""

    run_id: UUID
    location_priority_id: UUID
    programme_id: UUID
    region_code: str
    reason_code: str
    effective_from: date
    replaced_by_run_id: UUID | None


@event("entaskan.mapping.AssessmentDrafted.v1", topic=TOPIC)
class AssessmentDrafted:
    """An assessment of a regency or city was written down; `assessment_kind` is `poverty` or `local_potential`."""

    assessment_id: UUID
    region_code: str
    assessment_kind: str
    period: str
    source_code: str


@event("entaskan.mapping.AssessmentSubmitted.v1", topic=TOPIC)
class AssessmentSubmitted:
    """Every mandatory criterion has a value or is declared missing with a reason; another person may validate it now."""

    assessment_id: UUID
    region_code: str
    assessment_kind: str
    period: str
    criteria_count: int
    missing_criteria_codes: list[str]


@event("entaskan.mapping.AssessmentRevisionRequested.v1", topic=TOPIC)
class AssessmentRevisionRequested:
    """The assessment was sent back to be mended."""

    assessment_id: UUID
    reason_code: str


@event("entaskan.mapping.AssessmentValidated.v1", topic=TOPIC)
class AssessmentValidated:
    """Another person than the author validated it: it is the current one of its region, kind and period.

    `values_hash` is SHA-256 of the whole content as canonical JSON.
    """

    assessment_id: UUID
    region_code: str
    assessment_kind: str
    period: str
    criteria_codes: list[str]
    values_hash: str
    source_code: str
    data_year: int


@event("entaskan.mapping.SourceDiscrepancyDetected.v1", topic=TOPIC)
class SourceDiscrepancyDetected:
    """Two sources differ on one indicator by more than the policy allows; the difference is a share of the larger value, 0 to 1 where signs agree."""

    assessment_id: UUID
    region_code: str
    indicator_code: str
    source_a: str
    source_b: str
    relative_difference: Decimal


@event("entaskan.mapping.AssessmentSuperseded.v1", topic=TOPIC)
class AssessmentSuperseded:
    """A newer assessment of the same region, kind and period was validated in the same transaction."""

    assessment_id: UUID
    superseded_by_assessment_id: UUID


@event("entaskan.mapping.AssessmentExpired.v1", topic=TOPIC)
class AssessmentExpired:
    """Its figures became older than the policy allows; `months_old` counts whole months since the end of its period."""

    assessment_id: UUID
    region_code: str
    assessment_kind: str
    months_old: int


@event("entaskan.mapping.AssessmentWithdrawn.v1", topic=TOPIC)
class AssessmentWithdrawn:
    """The assessment was taken back; no published run rests on it."""

    assessment_id: UUID
    reason_code: str
