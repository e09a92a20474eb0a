"""An action item: owned by one institution, confirmed by another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Living, step
from shared.contracts.coordination_meetings import (
    ActionItemBlocked,
    ActionItemCompleted,
    ActionItemCompletionReported,
    ActionItemDropped,
    ActionItemDueSoonReached,
    ActionItemFellOverdue,
    ActionItemOpened,
    ActionItemReopened,
    ActionItemStarted,
    ActionItemUnblocked,
)
from shared.errors import Forbidden


class ActionItemStatus(StrEnum):
    """Where an action item stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    DONE_REPORTED = "done_reported"
    DONE = "done"
    OVERDUE = "overdue"
    DROPPED = "dropped"


class Origin(StrEnum):
    """What asked for it."""

    MEETING_DECISION = "meeting_decision"
    CONVERGENCE_GAP = "convergence_gap"
    TARGET_MISSED = "target_missed"
    RECOMMENDATION = "recommendation"
    GRIEVANCE = "grievance"
    COORDINATOR = "coordinator"


class Priority(StrEnum):
    """How pressing it is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class NotTheOwner(Forbidden):
    """The owner works on it."""

    code = "not_the_owner"
    message = ("Hanya lembaga penanggung jawab dapat melakukan ini.", "Only the institution in charge may do this.")
    action = ("Gunakan token lembaga tersebut.", "Use a token of that institution.")


class OwnerConfirms(Forbidden):
    """Somebody else than the owner confirms."""

    code = "confirmer_is_owner"
    message = ("Penyelesaian dibenarkan oleh lembaga lain.", "Another institution confirms that it is done.")
    action = ("Minta lembaga lain membenarkan.", "Ask another institution to confirm.")


S = ActionItemStatus
UNFINISHED = (S.OPEN, S.IN_PROGRESS, S.BLOCKED, S.DONE_REPORTED, S.OVERDUE)
"""What still waits for somebody."""


@dataclass(eq=False, kw_only=True)
class ActionItem(Living):
    """Something to do; `title` and `note` are read here and in no event. `reminded` are the thresholds that were told."""

    programme_id: UUID
    owner_institution_id: UUID
    origin_type: Origin
    origin_id: UUID
    title: str
    note: str | None
    location_code: str | None
    due_on: date
    priority: Priority
    status: ActionItemStatus
    blocker_code: str | None = None
    waiting_on_institution_id: UUID | None = None
    intervention_code: str | None = None
    evidence_hashes: list[str] = field(default_factory=list)
    completed_on: date | None = None
    reminded: list[int] = field(default_factory=list)
    fell_overdue: bool = False
    reason_code: str | None = None

    LIFE: ClassVar = {
        "start": step(S.OPEN, S.OVERDUE, to=S.IN_PROGRESS),
        "block": step(S.OPEN, S.IN_PROGRESS, to=S.BLOCKED),
        "unblock": step(S.BLOCKED, to=S.IN_PROGRESS),
        "mark_due_soon": step(S.OPEN, S.IN_PROGRESS, S.BLOCKED),
        "mark_overdue": step(S.OPEN, S.IN_PROGRESS, S.BLOCKED, to=S.OVERDUE),
        "report_done": step(S.IN_PROGRESS, S.OVERDUE, to=S.DONE_REPORTED),
        "confirm_done": step(S.DONE_REPORTED, to=S.DONE),
        "reopen": step(S.DONE_REPORTED, S.DONE, to=S.IN_PROGRESS),
        "drop": step(S.OPEN, S.IN_PROGRESS, S.BLOCKED, S.OVERDUE, to=S.DROPPED),
    }

    @classmethod
    def create(
        cls,
        *,
        id: UUID,
        programme_id: UUID,
        owner_institution_id: UUID,
        origin_type: Origin,
        origin_id: UUID,
        title: str,
        due_on: date,
        priority: Priority = Priority.NORMAL,
        note: str | None = None,
        location_code: str | None = None,
        intervention_code: str | None = None,
    ) -> Self:
        """Give an institution something to do."""
        item = cls(
            id=id,
            programme_id=programme_id,
            owner_institution_id=owner_institution_id,
            origin_type=origin_type,
            origin_id=origin_id,
            title=title,
            note=note,
            location_code=location_code,
            intervention_code=intervention_code,
            due_on=due_on,
            priority=priority,
            status=S.OPEN,
        )
        item.record(
            ActionItemOpened(
                action_item_id=id,
                programme_id=programme_id,
                owner_institution_id=owner_institution_id,
                origin_type=origin_type,
                origin_id=origin_id,
                due_on=due_on,
                priority=priority,
            )
        )
        return item

    def _owned(self, by_institution: UUID | None) -> None:
        if by_institution != self.owner_institution_id:
            raise NotTheOwner(allowed_roles=[])

    def start(self, by_institution: UUID | None) -> None:
        """Take it up."""
        self._owned(by_institution)
        self.move("start")
        self.record(ActionItemStarted(action_item_id=self.id))

    def block(self, by_institution: UUID | None, blocker_code: str, waiting_on_institution_id: UUID) -> None:
        """Wait for another institution."""
        self._owned(by_institution)
        self.move("block")
        self.blocker_code, self.waiting_on_institution_id = blocker_code, waiting_on_institution_id
        self.record(ActionItemBlocked(action_item_id=self.id, blocker_code=blocker_code, waiting_on_institution_id=waiting_on_institution_id))

    def unblock(self, by_institution: UUID | None) -> None:
        """Go on: by the owner, or by who was waited for."""
        if by_institution != self.waiting_on_institution_id:
            self._owned(by_institution)
        self.move("unblock")
        self.blocker_code = self.waiting_on_institution_id = None
        self.record(ActionItemUnblocked(action_item_id=self.id))

    def mark_due_soon(self, working_days_left: int, thresholds: Sequence[int]) -> None:
        """Tell that so many working days are left, once for each threshold."""
        self.move("mark_due_soon")
        passed = [each for each in thresholds if working_days_left <= each and each not in self.reminded]
        if not passed:
            return
        self.reminded = sorted({*self.reminded, *passed}, reverse=True)
        self.record(ActionItemDueSoonReached(action_item_id=self.id, due_on=self.due_on, working_days_left=working_days_left))

    def mark_overdue(self, on: date) -> None:
        """Fall overdue, once."""
        self.may("mark_overdue")
        if on <= self.due_on or self.fell_overdue:
            return
        self.move("mark_overdue")
        self.fell_overdue = True
        self.record(ActionItemFellOverdue(action_item_id=self.id, owner_institution_id=self.owner_institution_id, due_on=self.due_on))

    def report_done(self, by_institution: UUID | None, evidence_hashes: list[str]) -> None:
        """Say that it is done, with evidence."""
        self._owned(by_institution)
        self.move("report_done")
        self.evidence_hashes = evidence_hashes
        self.record(ActionItemCompletionReported(action_item_id=self.id, evidence_hashes=evidence_hashes))

    def confirm_done(self, by_institution: UUID | None, on: date) -> None:
        """Confirm it, as another institution."""
        if by_institution is None or by_institution == self.owner_institution_id:
            raise OwnerConfirms(allowed_roles=[])
        self.move("confirm_done")
        self.completed_on = on
        self.record(ActionItemCompleted(action_item_id=self.id, completed_on=on, days_late=max(0, (on - self.due_on).days)))

    def reopen(self, reason_code: str) -> None:
        """Take it up again."""
        self.move("reopen")
        self.completed_on, self.reason_code = None, reason_code
        self.record(ActionItemReopened(action_item_id=self.id, reason_code=reason_code))

    def drop(self, reason_code: str) -> None:
        """Give it up."""
        self.move("drop")
        self.reason_code = reason_code
        self.record(ActionItemDropped(action_item_id=self.id, reason_code=reason_code))
