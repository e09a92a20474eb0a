"""A prioritisation run (proses penetapan): computed by an analyst, reviewed, objected to, locked by another person, published under a decree."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self
from uuid import UUID

from services.mapping.computation.constraints import broken_rules
from services.mapping.computation.phrases import rule_in_words
from services.mapping.models.domain import PrioritisationModel
from services.mapping.models.state import ModelStatus
from services.mapping.prioritisation import errors
from services.mapping.prioritisation.errors import EffectiveOutsideProgramme, ModelNotCurrent, QuotaNotMet, ResultChanged
from services.mapping.prioritisation.outcome import Deprioritised, Outcome, Override, RunConstraints, SelectedLocation, UnderWay, Waiver
from services.mapping.prioritisation.rules import Policy
from services.mapping.prioritisation.state import IN_REVIEW, RunState, RunStatus
from shared.contracts.mapping import (
    LocationDeprioritised,
    LocationPrioritised,
    PrioritisationComputed,
    PrioritisationRunCreated,
    PrioritisationRunLocked,
    PrioritisationRunPublished,
)
from shared.contracts.mapping_runs import (
    ObjectionWindowOpened,
    PrioritisationAssessmentsWaived,
    PrioritisationConstraintsConfirmed,
    PrioritisationConstraintsSet,
    PrioritisationOverridden,
    PrioritisationOverrideProposed,
    PrioritisationOverrideRefused,
    PrioritisationRunDiscarded,
    PrioritisationRunReplaced,
    PrioritisationRunRevoked,
    PrioritisationRunSubmitted,
)
from shared.errors import SamePerson

__all__ = ["EffectiveOutsideProgramme", "ModelNotCurrent", "Outcome", "PrioritisationRun", "QuotaNotMet", "ResultChanged", "RunStatus", "SelectedLocation"]

_NAMED = 20
"""So many of the regions that lack something are named in a refusal."""


@dataclass(eq=False, kw_only=True)
class PrioritisationRun(RunState):
    """A run with what can be done to it, step by step; see `RunState` for what it holds."""

    @classmethod
    def create(
        cls,
        *,
        id: UUID,
        programme_id: UUID,
        area_quota: int,
        province_quota: int,
        model: PrioritisationModel,
        population_period: str,
        author: str,
        policy: Policy | None = None,
    ) -> Self:
        """Start a run of a current model, with the quota and the rules that the programme has now."""
        if model.status is not ModelStatus.CURRENT:
            raise ModelNotCurrent
        run = cls(
            id=id,
            programme_id=programme_id,
            model_id=model.id,
            model_code=model.code,
            model_version=model.model_version,
            population_period=population_period,
            area_quota=area_quota,
            province_quota=province_quota,
            policy=policy or Policy(),
            constraints=RunConstraints(),
            author=author,
            status=RunStatus.DRAFT,
            excluded_region_codes=[],
            waived_region_codes=[],
            selected=[],
            overrides=[],
            deprioritised=[],
        )
        run.record(PrioritisationRunCreated(run_id=id, programme_id=programme_id, model_id=model.id, model_version=model.model_version))
        return run

    def constrain(self, constraints: RunConstraints, by: str) -> None:
        """Say what the selection keeps beside the quota, in place of what was said before."""
        self.refuse_unless(self.status, {RunStatus.DRAFT})
        constraints.require_sound()
        self.constraints = replace(constraints, set_by=by, confirmed_by=None)
        self.record(
            PrioritisationConstraintsSet(
                run_id=self.id,
                include_region_codes=constraints.forced_codes("include"),
                exclude_region_codes=constraints.forced_codes("exclude"),
                bounded_province_codes=sorted(bound.province_code for bound in constraints.provinces),
            )
        )

    def confirm_constraints(self, by: str) -> None:
        """Answer for the forced regions as the second person."""
        self.refuse_unless(self.status, {RunStatus.DRAFT, RunStatus.COMPUTED})
        if not self.constraints.unconfirmed_codes:
            raise errors.NothingToConfirm
        if by == self.constraints.set_by:
            raise SamePerson
        self.constraints = self.constraints.confirmed(by)
        self.record(
            PrioritisationConstraintsConfirmed(
                run_id=self.id,
                include_region_codes=self.constraints.forced_codes("include"),
                exclude_region_codes=self.constraints.forced_codes("exclude"),
            )
        )

    def waive_assessments(self, waiver: Waiver) -> None:
        """Let regions be ranked without validated, current assessments, in place of what was said before; it holds from the next computation."""
        self.refuse_unless(self.status, {RunStatus.DRAFT, RunStatus.COMPUTED})
        self.waiver = waiver
        self.record(PrioritisationAssessmentsWaived(run_id=self.id, region_codes=waiver.region_codes, reason_code=waiver.reason_code))

    def require_computable(self) -> None:
        """Whether computing is allowed now, before the work is done."""
        self.refuse_unless(self.status, {RunStatus.DRAFT, RunStatus.COMPUTED})

    def compute(self, outcome: Outcome, by: str, lacking: Collection[str] = ()) -> bool:
        """Take the computed outcome; False when it is what the run holds already.

        `lacking` are the ranked regions without validated, current assessments of both kinds: each needs the waiver.
        """
        self.require_computable()
        if uncovered := sorted(code for code in lacking if not (self.waiver and self.waiver.covers(code))):
            raise errors.AssessmentsLacking(lacking_count=len(uncovered), region_codes=uncovered[:_NAMED])
        if outcome.result_hash == self.result_hash and sorted(lacking) == self.waived_region_codes:
            return False
        self.status = RunStatus.COMPUTED
        self.analyst = by
        self.candidate_count = outcome.candidate_count
        self.excluded_region_codes = outcome.excluded_region_codes
        self.waived_region_codes = sorted(lacking)
        self.input_hash = outcome.input_hash
        self.result_hash = outcome.result_hash
        self.selected = outcome.selected
        self.record(
            PrioritisationComputed(
                run_id=self.id,
                candidate_count=outcome.candidate_count,
                excluded_region_codes=outcome.excluded_region_codes,
                waived_region_codes=self.waived_region_codes,
                input_hash=outcome.input_hash,
                result_hash=outcome.result_hash,
            )
        )
        return True

    def submit_review(self, by: str, stored_hash: str) -> None:
        """Hand the selection over for review; `stored_hash` is what the stored result hashes to now."""
        self.refuse_unless(self.status, {RunStatus.COMPUTED})
        if codes := self.constraints.unconfirmed_codes:
            raise errors.ConstraintsUnconfirmed(region_codes=codes)
        self.status = RunStatus.UNDER_REVIEW
        self.submitted_by = by
        self.record(PrioritisationRunSubmitted(run_id=self.id, result_hash=self._unchanged(stored_hash)))

    def _unchanged(self, stored_hash: str) -> str:
        if self.result_hash is None or stored_hash != self.result_hash:
            raise ResultChanged
        return self.result_hash

    def override(self, region_code: str, replaced_region_code: str, reason_code: str, note: str, ranked: Sequence[SelectedLocation], by: str, on: date) -> None:
        """Propose a region in the place of a selected one; `ranked` are all candidates of the stored result."""
        self.refuse_unless(self.status, IN_REVIEW)
        if len(self.overrides) >= self.policy.override_cap:
            raise errors.OverrideCapReached(override_cap=self.policy.override_cap)
        if self.pending_overrides:
            raise errors.OverridePending(region_codes=[override.region_code for override in self.pending_overrides])
        entering, leaving, _ = self._swapped(region_code, replaced_region_code, ranked)
        self.overrides = [
            *self.overrides,
            Override(
                region_code=region_code,
                replaced_region_code=replaced_region_code,
                from_rank=entering.rank,
                to_rank=leaving.rank,
                reason_code=reason_code,
                note=note,
                proposed_by=by,
                proposed_on=on,
            ),
        ]
        self.record(PrioritisationOverrideProposed(run_id=self.id, region_code=region_code, replaced_region_code=replaced_region_code, reason_code=reason_code))

    def _swapped(self, entering: str, leaving: str, ranked: Sequence[SelectedLocation]) -> tuple[SelectedLocation, SelectedLocation, list[SelectedLocation]]:
        """The two locations and the selection after the swap; all constraints have to hold in it."""
        location_of = {location.region_code: location for location in ranked}
        if entering not in location_of or entering in self.region_codes or leaving not in self.region_codes:
            raise errors.OverrideImpossible(region_code=entering, replaced_region_code=leaving)
        selected = [*(location for location in self.selected if location.region_code != leaving), location_of[entering]]
        province_of = {location.region_code: location.province_code for location in selected}
        if broken := [rule_in_words(rule, {}) for rule in broken_rules(self.rules, province_of, province_of)]:
            raise errors.OverrideBreaksConstraints(broken_id=[words[0] for words in broken], broken_en=[words[1] for words in broken])
        return location_of[entering], location_of[leaving], sorted(selected, key=lambda location: location.rank)

    def confirm_override(self, ranked: Sequence[SelectedLocation], by: str, on: date) -> None:
        """Let the proposed swap take effect, as another person than who proposed it."""
        pending = self._decided(by)
        _, _, self.selected = self._swapped(pending.region_code, pending.replaced_region_code, ranked)
        self.overrides = [*self.overrides[:-1], replace(pending, confirmed_by=by, confirmed_on=on)]
        self.record(
            PrioritisationOverridden(
                run_id=self.id,
                region_code=pending.region_code,
                from_rank=pending.from_rank,
                to_rank=pending.to_rank,
                reason_code=pending.reason_code,
                replaced_region_code=pending.replaced_region_code,
            )
        )

    def refuse_override(self, by: str) -> None:
        """Let the computed order stand, as another person than who proposed the swap; it does not count against the cap."""
        pending = self._decided(by)
        self.overrides = self.overrides[:-1]
        self.record(PrioritisationOverrideRefused(run_id=self.id, region_code=pending.region_code, replaced_region_code=pending.replaced_region_code))

    def _decided(self, by: str) -> Override:
        self.refuse_unless(self.status, IN_REVIEW)
        if not self.pending_overrides:
            raise errors.NothingToConfirm
        pending = self.overrides[-1]  # one at a time, so the newest
        if by == pending.proposed_by:
            raise SamePerson
        return pending

    def open_objections(self, days: int, on: date) -> None:
        """Let regencies and cities object for so many days, today included, but not for fewer than the programme demands."""
        self.refuse_unless(self.status, {RunStatus.UNDER_REVIEW})
        self._require_nothing_pending()
        if days < self.policy.objection_days:
            raise errors.WindowTooShort(objection_days=self.policy.objection_days)
        self.status = RunStatus.OBJECTION_OPEN
        self.opens_on, self.closes_on = on, on + timedelta(days=days - 1)
        self.record(ObjectionWindowOpened(run_id=self.id, opens_on=self.opens_on, closes_on=self.closes_on))

    def _require_nothing_pending(self) -> None:
        if self.pending_overrides:
            raise errors.OverridePending(region_codes=[override.region_code for override in self.pending_overrides])

    def require_window(self, on: date) -> None:
        """Whether an objection is taken on that day."""
        self.refuse_unless(self.status, {RunStatus.OBJECTION_OPEN})
        if not (self.opens_on and self.closes_on and self.opens_on <= on <= self.closes_on):
            raise errors.WindowNotOpen(opens_on=str(self.opens_on), closes_on=str(self.closes_on))

    def lock(self, by: str, stored_hash: str, on: date, undecided: Mapping[str, date] | None = None) -> None:
        """Confirm the selection; `by` neither started nor computed it, and `stored_hash` is what the stored result hashes to now.

        `undecided` are the regions whose objection nobody decided, with the day by which somebody should have.
        """
        self.refuse_unless(self.status, IN_REVIEW)
        if by in (self.author, self.analyst):
            raise SamePerson
        self._require_nothing_pending()
        if self.status is RunStatus.UNDER_REVIEW and self.policy.objection_days:
            raise errors.WindowDemanded(objection_days=self.policy.objection_days)
        if self.closes_on and on <= self.closes_on:
            raise errors.WindowStillOpen(closes_on=str(self.closes_on))
        if undecided:
            overdue = sorted(code for code, day in undecided.items() if day < on)
            raise errors.ObjectionsUndecided(undecided_region_codes=sorted(undecided), overdue_region_codes=overdue)
        result_hash = self._unchanged(stored_hash)
        counts = (len(self.selected), len(self.province_codes))
        if counts != (self.area_quota, self.province_quota):
            raise QuotaNotMet(selected_count=counts[0], province_count=counts[1], area_quota=self.area_quota, province_quota=self.province_quota)
        self.status = RunStatus.LOCKED
        self.locked_by = by
        self.record(PrioritisationRunLocked(run_id=self.id, selected_count=counts[0], province_count=counts[1], result_hash=result_hash))

    def publish(self, by: str, decree_ref: str, effective_from: date, valid_from: date, valid_to: date, *, earlier: date | None = None) -> None:
        """Publish the selection under a decree, to take effect while the programme is in force (`valid_from` to `valid_to`)."""
        self.refuse_unless(self.status, {RunStatus.LOCKED})
        if not valid_from <= effective_from <= valid_to:
            raise EffectiveOutsideProgramme(valid_from=str(valid_from), valid_to=str(valid_to))
        if earlier and effective_from < earlier:
            raise errors.EffectiveBeforeEarlier(effective_from=str(earlier))
        assert self.result_hash
        self.status = RunStatus.PUBLISHED
        self.published_by, self.decree_ref, self.effective_from = by, decree_ref, effective_from
        self.record(
            PrioritisationRunPublished(
                run_id=self.id,
                programme_id=self.programme_id,
                model_version=self.model_version,
                selected_count=len(self.selected),
                province_codes=self.province_codes,
                decree_ref=decree_ref,
                effective_from=effective_from,
                result_hash=self.result_hash,
            )
        )
        for location in self.selected:
            self.record(
                LocationPrioritised(
                    location_priority_id=self.location_priority_id(location.region_code),
                    programme_id=self.programme_id,
                    run_id=self.id,
                    region_code=location.region_code,
                    province_code=location.province_code,
                    rank=location.rank,
                    score=location.score,
                    poverty_score=location.poverty_score,
                    potential_score=location.potential_score,
                    model_version=self.model_version,
                    effective_from=effective_from,
                )
            )

    def deprioritise(self, region_code: str, reason_code: str, effective_from: date, under_way: UnderWay, by: str) -> None:
        """Take one location off the list; what is under way there is written down with it."""
        self.refuse_unless(self.status, {RunStatus.PUBLISHED})
        if region_code not in {location.region_code for location in self.in_force}:
            raise errors.NotInForce
        self._drop([region_code], reason_code, effective_from, {region_code: under_way}, by, None)

    def replace_by(self, later: "PrioritisationRun", effective_from: date, under_way: Mapping[str, UnderWay], by: str) -> None:
        """Give way to a later run of the programme; the locations that it does not select leave the list."""
        if self.status is not RunStatus.PUBLISHED or self.replaced_by_run_id or later.programme_id != self.programme_id or later.id == self.id:
            raise errors.NotInForce
        fallen = [location.region_code for location in self.in_force if location.region_code not in set(later.region_codes)]
        self.record(PrioritisationRunReplaced(run_id=self.id, replaced_by_run_id=later.id, effective_from=effective_from))
        self._drop(fallen, "replaced_by_later_run", effective_from, under_way, by, later.id)
        self.replaced_by_run_id = later.id

    def revoke(self, reason_code: str, effective_from: date, under_way: Mapping[str, UnderWay], by: str) -> None:
        """The decree was revoked: every location still in force leaves the list."""
        self.refuse_unless(self.status, {RunStatus.PUBLISHED})
        left = [location.region_code for location in self.in_force]
        self.record(PrioritisationRunRevoked(run_id=self.id, reason_code=reason_code, effective_from=effective_from))
        self._drop(left, reason_code, effective_from, under_way, by, None)
        self.status = RunStatus.REVOKED
        self.ended_reason_code, self.ended_on = reason_code, effective_from

    def _drop(self, codes: Sequence[str], reason_code: str, effective_from: date, under_way: Mapping[str, UnderWay], by: str, replaced_by: UUID | None) -> None:
        if self.effective_from is None or effective_from < self.effective_from:
            raise errors.EndBeforeStart(effective_from=str(self.effective_from))
        for code in codes:
            self.deprioritised = [
                *self.deprioritised,
                Deprioritised(
                    region_code=code,
                    reason_code=reason_code,
                    effective_from=effective_from,
                    decided_by=by,
                    replaced_by_run_id=replaced_by,
                    under_way=under_way.get(code, UnderWay()),
                ),
            ]
            self.record(
                LocationDeprioritised(
                    run_id=self.id,
                    location_priority_id=self.location_priority_id(code),
                    programme_id=self.programme_id,
                    region_code=code,
                    reason_code=reason_code,
                    effective_from=effective_from,
                    replaced_by_run_id=replaced_by,
                )
            )

    def discard(self, reason_code: str, on: date) -> None:
        """Give it up before anybody could rely on it."""
        self.refuse_unless(self.status, {RunStatus.DRAFT, RunStatus.COMPUTED, RunStatus.UNDER_REVIEW})
        self.status = RunStatus.DISCARDED
        self.ended_reason_code, self.ended_on = reason_code, on
        self.record(PrioritisationRunDiscarded(run_id=self.id, reason_code=reason_code))
