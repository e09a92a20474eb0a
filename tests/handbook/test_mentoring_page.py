"""The requests on the page about mentoring, sent as they stand there and in their order; every operation is among them."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import pytest

from shared.security.identity import Role
from tests.facilitation.mentoring_world import mentoring_world
from tests.kit import Person

PAGE = Path(__file__).parents[2] / "docs" / "handbook" / "mentoring.md"
TAGS = {"mentors", "mentoring", "mentoring-visits", "mentoring-plans"}


def requests() -> list[str]:
    """The `ask` commands of the page, each with its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [command for block in blocks for command in re.split(r"^(?=ask \")", block, flags=re.MULTILINE) if command.startswith('ask "')]


async def test_the_page_runs_as_it_stands(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> None:
    world = await mentoring_world(serving, person, monkeypatch)
    await world.place()
    group = await world.group()
    known = {"GROUP": group, "ENTERPRISE": (await world.members(group))[0]}
    people = {
        "REGENCY": world.regency,
        "OWNER": world.owner,
        "PENDAMPING": person(Role.MENTOR, name="sub-4c1f", regions=["53"]),
        "PENGGANTI": person(Role.MENTOR, name="sub-77d0", regions=["53"]),
    }
    called = set()
    paths = world.served.app.openapi()["paths"]
    for command in requests():
        text, _, result = command.partition(" # -> ")
        words = shlex.split(Template(text).safe_substitute(known))
        who, method, path, rest = people[words[1].removeprefix("$")], words[2], f"/v1{words[3]}", words[4:]
        options = dict(zip(rest[::2], rest[1::2], strict=True))
        assert options.keys() <= {"-H", "-d"}
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(len(called)) + path.replace("?", "-")}
        headers |= dict([options["-H"].split(": ", 1)]) if "-H" in options else {}
        answer = await world.served.client.request(
            method, path, content=options.get("-d"), headers={name.lower(): value for name, value in headers.items()} | {"authorization": f"Bearer {who.token}"}
        )
        assert answer.is_success, f"{command}\n{answer.text}"
        if result.startswith(".goals[0].id "):
            known[result.split()[1]] = answer.json()["goals"][0]["id"]
        elif result:
            known[result.strip()] = answer.json()["id"]
        called |= {
            (method.lower(), template)
            for template in paths
            if re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path.split("?")[0]) and method.lower() in paths[template]
        }
    offered = {(method, path) for path, item in paths.items() for method, operation in item.items() if TAGS & set(operation.get("tags", []))}
    assert offered - called == set(), "every operation has an example"
