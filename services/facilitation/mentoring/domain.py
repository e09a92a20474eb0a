"""A mentoring assignment: one mentor, one group, from the offer to the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.located import Located
from services.facilitation.mentoring import errors
from services.facilitation.mentoring.instrument import Change, Diagnosis, change_of, instrument_to_use, instruments
from services.facilitation.mentors.rules import MentoringRules
from shared.aggregate import Living, step
from shared.clock import id_caused_by
from shared.contracts.facilitation_mentoring import (
    BusinessDiagnosisCompleted,
    DevelopmentGoalAchieved,
    DevelopmentGoalOpened,
    DevelopmentPlanAgreed,
    MentoringAssigned,
    MentoringCompleted,
    MentoringDeclined,
    MentoringOffered,
    MentoringPaused,
    MentoringResumed,
    MentoringTerminated,
    MentoringTransferred,
)


class AssignmentStatus(StrEnum):
    """Where an assignment stands."""

    OFFERED = "offered"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    TERMINATED = "terminated"


S = AssignmentStatus
RUNNING = (S.ACTIVE, S.PAUSED)
"""What was accepted and is not over."""
NO_RESPONSE = "no_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Something to be reached by a day, by one enterprise or by the group (null). `plan_version` is null for what an event opened."""

    id: UUID
    goal_code: str
    enterprise_id: UUID | None
    due_on: date
    plan_version: int | None = None
    origin_event_id: UUID | None = None
    achieved_on: date | None = None
    evidence_hashes: list[str] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class MentoringAssignment(Living, Located):
    """A mentor accompanies some enterprises of one group; `mentor_subject` is the mentor's login, the only one that writes."""

    group_id: UUID
    mentor_id: UUID
    mentor_subject: str
    topic_codes: list[str]
    enterprise_ids: list[UUID]
    respond_by: date
    planned_visits: int
    months: int
    status: AssignmentStatus
    predecessor_assignment_id: UUID | None
    hand_over_note_hash: str | None
    successor_assignment_id: UUID | None = None
    start_on: date | None = None
    planned_end_on: date | None = None
    ended_on: date | None = None
    plan_version: int = 0
    goals: list[Goal] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    reason_code: str | None = None

    LIFE: ClassVar = {
        "accept": step(S.OFFERED, to=S.ACTIVE),
        "decline": step(S.OFFERED, to=S.DECLINED),
        "diagnose": step(S.ACTIVE),
        "plan": step(S.ACTIVE),
        "open_goal": step(S.ACTIVE),
        "goal": step(S.ACTIVE),
        "pause": step(S.ACTIVE, to=S.PAUSED),
        "resume": step(S.PAUSED, to=S.ACTIVE),
        "transfer": step(S.ACTIVE, S.PAUSED, to=S.TRANSFERRED),
        "complete": step(S.ACTIVE, to=S.COMPLETED),
        "terminate": step(S.ACTIVE, S.PAUSED, to=S.TERMINATED),
    }

    @classmethod
    def offer(
        cls,
        *,
        id: UUID,
        region_code: str,
        group_id: UUID,
        mentor_id: UUID,
        mentor_subject: str,
        topic_codes: list[str],
        enterprise_ids: list[UUID],
        planned_visits: int | None,
        months: int | None,
        rules: MentoringRules,
        on: date,
        predecessor_assignment_id: UUID | None = None,
        hand_over_note_hash: str | None = None,
    ) -> Self:
        """Ask a mentor; what is not given is set by the rules of the day."""
        if not enterprise_ids:
            raise errors.NoEnterprises
        assignment = cls(
            id=id,
            region_code=region_code,
            group_id=group_id,
            mentor_id=mentor_id,
            mentor_subject=mentor_subject,
            topic_codes=topic_codes,
            enterprise_ids=enterprise_ids,
            respond_by=on + timedelta(days=rules.respond_days),
            planned_visits=rules.planned_visits if planned_visits is None else planned_visits,
            months=rules.assignment_months if months is None else months,
            status=S.OFFERED,
            predecessor_assignment_id=predecessor_assignment_id,
            hand_over_note_hash=hand_over_note_hash,
        )
        assignment.record(
            MentoringOffered(
                assignment_id=id, mentor_id=mentor_id, group_id=group_id, region_code=region_code, topic_codes=topic_codes, respond_by=assignment.respond_by
            )
        )
        return assignment

    def accept(self, on: date, predecessor: Self | None) -> None:
        """Begin; after a transfer with what the predecessor knew and had not reached yet, and the predecessor ends."""
        self.may("accept")
        if on > self.respond_by:
            raise errors.OfferLapsed(respond_by=str(self.respond_by))
        if predecessor:
            predecessor.transfer(self, on)
            self.plan_version = predecessor.plan_version
            self.goals, self.diagnoses = list(predecessor.goals), list(predecessor.diagnoses)
        self.move("accept")
        self.start_on, self.planned_end_on = on, _months_later(on, self.months)
        self.record(
            MentoringAssigned(
                assignment_id=self.id,
                mentor_id=self.mentor_id,
                group_id=self.group_id,
                region_code=self.region_code,
                start_on=on,
                planned_end_on=self.planned_end_on,
                planned_visits=self.planned_visits,
            )
        )

    def decline(self, reason_code: str) -> None:
        """Say no."""
        self.move("decline")
        self.reason_code = reason_code
        self.record(MentoringDeclined(assignment_id=self.id, mentor_id=self.mentor_id, reason_code=reason_code))

    def diagnose(self, *, id: UUID, enterprise_id: UUID, instrument_version: int, points: dict[str, int], on: date, visit_id: UUID | None) -> None:
        """Score an enterprise: with the instrument in force at the first diagnosis, and with the same one ever after."""
        self.may("diagnose")
        self._must_reach(enterprise_id)
        instrument = instrument_to_use(instrument_version, on, self.diagnoses[0].instrument_version if self.diagnoses else None)
        instrument.check(points)
        band = instrument.band(instrument.percent([points]))
        made = Diagnosis(id=id, enterprise_id=enterprise_id, instrument_version=instrument_version, points=points, band=band, on=on, visit_id=visit_id)
        self.move("diagnose")
        self.diagnoses = [*self.diagnoses, made]
        self.record(
            BusinessDiagnosisCompleted(
                assignment_id=self.id, group_id=self.group_id, enterprise_id=enterprise_id, instrument_version=instrument_version, score_band=band
            )
        )

    def plan(self, goals: Sequence[Goal], on: date) -> None:
        """Agree on goals, in place of those of the former plan that were not reached; what an event opened stays."""
        self.may("plan")
        if any(goal.due_on <= on for goal in goals):
            raise errors.GoalDatePast(on=str(on))
        for goal in goals:
            if goal.enterprise_id:
                self._must_reach(goal.enterprise_id)
        kept = [goal for goal in self.goals if goal.achieved_on or goal.origin_event_id]
        named = [(goal.goal_code, goal.enterprise_id) for goal in goals]
        open_ones = {(goal.goal_code, goal.enterprise_id) for goal in kept if not goal.achieved_on}
        if len(set(named)) != len(named) or open_ones & set(named):
            raise errors.GoalsRepeat
        self.move("plan")
        self.plan_version += 1
        self.goals = [*kept, *(replace(goal, plan_version=self.plan_version) for goal in goals)]
        self.record(DevelopmentPlanAgreed(assignment_id=self.id, plan_version=self.plan_version, goal_codes=[goal.goal_code for goal in goals]))

    def open_goal(self, *, goal_code: str, enterprise_id: UUID | None, origin_event_id: UUID, due_on: date) -> None:
        """Set a goal that something elsewhere asks for; the same event asks once."""
        self.may("open_goal")
        goal = Goal(id=goal_id(origin_event_id, goal_code), goal_code=goal_code, enterprise_id=enterprise_id, due_on=due_on, origin_event_id=origin_event_id)
        if any(each.id == goal.id for each in self.goals):
            return
        self.move("open_goal")
        self.goals = [*self.goals, goal]
        self.record(DevelopmentGoalOpened(assignment_id=self.id, goal_code=goal_code, origin_event_id=origin_event_id, due_on=due_on))

    def achieve_goal(self, goal_id: UUID, evidence_hashes: list[str], on: date) -> None:
        """Reach a goal, with evidence."""
        self.may("goal")
        goal = next((each for each in self.goals if each.id == goal_id and not each.achieved_on), None)
        if goal is None:
            raise errors.NoSuchGoal
        self.move("goal")
        self.goals = [replace(each, achieved_on=on, evidence_hashes=evidence_hashes) if each is goal else each for each in self.goals]
        self.record(DevelopmentGoalAchieved(assignment_id=self.id, goal_code=goal.goal_code, achieved_on=on))

    def pause(self, reason_code: str) -> None:
        """Let it rest."""
        self.move("pause")
        self.reason_code = reason_code
        self.record(MentoringPaused(assignment_id=self.id, reason_code=reason_code))

    def resume(self) -> None:
        """Go on."""
        self.move("resume")
        self.reason_code = None
        self.record(MentoringResumed(assignment_id=self.id))

    def transfer(self, successor: Self, on: date) -> None:
        """End in favour of a successor, who accepted."""
        self.move("transfer")
        self.successor_assignment_id, self.ended_on = successor.id, on
        self.record(
            MentoringTransferred(assignment_id=self.id, successor_assignment_id=successor.id, from_mentor_id=self.mentor_id, to_mentor_id=successor.mentor_id)
        )

    def complete(self, visits_approved: int, justification_code: str | None, on: date) -> None:
        """End as planned: visits made or their lack explained, and everybody who was scored is scored again."""
        self.may("complete")
        if visits_approved < self.planned_visits and justification_code is None:
            raise errors.TooFewVisits(approved=visits_approved, planned=self.planned_visits)
        scored = [found for id in self.enterprise_ids if (found := self.diagnoses_of(id))]
        once = sum(len(each) < 2 for each in scored)
        if once or not scored:
            raise errors.EndlineMissing(enterprises=once or len(self.enterprise_ids))
        instrument = instruments()[self.diagnoses[0].instrument_version]
        bands = [instrument.band(instrument.percent([each[place].points for each in scored])) for place in (0, -1)]
        self.move("complete")
        self.ended_on, self.reason_code = on, justification_code
        self.record(
            MentoringCompleted(
                assignment_id=self.id,
                group_id=self.group_id,
                visits_approved=visits_approved,
                baseline_band=bands[0],
                endline_band=bands[1],
                goals_achieved=sum(goal.achieved_on is not None for goal in self.goals),
            )
        )

    def terminate(self, reason_code: str, on: date) -> None:
        """End before it is done."""
        self.move("terminate")
        self.reason_code, self.ended_on = reason_code, on
        self.record(MentoringTerminated(assignment_id=self.id, reason_code=reason_code))

    def diagnoses_of(self, enterprise_id: UUID) -> list[Diagnosis]:
        """Those of one enterprise, the first one first."""
        return [each for each in self.diagnoses if each.enterprise_id == enterprise_id]

    def changes(self) -> list[Change]:
        """What changed for each enterprise that was scored more than once."""
        return [change for id in self.enterprise_ids if (change := change_of(self.diagnoses_of(id)))]

    def _must_reach(self, enterprise_id: UUID) -> None:
        if enterprise_id not in self.enterprise_ids:
            raise errors.NotMentoredHere


def goal_id(origin_event_id: UUID, goal_code: str) -> UUID:
    """The id of a goal that an event opens: the same at a replay."""
    return id_caused_by(origin_event_id, f"mentoring-goal/{goal_code}")


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.month - 1 + months, 12)
    first_after = date(day.year + year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(day.year + year, month + 1, 1) + timedelta(days=day.day - 1), first_after - timedelta(days=1))
