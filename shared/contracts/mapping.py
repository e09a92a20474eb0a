"""Events of mapping: regions, prioritisation models, runs and the locations they name."""

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


@event("entaskan.mapping.PrioritisationModelDrafted.v1", topic=TOPIC)
class PrioritisationModelDrafted:
    """A version of the rule (criteria, weights, direction, normalisation) was written down."""

    model_id: UUID
    model_code: str
    model_version: int
    criteria_codes: list[str]
    model_hash: str


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
