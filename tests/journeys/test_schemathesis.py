"""Schemathesis against the whole API: whatever is sent, the answer is a documented one and never an error on our side."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.embedded.system import SERVICES
from shared.http.app import create_app
from shared.security.demo_issuer import issue_token
from shared.security.identity import Role
from shared.settings import Settings
from tests.journeys.conftest import Running, wait_for
from tests.kafka import free_port

SEED = 20241124
EXAMPLES = {GenerationMode.POSITIVE: 20, GenerationMode.NEGATIVE: 8}
ROLES = (Role.PROGRAMME_OWNER, Role.SYSTEM_ADMIN, Role.LENDER)
ALWAYS = [status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance]


@cache
def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI document of every service, as it is built without a database."""
    unused = Settings(
        mode="embedded",
        database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none",
        event_log="postgresql+asyncpg://nobody@127.0.0.1:1/none",
        issuer="https://unused.invalid",
        jwks="unused.json",
        cursor_secret="u" * 32,
        nik_key="n" * 32,
        nik_index_key="i" * 32,
    )
    return {service.name: create_app(service, unused).openapi() for service in SERVICES}


# What every service has is the same code; one of them is enough.
EVERYWHERE = ("/v1/events", "/v1/parked-messages", "/livez", "/readyz")
OPERATIONS = [
    (service, method, path)
    for service, document in documents().items()
    for path, item in document["paths"].items()
    for method in item
    if method in {"get", "post", "put", "patch", "delete"} and (service == "coordination" or not path.startswith(EVERYWHERE))
]


