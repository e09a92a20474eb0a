"""Events of coordination about action plans (rencana aksi)."""

from uuid import UUID

from shared.contracts.coordination import TOPIC
from shared.contracts.registry import event


@event("entaskan.coordination.ActionPlanDrafted.v1", topic=TOPIC)
class ActionPlanDrafted:
    """An institution began a plan, or the next version of one, for a programme and a fiscal year."""

    plan_id: UUID
    programme_id: UUID
    institution_id: UUID
    fiscal_year: int
    plan_version: int


@event("entaskan.coordination.ActionPlanLinesSet.v1", topic=TOPIC)
class ActionPlanLinesSet:
    """The lines of a plan were written anew; they are read at the plan."""

    plan_id: UUID
    plan_version: int
    line_count: int
    total_amount_idr: int


@event("entaskan.coordination.ActionPlanSubmitted.v1", topic=TOPIC)
class ActionPlanSubmitted:
    """The plan was handed over for approval, tier by tier."""

    plan_id: UUID
    plan_version: int
    line_count: int
    total_amount_idr: int


@event("entaskan.coordination.ActionPlanTierApproved.v1", topic=TOPIC)
class ActionPlanTierApproved:
    """One tier of approval agreed; the next one decides now."""

    plan_id: UUID
    plan_version: int
    approval_tier: int


@event("entaskan.coordination.ActionPlanRevisionRequested.v1", topic=TOPIC)
class ActionPlanRevisionRequested:
    """A tier of approval gave the plan back to be mended; after that it starts at the first tier."""

    plan_id: UUID
    plan_version: int
    approval_tier: int
    reason_code: str


@event("entaskan.coordination.ActionPlanApproved.v1", topic=TOPIC)
class ActionPlanApproved:
    """The last tier agreed: the plan cannot change any more. `plan_hash` is SHA-256 of its lines as canonical JSON."""

    plan_id: UUID
    programme_id: UUID
    plan_version: int
    fiscal_year: int
    total_amount_idr: int
    location_codes: list[str]
    intervention_codes: list[str]
    plan_hash: str


@event("entaskan.coordination.ActionPlanRejected.v1", topic=TOPIC)
class ActionPlanRejected:
    """A tier of approval refused the plan; it is kept as it is."""

    plan_id: UUID
    plan_version: int
    approval_tier: int
    reason_code: str


@event("entaskan.coordination.ActionPlanSuperseded.v1", topic=TOPIC)
class ActionPlanSuperseded:
    """A later version of the plan was approved in the same transaction."""

    plan_id: UUID
    plan_version: int
    superseded_by_version: int


@event("entaskan.coordination.PlanOverlapDetected.v1", topic=TOPIC)
class PlanOverlapDetected:
    """Two institutions plan the same intervention for one location and quarter (`2026-Q3`); both plans record it."""

    plan_id: UUID
    other_plan_id: UUID
    location_code: str
    intervention_code: str
    quarter: str
    rule_version: int
