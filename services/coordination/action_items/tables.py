"""The table of action items."""

from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Select, Text, Uuid, select

from services.coordination.action_items.domain import UNFINISHED, ActionItem, ActionItemStatus, Origin, Priority
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted

action_items = persisted(
    metadata,
    ActionItem,
    "action_items",
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("owner_institution_id", Uuid, ForeignKey("institutions.id"), nullable=False),
    Column("origin_type", Code(Origin), nullable=False),
    Column("origin_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("note", Text),
    Column("location_code", Text),
    Column("intervention_code", Text),
    Column("due_on", Date, nullable=False),
    Column("priority", Code(Priority), nullable=False),
    Column("status", Code(ActionItemStatus), nullable=False),
    Column("blocker_code", Text),
    Column("waiting_on_institution_id", Uuid, ForeignKey("institutions.id")),
    Column("evidence_hashes", Typed(list[str]), nullable=False),
    Column("completed_on", Date),
    Column("reminded", Typed(list[int]), nullable=False),
    Column("fell_overdue", Boolean, nullable=False),
    Column("reason_code", Text),
)
Index("ix_action_items_status_due_on", action_items.c.status, action_items.c.due_on)
Index("ix_action_items_owner_institution_id", action_items.c.owner_institution_id)
_CHASED = (ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS, ActionItemStatus.BLOCKED)


def items_due_by(last: date) -> "Select[UUID]":
    """Ids of items in work that are due on or before a day."""
    return select(action_items.c.id).where(action_items.c.status.in_(_CHASED), action_items.c.due_on <= last).order_by(action_items.c.due_on, action_items.c.id)


def unfinished_from(origin_id: UUID, intervention_codes: list[str]) -> "Select[UUID]":
    """Ids of unfinished items that one thing asked for, about these interventions."""
    c = action_items.c
    return select(c.id).where(c.origin_id == origin_id, c.intervention_code.in_(intervention_codes), c.status.in_(UNFINISHED)).order_by(c.id)
