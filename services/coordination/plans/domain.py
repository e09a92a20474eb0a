"""An action plan: lines of an institution for a fiscal year, approved tier by tier, then immutable until a later version supersedes it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, Self
from uuid import UUID

from services.coordination.approvals.domain import Officer, Tier, check_turn
from services.coordination.plans.problems import LinesRefused, NotYourPlan, PlanEmpty
from shared.aggregate import Living, step
from shared.contracts.coordination_plans import (
    ActionPlanApproved,
    ActionPlanDrafted,
    ActionPlanLinesSet,
    ActionPlanRejected,
    ActionPlanRevisionRequested,
    ActionPlanSubmitted,
    ActionPlanSuperseded,
    ActionPlanTierApproved,
    PlanOverlapDetected,
)


class PlanStatus(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVISION = "revision"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """An intervention at a location in a quarter (`2026-Q3`), with its output and whole rupiah."""

    location_code: str
    intervention_code: str
    quarter: str
    output_quantity: int
    output_unit: str
    amount_idr: int
    funding_source: str

    @property
    def cell(self) -> tuple[str, str, str]:
        """Location, intervention and quarter, which a plan names once."""
        return self.location_code, self.intervention_code, self.quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Another institution's plan for the same cell."""

    other_plan_id: UUID
    location_code: str
    intervention_code: str
    quarter: str


S = PlanStatus


