"""Our records are CloudEvents to the official SDK too, with the same attributes and data."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent

from shared import clock
from shared.catalogue.samples import all_samples, record_in
from shared.contracts import EVENT_TYPES
from shared.envelope import REQUIRED, decode, record_of
from shared.eventlog import Record
from tests.shared.world import counted, message, stored

SAMPLES = {name: record_in(sample) for name, sample in all_samples().items()}


def by_the_sdk(record: Record) -> Any:
    key = record.key.decode()
    assert record.value is not None
    return from_binary_event(KafkaMessage(dict(record.headers), key, record.value))


def test_there_is_a_sample_of_every_event() -> None:
    assert {dict(record.headers)["ce_type"].decode() for record in SAMPLES.values()} == set(EVENT_TYPES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_official_sdk_reads_the_same_event(name: str) -> None:
    record = SAMPLES[name]
    theirs, ours = by_the_sdk(record), decode(stored([record])[0])
    assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (str(ours.id), ours.source, ours.type)
    assert (theirs.get_subject(), theirs.get_time(), theirs.get_specversion()) == (ours.subject, ours.time, "1.0")
    assert theirs.get_datacontenttype() == "application/json"
    assert theirs.get_dataschema() == f"https://entaskan.id/schemas/{ours.type}.json"
    extensions = {name.removeprefix("ce_"): value.decode() for name, value in record.headers if name.startswith("ce_")}
    for extension in ("sequence", "partitionkey", "correlationid"):
        assert theirs.get_extension(extension) == extensions[extension]
    assert theirs.get_extension("partitionkey") == ours.subject == record.key.decode()
    assert theirs.get_data() == json.loads(record.value or b"")


def test_what_the_sdk_writes_we_read() -> None:
    subject = uuid4()
    ours = message(subject, 7)
    attributes = {name.removeprefix("ce_"): value.decode() for name, value in ours.headers if name.startswith("ce_")}
    attributes |= {"time": clock.now(), "datacontenttype": "application/json"}  # type: ignore[dict-item]
    written = to_binary_event(CloudEvent(attributes, json.loads(ours.value or b"")))
    key = written.key.encode() if isinstance(written.key, str) else written.key
    read = decode(stored([Record(ours.topic, key or b"", written.value, list(written.headers.items()))])[0])
    assert (read.subject, read.sequence, read.event) == (str(subject), 7, counted(subject))


def test_every_optional_attribute_travels() -> None:
    row = SimpleNamespace(
        id=clock.new_id(),
        type="entaskan.coordination.InstitutionRegistered.v1",
        topic="entaskan.coordination",
        subject=uuid4(),
        sequence=3,
        time=clock.now(),
        data=message(uuid4(), 1).value.decode(),  # type: ignore[union-attr]
        correlation_id="request-1",
        causation_id="event-1",
        actor="pseudonym",
        traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    )
    record = record_of(row)
    read = decode(stored([record])[0])
    assert (read.correlation_id, read.causation_id, read.actor, read.traceparent) == ("request-1", "event-1", "pseudonym", row.traceparent)
    assert (read.id, read.sequence, read.time, read.source) == (row.id, 3, row.time, "/entaskan/coordination")
    names = [name for name, _ in record.headers]
    assert len(names) == len(set(names))
    assert set(REQUIRED) <= set(names)
    assert by_the_sdk(record).get_extension("traceparent") == row.traceparent


def test_an_event_without_a_request_behind_it_has_no_empty_headers() -> None:
    assert all(value for _, value in message(uuid4(), 1).headers)
