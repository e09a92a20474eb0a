"""What requests about runs hold, and how runs look from outside."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.outcome import Deprioritised, Force, Override, RunConstraints, Waiver
from services.mapping.prioritisation.rules import Policy
from services.mapping.prioritisation.state import RunStatus
from shared.http.commands import Representation
from shared.http.requests import Code, Note, ProvinceCode, RegionCode, RequestModel, RupiahOrNone
from shared.security.identity import Role

DRAFTERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)

Bound = Annotated[int, Field(strict=True, ge=0, le=1000)]


class CreateRun(RequestModel):
    """What to prioritise for, and by which rule."""

    programme_id: UUID
    model_id: UUID
    population_period: Annotated[
        str,
        Field(pattern=r"^[0-9]{4}(-S[12])?$", description="2017: BPS projection; 2024-S2: civil register, far higher in the mountains of Papua"),
    ] = "2017"


class ProvinceBoundIn(RequestModel):
    """How many regions one province gets, in place of the general bounds."""

    province_code: ProvinceCode
    fewest: Annotated[Bound | None, Field(description="above 0 the province is one of those chosen")] = None
    most: Annotated[Bound | None, Field(description="0: none of its regions")] = None


class ForcedRegionIn(RequestModel):
    """A region that must be chosen, or must not, whatever its rank."""

    region_code: RegionCode
    force: Force
    reason_code: Annotated[Code, Field(examples=["disaster_area"])]
    note: Annotated[Note, Field(examples=["Wilayah terdampak bencana menurut keputusan gubernur."])]


class ConstrainRun(RequestModel):
    """What the selection keeps beside the programme's quota."""

    per_province_min: Annotated[Bound | None, Field(description="in each chosen province", ge=1)] = None
    per_province_max: Annotated[Bound | None, Field(description="in each province", ge=1)] = None
    provinces: Annotated[list[ProvinceBoundIn], Field(max_length=100, default_factory=list)]
    forced: Annotated[list[ForcedRegionIn], Field(max_length=200, default_factory=list, description="confirmed by a second person before review")]
    budget_idr: RupiahOrNone | None = None
    cost_per_area_idr: Annotated[RupiahOrNone | None, Field(description="of every region that costs_idr does not name")] = None
    costs_idr: Annotated[dict[RegionCode, RupiahOrNone], Field(max_length=1000, default_factory=dict)]


class WaiveAssessments(RequestModel):
    """Which regions may be ranked without validated, current assessments, and why."""

    region_codes: Annotated[list[RegionCode] | None, Field(min_length=1, max_length=1000, description="null: all that lack them")] = None
    reason_code: Annotated[Code, Field(examples=["first_year"])]
    note: Annotated[Note, Field(examples=["Tahun pertama: penilaian daerah belum selesai."])]


class OverrideRun(RequestModel):
    """A swap against the computed order."""

    region_code: Annotated[RegionCode, Field(description="enters the selection")]
    replaced_region_code: Annotated[RegionCode, Field(description="leaves it")]
    reason_code: Annotated[Code, Field(examples=["objection_upheld"])]
    note: Note


class OpenObjections(RequestModel):
    """How long regencies and cities may object."""

    days: Annotated[int, Field(strict=True, ge=1, le=90, description="today included", examples=[14])]


class PublishRun(RequestModel):
    """The decree (surat keputusan) and from when it applies."""

    decree_ref: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{2,63}$", description="its number", examples=["Kepdep PMK 12/2024"])]
    effective_from: Annotated[date, Field(description="within the programme's dates", examples=["2024-03-01"])]
    replaces_run_id: Annotated[UUID | None, Field(description="the run in force that it replaces")] = None


class DeprioritiseLocation(RequestModel):
    """Which location leaves the list, why and from when."""

    region_code: RegionCode
    reason_code: Annotated[Code, Field(examples=["target_reached"])]
    effective_from: date


class RevokeRun(RequestModel):
    """Why the decree no longer holds, and from when."""

    reason_code: Annotated[Code, Field(examples=["decree_revoked"])]
    effective_from: date


class DiscardRun(RequestModel):
    """Why the run is given up."""

    reason_code: Annotated[Code, Field(examples=["figures_outdated"])]


