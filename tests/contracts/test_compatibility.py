"""Which changes of an event schema are refused, and which one passes."""

from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from shared.catalogue.compatibility import incompatibilities, unreadable
from shared.catalogue.files import refusals, write
from shared.catalogue.schemas import all_schemas


@dataclass
class Item:
    code: str
    count: int


@dataclass
class Tree:
    name_code: str
    children: "list[Tree]"


GOLDEN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "amount_idr": {"type": "integer", "minimum": 1, "maximum": 100},
        "code": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 10},
        "status": {"enum": ["open", "closed"], "type": "string"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "score": {"type": "number"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 1},
        "totals": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["id", "amount_idr", "code", "status", "score", "items", "totals"],
    "$defs": {"Item": {"type": "object", "properties": {"code": {"type": "string"}, "count": {"type": "integer"}}, "required": ["code", "count"]}},
}


def changed(*steps: tuple[str, Any]) -> dict[str, Any]:
    """The golden schema with values put at, or with `...` taken from, slash-separated places."""
    schema = deepcopy(GOLDEN)
    for path, value in steps:
        *way, last = path.split("/")
        place = schema
        for step in way:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return schema


REQUIRED = GOLDEN["required"]
REFUSED = {
    "a required name is added": changed(("properties/region_code", {"type": "string"}), ("required", [*REQUIRED, "region_code"])),
    "a required nullable name is added": changed(
        ("properties/region_code", {"anyOf": [{"type": "string"}, {"type": "null"}]}), ("required", [*REQUIRED, "region_code"])
    ),
    "a required name is taken away": changed(("properties/code", ...), ("required", [name for name in REQUIRED if name != "code"])),
    "an optional name is taken away": changed(("properties/note", ...)),
    "a required name becomes optional": changed(("required", [name for name in REQUIRED if name != "code"])),
    "an optional name becomes required": changed(("required", [*REQUIRED, "note"])),
    "a name is replaced": changed(("properties/code", ...), ("properties/kode", {"type": "string"}), ("required", [*REQUIRED[:2], "kode", *REQUIRED[3:]])),
    "a type changes": changed(("properties/amount_idr/type", "string")),
    "an integer becomes a number": changed(("properties/amount_idr/type", "number")),
    "a number becomes an integer": changed(("properties/score/type", "integer")),
    "a format changes": changed(("properties/id/format", "date")),
    "a format is dropped": changed(("properties/id/format", ...)),
    "a format is added": changed(("properties/code/format", "uuid")),
    "a pattern changes": changed(("properties/code/pattern", "^[a-z0-9]+$")),
    "a value is added to an enumeration": changed(("properties/status/enum", ["open", "closed", "paused"])),
    "a value is taken from an enumeration": changed(("properties/status/enum", ["open"])),
    "an enumeration is opened": changed(("properties/status/enum", ...)),
    "a text becomes an enumeration": changed(("$defs/Item/properties/code/enum", ["a"])),
    "null becomes possible": changed(("properties/score", {"anyOf": [{"type": "number"}, {"type": "null"}]})),
    "null becomes impossible": changed(("properties/note", {"type": "string", "default": None})),
    "another kind of value becomes possible": changed(("properties/note/anyOf", [{"type": "string"}, {"type": "integer"}, {"type": "null"}])),
    "a maximum falls": changed(("properties/amount_idr/maximum", 99)),
    "a maximum rises": changed(("properties/amount_idr/maximum", 101)),
    "a minimum appears": changed(("properties/score/minimum", 0)),
    "a length shrinks": changed(("properties/code/maxLength", 9)),
    "a list may be empty": changed(("properties/items/minItems", 0)),
    "a nested name is taken away": changed(("$defs/Item/properties/count", ...), ("$defs/Item/required", ["code"])),
    "a nested type changes": changed(("$defs/Item/properties/count/type", "string")),
    "the values of a map change": changed(("properties/totals/additionalProperties/type", "number")),
    "the object is closed": changed(("additionalProperties", False)),
    "a default changes": changed(("properties/note/default", "-")),
    "an unknown keyword appears": changed(("properties/items/uniqueItems", True)),
}
ALLOWED = {
    "nothing": GOLDEN,
    "an optional name with a default": changed(("properties/region_code", {"type": "string", "default": "-"})),
    "an optional nullable name": changed(("properties/region_code", {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None})),
    "an optional name of a nested object": changed(("$defs/Item/properties/unit", {"type": "string", "default": "kg"})),
    "other words": changed(("description", "Said better."), ("properties/code/title", "Kode"), ("properties/code/examples", ["abc"])),
    "a definition of another name": changed(("$defs/Line", GOLDEN["$defs"]["Item"]), ("$defs/Item", ...), ("properties/items/items/$ref", "#/$defs/Line")),
    "a definition written in place": changed(("properties/items/items", GOLDEN["$defs"]["Item"])),
    "another order": changed(("required", REQUIRED[::-1]), ("properties/status/enum", ["closed", "open"])),
}


