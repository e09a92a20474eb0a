"""AsyncAPI 3.0 documents: one a service, of what it publishes."""

import inspect
from typing import Any

from shared.catalogue.samples import sample_of
from shared.catalogue.schemas import schema_of
from shared.contracts import EVENT_TYPES
from shared.envelope import REQUIRED
from shared.eventlog import PARTITIONS

_HEADERS = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {"type": "string", "format": "uuid", "description": "identical on redelivery"},
    "ce_source": {"type": "string"},
    "ce_type": {"type": "string"},
    "ce_subject": {"type": "string", "description": "id of the aggregate; also the record key"},
    "ce_time": {"type": "string", "format": "date-time", "description": "when it happened"},
    "ce_partitionkey": {"type": "string", "description": "the record key"},
    "ce_sequence": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "1, 2, 3, … for each subject, without gaps"},
    "ce_dataschema": {"type": "string", "format": "uri"},
    "ce_correlationid": {"type": "string"},
    "ce_causationid": {"type": "string", "description": "id of the event that caused this one"},
    "ce_actor": {"type": "string", "description": "pseudonym"},
    "ce_traceparent": {"type": "string"},
    "content-type": {"type": "string", "const": "application/json"},
}
_TOPIC = {"cleanup.policy": ["delete"], "retention.ms": -1, "max.message.bytes": 1_000_000}


def asyncapi_of(service: str) -> dict[str, Any]:
    """The document of one service."""
    kinds = [kind for kind in EVENT_TYPES.values() if kind.publisher == service]
    topics = sorted({kind.topic for kind in kinds})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Entaskan {service}",
            "version": "1.0.0",
            "description": "Peristiwa domain, sekurang-kurangnya sekali, berurutan per subjek. / Domain events, at least once, in order for each subject.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel(topic): _channel_of(topic, [kind for kind in kinds if kind.topic == topic]) for topic in topics},
        "operations": {
            f"send{kind.name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_channel(kind.topic)}"},
                "messages": [{"$ref": f"#/channels/{_channel(kind.topic)}/messages/{kind.name}"}],
            }
            for kind in kinds
        },
        "components": {
            "messageTraits": {"cloudEvent": {"headers": {"type": "object", "required": list(REQUIRED), "properties": _HEADERS}}},
            "messages": {kind.name: _message_of(kind) for kind in kinds},
        },
    }


def _channel(topic: str) -> str:
    return topic.replace(".", "_")


def _channel_of(topic: str, kinds: list[Any]) -> dict[str, Any]:
    return {
        "address": topic,
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"} for kind in kinds},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS,
                "topicConfiguration": _TOPIC,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message_of(kind: Any) -> dict[str, Any]:
    sample = sample_of(kind)
    return {
        "name": kind.wire_type,
        "title": kind.name,
        "summary": inspect.cleandoc(kind.event_class.__doc__).splitlines()[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": _without_id(schema_of(kind))},
        "examples": [{"headers": sample["headers"], "payload": sample["value"]}],
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": "0.5.0"}},
    }


def _without_id(schema: dict[str, Any]) -> dict[str, Any]:
    """Two documents that carry the same `$id` confuse validators; the id stays with the stand-alone schema."""
    return {name: value for name, value in schema.items() if name not in ("$id", "$schema")}
