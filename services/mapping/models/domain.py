"""A prioritisation model: the rule, drafted by one person and approved by another before runs may use it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.mapping.computation.ranking import Aggregation, Criterion, Dimension, Direction, Method, Missing, Normalisation
from services.mapping.computation.result import sha256
from shared.aggregate import Aggregate
from shared.contracts.mapping import PrioritisationModelApproved, PrioritisationModelDrafted
from shared.errors import Conflict, Refused, SamePerson


class ModelStatus(StrEnum):
    """Where a model stands."""

    DRAFT = "draft"
    APPROVED = "approved"


class ModelVersionTaken(Conflict):
    """Two people wrote a version of the same model at once."""

    code = "model_version_taken"
    message = ("Versi model ini baru saja dibuat pihak lain.", "Somebody else just wrote this version of the model.")
    action = ("Ulangi permintaan.", "Repeat the request.")


class DimensionMissing(Refused):
    """Places are prioritised by poverty and by local potential, never by one alone."""

    code = "dimension_missing"
    message = ("Model harus memuat kriteria kemiskinan dan kriteria potensi lokal.", "A model needs criteria of poverty and of local potential.")
    action = ("Tambahkan kriteria berdimensi poverty dan potential.", "Add criteria of the dimensions poverty and potential.")


class UnknownIndicator(Refused):
    """A criterion names an indicator without figures."""

    code = "unknown_indicator"
    message = ("Suatu kriteria memakai indikator yang tidak dikenal.", "A criterion uses an unknown indicator.")
    action = ("Gunakan salah satu: {known_indicator_codes}.", "Use one of {known_indicator_codes}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedIndicator:
    """One criterion of a model: an indicator, its share of the whole, which way is worse off, and what it is evidence of."""

    indicator_code: str
    weight: Decimal
    direction: Direction
    dimension: Dimension


@dataclass(eq=False, kw_only=True)
class PrioritisationModel(Aggregate):
    """A version of the rule. Immutable once drafted: another weight is another version. `model_hash` is SHA-256 of the rule."""

    code: str
    model_version: int
    title: str
    rationale: str
    criteria: list[WeightedIndicator]
    normalisation: Normalisation
    aggregation: Aggregation
    missing: Missing
    model_hash: str
    author: str
    approved_by: str | None
    status: ModelStatus

    TRANSITIONS: ClassVar = {ModelStatus.DRAFT: frozenset({"approve"}), ModelStatus.APPROVED: frozenset()}

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        code: str,
        model_version: int,
        title: str,
        rationale: str,
        criteria: list[WeightedIndicator],
        normalisation: Normalisation,
        aggregation: Aggregation,
        missing: Missing,
        author: str,
    ) -> Self:
        """Write a version of the rule down. Raises a RankingError where weights or choices do not make a method."""
        model = cls(
            id=id,
            code=code,
            model_version=model_version,
            title=title,
            rationale=rationale,
            criteria=criteria,
            normalisation=normalisation,
            aggregation=aggregation,
            missing=missing,
            model_hash="",
            author=author,
            approved_by=None,
            status=ModelStatus.DRAFT,
        )
        model.method()
        if {criterion.dimension for criterion in criteria} != {"poverty", "potential"}:
            raise DimensionMissing
        model.model_hash = sha256(
            {
                "criteria": [[c.indicator_code, f"{c.weight.normalize():f}", c.direction, c.dimension] for c in criteria],
                "normalisation": normalisation,
                "aggregation": aggregation,
                "missing": missing,
            }
        )
        model.record(
            PrioritisationModelDrafted(
                model_id=id,
                model_code=code,
                model_version=model_version,
                criteria_codes=[criterion.indicator_code for criterion in criteria],
                model_hash=model.model_hash,
            )
        )
        return model

    def method(self) -> Method:
        """The rule as the computation takes it."""
        criteria = tuple(Criterion(c.indicator_code, c.weight, c.direction, c.dimension) for c in self.criteria)
        return Method(criteria, self.normalisation, self.aggregation, self.missing)

    def approve(self, by: str) -> None:
        """Let runs use it; `by` is another person than the author."""
        self.refuse_unless(self.status, {ModelStatus.DRAFT})
        if by == self.author:
            raise SamePerson
        self.status = ModelStatus.APPROVED
        self.approved_by = by
        self.record(PrioritisationModelApproved(model_id=self.id, model_version=self.model_version, model_hash=self.model_hash))
