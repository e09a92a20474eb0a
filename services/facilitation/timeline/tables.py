"""Who else an event is about: written by a trigger of the outbox, so that no command has to think of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Select, Table, Text, Uuid, func, or_, select

from services.facilitation.schema import metadata

timeline = Table(
    "timeline",
    metadata,
    Column("entity_id", Uuid, primary_key=True),
    Column("position", BigInteger, primary_key=True, comment="of the event in the outbox"),
    Column("role", Text, nullable=False, comment="under which name the event mentions it, such as group_id"),
)


def counts_of(entity_id: UUID) -> "Select[*tuple[Any, ...]]":
    """How many events of each type are about an enterprise."""
    outbox = metadata.tables["outbox"]
    mentioned = select(timeline.c.position).where(timeline.c.entity_id == entity_id)
    about = or_(outbox.c.subject == entity_id, outbox.c.position.in_(mentioned))
    return select(outbox.c.type, func.count().label("events")).where(about).group_by(outbox.c.type)
