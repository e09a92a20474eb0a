"""A prioritisation model: the rule, drafted by one person and approved by another before runs may use it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal, Self
from uuid import UUID

from services.mapping.computation.ranking import Aggregation, Criterion, Dimension, Direction, Method, Missing, Normalisation
from services.mapping.computation.result import sha256
from services.mapping.models.state import DateNotInFuture, DimensionMissing, ModelStatus, NotDue
from services.mapping.models.weighting import Weighting
from shared.aggregate import Aggregate
from shared.contracts.mapping import (
    PrioritisationModelActivated,
    PrioritisationModelApproved,
    PrioritisationModelDrafted,
    PrioritisationModelRetired,
    PrioritisationModelScheduled,
    PrioritisationModelSubmitted,
)
from shared.errors import SamePerson


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedIndicator:
    """One criterion of a model: an indicator, its share of the whole, which way is worse off, and what it is evidence of."""

    indicator_code: str
    weight: Decimal
    direction: Direction
    dimension: Dimension


@dataclass(eq=False, kw_only=True)
class PrioritisationModel(Aggregate):
    """A version of the rule. Immutable once drafted: another weight is another version. `model_hash` is SHA-256 of the rule.

    `weighting` says how the weights came about; they alone count. Of each code one version is current, and runs use that one.
    """

    code: str
    model_version: int
    title: str
    rationale: str
    criteria: list[WeightedIndicator]
    normalisation: Normalisation
    aggregation: Aggregation
    missing: Missing
    model_hash: str
    weighting: Weighting
    author: str
    submitted_by: str | None = None
    approved_by: str | None
    effective_from: date | None = None
    retired_reason_code: str | None = None
    status: ModelStatus

    TRANSITIONS: ClassVar = {
        ModelStatus.DRAFT: frozenset({"submit"}),
        ModelStatus.SUBMITTED: frozenset({"approve"}),
        ModelStatus.APPROVED: frozenset({"schedule", "activate"}),
        ModelStatus.SCHEDULED: frozenset({"activate"}),
        ModelStatus.CURRENT: frozenset({"retire"}),
        ModelStatus.RETIRED: frozenset(),
    }

    @property
    def tie_break(self) -> Literal["lower_region_code"]:
        """Of equal scores the lower region code comes first, in ranking and selection."""
        return "lower_region_code"

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
        weighting: Weighting | None = None,
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
            weighting=weighting or Weighting(),
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

    def submit(self, by: str) -> None:
        """Hand it over for approval; whoever calls has seen that it ranks the figures of now."""
        self._require("submit")
        self.status, self.submitted_by = ModelStatus.SUBMITTED, by
        self.record(PrioritisationModelSubmitted(model_id=self.id, model_version=self.model_version, model_hash=self.model_hash))

    def approve(self, by: str) -> None:
        """Accept it; `by` is another person than the author."""
        self._require("approve")
        if by == self.author:
            raise SamePerson
        self.status, self.approved_by = ModelStatus.APPROVED, by
        self.record(PrioritisationModelApproved(model_id=self.id, model_version=self.model_version, model_hash=self.model_hash))

    def schedule(self, effective_from: date, on: date) -> None:
        """Have it become current on a later day."""
        self._require("schedule")
        if effective_from <= on:
            raise DateNotInFuture(today=str(on))
        self.status, self.effective_from = ModelStatus.SCHEDULED, effective_from
        self.record(PrioritisationModelScheduled(model_id=self.id, model_version=self.model_version, effective_from=effective_from))

    def activate(self, on: date) -> None:
        """Let runs use it from now on; the version that was current is retired with it."""
        self._require("activate")
        if self.effective_from and self.effective_from > on:
            raise NotDue(effective_from=str(self.effective_from))
        self.status, self.effective_from = ModelStatus.CURRENT, self.effective_from or on
        self.record(PrioritisationModelActivated(model_id=self.id, model_version=self.model_version, effective_from=self.effective_from))

    def retire(self, reason_code: str) -> None:
        """Let no further run use it; runs that were created stay as they are."""
        self._require("retire")
        self.status, self.retired_reason_code = ModelStatus.RETIRED, reason_code
        self.record(PrioritisationModelRetired(model_id=self.id, model_version=self.model_version, reason_code=reason_code))

    def _require(self, command: str) -> None:
        self.refuse_unless(self.status, {status for status, commands in self.TRANSITIONS.items() if command in commands})
