"""What a prioritisation run knows, and in which order it may go."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.mapping.computation.constraints import Rule, rules_of
from services.mapping.prioritisation.outcome import Deprioritised, Override, RunConstraints, SelectedLocation, Waiver
from services.mapping.prioritisation.rules import Policy
from shared.aggregate import Aggregate
from shared.clock import id_caused_by


class RunStatus(StrEnum):
    """Where a run stands."""

    DRAFT = "draft"
    COMPUTED = "computed"
    UNDER_REVIEW = "under_review"
    OBJECTION_OPEN = "objection_open"
    LOCKED = "locked"
    PUBLISHED = "published"
    REVOKED = "revoked"
    DISCARDED = "discarded"


IN_REVIEW = frozenset({RunStatus.UNDER_REVIEW, RunStatus.OBJECTION_OPEN})
"""Where people may still decide otherwise than the figures."""
_OVERRIDES = frozenset({"override", "confirm_override", "refuse_override"})


@dataclass(eq=False, kw_only=True)
class RunState(Aggregate):
    """One application of an approved model to a programme's quota; the whole result is kept beside it, under `result_hash`.

    `analyst` computed it last. `population_period` names the population that derived indicators use. `selected` is the selection
    with the confirmed overrides; what was computed stays in the result. `policy` are the programme's rules when it was created.
    `waiver` says which regions may be ranked without assessments, `waived_region_codes` which were when it was computed.
    `ended_reason_code` and `ended_on` tell of a revocation or of being given up.
    """

    programme_id: UUID
    model_id: UUID
    model_code: str
    model_version: int
    population_period: str
    area_quota: int
    province_quota: int
    policy: Policy
    constraints: RunConstraints
    author: str
    analyst: str | None = None
    submitted_by: str | None = None
    locked_by: str | None = None
    published_by: str | None = None
    status: RunStatus
    candidate_count: int | None = None
    excluded_region_codes: list[str]
    waiver: Waiver | None = None
    waived_region_codes: list[str]
    input_hash: str | None = None
    result_hash: str | None = None
    selected: list[SelectedLocation]
    overrides: list[Override]
    opens_on: date | None = None
    closes_on: date | None = None
    decree_ref: str | None = None
    effective_from: date | None = None
    deprioritised: list[Deprioritised]
    replaced_by_run_id: UUID | None = None
    ended_reason_code: str | None = None
    ended_on: date | None = None

    TRANSITIONS: ClassVar = {
        RunStatus.DRAFT: frozenset({"constrain", "confirm_constraints", "waive_assessments", "compute", "discard"}),
        RunStatus.COMPUTED: frozenset({"confirm_constraints", "waive_assessments", "compute", "submit_review", "discard"}),
        RunStatus.UNDER_REVIEW: _OVERRIDES | {"open_objections", "lock", "discard"},
        RunStatus.OBJECTION_OPEN: _OVERRIDES | {"file_objection", "decide_objection", "lock"},
        RunStatus.LOCKED: frozenset({"publish"}),
        RunStatus.PUBLISHED: frozenset({"deprioritise", "revoke"}),
        RunStatus.REVOKED: frozenset(),
        RunStatus.DISCARDED: frozenset(),
    }

    @property
    def province_codes(self) -> list[str]:
        """Provinces of the selection, in code order."""
        return sorted({location.province_code for location in self.selected})

    @property
    def region_codes(self) -> list[str]:
        """Regions of the selection, best first."""
        return [location.region_code for location in self.selected]

    @property
    def is_public(self) -> bool:
        """Whether anybody may read the result: it was published once, revoked or not."""
        return self.status in (RunStatus.PUBLISHED, RunStatus.REVOKED)

    @property
    def in_force(self) -> list[SelectedLocation]:
        """The locations that this run keeps on the list, best first."""
        if self.status is not RunStatus.PUBLISHED or self.replaced_by_run_id:
            return []
        gone = {each.region_code for each in self.deprioritised}
        return [location for location in self.selected if location.region_code not in gone]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Everything that the selection keeps, each by itself."""
        return rules_of(self.constraints.for_computation(self.area_quota, self.province_quota))

    @property
    def pending_overrides(self) -> list[Override]:
        """Those that wait for their second person."""
        return [override for override in self.overrides if override.confirmed_by is None]

    def location_priority_id(self, region_code: str) -> UUID:
        """Follows from run and region."""
        return id_caused_by(self.id, region_code)
