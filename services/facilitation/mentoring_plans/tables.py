"""The table of plans, and what a plan is computed from."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Select, Text, func, or_, select

from services.facilitation.groups.domain import GroupStatus
from services.facilitation.groups.tables import groups, memberships
from services.facilitation.mentoring.tables import mentored_enterprises
from services.facilitation.mentoring_plans.domain import MentoringPlan, Proposed, Unassigned
from services.facilitation.mentors.domain import MentorStatus
from services.facilitation.mentors.tables import mentor_caseloads, mentors, serving
from services.facilitation.schema import metadata
from services.facilitation.scope import under
from shared.tables import Typed, persisted

mentoring_plans = persisted(
    metadata,
    MentoringPlan,
    "mentoring_plans",
    Column("region_code", Text, nullable=False),
    Column("computed_on", Date, nullable=False),
    Column("computed_by", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("max_distance_km", Integer, nullable=False),
    Column("topic_codes", Typed(list[str]), nullable=False),
    Column("proposed", Typed(list[Proposed]), nullable=False),
    Column("unassigned", Typed(list[Unassigned]), nullable=False),
    Column("covered_enterprises", Integer, nullable=False),
    Column("total_distance_m", BigInteger, nullable=False),
    Column("proven", Boolean, nullable=False),
    Column("plan_hash", Text, nullable=False),
)


def seeking(region_code: str, most: int) -> "Select[Any]":
    """Active groups of a region with members whom nobody mentors and who are not on offer: id, region and how many of them."""
    g, m = groups.c, memberships.c
    return (
        select(g.id, g.region_code, func.count().label("enterprises"))
        .join(memberships, m.group_id == g.id)
        .outerjoin(mentored_enterprises, mentored_enterprises.c.enterprise_id == m.enterprise_id)
        .where(g.status == GroupStatus.ACTIVE, under(g.region_code, region_code), m.left_on.is_(None), mentored_enterprises.c.enterprise_id.is_(None))
        .group_by(g.id)
        .order_by(g.id)
        .limit(most + 1)
    )


def available(region_code: str, most: int) -> "Select[Any]":
    """Verified mentors with an office in the province of a region or an area that touches it, and how many they accompany."""
    nearby = or_(under(mentors.c.region_code, region_code[:2]), serving(region_code))
    return (
        select(mentors, mentor_caseloads.c.enterprises)
        .join(mentor_caseloads)
        .where(mentors.c.status == MentorStatus.VERIFIED, nearby)
        .order_by(mentors.c.id)
        .limit(most + 1)
    )