@pytest.mark.parametrize("change", REFUSED)
def test_an_incompatible_change_is_refused(change: str) -> None:
    assert incompatibilities(GOLDEN, REFUSED[change]) != []


@pytest.mark.parametrize("change", ALLOWED)
def test_a_compatible_change_passes(change: str) -> None:
    assert incompatibilities(GOLDEN, ALLOWED[change]) == []


def test_the_reason_names_the_place_and_the_direction() -> None:
    assert incompatibilities(GOLDEN, REFUSED["a value is added to an enumeration"]) == [
        "$.status: values [\"'paused'\"] are not known (an old reader, what is written now)"
    ]
    assert incompatibilities(GOLDEN, REFUSED["a nested type changes"])[0].startswith("$.items[].count: type integer where string is expected")


def test_changes_one_after_another_stay_compatible_with_the_first() -> None:
    second = changed(("properties/a", {"type": "string", "default": ""}))
    third = deepcopy(second)
    third["properties"]["b"] = {"type": "integer", "default": 0}
    assert incompatibilities(GOLDEN, second) == incompatibilities(second, third) == incompatibilities(GOLDEN, third) == []
    # The detour that a check of optional names alone would let through: take one away, then bring it back as something else.
    back = changed(("properties/a", {"type": "integer", "default": 0}))
    assert incompatibilities(second, GOLDEN) != []
    assert incompatibilities(second, back) != []


def test_a_schema_that_holds_itself_is_compared_to_its_end() -> None:
    tree = TypeAdapter(Tree).json_schema(mode="serialization")
    other = deepcopy(tree)
    other["$defs"]["Tree"]["properties"]["name_code"] = {"type": "integer"}
    assert incompatibilities(tree, tree) == []
    assert incompatibilities(tree, other) != []


@pytest.mark.parametrize("hint", [str, int, UUID, Decimal, list[Item], dict[str, int], str | None, Literal["a", "b"], Item | None, list[Item | str]])
def test_whatever_pydantic_emits_follows_itself(hint: Any) -> None:
    schema = TypeAdapter(hint).json_schema(mode="serialization")
    assert incompatibilities(schema, schema) == []


def test_a_reader_that_wants_more_cannot_read_less() -> None:
    assert unreadable(reader={"type": "number"}, writer={"type": "integer"}) == []
    assert unreadable(reader={"type": "integer"}, writer={"type": "number"}) != []
    assert unreadable(reader={"type": "integer"}, writer={}) != []
    assert unreadable(reader={}, writer={"type": "integer"}) == []
    assert unreadable(reader={"type": ["integer", "null"]}, writer={"type": "null"}) == []


@pytest.mark.parametrize("wire_type", all_schemas())
def test_every_event_type_survives_a_further_optional_name_and_no_less(wire_type: str) -> None:
    schema = all_schemas()[wire_type]
    more = deepcopy(schema)
    more["properties"]["added_later"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert incompatibilities(schema, more) == []
    for name in schema["properties"]:
        less = deepcopy(schema)
        del less["properties"][name]
        less["required"] = [other for other in schema["required"] if other != name]
        assert incompatibilities(schema, less) != []


def test_the_files_are_not_overwritten_by_an_incompatible_contract(tmp_path: Any) -> None:
    write(tmp_path)
    assert refusals(tmp_path) == []
    path = tmp_path / "entaskan.mapping.LocationPrioritised.v1.json"
    path.write_text(path.read_text().replace('"rank"', '"urutan"'))
    (tmp_path / "entaskan.mapping.Forgotten.v1.json").write_text("{}")
    refused = "\n".join(refusals(tmp_path))
    assert "LocationPrioritised.v1: $.rank: required, but not always written" in refused
    assert "LocationPrioritised.v1: $.urutan: taken away" in refused
    assert "Forgotten.v1: taken away" in refused


def test_a_sample_whose_names_changed_is_kept(tmp_path: Any) -> None:
    write(tmp_path)
    assert write(tmp_path) == []
    path = tmp_path / "samples" / "entaskan.mapping.LocationPrioritised.v1.json"
    whole = path.read_text()
    path.write_text(whole.replace('"rank": 7,', ""))
    assert write(tmp_path) == ["samples/entaskan.mapping.LocationPrioritised.v1.json"]
    assert path.read_text() == whole
    assert '"rank"' not in (tmp_path / "samples/former/entaskan.mapping.LocationPrioritised.v1/1.json").read_text()
