"""Whether a schema may follow another one: FULL_TRANSITIVE compatibility for the JSON Schemas of events.

Events are kept for ever and services are upgraded one at a time, so both must hold: the new reader reads everything that was ever
written, and a reader that was not upgraded yet reads what the new writer writes. Readers ignore names that they do not know. That leaves
one change, a further optional property. No property is ever taken away, therefore a check against the last schema is one against all.

The check covers the subset that pydantic emits; an unknown keyword has to stay as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"})
_ALTERNATIVES = ("anyOf", "oneOf")
_HANDLED = frozenset({"type", "enum", "const", "properties", "required", "items", "additionalProperties", *_ALTERNATIVES})
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def incompatibilities(golden: Schema, current: Schema) -> list[str]:
    """Every reason why `current` may not follow `golden`; empty when it may."""
    return [
        *(f"{reason} (a new reader, what was written before)" for reason in unreadable(current, golden)),
        *(f"{reason} (an old reader, what is written now)" for reason in unreadable(golden, current)),
        *_lost(_Node.root(golden), _Node.root(current), "$"),
    ]


def unreadable(reader: Schema, writer: Schema) -> list[str]:
    """Every reason why some document that fulfils `writer` does not fulfil `reader`; empty when all do."""
    return list(_unreadable(_Node.root(reader), _Node.root(writer), "$", frozenset()))


@dataclass(frozen=True)
class _Node:
    """A place in a schema, with the document that its references point into."""

    schema: Schema
    document: Schema

    @classmethod
    def root(cls, document: Schema) -> "_Node":
        return cls(document, document)._resolved()

    def _resolved(self) -> "_Node":
        schema = self.schema
        while "$ref" in schema:
            target: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
        return _Node(schema, self.document)

    def at(self, schema: Schema | bool) -> "_Node":
        return _Node(({} if schema else {"not": {}}) if isinstance(schema, bool) else schema, self.document)._resolved()

    def branches(self) -> list["_Node"]:
        """The alternatives of this place, each with what applies to all of them."""
        for keyword in _ALTERNATIVES:
            if keyword in self.schema:
                rest = {name: value for name, value in self.schema.items() if name != keyword}
                return [leaf for each in self.schema[keyword] for leaf in self.at({**rest, **self.at(each).schema}).branches()]
        types = self.schema.get("type")
        return [_Node({**self.schema, "type": each}, self.document) for each in types] if isinstance(types, list) else [self]

    def properties(self) -> dict[str, "_Node"]:
        return {name: self.at(schema) for name, schema in self.schema.get("properties", {}).items()}


def _unreadable(reader: _Node, writer: _Node, path: str, open_pairs: frozenset[tuple[int, int]]) -> Iterator[str]:
    pair = id(reader.schema.get("properties")), id(writer.schema.get("properties"))
    if "properties" in reader.schema and pair in open_pairs:  # a schema that holds itself: this pair is being compared already
        return
    open_pairs |= {pair}
    for written in writer.branches():
        refusals = [list(_unreadable_branch(option, written, path, open_pairs)) for option in reader.branches()]
        if [] not in refusals:
            yield from refusals[0] if len(refusals) == 1 else [f"{path}: no alternative takes {written.schema.get('type', 'anything')}"]


def _unreadable_branch(reader: _Node, writer: _Node, path: str, open_pairs: frozenset[tuple[int, int]]) -> Iterator[str]:
    read, written = reader.schema, writer.schema
    yield from _values(read, written, path)
    expected, given = read.get("type"), written.get("type")
    if expected is not None and expected != given and (expected, given) != ("number", "integer"):
        yield f"{path}: type {given or 'open'} where {expected} is expected"
        return
    yield from _bounds(read, written, path, _LOWER_BOUNDS, max)
    yield from _bounds(read, written, path, _UPPER_BOUNDS, min)
    for keyword in sorted(read.keys() - _ANNOTATIONS - _HANDLED - {*_LOWER_BOUNDS, *_UPPER_BOUNDS}):  # format, pattern, whatever comes
        if read[keyword] != written.get(keyword):
            yield f"{path}: {keyword} {written.get(keyword)!r} where {read[keyword]!r} is expected"
    if "properties" in read or "required" in read or "additionalProperties" in read:
        yield from _members(reader, writer, path, open_pairs)
    if "items" in read:
        yield from _unreadable(reader.at(read["items"]), writer.at(written.get("items", True)), f"{path}[]", open_pairs)


def _values(read: Schema, written: Schema, path: str) -> Iterator[str]:
    known = _listed(read)
    if known is None:
        return
    if (possible := _listed(written)) is None:
        yield f"{path}: any value where one of {sorted(known)} is expected"
    elif strange := possible - known:
        yield f"{path}: values {sorted(strange)} are not known"


def _listed(schema: Schema) -> set[str] | None:
    """The values listed, told apart by type too: 1, true and "1" are three."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return None if values is None else {repr(value) for value in values}


def _bounds(read: Schema, written: Schema, path: str, keywords: tuple[str, ...], tighter: Callable[[Any, Any], Any]) -> Iterator[str]:
    for keyword in keywords:
        if keyword in read and (keyword not in written or tighter(read[keyword], written[keyword]) != written[keyword]):
            yield f"{path}: {keyword} {written.get(keyword)} where {read[keyword]} is expected"


def _members(reader: _Node, writer: _Node, path: str, open_pairs: frozenset[tuple[int, int]]) -> Iterator[str]:
    expected, given = reader.properties(), writer.properties()
    for name in reader.schema.get("required", []):
        if name not in writer.schema.get("required", []):
            yield f"{path}.{name}: required, but not always written"
    rest = reader.schema.get("additionalProperties", True)
    for name, written in given.items():
        if name in expected:
            yield from _unreadable(expected[name], written, f"{path}.{name}", open_pairs)
        elif rest is False:
            yield f"{path}.{name}: further names are refused"
        elif rest is not True:
            yield from _unreadable(reader.at(rest), written, f"{path}.{name}", open_pairs)
    if rest is not True and (others := writer.schema.get("additionalProperties", True)) is not False:
        yield from _unreadable(reader.at(rest), writer.at(others), f"{path}.*", open_pairs)


def _lost(golden: _Node, current: _Node, path: str, depth: int = 0) -> Iterator[str]:
    """Properties that are gone, and defaults that mean something else now."""
    before, after = golden.properties(), current.properties()
    for name, old in before.items():
        here = f"{path}.{name}"
        if name not in after:
            yield f"{here}: taken away"
        elif repr(old.schema.get("default")) != repr(after[name].schema.get("default")):
            yield f"{here}: another default changes what earlier events mean"
        elif depth < 8:
            yield from _lost(old, after[name], here, depth + 1)
    if "items" in golden.schema and "items" in current.schema and depth < 8:
        yield from _lost(golden.at(golden.schema["items"]), current.at(current.schema["items"]), f"{path}[]", depth + 1)
