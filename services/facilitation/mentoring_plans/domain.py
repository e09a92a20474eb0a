"""A plan of who mentors whom in a region: a proposal, from which offers are made one by one."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Self
from uuid import UUID

from services.facilitation.located import Located
from shared.contracts.facilitation_mentoring import MentorAssignmentPlanComputed
from shared.errors import Refused


class PointUnknown(Refused):
    """Distances need to know where regions lie."""

    code = "region_point_unknown"
    message = ("Letak wilayah {region_codes} tidak diketahui.", "Where {region_codes} lie is not known.")
    action = ("Sertakan titiknya dalam points.", "Give their points in the request.")


class PlanTooLarge(Refused):
    """A plan is computed while the caller waits."""

    code = "plan_too_large"
    message = ("Lebih dari {most_groups} kelompok atau {most_mentors} pendamping.", "More than {most_groups} groups or {most_mentors} mentors.")
    action = ("Hitung per kabupaten/kota.", "Compute one regency/city at a time.")


class NotSeeking(Refused):
    """Topics were given for a group that is not part of the plan."""

    code = "group_not_seeking"
    message = ("Ada kelompok yang tidak mencari pendamping di wilayah ini.", "A group is not one that seeks a mentor in this region.")
    action = ("Sebutkan kelompok aktif yang belum didampingi.", "Name active groups that nobody mentors.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A group and the mentor proposed for it."""

    group_id: UUID
    mentor_id: UUID
    enterprises: int
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A group without a mentor, and what would have to be lifted for it; several codes stand in its way together."""

    group_id: UUID
    enterprises: int
    reason_codes: list[str]


@dataclass(eq=False, kw_only=True)
class MentoringPlan(Located):
    """The result for a province or regency/city on a day; `proven` says that no assignment is better."""

    computed_on: date
    computed_by: str
    rule_version: int
    max_distance_km: int
    topic_codes: list[str]
    proposed: list[Proposed]
    unassigned: list[Unassigned]
    covered_enterprises: int
    total_distance_m: int
    proven: bool
    plan_hash: str

    @classmethod
    def compute(
        cls,
        *,
        id: UUID,
        region_code: str,
        on: date,
        by: str,
        rule_version: int,
        max_distance_km: int,
        topic_codes: list[str],
        proposed: list[Proposed],
        unassigned: list[Unassigned],
        proven: bool,
    ) -> Self:
        """Write a result down."""
        content = {"proposed": [asdict(each) for each in proposed], "unassigned": [asdict(each) for each in unassigned]}
        plan = cls(
            id=id,
            region_code=region_code,
            computed_on=on,
            computed_by=by,
            rule_version=rule_version,
            max_distance_km=max_distance_km,
            topic_codes=topic_codes,
            proposed=proposed,
            unassigned=unassigned,
            covered_enterprises=sum(each.enterprises for each in proposed),
            total_distance_m=sum(each.distance_m for each in proposed),
            proven=proven,
            plan_hash=hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest(),
        )
        plan.record(
            MentorAssignmentPlanComputed(
                mentoring_plan_id=id,
                region_code=region_code,
                group_count=len(proposed) + len(unassigned),
                assigned_group_count=len(proposed),
                covered_enterprise_count=plan.covered_enterprises,
                plan_hash=plan.plan_hash,
            )
        )
        return plan