@dataclass(eq=False, kw_only=True)
class ActionPlan(Living):
    """One version of an institution's plan for a programme and a fiscal year (the calendar year). `plan_hash` is SHA-256 of its lines."""

    programme_id: UUID
    institution_id: UUID
    fiscal_year: int
    plan_version: int
    lines: list[PlanLine]
    author: str
    approval_tiers: list[Tier]
    status: PlanStatus
    current_tier: int = 1
    deciders: list[str] = field(default_factory=list)
    submissions: int = 0
    plan_hash: str | None = None
    approved_on: date | None = None
    overlaps: list[Overlap] = field(default_factory=list)

    LIFE: ClassVar = {
        "set_lines": step(S.DRAFT, S.REVISION),
        "submit": step(S.DRAFT, S.REVISION, to=S.SUBMITTED),
        "decide_tier": step(S.SUBMITTED),
        "request_revision": step(S.SUBMITTED, to=S.REVISION),
        "approve": step(S.SUBMITTED, to=S.APPROVED),
        "reject": step(S.SUBMITTED, to=S.REJECTED),
        "supersede": step(S.APPROVED, to=S.SUPERSEDED),
        "flag_overlap": step(S.APPROVED),
    }

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        programme_id: UUID,
        institution_id: UUID,
        fiscal_year: int,
        plan_version: int,
        lines: list[PlanLine],
        author: str,
        approval_tiers: list[Tier],
    ) -> Self:
        """Begin a plan, or the next version of one."""
        plan = cls(
            id=id,
            programme_id=programme_id,
            institution_id=institution_id,
            fiscal_year=fiscal_year,
            plan_version=plan_version,
            lines=sorted(lines, key=lambda line: line.cell),
            author=author,
            approval_tiers=approval_tiers,
            status=S.DRAFT,
        )
        plan.record(ActionPlanDrafted(plan_id=id, programme_id=programme_id, institution_id=institution_id, fiscal_year=fiscal_year, plan_version=plan_version))
        return plan

    @property
    def total_amount_idr(self) -> int:
        """Of all lines."""
        return sum(line.amount_idr for line in self.lines)

    def _mine(self, by_institution: UUID | None) -> None:
        if by_institution != self.institution_id:
            raise NotYourPlan(allowed_roles=[])

    def set_lines(self, lines: list[PlanLine], by_institution: UUID | None) -> None:
        """Write all lines anew."""
        self._mine(by_institution)
        self.move("set_lines")
        ordered = sorted(lines, key=lambda line: line.cell)
        if ordered == self.lines:
            return
        self.lines = ordered
        self.record(ActionPlanLinesSet(plan_id=self.id, plan_version=self.plan_version, line_count=len(self.lines), total_amount_idr=self.total_amount_idr))

    def submit(self, by_institution: UUID | None) -> None:
        """Hand it over, from the first tier on."""
        self._mine(by_institution)
        self.may("submit")
        if not self.lines:
            raise PlanEmpty
        self.move("submit")
        self.current_tier, self.deciders, self.submissions = 1, [], self.submissions + 1
        self.record(ActionPlanSubmitted(plan_id=self.id, plan_version=self.plan_version, line_count=len(self.lines), total_amount_idr=self.total_amount_idr))

    def _turn(self, tier: int, by: Officer) -> None:
        check_turn(self.approval_tiers, self.current_tier, tier, by, author=self.author, deciders=self.deciders)

    def approve_tier(self, tier: int, by: Officer, on: date) -> None:
        """Agree; the last tier's agreement approves the plan."""
        self.move("decide_tier")
        self._turn(tier, by)
        self.deciders = [*self.deciders, by.subject]
        self.record(ActionPlanTierApproved(plan_id=self.id, plan_version=self.plan_version, approval_tier=tier))
        if tier < len(self.approval_tiers):
            self.current_tier = tier + 1
        else:
            self._approve(on)

    def _approve(self, on: date) -> None:
        self.move("approve")
        self.plan_hash, self.approved_on = hash_of(self.lines), on
        self.record(
            ActionPlanApproved(
                plan_id=self.id,
                programme_id=self.programme_id,
                plan_version=self.plan_version,
                fiscal_year=self.fiscal_year,
                total_amount_idr=self.total_amount_idr,
                location_codes=sorted({line.location_code for line in self.lines}),
                intervention_codes=sorted({line.intervention_code for line in self.lines}),
                plan_hash=self.plan_hash,
            )
        )

    def request_revision(self, tier: int, by: Officer, reason_code: str) -> None:
        """Give it back."""
        self.may("request_revision")
        self._turn(tier, by)
        self.move("request_revision")
        self.record(ActionPlanRevisionRequested(plan_id=self.id, plan_version=self.plan_version, approval_tier=tier, reason_code=reason_code))

    def reject(self, tier: int, by: Officer, reason_code: str) -> None:
        """Refuse it; it is kept as it is."""
        self.may("reject")
        self._turn(tier, by)
        self.move("reject")
        self.record(ActionPlanRejected(plan_id=self.id, plan_version=self.plan_version, approval_tier=tier, reason_code=reason_code))

    def supersede(self, by_version: int) -> None:
        """A later version was approved."""
        self.move("supersede")
        self.record(ActionPlanSuperseded(plan_id=self.id, plan_version=self.plan_version, superseded_by_version=by_version))

    def flag_overlap(self, overlap: Overlap, rule_version: int) -> None:
        """Another institution plans the same cell; said once."""
        self.move("flag_overlap")
        if overlap in self.overlaps:
            return
        self.overlaps = [*self.overlaps, overlap]
        self.record(
            PlanOverlapDetected(
                plan_id=self.id,
                other_plan_id=overlap.other_plan_id,
                location_code=overlap.location_code,
                intervention_code=overlap.intervention_code,
                quarter=overlap.quarter,
                rule_version=rule_version,
            )
        )

    def planned(self, location_code: str, intervention_code: str) -> bool:
        """Whether a line names the intervention at the location."""
        return any(line.location_code == location_code and line.intervention_code == intervention_code for line in self.lines)


def hash_of(lines: Sequence[PlanLine]) -> str:
    """SHA-256 of the lines, in their order, as JSON with sorted names and no spaces."""
    return sha256(json.dumps([asdict(line) for line in lines], sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check_lines(
    lines: Sequence[PlanLine], *, fiscal_year: int, open_location_codes: Sequence[str], covered: Sequence[str], funding_sources: Sequence[str]
) -> None:
    """Raise `LinesRefused` with the numbers (from 1) of lines outside locations, scope, year or funding sources, or that repeat a cell."""
    open_and_covered, seen, refused = set(open_location_codes) & set(covered), set(), []
    for number, line in enumerate(lines, 1):
        fits = line.location_code in open_and_covered and line.quarter.startswith(f"{fiscal_year}-Q") and line.funding_source in funding_sources
        if not fits or line.cell in seen:
            refused.append(number)
        seen.add(line.cell)
    if refused:
        raise LinesRefused(lines=refused[:50], fiscal_year=fiscal_year)
