"""Change requests, and the fields for which one is open."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Delete, Insert, Integer, Table, Text, Uuid, delete
from sqlalchemy.dialects.postgresql import insert

from services.coordination.changes.domain import AnotherRequestOpen, Changeable, ChangeRequest, ChangeStatus
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted, refuse

change_requests = persisted(
    metadata,
    ChangeRequest,
    "change_requests",
    Column("aggregate_type", Code(Changeable), nullable=False),
    Column("aggregate_id", Uuid, nullable=False, index=True),
    Column("institution_id", Uuid),
    Column("changes", Typed(dict[str, Any]), nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("override", Boolean, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("status", Code(ChangeStatus), nullable=False),
    Column("decided_by", Text),
    Column("decision_reason_code", Text),
    Column("decision_comment", Text),
    Column("applied_version", Integer),
    Column("earlier", Typed(list[dict[str, Any]]), nullable=False),
)

open_changes = Table(
    "open_changes",
    metadata,
    Column("aggregate_id", Uuid, primary_key=True),
    Column("field_name", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("change_request_id", Uuid, nullable=False, index=True),
)
"""A field of an aggregate has one slot, the empty one, for which requests compete; a request that overrides has a slot of its own."""
refuse(metadata, {"pk_open_changes": AnotherRequestOpen})


def opened(request: ChangeRequest) -> Insert:
    """Take the fields of a request."""
    slot = str(request.id) if request.override else ""
    rows = [{"aggregate_id": request.aggregate_id, "field_name": name, "slot": slot, "change_request_id": request.id} for name in sorted(request.changes)]
    return insert(open_changes).values(rows)


def closed(change_request_id: UUID) -> Delete:
    """Give the fields of a request back."""
    return delete(open_changes).where(open_changes.c.change_request_id == change_request_id)
