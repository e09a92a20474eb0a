"""One serialised example of every event, the same at every run: what a consumer can test its reader with."""

import json
import types
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import msgspec

from shared.contracts import EVENT_TYPES, EventType
from shared.envelope import Message, decode, record_of
from shared.eventlog import Record, StoredRecord

_NAMESPACE = UUID("5a7d6f0e-7f3b-4f0e-9a0e-e17a5ca90001")
_TIME = datetime(2024, 7, 1, 2, 30, tzinfo=UTC)
_DAY = date(2024, 7, 1)

# By name of the field, or of event and field; what is not here is made from its type. Places and amounts are plausible, nothing is about anybody.
_VALUES: dict[str, Any] = {
    "annual_rate_percent": "6.00",
    "area_quota": 48,
    "area_scope": ["53"],
    "bps_code": "5306",
    "candidate_count": 514,
    "criteria_codes": ["poverty_rate", "number_of_poor"],
    "cumulative_amount_idr": 180_000_000,
    "cumulative_output": 40,
    "days_late": 0,
    "decree_ref": "SK-2024-001",
    "due_on": date(2024, 12, 31),
    "excluded_region_codes": [],
    "fiscal_year_from": 2024,
    "fiscal_year_to": 2026,
    "funding_source": "apbn",
    "granted_amount_idr": 9_000_000,
    "group_type": "kelompok",
    "institution_code": "kemenkop",
    "institution_type": "ministry",
    "intervention_code": "business_training",
    "kbli_section": "C",
    "latitude": -9.1539,
    "legal_basis_ref": "Inpres 4/2022",
    "location_code": "53.04",
    "longitude": 124.9684,
    "member_count": 10,
    "member_role": "member",
    "model_code": "poverty_and_potential",
    "name": "Kabupaten Belu",
    "output_quantity": 100,
    "output_unit": "enterprises",
    "parent_institution_id": None,
    "parent_region_code": "53",
    "poverty_score": Decimal("0.812500"),
    "potential_score": Decimal("0.431200"),
    "product_code": "kur_super_mikro",
    "programme_code": "PKE-2024",
    "province_code": "53",
    "province_codes": ["53"],
    "province_count": 8,
    "province_quota": 8,
    "rank": 7,
    "region_code": "53.04",
    "region_level": "regency",
    "role_code": "implementer",
    "scale_code": "micro",
    "score": Decimal("0.698110"),
    "sector_code": "cooperatives_and_msmes",
    "selected_count": 48,
    "tenor_months": 24,
    "valid_from": date(2024, 1, 1),
    "valid_to": date(2026, 12, 31),
    "verified_amount_idr": 180_000_000,
    "verified_output": 40,
    "FinancingDeclined.reason_codes": ["insufficient_cash_flow"],
    "FinancingRejected.reason_codes": ["group_too_young"],
    "FinancingWithdrawn.reason_code": "no_longer_needed",
    "GroupMemberLeft.reason_code": "moved_away",
    "ParticipationDeclined.reason_code": "no_budget",
    "RegionRegistered.valid_from": None,
}

_SUBJECTS = {
    "GroupMemberJoined": "group_id",
    "GroupMemberLeft": "group_id",
    "GroupMemberTransferred": "from_group_id",
    "LocationPrioritised": "run_id",
    "RegionRegistered": None,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """What an outbox row holds."""

    id: UUID
    type: str
    topic: str
    subject: UUID
    sequence: int
    time: datetime
    data: str
    correlation_id: str
    causation_id: str | None
    actor: str | None
    traceparent: str | None


def all_samples() -> dict[str, dict[str, Any]]:
    """A sample of every event type, by wire type: topic, key, headers and value of the record, as the relay writes it."""
    return {wire_type: sample_of(kind) for wire_type, kind in sorted(EVENT_TYPES.items())}


def sample_of(kind: EventType) -> dict[str, Any]:
    """The sample of one event type."""
    row = _Row(
        id=_id(kind.wire_type),
        type=kind.wire_type,
        topic=kind.topic,
        subject=_subject(kind),
        sequence=1,
        time=_TIME,
        data=msgspec.json.encode(_event(kind)).decode(),
        correlation_id=_id("request").hex,
        causation_id=None,
        actor="sub-4c1f",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    record = record_of(row)
    assert record.value is not None
    return {
        "topic": record.topic,
        "key": record.key.decode(),
        "headers": {name: value.decode() for name, value in record.headers},
        "value": json.loads(record.value),
    }


def subject_field(kind: EventType) -> str | None:
    """The field that holds the subject, which is the record's key: the first id, with few exceptions; None when no field does."""
    first = next((field.name for field in fields(kind.event_class) if field.name.endswith("_id")), None)
    return _SUBJECTS.get(kind.name, first)


def record_in(sample: dict[str, Any]) -> Record:
    """The record that a sample stands for."""
    headers = [(name, value.encode()) for name, value in sample["headers"].items()]
    return Record(topic=sample["topic"], key=sample["key"].encode(), value=json.dumps(sample["value"]).encode(), headers=headers)


def read_sample(sample: dict[str, Any]) -> Message:
    """A sample as today's consumers read it; `Malformed` when they cannot."""
    record = record_in(sample)
    return decode(StoredRecord(record.topic, 0, 0, record.key, record.value, record.headers))


def _event(kind: EventType) -> Any:
    hints = get_type_hints(kind.event_class)
    given = {field.name: _value(kind.name, field.name, hints[field.name]) for field in fields(kind.event_class)}
    # Converted as a reader would, so that a value of the wrong type in the table above is an error here and not at a consumer.
    return msgspec.convert(msgspec.to_builtins(given), kind.event_class, strict=True)


def _value(event: str, name: str, hint: Any) -> Any:
    for key in (f"{event}.{name}", name):
        if key in _VALUES:
            return _VALUES[key]
    return _made(name, hint)


def _made(name: str, hint: Any) -> Any:
    """A value from the type, and from what the ending of the name says."""
    if get_origin(hint) in (Union, types.UnionType):
        return _made(name, next(each for each in get_args(hint) if each is not type(None)))
    if get_origin(hint) is list:
        return [_made(name.removesuffix("es") if name.endswith("hashes") else name.removesuffix("s"), get_args(hint)[0])]
    if hint is str:
        return _id(name).hex * 2 if name.endswith("_hash") else f"sample_{name.removesuffix('_code')}"
    made: dict[Any, Any] = {
        UUID: _id(name),
        date: _DAY,
        datetime: _TIME,
        int: 9_000_000 if name.endswith("_idr") else 1,
        float: 0.5,
        Decimal: Decimal("0.500000"),
        bool: True,
    }
    return made[hint] if hint in made else msgspec.json.decode(msgspec.json.encode({}), type=hint)


def _id(name: str) -> UUID:
    """The same in all samples, so that one's `programme_id` is the other's."""
    return uuid5(_NAMESPACE, name)


def _subject(kind: EventType) -> UUID:
    return _id(subject_field(kind) or kind.name)
