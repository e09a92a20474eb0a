"""Records that are no events of ours, each in its own way."""

from uuid import uuid4

from shared.eventlog import Record
from tests.shared.world import changed, message

HUGE = "x" * 100_000


def _crafted(**changes: object) -> Record:
    return changed(message(uuid4(), 1), **changes)


def _twice(name: str) -> Record:
    good = message(uuid4(), 1)
    return Record(good.topic, good.key, good.value, [*good.headers, (name, dict(good.headers)[name])])


MALFORMED = {
    "no headers": Record(message(uuid4(), 1).topic, b"bare", b"{}", []),
    **{f"without {name}": _crafted(**{name: None}) for name in ("ce_id", "ce_type", "ce_source", "ce_specversion", "ce_subject", "ce_time", "ce_sequence")},
    "an empty subject": _crafted(ce_subject=b""),
    "id twice": _twice("ce_id"),
    "type that is not UTF-8": _crafted(ce_type=b"\xff\xfe"),
    "actor that is not UTF-8": _crafted(ce_actor=b"\xc3\x28"),
    "another specversion": _crafted(ce_specversion=b"0.3"),
    "another content type": _crafted(content_type=b"text/plain"),
    "no content type": _crafted(content_type=None),
    "tombstone": _crafted(value=None),
    "empty value": _crafted(value=b""),
    "broken JSON": _crafted(value=b'{"institution_id": '),
    "JSON that is no object": _crafted(value=b"[]"),
    "value that is not UTF-8": _crafted(value=b'{"institution_code": "\xff"}'),
    "NUL byte as value": _crafted(value=b"\x00"),
    "nesting without end": _crafted(value=b'{"later": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a field of the wrong type": _crafted(value=message(uuid4(), 1).value.replace(b'"ok"', b"7")),  # type: ignore[union-attr]
    "a field missing": _crafted(value=message(uuid4(), 1).value.replace(b"institution_code", b"other")),  # type: ignore[union-attr]
    "sequence 0": _crafted(ce_sequence=b"0"),
    "negative sequence": _crafted(ce_sequence=b"-1"),
    "sequence in words": _crafted(ce_sequence=b"one"),
    "sequence as Python writes it": _crafted(ce_sequence=b"1_0"),
    "sequence in other digits": _crafted(ce_sequence="٣".encode()),
    "sequence one above what the column holds": _crafted(ce_sequence=b"2147483648"),
    "sequence of 30 digits": _crafted(ce_sequence=b"9" * 30),
    "sequence of 10,000 digits": _crafted(ce_sequence=b"9" * 10_000),
    "id that is no UUID": _crafted(ce_id=b"17"),
    "time that is none": _crafted(ce_time=b"yesterday"),
    "time without an offset": _crafted(ce_time=b"2026-01-01T00:00:00"),
    "unknown source": _crafted(ce_source=b"/entaskan/unknown"),
    "source that is a prefix of the right one": _crafted(ce_source=b"/entaskan/coord"),
    "source of everything": _crafted(ce_source=b"/"),
    "source of another service": _crafted(ce_source=b"/entaskan/mapping"),
    "type of another service": _crafted(
        ce_type=b"entaskan.mapping.PrioritisationModelApproved.v1",
        value=b'{"model_id": "01977f1e-9d5c-7a3a-8000-000000000000", "model_version": 1, "model_hash": "0"}',
    ),
    "NUL in subject": _crafted(ce_subject=b"a\x00b"),
    "NUL in type": _crafted(ce_type=b"entaskan.coordination.New\x00.v1"),
    "NUL in correlation": _crafted(ce_correlationid=b"\x00"),
    "NUL in key": _crafted(key=b"\x00key\x00", ce_id=None),
    "key that is not UTF-8": _crafted(key=b"\xff\xfe", ce_id=None),
    "key of 100 kB": _crafted(key=b"\xfe" + HUGE.encode(), ce_id=None),
    "subject of 100 kB": _crafted(ce_subject=HUGE.encode()),
    "type of 100 kB": _crafted(ce_type=HUGE.encode()),
}
