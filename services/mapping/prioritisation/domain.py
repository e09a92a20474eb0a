"""A prioritisation run: computed by an analyst, locked by another person, published under a decree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from services.mapping.models.domain import ModelStatus, PrioritisationModel
from shared.aggregate import Aggregate
from shared.clock import id_caused_by
from shared.contracts.mapping import (
    LocationPrioritised,
    PrioritisationComputed,
    PrioritisationRunCreated,
    PrioritisationRunLocked,
    PrioritisationRunPublished,
)
from shared.errors import Conflict, Refused, SamePerson


class RunStatus(StrEnum):
    """Where a run stands."""

    DRAFT = "draft"
    COMPUTED = "computed"
    LOCKED = "locked"
    PUBLISHED = "published"


class ProgrammeNotActive(Conflict):
    """Mapping has not heard that the programme is in force."""

    code = "programme_not_active"
    message = ("Program ini belum diketahui aktif.", "This programme is not known to be active.")
    action = (
        "Aktifkan program pada layanan koordinasi; bila baru saja diaktifkan, ulangi sebentar lagi.",
        "Activate it in coordination; if that just happened, repeat in a moment.",
    )


class ModelNotApproved(Conflict):
    """Runs use approved models only."""

    code = "model_not_approved"
    message = ("Model prioritas ini belum disetujui.", "This prioritisation model is not approved.")
    action = ("Minta orang lain menyetujui model.", "Have another person approve the model.")


class ResultChanged(Conflict):
    """The stored result is not the one that was computed."""

    code = "result_changed"
    message = ("Hasil tersimpan tidak sama dengan hasil yang dihitung.", "The stored result is not what was computed.")
    action = ("Hitung ulang lalu periksa kembali.", "Compute again and review it.")


class QuotaNotMet(Refused):
    """A selection has exactly as many regions and provinces as the programme's quota."""

    code = "quota_not_met"
    message = (
        "Terpilih {selected_count} wilayah di {province_count} provinsi, kuota {area_quota} di {province_quota}.",
        "{selected_count} regions in {province_count} provinces are selected, the quota is {area_quota} in {province_quota}.",
    )
    action = ("Hitung ulang.", "Compute again.")


class AlreadyPublished(Conflict):
    """One published run a programme at a time."""

    code = "run_already_published"
    message = ("Program ini sudah memiliki penetapan yang berlaku.", "This programme already has a published run.")
    action = ("Lihat GET /mapping/v1/priority-locations.", "See GET /mapping/v1/priority-locations.")


class EffectiveOutsideProgramme(Refused):
    """A selection takes effect while its programme is in force."""

    code = "effective_outside_programme"
    message = ("Tanggal berlaku di luar masa program.", "The effective date lies outside the programme.")
    action = ("Pilih tanggal antara {valid_from} dan {valid_to}.", "Choose a date between {valid_from} and {valid_to}.")


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
        province_of = {candidate["region_code"]: candidate["province_code"] for candidate in inputs["candidates"]}
        chosen = set(result["selection"]["region_codes"])
        return cls(
            candidate_count=len(inputs["candidates"]),
            excluded_region_codes=[excluded["region_code"] for excluded in result["excluded"]],
            input_hash=document["input_hash"],
            result_hash=document["result_hash"],
            selected=[
                SelectedLocation(
                    region_code=row["region_code"],
                    province_code=province_of[row["region_code"]],
                    rank=row["rank"],
                    score=_six_decimals(row["score"]),
                    poverty_score=_six_decimals(row["poverty_score"]),
                    potential_score=_six_decimals(row["potential_score"]),
                )
                for row in result["ranking"]
                if row["region_code"] in chosen
            ],
        )


def _six_decimals(score: float) -> Decimal:
    return Decimal(repr(score)).quantize(Decimal("0.000001"))


