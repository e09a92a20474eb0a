"""Events of coordination about meetings (rapat koordinasi) and action items (tindak lanjut)."""

from datetime import date
from uuid import UUID

from shared.contracts.coordination import TOPIC
from shared.contracts.registry import event


@event("entaskan.coordination.MeetingScheduled.v1", topic=TOPIC)
class MeetingScheduled:
    """A coordination meeting was called for a day; agenda and place are read at the meeting."""

    meeting_id: UUID
    programme_id: UUID
    held_on: date
    invited_institution_ids: list[UUID]


@event("entaskan.coordination.MeetingHeld.v1", topic=TOPIC)
class MeetingHeld:
    """The meeting took place with these institutions present."""

    meeting_id: UUID
    held_on: date
    present_institution_ids: list[UUID]


@event("entaskan.coordination.MeetingMinutesFiled.v1", topic=TOPIC)
class MeetingMinutesFiled:
    """Minutes were filed, by their SHA-256, with so many decisions; each decision opened an action item in the same transaction."""

    meeting_id: UUID
    minutes_hash: str
    decision_count: int


@event("entaskan.coordination.MeetingCancelled.v1", topic=TOPIC)
class MeetingCancelled:
    """The meeting does not take place."""

    meeting_id: UUID
    reason_code: str


@event("entaskan.coordination.ActionItemOpened.v1", topic=TOPIC)
class ActionItemOpened:
    """An institution has something to do by a day; `origin_type` says whether a meeting, a gap, a target or a recommendation asked for it."""

    action_item_id: UUID
    programme_id: UUID
    owner_institution_id: UUID
    origin_type: str
    origin_id: UUID
    due_on: date
    priority: str


@event("entaskan.coordination.ActionItemStarted.v1", topic=TOPIC)
class ActionItemStarted:
    """The owner took it up."""

    action_item_id: UUID


@event("entaskan.coordination.ActionItemBlocked.v1", topic=TOPIC)
class ActionItemBlocked:
    """The owner cannot go on before another institution acts."""

    action_item_id: UUID
    blocker_code: str
    waiting_on_institution_id: UUID


@event("entaskan.coordination.ActionItemUnblocked.v1", topic=TOPIC)
class ActionItemUnblocked:
    """What stood in the way is gone."""

    action_item_id: UUID


@event("entaskan.coordination.ActionItemDueSoonReached.v1", topic=TOPIC)
class ActionItemDueSoonReached:
    """So many working days or fewer are left; once for each threshold."""

    action_item_id: UUID
    due_on: date
    working_days_left: int


@event("entaskan.coordination.ActionItemFellOverdue.v1", topic=TOPIC)
class ActionItemFellOverdue:
    """The due date passed; once."""

    action_item_id: UUID
    owner_institution_id: UUID
    due_on: date


@event("entaskan.coordination.ActionItemCompletionReported.v1", topic=TOPIC)
class ActionItemCompletionReported:
    """The owner says that it is done, with the SHA-256 of the evidence."""

    action_item_id: UUID
    evidence_hashes: list[str]


@event("entaskan.coordination.ActionItemCompleted.v1", topic=TOPIC)
class ActionItemCompleted:
    """Another institution than the owner confirmed it; `days_late` is 0 when on time."""

    action_item_id: UUID
    completed_on: date
    days_late: int


@event("entaskan.coordination.ActionItemReopened.v1", topic=TOPIC)
class ActionItemReopened:
    """What was reported or confirmed as done is taken up again."""

    action_item_id: UUID
    reason_code: str


@event("entaskan.coordination.ActionItemDropped.v1", topic=TOPIC)
class ActionItemDropped:
    """The coordinator gave it up, or what asked for it is gone."""

    action_item_id: UUID
    reason_code: str