@dataclass
class Fuzzed:
    """The system under test, the tokens to call it with, and the ids that its lists name."""

    system: Running
    tokens: dict[Role, str]
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[int, set[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, service: str, only: str | None = None) -> None:
        """Remember the ids and codes that the readable lists of a service hold now."""
        for path, item in documents()[service]["paths"].items():
            if only not in (None, path) or "get" not in item or "{" in path or path in ("/livez", "/readyz", "/v1/reconciliation"):
                continue
            answer = httpx.get(f"{self.system.url}/{service}{path}", headers=self.headers(Role.PROGRAMME_OWNER), params=self._required(item["get"]), timeout=30)
            if answer.status_code == 200 and path == "/v1/events":
                self.known["lastEventId"] = [event["id"] for event in answer.json()[:20]]
            elif answer.status_code == 200 and answer.headers["content-type"] == "application/json":
                for found in answer.json().get("items", [])[:20]:
                    self._remember(path.rsplit("/", 1)[-1].removesuffix("s").replace("-", "_"), found)

    def _required(self, operation: dict[str, Any]) -> dict[str, str]:
        names = [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query" and parameter["required"]]
        return {name: self.known[name][0] for name in names if self.known[name]}

    def _remember(self, kind: str, found: dict[str, Any]) -> None:
        for name, value in found.items():
            if isinstance(value, str) and (name == "id" or name.endswith(("_id", "_code"))):
                names = {f"{kind}_id", f"{kind.split('_')[-1]}_id"} if name == "id" else {name}
                for each in names:
                    if value not in self.known[each]:
                        self.known[each].append(value)

    def headers(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"}


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """A system without the demonstration, holding one institution, one active programme and one approved model."""
    folder, port = tmp_path_factory.mktemp("fuzzed"), free_port()
    environment = os.environ | {"ENTASKAN_DATA": str(folder), "PORT": str(port)}
    output = folder / "terminal.txt"
    with output.open("w") as terminal:
        command = [sys.executable, "-m", "services.cli", "run", "--no-demo"]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[2], env=environment, stdout=terminal, stderr=subprocess.STDOUT, text=True)
    try:
        system = Running(f"http://127.0.0.1:{port}", folder, "postgres", process, output, None)
        wait_for(system, lambda: httpx.get(f"{system.url}/livez").status_code == 200, 60)
        yield prepared(system)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def prepared(system: Running) -> Fuzzed:
    """Make the first few things, since most commands need one."""
    issuer = system.folder / "demo-issuer"

    def token(role: Role, institution: str | None = None) -> str:
        return issue_token(issuer, subject=f"fuzz-{role}", role=role, institution_id=institution)  # type: ignore[arg-type]

    fuzzed = Fuzzed(system, {role: token(role) for role in (*ROLES, Role.COORDINATOR)})

    def post(path: str, body: Any = None, role: Role = Role.PROGRAMME_OWNER, version: int | None = None) -> Any:
        headers = fuzzed.headers(role) | {"Idempotency-Key": uuid4().hex} | ({"If-Match": f'"{version}"'} if version else {})
        answer = httpx.post(system.url + path, json=body, headers=headers, timeout=30)
        assert answer.is_success, answer.text
        return answer.json()

    institution = post("/coordination/v1/institutions", {"code": f"fuzz_{uuid4().hex[:8]}", "name": "Lembaga uji", "institution_type": "lender"})
    programme = post(
        "/coordination/v1/programmes",
        {
            "code": f"UJI-{random.randrange(10**6)}",
            "title": "Program uji",
            "legal_basis": "Uji",
            "valid_from": "2024-01-01",
            "valid_to": "2027-12-31",
            "area_quota": 48,
            "province_quota": 8,
            "funding_sources": ["apbn"],
            "lead_institution_id": institution["id"],
        },
    )
    post(f"/coordination/v1/programmes/{programme['id']}/submit", version=1)
    post(f"/coordination/v1/programmes/{programme['id']}/activate", role=Role.COORDINATOR, version=2)
    fuzzed.tokens |= {role: token(role, institution["id"]) for role in ROLES}
    wait_for(system, lambda: httpx.get(f"{system.url}/monitoring/v1/programmes").json()["items"], 30)
    for service in documents():
        fuzzed.learn(service)
    return fuzzed


def test_every_service_documents_operations() -> None:
    assert {service for service, _, _ in OPERATIONS} == {service.name for service in SERVICES}
    assert len(OPERATIONS) > 70
    names = [documents()[service]["paths"][path][method]["operationId"] for service, method, path in OPERATIONS]
    assert len(names) == len(OPERATIONS)


@pytest.mark.parametrize(("service", "method", "path"), OPERATIONS, ids=[f"{service}-{method}-{path}" for service, method, path in OPERATIONS])
@pytest.mark.parametrize("mode", EXAMPLES, ids=lambda mode: mode.value)
def test_every_answer_is_a_documented_one(fuzzed: Fuzzed, service: str, method: str, path: str, mode: GenerationMode) -> None:
    operation = _schema(service)[path][method.upper()]
    names = _parameters(service, method, path)
    checks = list(ALWAYS)
    if mode is GenerationMode.POSITIVE:
        if method != "post":
            fuzzed.learn(service, path)
    elif "cursor" not in names:  # an empty cursor is none, and of several the last one counts
        checks.append(negative_data_rejection)
    if mode is GenerationMode.NEGATIVE and not names:
        return

    @seed(SEED)
    @settings(max_examples=EXAMPLES[mode], deadline=None, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def fuzz(case: Case[Any], data: st.DataObject) -> None:
        role = data.draw(st.sampled_from(ROLES))
        if mode is GenerationMode.POSITIVE and data.draw(st.integers(0, 3)):
            _make_plausible(case, fuzzed.known, data)
        if mode is GenerationMode.POSITIVE and "timeout" in case.query:
            case.query["timeout"] %= 100  # of the up to 30 seconds that a reader may wait for an event
        response = case.call(base_url=f"{fuzzed.system.url}/{service}", headers=fuzzed.headers(role), timeout=30)
        assert response.status_code < 500 or response.status_code == 503, _explained(fuzzed, case, response)
        case.validate_response(response, checks=checks)
        fuzzed.answered[response.status_code].add((service, method, path))

    fuzz()


def _parameters(service: str, method: str, path: str) -> set[str]:
    operation = documents()[service]["paths"][path][method]
    return {parameter["name"] for parameter in operation.get("parameters", [])} | ({"body"} if "requestBody" in operation else set())


def _make_plausible(case: Case[Any], known: dict[str, list[str]], data: st.DataObject) -> None:
    """Name things that exist, see a version that may be the current one, and send a key, so that requests get past the door."""

    def filled(given: dict[str, Any]) -> None:
        for name in list(given):
            if known.get(name):
                given[name] = data.draw(st.sampled_from(known[name]))

    filled(case.path_parameters)
    filled(case.query)
    if isinstance(case.body, dict):
        filled(case.body)
    case.headers["Idempotency-Key"] = uuid4().hex
    case.headers["If-Match"] = f'"{data.draw(st.integers(1, 4))}"'


def test_requests_got_past_the_door(fuzzed: Fuzzed) -> None:
    """Otherwise everything above says nothing."""
    succeeded = {operation for status, operations in fuzzed.answered.items() if status < 300 for operation in operations}
    assert len(succeeded) > len(OPERATIONS) * 0.3
    assert {400, 403, 404, 409, 422, 428} <= fuzzed.answered.keys()


@pytest.mark.parametrize("service", documents())
def test_no_route_accepts_a_token_that_is_none(fuzzed: Fuzzed, service: str) -> None:
    for _, method, path in [each for each in OPERATIONS if each[0] == service]:
        address = f"{fuzzed.system.url}/{service}{path}".replace("{", "").replace("}", "")
        answer = httpx.request(method, address, headers={"Authorization": "Bearer not.a.token"}, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_refused"), address


@cache
def _schema(service: str) -> Any:
    # Unknown query names are ignored on purpose, and the token is ours to send.
    generation = GenerationConfig(allow_extra_parameters=False, with_security_parameters=False)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_dict(documents()[service], config=config)


def _explained(fuzzed: Fuzzed, case: Case[Any], response: Any) -> str:
    """The request, the answer and what the system logged about it."""
    lines = (fuzzed.system.folder / "log.jsonl").read_text().splitlines()
    logged = [line for line in lines if '"error"' in line or '"critical"' in line][-1:]
    return f"{case.as_curl_command()}\n{response.status_code} {response.text}\n{logged}"
