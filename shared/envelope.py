"""CloudEvents 1.0.2 in Kafka's binary mode: attributes are `ce_*` headers, the value is the event's JSON.

Written and read by hand, because the SDK invents missing ids on decoding and shares them between events built from one dict;
the SDK is the oracle in the tests.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from shared.contracts import EVENT_TYPES, Event
from shared.eventlog import Record, StoredRecord

DATA_SCHEMA = "https://entaskan.id/schemas/{type}.json"
REQUIRED = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence")
MAX_SUBJECT = 300
"""Characters of any attribute that we read: they are indexed, logged and part of addresses."""

_SEQUENCE = re.compile(r"[1-9][0-9]{0,9}")
_MAX_SEQUENCE = 2**31 - 1
_JSON = "application/json"
_SPECVERSION = ("ce_specversion", b"1.0")
_CONTENT_TYPE = ("content-type", b"application/json")
_TWICE = "a header occurs twice"
_decoders: dict[str, msgspec.json.Decoder[Any]] = {}


class Malformed(ValueError):
    """A record that is no event of ours; the text is the reason, and never quotes the record."""


@dataclass(slots=True)
class Message:
    """An event as received, not to be changed (frozen, it would take four times as long to make). `event` is None when its type is not
    known here (published by a newer version).
    """

    id: UUID
    type: str
    source: str
    subject: str
    sequence: int
    time: datetime
    correlation_id: str
    causation_id: str | None
    actor: str | None
    traceparent: str | None
    event: Event | None


def record_of(row: Any) -> Record:
    """The log record of an outbox row."""
    source, wire_type, schema = _headers_of(row.type)
    subject = str(row.subject).encode()
    headers = [
        _SPECVERSION,
        ("ce_id", str(row.id).encode()),
        source,
        wire_type,
        ("ce_subject", subject),
        ("ce_time", f"{row.time.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z".encode()),
        schema,
        ("ce_partitionkey", subject),
        ("ce_sequence", str(row.sequence).encode()),
        ("ce_correlationid", row.correlation_id.encode()),
    ]
    if causation_id := row.causation_id:
        headers.append(("ce_causationid", causation_id.encode()))
    if actor := row.actor:
        headers.append(("ce_actor", actor.encode()))
    if traceparent := row.traceparent:
        headers.append(("ce_traceparent", traceparent.encode()))
    headers.append(_CONTENT_TYPE)
    return Record(row.topic, subject, row.data.encode(), headers)


@cache
def _headers_of(wire_type: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all events of a type share."""
    source, schema = f"/entaskan/{wire_type.split('.')[1]}", DATA_SCHEMA.format(type=wire_type)
    return ("ce_source", source.encode()), ("ce_type", wire_type.encode()), ("ce_dataschema", schema.encode())


def decode(record: StoredRecord) -> Message:
    """The event in a record; `Malformed` with the reason for anything else."""
    try:
        text = {name: value.decode() for name, value in record.headers}
    except UnicodeDecodeError:
        raise Malformed(_why_unreadable(record)) from None
    if len(text) != len(record.headers):
        raise Malformed(_TWICE)
    if not all(map(text.get, REQUIRED)):
        raise Malformed(f"missing {', '.join(name for name in REQUIRED if not text.get(name))}")
    values = text.values()
    # The common record is settled by two looks at all of its headers, without a step of Python for each.
    if (max(map(len, values)) > MAX_SUBJECT or "\x00" in "".join(values)) and any(map(_is_unfit, text, values)):
        raise Malformed(f"a ce_ header holds a NUL or more than {MAX_SUBJECT} characters")
    if text["ce_specversion"] != "1.0":
        raise Malformed("ce_specversion is not 1.0")
    if (content_type := text.get("content-type", "")) != _JSON and content_type.split(";")[0].strip().lower() != _JSON:
        raise Malformed("content-type is not application/json")
    try:
        id, time = _uuid(text["ce_id"]), datetime.fromisoformat(text["ce_time"])
    except ValueError:
        raise Malformed("ce_id or ce_time cannot be read") from None
    if time.tzinfo is None:
        raise Malformed("ce_time has no offset from UTC")
    if not _SEQUENCE.fullmatch(text["ce_sequence"]) or (sequence := int(text["ce_sequence"])) > _MAX_SEQUENCE:
        raise Malformed(f"ce_sequence is no number from 1 to {_MAX_SEQUENCE}")
    source, wire_type, get = text["ce_source"], text["ce_type"], text.get
    if not _may_publish(source, wire_type, record.topic):
        raise Malformed("ce_source may not publish this on this topic")
    event = _event(wire_type, record.value)
    return Message(
        id, wire_type, source, text["ce_subject"], sequence, time,
        get("ce_correlationid", "-"), get("ce_causationid"), get("ce_actor"), get("ce_traceparent"), event,
    )  # fmt: skip


def _why_unreadable(record: StoredRecord) -> str:
    return _TWICE if len(dict(record.headers)) != len(record.headers) else "a header is not UTF-8"


def _is_unfit(name: str, value: str) -> bool:
    return name.startswith("ce_") and (len(value) > MAX_SUBJECT or "\x00" in value)


def _uuid(text: str) -> UUID:
    """Python's reading of a UUID; the canonical spelling is read by msgspec, in half the time."""
    try:
        return msgspec.convert(text, UUID)
    except msgspec.ValidationError:
        return UUID(text)


def _may_publish(source: str, wire_type: str, topic: str) -> bool:
    """A known type comes from its publisher on its topic; an unknown one from the service that the topic is named after."""
    if kind := EVENT_TYPES.get(wire_type):
        return (source, topic) == (kind.source, kind.topic)
    owner = source.removeprefix("/").replace("/", ".")
    return source.startswith("/entaskan/") and (topic == owner or topic.startswith(f"{owner}."))


def _event(wire_type: str, value: bytes | None) -> Event | None:
    if value is None:
        raise Malformed("no data")
    if (kind := EVENT_TYPES.get(wire_type)) is None:
        return None
    decoder = _decoders.get(wire_type)
    if decoder is None:
        decoder = _decoders[wire_type] = msgspec.json.Decoder(kind.event_class)
    try:
        event: Event = decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # msgspec names the field and the expected type, never the value.
        raise Malformed(f"data does not fit {wire_type}: {error}") from None
    return event
