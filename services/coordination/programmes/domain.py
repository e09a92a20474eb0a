"""A programme: drafted by one person, approved tier by tier, in force, and closed with a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from services.coordination.approvals.domain import Officer, Tier, TierNotReached, check_turn
from services.coordination.programmes.problems import (
    CommitmentsOpen,
    FreezePeriod,
    OutsideValidity,
    ProgrammeIncomplete,
    QuotaBelowPrioritised,
    QuotaImpossible,
    ValidityReversed,
)
from shared.aggregate import Living, step
from shared.contracts.coordination import (
    ProgrammeActivated,
    ProgrammeAmended,
    ProgrammeCancelled,
    ProgrammeClosed,
    ProgrammeDrafted,
    ProgrammeResumed,
    ProgrammeRevised,
    ProgrammeRevisionRequested,
    ProgrammeSubmitted,
    ProgrammeSuspended,
    ProgrammeTierApproved,
)


class ProgrammeStatus(StrEnum):
    """Where a programme stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVISION = "revision"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the programme is to reach: an indicator's value, as a decimal string, by a day."""

    indicator_code: str
    value: str
    by: date


S = ProgrammeStatus


@dataclass(eq=False, kw_only=True)
class Programme(Living):
    """A programme under a legal basis (dasar hukum), valid from `valid_from` to `valid_to` inclusive.

    `area_quota` is the number of regencies/cities to be prioritised, in exactly `province_quota` provinces. `required_interventions`
    are those that every prioritised location needs. `programme_version` counts
    what was altered after a submission, `submissions` how often it was handed over.
    """

    code: str
    title: str
    legal_basis: str
    valid_from: date
    valid_to: date
    area_quota: int
    province_quota: int
    funding_sources: list[str]
    lead_institution_id: UUID
    author: str
    status: ProgrammeStatus
    targets: list[Target]
    required_interventions: list[str]
    pillar_codes: list[str]
    approval_tiers: list[Tier]
    current_tier: int = 1
    deciders: list[str]
    programme_version: int = 1
    submissions: int = 0
    closed_on: date | None = None
    final_report_hash: str | None = None

    LIFE: ClassVar = {
        "submit": step(S.DRAFT, S.REVISION, to=S.SUBMITTED),
        "revise": step(S.DRAFT, S.REVISION),
        "decide_tier": step(S.SUBMITTED),
        "request_revision": step(S.SUBMITTED, to=S.REVISION),
        "activate": step(S.SUBMITTED, to=S.ACTIVE),
        "amend": step(S.ACTIVE),
        "suspend": step(S.ACTIVE, to=S.SUSPENDED),
        "resume": step(S.SUSPENDED, to=S.ACTIVE),
        "close": step(S.ACTIVE, S.SUSPENDED, to=S.CLOSED),
        "cancel": step(S.DRAFT, S.SUBMITTED, S.REVISION, to=S.CANCELLED),
    }

    @classmethod
    def draft(cls, *, id: UUID, **written: Any) -> Self:
        """Write a programme down; `written` are its fields of the same name."""
        programme = cls(id=id, status=S.DRAFT, deciders=[], **written)
        programme._check()
        programme.record(
            ProgrammeDrafted(
                programme_id=id,
                programme_code=programme.code,
                fiscal_year_from=programme.valid_from.year,
                fiscal_year_to=programme.valid_to.year,
                lead_institution_id=programme.lead_institution_id,
            )
        )
        return programme

    def _check(self) -> None:
        if self.valid_to <= self.valid_from:
            raise ValidityReversed
        if self.province_quota > self.area_quota:
            raise QuotaImpossible

    def revise(self, changes: Mapping[str, Any]) -> None:
        """Mend it before it is submitted (again): values by field."""
        self.move("revise")
        changed = self._set(changes)
        if not changed:
            return
        if self.status == S.REVISION:
            self.programme_version += 1
        self.record(ProgrammeRevised(programme_id=self.id, programme_version=self.programme_version, changed_fields=changed))

    def _set(self, changes: Mapping[str, Any]) -> list[str]:
        changed = sorted(name for name, value in changes.items() if getattr(self, name) != value)
        for name in changed:
            setattr(self, name, changes[name])
        self._check()
        return changed

    def submit(self) -> None:
        """Hand it over for approval, from the first tier on."""
        self.may("submit")
        missing = [name for name in ("legal_basis", "funding_sources", "targets", "required_interventions", "approval_tiers") if not getattr(self, name)]
        if missing:
            raise ProgrammeIncomplete(missing=missing)
        self.move("submit")
        self.current_tier, self.deciders, self.submissions = 1, [], self.submissions + 1
        self.record(
            ProgrammeSubmitted(programme_id=self.id, area_quota=self.area_quota, province_quota=self.province_quota, programme_version=self.programme_version)
        )

    def approve_tier(self, tier: int, by: Officer) -> None:
        """Agree as one of the tiers before the last, which activates."""
        self.move("decide_tier")
        check_turn(self.approval_tiers, self.current_tier, tier, by, author=self.author, deciders=self.deciders)
        if tier == len(self.approval_tiers):
            raise LastTierActivates(tier=tier, current_tier=tier, tiers=tier)
        self.current_tier, self.deciders = tier + 1, [*self.deciders, by.subject]
        self.record(ProgrammeTierApproved(programme_id=self.id, programme_version=self.programme_version, approval_tier=tier))

    def request_revision(self, tier: int, by: Officer, reason_code: str) -> None:
        """Give it back."""
        self.may("request_revision")
        check_turn(self.approval_tiers, self.current_tier, tier, by, author=self.author, deciders=self.deciders)
        self.move("request_revision")
        self.record(ProgrammeRevisionRequested(programme_id=self.id, programme_version=self.programme_version, approval_tier=tier, reason_code=reason_code))

    def activate(self, by: Officer, frozen: tuple[date, date] | None = None) -> None:
        """Put it in force as the last tier; `frozen` is the freeze period that the day lies in, if any."""
        self.may("activate")
        check_turn(self.approval_tiers, self.current_tier, len(self.approval_tiers), by, author=self.author, deciders=self.deciders)
        if frozen:
            raise FreezePeriod(frozen_from=str(frozen[0]), frozen_to=str(frozen[1]))
        self.move("activate")
        self.record(
            ProgrammeActivated(
                programme_id=self.id,
                programme_code=self.code,
                area_quota=self.area_quota,
                province_quota=self.province_quota,
                valid_from=self.valid_from,
                valid_to=self.valid_to,
                legal_basis_ref=self.legal_basis,
                programme_version=self.programme_version,
                target_indicator_codes=[target.indicator_code for target in self.targets],
            )
        )

    def amend(self, changes: Mapping[str, Any], *, change_request_id: UUID, on: date, open_areas: int, open_provinces: int) -> None:
        """Alter it while in force, by an approved change request; so many areas in so many provinces are prioritised already."""
        self.move("amend")
        changed = self._set(changes)
        if self.area_quota < open_areas or self.province_quota < open_provinces:
            raise QuotaBelowPrioritised(open_areas=open_areas, open_provinces=open_provinces)
        self.programme_version += 1
        self.record(
            ProgrammeAmended(
                programme_id=self.id,
                programme_version=self.programme_version,
                changed_fields=changed,
                effective_from=on,
                change_request_id=change_request_id,
                area_quota=self.area_quota,
                province_quota=self.province_quota,
                valid_to=self.valid_to,
                funding_sources=self.funding_sources,
            )
        )

    def suspend(self, reason_code: str, on: date) -> None:
        """Take no new plans and pledges for the time being."""
        self.move("suspend")
        self.record(ProgrammeSuspended(programme_id=self.id, reason_code=reason_code, effective_from=on))

    def resume(self, on: date) -> None:
        """Go on, within its dates."""
        self.may("resume")
        if not self.valid_from <= on <= self.valid_to:
            raise OutsideValidity(valid_from=str(self.valid_from), valid_to=str(self.valid_to))
        self.move("resume")
        self.record(ProgrammeResumed(programme_id=self.id, effective_from=on))

    def close(self, *, final_report_hash: str, open_commitments: int, carry_over: bool, on: date) -> None:
        """End it with a final report; what is open stands only when it is carried over."""
        self.may("close")
        if open_commitments and not carry_over:
            raise CommitmentsOpen(open_commitments=open_commitments)
        self.move("close")
        self.closed_on, self.final_report_hash = on, final_report_hash
        self.record(ProgrammeClosed(programme_id=self.id, closed_on=on, final_report_hash=final_report_hash, open_commitments_carried_over=open_commitments))

    def cancel(self, reason_code: str) -> None:
        """Give it up before it came into force."""
        self.move("cancel")
        self.record(ProgrammeCancelled(programme_id=self.id, reason_code=reason_code))


class LastTierActivates(TierNotReached):
    """The last tier's approval is the activation."""

    code = "last_tier_activates"
    message = ("Tingkat terakhir memutus dengan memberlakukan program.", "The last tier decides by activating the programme.")
    action = ("Gunakan POST …/activate.", "Use POST …/activate.")
