"""The AsyncAPI documents: valid for the official parser, and true of the topics that are made."""

import json
import shutil
import subprocess
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from services.embedded.system import SERVICES
from shared.catalogue.asyncapi import asyncapi_of
from shared.catalogue.schemas import schema_of
from shared.contracts import EVENT_TYPES
from shared.envelope import REQUIRED
from shared.eventlog.kafka import KafkaLog

NAMES = tuple(service.name for service in SERVICES)
SCRIPT = Path(__file__).parent / "validate_asyncapi.mjs"


def diagnose(documents: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What the official parser objects to."""
    node = shutil.which("node")
    assert node, "node is missing: install nodejs (on Debian: apt-get install nodejs npm)"
    assert (SCRIPT.parents[2] / "node_modules" / "@asyncapi" / "parser").exists(), "run 'npm ci --ignore-scripts'"
    done = subprocess.run([node, SCRIPT], input=json.dumps(documents), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return found


@cache
def _diagnosed() -> dict[str, list[dict[str, Any]]]:
    documents: dict[str, Any] = {name: asyncapi_of(name) for name in NAMES}
    mapping = documents["mapping"]
    documents["wrong action"] = _with(mapping, "operations", "sendLocationPrioritised", "action", value="sing")
    documents["wrong partitions"] = _with(mapping, "channels", "entaskan_mapping", "bindings", "kafka", "partitions", value=-1)
    documents["wrong reference"] = _with(mapping, "channels", "entaskan_mapping", "messages", "LocationPrioritised", "$ref", value="#/nowhere")
    return diagnose(documents)


def _with(document: dict[str, Any], *path: str, value: Any) -> dict[str, Any]:
    changed = deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize("name", NAMES)
def test_the_official_parser_accepts_it(name: str) -> None:
    assert _diagnosed()[name] == []


@pytest.mark.parametrize("name", ["wrong action", "wrong partitions", "wrong reference"])
def test_the_official_parser_would_notice(name: str) -> None:
    assert _diagnosed()[name] != []


@pytest.mark.parametrize("name", NAMES)
def test_payloads_are_the_published_schemas(name: str) -> None:
    # The parser leaves payloads of this dialect unread, so they are checked here.
    messages = asyncapi_of(name)["components"]["messages"]
    kinds = {kind.name: kind for kind in EVENT_TYPES.values() if kind.publisher == name}
    assert messages.keys() == kinds.keys()
    for event, message in messages.items():
        schema = message["payload"]["schema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema == {key: value for key, value in schema_of(kinds[event]).items() if key not in ("$id", "$schema")}
        assert message["name"] == kinds[event].wire_type


def test_samples_carry_the_headers_that_are_documented() -> None:
    headers = asyncapi_of("mapping")["components"]["messageTraits"]["cloudEvent"]["headers"]
    jsonschema.Draft202012Validator.check_schema(headers)
    assert headers["required"] == list(REQUIRED)
    for path in sorted((SCRIPT.parents[2] / "docs" / "events" / "samples").glob("*.json")):
        sent = json.loads(path.read_text())["headers"]
        jsonschema.Draft202012Validator(headers, format_checker=jsonschema.FormatChecker()).validate(sent)
        assert sent.keys() <= headers["properties"].keys(), path.name


@pytest.mark.parametrize("name", NAMES)
async def test_bindings_are_the_topics_that_are_made(name: str) -> None:
    made: list[Any] = []

    class Admin:
        async def create_topics(self, topics: list[Any]) -> Any:
            made.extend(topics)
            return SimpleNamespace(topic_errors=[])

    for channel in asyncapi_of(name)["channels"].values():
        await KafkaLog("nowhere:1")._create(Admin(), channel["address"], 3)
        binding = channel["bindings"]["kafka"]
        configuration = {key: str(value[0] if isinstance(value, list) else value) for key, value in binding["topicConfiguration"].items()}
        assert (binding["topic"], binding["partitions"]) == (made[-1].name, made[-1].num_partitions)
        assert configuration == {key: value for key, value in made[-1].topic_configs.items() if key != "min.insync.replicas"}
    assert {topic.name for topic in made} == {kind.topic for kind in EVENT_TYPES.values() if kind.publisher == name}