@dataclass(eq=False, kw_only=True)
class PrioritisationRun(Aggregate):
    """One application of an approved model to a programme's quota; the whole result is kept beside it, under `result_hash`.

    `analyst` computed it last. `population_period` names the population that derived indicators use.
    """

    programme_id: UUID
    model_id: UUID
    model_code: str
    model_version: int
    population_period: str
    area_quota: int
    province_quota: int
    author: str
    analyst: str | None
    locked_by: str | None
    published_by: str | None
    status: RunStatus
    candidate_count: int | None
    excluded_region_codes: list[str]
    input_hash: str | None
    result_hash: str | None
    selected: list[SelectedLocation]
    decree_ref: str | None
    effective_from: date | None

    TRANSITIONS: ClassVar = {
        RunStatus.DRAFT: frozenset({"compute"}),
        RunStatus.COMPUTED: frozenset({"compute", "lock"}),
        RunStatus.LOCKED: frozenset({"publish"}),
        RunStatus.PUBLISHED: frozenset(),
    }

    @classmethod
    def create(
        cls,
        *,
        id: UUID,
        programme_id: UUID,
        area_quota: int,
        province_quota: int,
        model: PrioritisationModel,
        population_period: str,
        author: str,
    ) -> Self:
        """Start a run of an approved model, with the quota that the programme has now."""
        if model.status is not ModelStatus.APPROVED:
            raise ModelNotApproved
        run = cls(
            id=id,
            programme_id=programme_id,
            model_id=model.id,
            model_code=model.code,
            model_version=model.model_version,
            population_period=population_period,
            area_quota=area_quota,
            province_quota=province_quota,
            author=author,
            analyst=None,
            locked_by=None,
            published_by=None,
            status=RunStatus.DRAFT,
            candidate_count=None,
            excluded_region_codes=[],
            input_hash=None,
            result_hash=None,
            selected=[],
            decree_ref=None,
            effective_from=None,
        )
        run.record(PrioritisationRunCreated(run_id=id, programme_id=programme_id, model_id=model.id, model_version=model.model_version))
        return run

    @property
    def province_codes(self) -> list[str]:
        """Provinces of the selection, in code order."""
        return sorted({location.province_code for location in self.selected})

    @property
    def region_codes(self) -> list[str]:
        """Regions of the selection, best first."""
        return [location.region_code for location in self.selected]

    def require_computable(self) -> None:
        """Whether computing is allowed now, before the work is done."""
        self.refuse_unless(self.status, {RunStatus.DRAFT, RunStatus.COMPUTED})

    def compute(self, outcome: Outcome, by: str) -> bool:
        """Take the computed outcome; False when it is what the run holds already."""
        self.require_computable()
        if outcome.result_hash == self.result_hash:
            return False
        self.status = RunStatus.COMPUTED
        self.analyst = by
        self.candidate_count = outcome.candidate_count
        self.excluded_region_codes = outcome.excluded_region_codes
        self.input_hash = outcome.input_hash
        self.result_hash = outcome.result_hash
        self.selected = outcome.selected
        self.record(
            PrioritisationComputed(
                run_id=self.id,
                candidate_count=outcome.candidate_count,
                excluded_region_codes=outcome.excluded_region_codes,
                input_hash=outcome.input_hash,
                result_hash=outcome.result_hash,
            )
        )
        return True

    def lock(self, by: str, stored_hash: str) -> None:
        """Confirm the selection; `by` neither started nor computed it, and `stored_hash` is what the stored result hashes to now."""
        self.refuse_unless(self.status, {RunStatus.COMPUTED})
        if by in (self.author, self.analyst):
            raise SamePerson
        if self.result_hash is None or stored_hash != self.result_hash:
            raise ResultChanged
        counts = (len(self.selected), len(self.province_codes))
        if counts != (self.area_quota, self.province_quota):
            raise QuotaNotMet(selected_count=counts[0], province_count=counts[1], area_quota=self.area_quota, province_quota=self.province_quota)
        self.status = RunStatus.LOCKED
        self.locked_by = by
        self.record(PrioritisationRunLocked(run_id=self.id, selected_count=counts[0], province_count=counts[1], result_hash=self.result_hash))

    def publish(self, by: str, decree_ref: str, effective_from: date, valid_from: date, valid_to: date) -> None:
        """Publish the selection under a decree, to take effect while the programme is in force (`valid_from` to `valid_to`)."""
        self.refuse_unless(self.status, {RunStatus.LOCKED})
        if not valid_from <= effective_from <= valid_to:
            raise EffectiveOutsideProgramme(valid_from=str(valid_from), valid_to=str(valid_to))
        assert self.result_hash
        self.status = RunStatus.PUBLISHED
        self.published_by = by
        self.decree_ref = decree_ref
        self.effective_from = effective_from
        self.record(
            PrioritisationRunPublished(
                run_id=self.id,
                programme_id=self.programme_id,
                model_version=self.model_version,
                selected_count=len(self.selected),
                province_codes=self.province_codes,
                decree_ref=decree_ref,
                effective_from=effective_from,
                result_hash=self.result_hash,
            )
        )
        for location in self.selected:
            self.record(
                LocationPrioritised(
                    location_priority_id=self.location_priority_id(location),
                    programme_id=self.programme_id,
                    run_id=self.id,
                    region_code=location.region_code,
                    province_code=location.province_code,
                    rank=location.rank,
                    score=location.score,
                    poverty_score=location.poverty_score,
                    potential_score=location.potential_score,
                    model_version=self.model_version,
                    effective_from=effective_from,
                )
            )

    def location_priority_id(self, location: SelectedLocation) -> UUID:
        """Follows from run and region."""
        return id_caused_by(self.id, location.region_code)
