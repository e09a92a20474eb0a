"""Routes of policies."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from services.coordination.policies.domain import PackDeadline, Pillar, Policy, Rung, TargetRule, TierRule, policies, policy_on
from shared.clock import today
from shared.http.access import PUBLIC
from shared.http.requests import router

routes = router("policies")


class PolicyOut(BaseModel):
    """An instruction of the President (Inpres) with the ministry's settings under it."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    settings_until: date | None
    lead_institution_code: str
    data_source: str
    reporting_months: int
    report_recipients: list[str]
    targets: list[TargetRule]
    pillars: list[Pillar]
    funding_sources: list[str]
    citation: str
    citation_checked: bool
    due_soon_working_days: list[int]
    escalation: list[Rung]
    programme_tiers: list[TierRule]
    plan_tiers: list[TierRule]
    pack_deadlines: list[PackDeadline]
    required_interventions: list[str]
    default_pillar_codes: list[str]


class Policies(BaseModel):
    """The earliest first."""

    items: list[PolicyOut]


def _out(policy: Policy) -> PolicyOut:
    return PolicyOut(**{name: getattr(policy, name) for name in PolicyOut.model_fields})


@routes.get("/policies", operation_id="list_policies", summary="Kebijakan / Policies", dependencies=[PUBLIC])
async def list_policies() -> Policies:
    """Every instruction known, with its dates and citation."""
    return Policies(items=[_out(policy) for policy in policies()])


@routes.get("/policies/in-force", operation_id="policy_in_force", summary="Kebijakan yang berlaku / The policy in force", dependencies=[PUBLIC])
async def in_force(on: date | None = None) -> PolicyOut:
    """On a day, today by default."""
    return _out(policy_on(on or today()))
