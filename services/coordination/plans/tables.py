"""Plans, their history, and what is pledged of each line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Executable,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.coordination.approvals.domain import Tier
from services.coordination.commitments.problems import BeyondPlan
from services.coordination.plans.domain import ActionPlan, Overlap, PlanLine, PlanStatus
from services.coordination.plans.problems import DraftExists
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted, refuse

action_plans = persisted(
    metadata,
    ActionPlan,
    "action_plans",
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("institution_id", Uuid, ForeignKey("institutions.id"), nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("lines", Typed(list[PlanLine]), nullable=False),
    Column("author", Text, nullable=False),
    Column("approval_tiers", Typed(list[Tier]), nullable=False),
    Column("status", Code(PlanStatus), nullable=False),
    Column("current_tier", Integer, nullable=False),
    Column("deciders", Typed(list[str]), nullable=False),
    Column("submissions", Integer, nullable=False),
    Column("plan_hash", Text),
    Column("approved_on", Date),
    Column("overlaps", Typed(list[Overlap]), nullable=False),
    UniqueConstraint("programme_id", "institution_id", "fiscal_year", "plan_version", name="uq_action_plans_version"),
    refusals={"uq_action_plans_version": DraftExists, "uq_action_plans_one_draft": DraftExists},
)
_UNDECIDED = (PlanStatus.DRAFT, PlanStatus.SUBMITTED, PlanStatus.REVISION)
Index(
    "uq_action_plans_one_draft",
    action_plans.c.programme_id,
    action_plans.c.institution_id,
    action_plans.c.fiscal_year,
    unique=True,
    postgresql_where=action_plans.c.status.in_(_UNDECIDED),
)

plan_history = Table(
    "action_plans_history",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("state", JSONB, nullable=False),
)
"""Every version ever saved, as JSON, at the time of its events; written by a trigger of the database."""

plan_allotments = Table(
    "plan_allotments",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("institution_id", Uuid, primary_key=True),
    Column("fiscal_year", Integer, primary_key=True),
    Column("location_code", Text, primary_key=True),
    Column("intervention_code", Text, primary_key=True),
    Column("planned_idr", BigInteger, nullable=False),
    Column("pledged_idr", BigInteger, nullable=False),
    CheckConstraint("pledged_idr <= planned_idr", name="within_plan"),
)
"""Rupiah planned (pagu) and pledged, over all quarters of the approved version."""
refuse(metadata, {"ck_plan_allotments_within_plan": BeyondPlan})


def _series(plan: ActionPlan, table: Table) -> list[Any]:
    return [table.c.programme_id == plan.programme_id, table.c.institution_id == plan.institution_id, table.c.fiscal_year == plan.fiscal_year]


def versions_of(programme_id: UUID, institution_id: UUID, fiscal_year: int) -> "Select[Any]":
    """Highest version of a plan, null for none."""
    c = action_plans.c
    return select(func.max(c.plan_version)).where(c.programme_id == programme_id, c.institution_id == institution_id, c.fiscal_year == fiscal_year)


def approved_version(plan: ActionPlan) -> "Select[UUID]":
    """The id of the version in force of the same plan."""
    return select(action_plans.c.id).where(*_series(plan, action_plans), action_plans.c.status == PlanStatus.APPROVED)


def approved_plans(programme_id: UUID, fiscal_year: int) -> "Select[Any]":
    """Every plan in force for a programme and a year."""
    c = action_plans.c
    return select(action_plans).where(c.programme_id == programme_id, c.fiscal_year == fiscal_year, c.status == PlanStatus.APPROVED).order_by(c.id)


def set_allotments(plan: ActionPlan) -> "Sequence[Executable]":
    """What the approved version plans, in the place of what the former one did; what is pledged stays."""
    sums: dict[tuple[str, str], int] = {}
    for line in plan.lines:
        key = line.location_code, line.intervention_code
        sums[key] = sums.get(key, 0) + line.amount_idr
    rows = [
        {
            "programme_id": plan.programme_id,
            "institution_id": plan.institution_id,
            "fiscal_year": plan.fiscal_year,
            "location_code": location,
            "intervention_code": intervention,
            "planned_idr": amount,
            "pledged_idr": 0,
        }
        for (location, intervention), amount in sorted(sums.items())
    ]
    upsert = insert(plan_allotments).values(rows)
    gone = update(plan_allotments).where(
        *_series(plan, plan_allotments),
        func.row(plan_allotments.c.location_code, plan_allotments.c.intervention_code).not_in([func.row(*key) for key in sorted(sums)]),
    )
    return [
        gone.values(planned_idr=0),
        upsert.on_conflict_do_update(constraint="pk_plan_allotments", set_={"planned_idr": upsert.excluded.planned_idr}),
    ]


def allot(plan: ActionPlan, location_code: str, intervention_code: str, amount_idr: int) -> Executable:
    """Count so many rupiah more (or less) as pledged under the plan's lines."""
    a = plan_allotments.c
    where = [*_series(plan, plan_allotments), a.location_code == location_code, a.intervention_code == intervention_code]
    return update(plan_allotments).where(*where).values(pledged_idr=a.pledged_idr + amount_idr)


def plan_as_recorded(plan_id: UUID, at: datetime) -> "Select[Any]":
    """The state of a plan that held at an instant."""
    h = plan_history.c
    return select(h.version, h.state).where(h.id == plan_id, h.recorded_at <= at).order_by(h.version.desc()).limit(1)
