"""Events of monitoring: what its evaluation asks the coordinator to follow up."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts.registry import event

TOPIC = "entaskan.monitoring"


@event("entaskan.monitoring.TargetMissed.v1", topic=TOPIC)
class TargetMissed:
    """A locked value fell short of its target beyond the tolerance; `gap_percent` is the shortfall against the target."""

    indicator_id: UUID
    indicator_code: str
    programme_id: UUID
    region_code: str
    period: str
    value: Decimal
    target_value: Decimal
    gap_percent: Decimal


@event("entaskan.monitoring.RecommendationIssued.v1", topic=TOPIC)
class RecommendationIssued:
    """An evaluation asks an institution to act by a day; the recommendation is read at the evaluation."""

    recommendation_id: UUID
    evaluation_id: UUID
    programme_id: UUID
    owner_institution_id: UUID
    due_on: date
