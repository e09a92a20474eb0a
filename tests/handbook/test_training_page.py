"""The handbook's page on training: its examples are requests that the service takes, and no operation lacks one."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

from services.facilitation.app import SERVICE
from shared.http.app import create_app
from shared.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "handbook" / "training.md").read_text()


def document() -> dict[str, Any]:
    unused = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
    secrets = {"cursor_secret": "u" * 32, "nik_key": "n" * 32, "nik_index_key": "i" * 32}
    return create_app(
        SERVICE, Settings(mode="embedded", database_url=unused, event_log=unused, issuer="https://unused.invalid", jwks="unused.json", **secrets)
    ).openapi()


def examples() -> list[tuple[str, str, dict[str, str], Any]]:
    """Method, path, query and JSON body of every call on the page."""
    found = []
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S):
        for command in re.findall(r"^(?:call|curl) .*?(?=^(?:call|curl) |\Z)", block, re.S | re.M):
            words = shlex.split(command)
            address = urlsplit(next(word for word in words if word.startswith("$E/")).removeprefix("$E"))
            body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
            found.append(("post" if "POST" in words else "get", address.path, dict(parse_qsl(address.query)), body))
    return found


def test_every_operation_has_an_example_that_fits_its_schema() -> None:
    openapi = document()
    operations = {
        (method, path): operation for path, item in openapi["paths"].items() for method, operation in item.items() if operation.get("tags") == ["training"]
    }
    shown = set()
    for method, path, query, body in examples():
        pattern = re.sub(r"\$[A-Z]+", "{}", path)
        matching = [key for key in operations if key[0] == method and re.fullmatch(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(key[1])), pattern)]
        assert len(matching) == 1, (method, path)
        operation = operations[matching[0]]
        shown.add(matching[0])
        assert query.keys() <= {parameter["name"] for parameter in operation.get("parameters", [])}, path
        content = operation.get("requestBody", {}).get("content", {})
        assert (body is not None) == ("application/json" in content), path
        if body is not None:
            schema = content["application/json"]["schema"] | {"components": openapi["components"]}
            jsonschema.Draft202012Validator(schema).validate(body)
    assert operations.keys() - shown == set()
    assert len(shown) > 30


def test_every_refusal_on_the_page_is_one_of_the_service() -> None:
    source = "\n".join(path.read_text() for path in (Path(__file__).parents[2] / "services" / "facilitation").rglob("*.py"))
    named = set(re.findall(r"`([a-z_]+)`", PAGE.split("## Penolakan")[1])) - {"broken", "opens_on", "closes_on"}
    assert {code for code in named if f'code = "{code}"' not in source} == set()
    assert len(named) > 20
