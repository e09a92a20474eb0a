"""A coordination meeting: called, held, and followed up by the action items of its decisions."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Living, step
from shared.contracts.coordination_meetings import MeetingCancelled, MeetingHeld, MeetingMinutesFiled, MeetingScheduled
from shared.errors import Refused


class MeetingStatus(StrEnum):
    """Where a meeting stands."""

    SCHEDULED = "scheduled"
    HELD = "held"
    MINUTES_FILED = "minutes_filed"
    CANCELLED = "cancelled"


class HeldTooEarly(Refused):
    """A meeting is held on its day."""

    code = "meeting_not_yet"
    message = ("Rapat baru berlangsung pada {held_on}.", "The meeting takes place on {held_on}.")
    action = ("Catat kehadiran pada hari itu atau sesudahnya.", "Record the attendance on that day or later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDecision:
    """What was decided (keputusan rapat), who does it by when, and the action item that follows it up."""

    text: str
    owner_institution_id: UUID
    due_on: date
    priority: str
    action_item_id: UUID


S = MeetingStatus


@dataclass(eq=False, kw_only=True)
class Meeting(Living):
    """A meeting of a programme's institutions; `minutes_hash` is SHA-256 of the minutes (notula), which stay with their keeper."""

    programme_id: UUID
    title: str
    place: str
    held_on: date
    agenda: list[str]
    invited_institution_ids: list[UUID]
    status: MeetingStatus
    present_institution_ids: list[UUID] = field(default_factory=list)
    minutes_hash: str | None = None
    decisions: list[MeetingDecision] = field(default_factory=list)
    reason_code: str | None = None

    LIFE: ClassVar = {
        "hold": step(S.SCHEDULED, to=S.HELD),
        "file_minutes": step(S.HELD, to=S.MINUTES_FILED),
        "cancel": step(S.SCHEDULED, to=S.CANCELLED),
    }

    @classmethod
    def schedule(cls, *, id: UUID, programme_id: UUID, title: str, place: str, held_on: date, agenda: list[str], invited_institution_ids: list[UUID]) -> Self:
        """Call it."""
        meeting = cls(
            id=id,
            programme_id=programme_id,
            title=title,
            place=place,
            held_on=held_on,
            agenda=agenda,
            invited_institution_ids=invited_institution_ids,
            status=S.SCHEDULED,
        )
        meeting.record(MeetingScheduled(meeting_id=id, programme_id=programme_id, held_on=held_on, invited_institution_ids=invited_institution_ids))
        return meeting

    def hold(self, present_institution_ids: list[UUID], on: date) -> None:
        """It took place with these institutions."""
        self.may("hold")
        if on < self.held_on:
            raise HeldTooEarly(held_on=str(self.held_on))
        self.move("hold")
        self.present_institution_ids = present_institution_ids
        self.record(MeetingHeld(meeting_id=self.id, held_on=self.held_on, present_institution_ids=present_institution_ids))

    def file_minutes(self, minutes_hash: str, decisions: list[MeetingDecision]) -> None:
        """File the minutes, with what was decided."""
        self.move("file_minutes")
        self.minutes_hash, self.decisions = minutes_hash, decisions
        self.record(MeetingMinutesFiled(meeting_id=self.id, minutes_hash=minutes_hash, decision_count=len(decisions)))

    def cancel(self, reason_code: str) -> None:
        """It does not take place."""
        self.move("cancel")
        self.reason_code = reason_code
        self.record(MeetingCancelled(meeting_id=self.id, reason_code=reason_code))
