"""The table of meetings."""

from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Text, Uuid

from services.coordination.meetings.domain import Meeting, MeetingDecision, MeetingStatus
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted

meetings = persisted(
    metadata,
    Meeting,
    "meetings",
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("agenda", Typed(list[str]), nullable=False),
    Column("invited_institution_ids", Typed(list[UUID]), nullable=False),
    Column("status", Code(MeetingStatus), nullable=False),
    Column("present_institution_ids", Typed(list[UUID]), nullable=False),
    Column("minutes_hash", Text),
    Column("decisions", Typed(list[MeetingDecision]), nullable=False),
    Column("reason_code", Text),
)
