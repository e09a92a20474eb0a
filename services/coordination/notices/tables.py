"""The table of notices; one for each institution and thing to be said."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Insert, Table, Text, UniqueConstraint, Update, Uuid, func, update
from sqlalchemy.dialects.postgresql import insert

from services.coordination.notices.domain import PRESSING, Kind, NoticeStatus, Priority
from services.coordination.schema import metadata
from shared.clock import id_caused_by
from shared.tables import Code, Typed

notices = Table(
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("institution_id", Uuid, nullable=False),
    Column("kind", Code(Kind), nullable=False),
    Column("priority", Code(Priority), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("dedup_key", Text, nullable=False),
    Column("facts", Typed(dict[str, Any]), nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("status", Code(NoticeStatus), nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("resolved_at", DateTime(timezone=True)),
    UniqueConstraint("institution_id", "dedup_key"),
)
Index("ix_notices_subject_id", notices.c.subject_id, postgresql_where=notices.c.status != NoticeStatus.RESOLVED)


def raised(institution_id: UUID, kind: Kind, subject_id: UUID, event_id: UUID, facts: dict[str, Any], version: object = "") -> Insert:
    """Tell an institution something; the same thing of the same version is told once."""
    row = {
        "id": id_caused_by(event_id, f"notice-{institution_id}"),
        "institution_id": institution_id,
        "kind": kind,
        "priority": Priority.HIGH if kind in PRESSING else Priority.NORMAL,
        "subject_id": subject_id,
        "dedup_key": f"{kind}/{subject_id}/{version}",
        "facts": facts,
        "raised_at": func.now(),
        "status": NoticeStatus.ACTIVE,
    }
    return insert(notices).values(row).on_conflict_do_nothing()


def resolved(subject_id: UUID, kinds: tuple[Kind, ...]) -> Update:
    """What these notices asked for is settled."""
    n = notices.c
    return (
        update(notices)
        .where(n.subject_id == subject_id, n.kind.in_(kinds), n.status != NoticeStatus.RESOLVED)
        .values(status=NoticeStatus.RESOLVED, resolved_at=func.now())
    )