class RunOut(Representation[PrioritisationRun]):
    """A prioritisation run (proses penetapan lokasi); the full ranking is under `/result`."""

    id: UUID
    programme_id: UUID
    model_id: UUID
    model_code: str
    model_version: int
    population_period: str
    area_quota: int
    province_quota: int
    policy: Policy = Field(description="the programme's selection rules when the run was created")
    constraints: RunConstraints
    status: RunStatus
    author: str
    analyst: str | None = Field(description="who computed it last")
    submitted_by: str | None
    locked_by: str | None
    published_by: str | None
    candidate_count: int | None
    excluded_region_codes: list[str]
    waiver: Waiver | None = Field(description="which regions may be ranked without assessments, and why")
    waived_region_codes: list[str] = Field(description="which were ranked without; to be listed in the decree")
    province_codes: list[str] = Field(description="provinces of the selection")
    region_codes: list[str] = Field(description="the selection with its confirmed overrides, best first")
    overrides: list[Override] = Field(description="against the computed order; to be listed in the decree")
    input_hash: str | None
    result_hash: str | None
    opens_on: date | None = Field(description="objections are taken from this day")
    closes_on: date | None = Field(description="and until this one, included")
    decree_ref: str | None
    effective_from: date | None
    deprioritised: list[Deprioritised] = Field(description="locations that left the list, with what was under way there")
    replaced_by_run_id: UUID | None
    ended_reason_code: str | None = Field(description="why it was revoked or discarded")
    ended_on: date | None


class DeprioritisedOut(BaseModel):
    """A location that left the list."""

    region_code: str
    reason_code: str
    effective_from: date
    replaced_by_run_id: UUID | None


class OverrideOut(BaseModel):
    """A swap against the computed order, as the decree has to list it: without names and texts."""

    region_code: str = Field(description="takes the place of replaced_region_code")
    replaced_region_code: str
    from_rank: int
    to_rank: int
    reason_code: str
    proposed_on: date
    confirmed_on: date | None = Field(description="by a second person; null while that is pending")


class ForcedOut(BaseModel):
    """A region that was chosen, or was not, whatever its rank."""

    region_code: str
    force: Force
    reason_code: str


class DecidedOtherwise(BaseModel):
    """What people decided otherwise than the figures, as the decree has to list it: without names and texts."""

    overrides: list[OverrideOut]
    forced: list[ForcedOut]
    deprioritised: list[DeprioritisedOut]


class UnderWayOut(BaseModel):
    """What facilitation has going in a location (fasilitasi yang sedang berjalan), as far as its events told."""

    region_code: str
    active_groups: int
    open_applications: int
    requested_idr: int = Field(description="of the open applications, whole rupiah")
    credits: int
    granted_idr: int = Field(description="of the credits, whole rupiah")


class ResultOut(BaseModel):
    """All that is needed to compute the result again elsewhere; hashes are SHA-256 over canonical JSON."""

    proof: dict[str, Any] = Field(description="objective, proven bound, relative gap (0), solver and its version; not hashed")
    inputs: dict[str, Any] = Field(description="algorithm, method, quota, constraints, and every candidate's figures with unit, source and period")
    result: dict[str, Any] = Field(description="ranking with contributions, excluded regions, selection with its proof")
    input_hash: str = Field(description="of inputs")
    result_hash: str = Field(description="of inputs and result together")
    computed_with: dict[str, str] = Field(description="software versions, not hashed")


class PriorityLocation(BaseModel):
    """A regency or city prioritised by the run in force."""

    location_priority_id: UUID
    programme_id: UUID
    run_id: UUID
    region_code: str = Field(examples=["53.04"])
    province_code: str = Field(examples=["53"])
    name: str = Field(examples=["Kabupaten Belu"])
    province_name: str = Field(examples=["Nusa Tenggara Timur"])
    latitude: float = Field(description="degrees; centroid")
    longitude: float = Field(description="degrees; centroid")
    rank: int = Field(description="among all candidates")
    score: Decimal = Field(examples=["0.512345"])
    poverty_score: Decimal
    potential_score: Decimal
    effective_from: date
    ended_on: date | None = Field(description="null while it is on the list")


class Total(BaseModel):
    """A priority location, for comparison."""

    region_code: str
    province_code: str
    rank: int


class Totals(BaseModel):
    """What this service holds, to be compared with what others counted from its events."""

    items: list[Total]
