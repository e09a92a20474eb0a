"""What a run keeps: the chosen locations, the constraints it was given, and what people decided otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self
from uuid import UUID

from services.mapping.computation.constraints import Budget, Constraints, ProvinceBounds, Quota
from services.mapping.prioritisation.errors import ConstraintTwice, CostMissing

Force = Literal["include", "exclude"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedLocation:
    """A region of the selection; scores lie in 0..1, with six decimals."""

    region_code: str
    province_code: str
    rank: int
    score: Decimal
    poverty_score: Decimal
    potential_score: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run keeps of the document that `result.compute` returned."""

    candidate_count: int
    excluded_region_codes: list[str]
    input_hash: str
    result_hash: str
    selected: list[SelectedLocation]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read it from the document, the selection in rank order."""
        inputs, result = document["inputs"], document["result"]
        chosen = set(result["selection"]["region_codes"])
        return cls(
            candidate_count=len(inputs["candidates"]),
            excluded_region_codes=[excluded["region_code"] for excluded in result["excluded"]],
            input_hash=document["input_hash"],
            result_hash=document["result_hash"],
            selected=[location for location in ranked_locations(document) if location.region_code in chosen],
        )


def ranked_locations(document: Mapping[str, Any]) -> list[SelectedLocation]:
    """Every ranked candidate of a result, best first, as a location that may be selected."""
    province_of = {candidate["region_code"]: candidate["province_code"] for candidate in document["inputs"]["candidates"]}
    return [
        SelectedLocation(
            region_code=row["region_code"],
            province_code=province_of[row["region_code"]],
            rank=row["rank"],
            score=_six_decimals(row["score"]),
            poverty_score=_six_decimals(row["poverty_score"]),
            potential_score=_six_decimals(row["potential_score"]),
        )
        for row in document["result"]["ranking"]
    ]


def _six_decimals(score: float) -> Decimal:
    return Decimal(repr(score)).quantize(Decimal("0.000001"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceBound:
    """How many regions one province gets, in place of the general bounds."""

    province_code: str
    fewest: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcedRegion:
    """A region that must be chosen or must not, whatever its rank, and why."""

    region_code: str
    force: Force
    reason_code: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConstraints:
    """What a run's selection keeps beside the programme's quota. Amounts are whole rupiah.

    `confirmed_by` is the second person, who answers for the forced regions.
    """

    per_province_min: int | None = None
    per_province_max: int | None = None
    provinces: list[ProvinceBound] = field(default_factory=list)
    forced: list[ForcedRegion] = field(default_factory=list)
    budget_idr: int | None = None
    cost_per_area_idr: int | None = None
    costs_idr: dict[str, int] = field(default_factory=dict)
    set_by: str | None = None
    confirmed_by: str | None = None

    def require_sound(self) -> None:
        """Refuse what means nothing; what merely contradicts itself is found and explained when it is computed."""
        for codes in ([bound.province_code for bound in self.provinces], [region.region_code + region.force for region in self.forced]):
            if repeated := sorted({code.removesuffix("include").removesuffix("exclude") for code in codes if codes.count(code) > 1}):
                raise ConstraintTwice(repeated_codes=repeated)
        if (self.budget_idr is None) != (self.cost_per_area_idr is None) or (self.costs_idr and self.budget_idr is None):
            raise CostMissing

    @property
    def codes(self) -> set[str]:
        """Every region and province that is named."""
        return {b.province_code for b in self.provinces} | {f.region_code for f in self.forced} | self.costs_idr.keys()

    def forced_codes(self, force: Force) -> list[str]:
        """The regions that must be chosen, or must not, in code order."""
        return sorted(region.region_code for region in self.forced if region.force == force)

    @property
    def unconfirmed_codes(self) -> list[str]:
        """Forced regions for which nobody else has answered yet."""
        return [] if self.confirmed_by else sorted({region.region_code for region in self.forced})

    def confirmed(self, by: str) -> Self:
        """The same, with the second person."""
        return replace(self, confirmed_by=by)

    def for_computation(self, areas: int, provinces: int) -> Constraints:
        """The programme's quota and all else, as the computation takes it."""
        budget = None
        if self.budget_idr is not None and self.cost_per_area_idr is not None:
            budget = Budget(self.budget_idr, self.cost_per_area_idr, self.costs_idr)
        bounds = tuple(ProvinceBounds(b.province_code, b.fewest, b.most) for b in self.provinces)
        quota = Quota(areas, provinces, self.per_province_min or 0, self.per_province_max)
        return Constraints(quota, bounds, tuple(self.forced_codes("include")), tuple(self.forced_codes("exclude")), budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Regions that may be ranked without validated, current assessments of both kinds, and why; `region_codes` null: all that lack them."""

    region_codes: list[str] | None
    reason_code: str
    note: str
    waived_by: str

    def covers(self, region_code: str) -> bool:
        """Whether it is said of this region."""
        return self.region_codes is None or region_code in self.region_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A swap against the computed order: a region takes the place (`to_rank`) of another; `confirmed_by` is the second person."""

    region_code: str
    replaced_region_code: str
    from_rank: int
    to_rank: int
    reason_code: str
    note: str
    proposed_by: str
    proposed_on: date
    confirmed_by: str | None = None
    confirmed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """What facilitation has going in a location, as far as its events told. Amounts are whole rupiah."""

    active_groups: int = 0
    open_applications: int = 0
    requested_idr: int = 0
    credits: int = 0
    granted_idr: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprioritised:
    """A location that left the list, why, since when, and what was under way there at that moment."""

    region_code: str
    reason_code: str
    effective_from: date
    decided_by: str
    replaced_by_run_id: UUID | None
    under_way: UnderWay
