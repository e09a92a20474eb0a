"""JSON Schemas of the event data, generated from the contract dataclasses."""

from typing import Any

from pydantic import TypeAdapter

from shared.contracts import EVENT_TYPES, EventType
from shared.envelope import DATA_SCHEMA


def schema_of(kind: EventType) -> dict[str, Any]:
    """The schema that everything published under this type fulfils; readers must ignore names they do not know."""
    schema = TypeAdapter(kind.event_class).json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": DATA_SCHEMA.format(type=kind.wire_type), **schema}


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every event type's schema, by wire type."""
    return {wire_type: schema_of(kind) for wire_type, kind in sorted(EVENT_TYPES.items())}
