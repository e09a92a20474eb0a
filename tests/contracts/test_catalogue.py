"""The published catalogue: it says what the contracts say, may follow what it said before, and tells nothing about persons."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from shared.catalogue.files import FOLDER, committed_samples, differences, refusals
from shared.catalogue.indonesian import SENTENCES
from shared.catalogue.samples import read_sample, subject_field
from shared.catalogue.schemas import all_schemas
from shared.contracts import EVENT_TYPES, EventType

PARTICIPLES = (
    "d", "BecameDormant",
    "FellIntoArrears", "FellLate", "FellOverdue", "Frozen", "Left", "Overridden", "ReferredBack", "Set", "Split", "Undone", "Withdrawn", "WrittenOff",
)  # fmt: skip
SERVICES = Path(__file__).parents[2] / "services"
KINDS = list(EVENT_TYPES.values())

# Parts of names, in English and Indonesian, that say something about a person.
PERSONAL = {
    *("nik", "nib", "npwp", "kk", "ktp", "sim", "passport", "account", "rekening", "signature", "photo", "foto", "username", "ip"),
    *("name", "names", "nama", "fullname", "firstname", "lastname", "nickname", "alias", "mother", "ibu"),
    *("phone", "telephone", "telepon", "mobile", "hp", "whatsapp", "wa", "fax", "email", "mail", "surel"),
    *("address", "alamat", "street", "jalan", "rt", "rw", "village", "desa", "kelurahan", "postcode"),
    *("latitude", "longitude", "lat", "lon", "lng", "geo", "coordinates"),
    *("birth", "born", "birthdate", "dob", "lahir", "age", "umur", "gender", "sex", "kelamin", "religion", "agama"),
}
# Of a region, which is public; of nobody.
PUBLIC = {
    "entaskan.mapping.RegionRegistered.v1": {"name", "latitude", "longitude"},
    "entaskan.coordination.ChangeRequested.v1": {"changed_field_names"},
    "entaskan.facilitation.EnterpriseVerified.v1": {"has_nib"},
}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> EventType:
    found: EventType = request.param
    return found


def test_the_files_are_what_the_contracts_say() -> None:
    assert differences() == [], "docs/events differs from the contracts: run 'make catalogue' and commit it"


def test_the_contracts_may_follow_what_was_published() -> None:
    assert refusals() == [], "give what changed a new version beside the old one"


def test_no_file_is_left_over() -> None:
    expected = {"README.md", *(f"{name}.json" for name in EVENT_TYPES), *(f"samples/{name}.json" for name in EVENT_TYPES)}
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert {name for name in found - expected if not name.startswith("samples/former/")} == set()


@pytest.mark.parametrize("path", committed_samples())
def test_every_sample_ever_published_still_decodes(path: str) -> None:
    sample = committed_samples()[path]
    message = read_sample(sample)
    assert message.event is not None
    assert (message.type, message.subject) == (sample["headers"]["ce_type"], sample["key"])
    if "/former/" not in path:
        schema = all_schemas()[message.type]
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(sample["value"])
        assert sample["value"].keys() == schema["properties"].keys()


def test_the_schema_is_valid_and_open(kind: EventType) -> None:
    schema = all_schemas()[kind.wire_type]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema.get("additionalProperties", True) is True, "readers ignore names that they do not know"
    assert schema["$id"].endswith(f"/{kind.wire_type}.json")


def test_names_say_who_publishes_where(kind: EventType) -> None:
    assert re.fullmatch(rf"shared\.contracts\.{kind.publisher}(_[a-z]+)?", kind.event_class.__module__)
    assert kind.event_class.__name__ == kind.name
    assert kind.source == f"/entaskan/{kind.publisher}"
    assert re.fullmatch(rf"entaskan\.{kind.publisher}(\.[a-z]+)?", kind.topic)
    assert re.fullmatch(r"v[1-9][0-9]*", kind.wire_type.split(".")[3])
    assert kind.name.endswith(PARTICIPLES), "an event is a past participle"


def test_it_is_described_in_both_languages(kind: EventType) -> None:
    assert (kind.event_class.__doc__ or "").strip().endswith(".")
    assert SENTENCES.get(kind.name, "").endswith("."), f"{kind.name} has no sentence in shared/catalogue/indonesian.py"


def test_no_sentence_is_left_over() -> None:
    assert set(SENTENCES) == {kind.name for kind in KINDS}


def test_no_event_says_anything_about_a_person(kind: EventType) -> None:
    exempt = PUBLIC.get(kind.wire_type, set())
    told = {name for name in _names(all_schemas()[kind.wire_type]) if PERSONAL & {name, *name.split("_")}} - exempt
    assert told == set()


def test_the_exemptions_are_in_use() -> None:
    for wire_type, names in PUBLIC.items():
        assert names <= set(_names(all_schemas()[wire_type]))


def test_no_sample_holds_a_document_number() -> None:
    for path, sample in committed_samples().items():
        assert not re.search(r"(?<![0-9a-f.-])[0-9]{13,16}(?![0-9a-f-])", json.dumps(sample["value"])), path


@pytest.mark.parametrize("name", ["nik", "owner_name", "phone_number", "email", "home_address", "latitude", "nib_hash"])
def test_a_personal_name_would_be_noticed(name: str) -> None:
    assert PERSONAL & {name, *name.split("_")}


def test_names_are_lower_snake_case_and_say_their_unit(kind: EventType) -> None:
    for name, schema in all_schemas()[kind.wire_type]["properties"].items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
        if "amount" in name:
            assert name.endswith("_idr"), name
        if name.endswith("_idr"):
            assert schema["type"] == "integer", name
        if name.endswith("_id"):
            assert "uuid" in json.dumps(schema), name


AWAITED = {"TargetMissed", "RecommendationIssued"}
"""Agreed with coordination, which follows them up; monitoring does not publish them yet."""


def test_the_documented_key_is_the_aggregate_that_recorded_the_event(kind: EventType) -> None:
    """Read from the code: the field that `record(Event(field=self.id))` fills with the aggregate's own id."""
    calls = [call for call in _recorded() if call.func.id == kind.name]  # type: ignore[attr-defined]
    assert bool(calls) is (kind.name not in AWAITED), f"no domain module records {kind.name}"
    for call in calls:
        own = [keyword.arg for keyword in call.keywords if ast.unparse(keyword.value) in ("id", "self.id")]
        assert own == ([subject_field(kind)] if subject_field(kind) else [])


def _names(schema: Any) -> Iterator[str]:
    """Every property name, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _names(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _names(value)


def _recorded() -> Iterator[ast.Call]:
    names = {kind.name for kind in KINDS}
    for path in sorted(SERVICES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record" and node.args:
                event = node.args[0]
                if isinstance(event, ast.Call) and isinstance(event.func, ast.Name) and event.func.id in names:
                    yield event
