"""The sheet of a run: its whole ranking with names and places, read from the stored result and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from shared.errors import Conflict


class NotComputed(Conflict):
    """A run that was not computed has no ranking."""

    code = "run_not_computed"
    message = ("Penetapan ini belum dihitung.", "This run was not computed yet.")
    action = ("Hitung dahulu: POST /v1/prioritisation-runs/{run_id}/compute.", "Compute it first: POST /v1/prioritisation-runs/{run_id}/compute.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A regency or city on the map; degrees of its centroid."""

    name: str
    province_code: str
    province_name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCriterion:
    """One criterion, with the names of its indicator."""

    code: str
    name_id: str
    name_en: str
    weight: str
    direction: str
    dimension: str
    unit: str
    source: str
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A candidate. Scores lie in 0..1; `values` (each in its unit), `normalised` and `contributions` follow the sheet's criteria."""

    rank: int
    region_code: str
    place: Place
    selected: bool
    score: float
    poverty_score: float | None
    potential_score: float | None
    values: tuple[float | None, ...]
    normalised: tuple[float, ...]
    contributions: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedOtherwise:
    """What people decided against the computed order: a swap of two regions, or one that had to be chosen, or must not be."""

    kind: str
    region_code: str
    in_place_of: str | None
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A run's ranking, best first, with everything that a reader needs to believe it."""

    run_id: UUID
    programme_id: UUID
    model_code: str
    model_version: int
    status: str
    decree_ref: str | None
    effective_from: date | None
    normalisation: str
    aggregation: str
    area_quota: int
    province_quota: int
    input_hash: str
    result_hash: str
    criteria: tuple[SheetCriterion, ...]
    rows: tuple[SheetRow, ...]
    excluded_region_codes: tuple[str, ...]
    exceptions: tuple[DecidedOtherwise, ...] = ()
    waived_region_codes: tuple[str, ...] = ()
    waiver_reason: str | None = None

    @classmethod
    def of(cls, run: Any, document: Mapping[str, Any], places: Mapping[str, Place], names: Mapping[str, tuple[str, str]]) -> Self:
        """Read it from the result document; `places` by region code, `names` (Indonesian, English) by indicator code."""
        inputs, result = document["inputs"], document["result"]
        chosen = set(run.region_codes)  # as decided: overrides may have swapped what was computed
        values = {candidate["region_code"]: tuple(candidate["values"]) for candidate in inputs["candidates"]}
        return cls(
            run_id=run.id,
            programme_id=run.programme_id,
            model_code=run.model_code,
            model_version=run.model_version,
            status=run.status.value,
            decree_ref=run.decree_ref,
            effective_from=run.effective_from,
            normalisation=inputs["method"]["normalisation"],
            aggregation=inputs["method"]["aggregation"],
            area_quota=run.area_quota,
            province_quota=run.province_quota,
            input_hash=document["input_hash"],
            result_hash=document["result_hash"],
            criteria=tuple(_criterion(stated, names) for stated in inputs["method"]["criteria"]),
            rows=tuple(
                SheetRow(
                    rank=row["rank"],
                    region_code=row["region_code"],
                    place=places[row["region_code"]],
                    selected=row["region_code"] in chosen,
                    score=row["score"],
                    poverty_score=row["poverty_score"],
                    potential_score=row["potential_score"],
                    values=values[row["region_code"]],
                    normalised=tuple(row["normalised"]),
                    contributions=tuple(row["contributions"]),
                )
                for row in result["ranking"]
            ),
            excluded_region_codes=tuple(excluded["region_code"] for excluded in result["excluded"]),
            exceptions=(
                *(
                    DecidedOtherwise(kind="override", region_code=each.region_code, in_place_of=each.replaced_region_code, reason_code=each.reason_code)
                    for each in run.overrides
                    if each.confirmed_by
                ),
                *(
                    DecidedOtherwise(kind=each.force, region_code=each.region_code, in_place_of=None, reason_code=each.reason_code)
                    for each in run.constraints.forced
                ),
            ),
            waived_region_codes=tuple(run.waived_region_codes),
            waiver_reason=run.waiver.reason_code if run.waiver else None,
        )

    @property
    def selected(self) -> Sequence[SheetRow]:
        """The selection, best first."""
        return [row for row in self.rows if row.selected]

    @property
    def cut(self) -> float | None:
        """The lowest score of the selection; some above it may be left out, where a province's share decides."""
        return min((row.score for row in self.rows if row.selected), default=None)


def _criterion(stated: Mapping[str, str], names: Mapping[str, tuple[str, str]]) -> SheetCriterion:
    name_id, name_en = names.get(stated["code"], (stated["code"], stated["code"]))
    facts = {name: stated[name] for name in ("code", "weight", "direction", "dimension", "unit", "source", "period")}
    return SheetCriterion(name_id=name_id, name_en=name_en, **facts)
