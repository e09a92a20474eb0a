"""What every route of every service keeps to, seen through coordination."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy import text
from starlette.responses import Response

from services.coordination.app import SERVICE
from services.coordination.schema import metadata
from shared.http.access import PUBLIC, allow
from shared.http.app import Service, create_app
from shared.http.problems import prefers_english
from shared.http.requests import Name, RequestModel, RupiahAmount, router
from shared.security.identity import Caller, Role
from shared.settings import Settings
from tests.kafka import free_port
from tests.kit import Person, Served
from tests.shared.answers import faults_of, next_link

CANARY = "5304010101900001"
INSTITUTION = {"code": "kemenkop", "name": "Kementerian Koperasi", "institution_type": "ministry"}


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    made: Served = await serving(SERVICE)
    return made


@pytest.fixture
def owner(person: Callable[..., Person]) -> Person:
    return person(Role.PROGRAMME_OWNER)


def bearer(person: Person, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}", "Idempotency-Key": uuid4().hex, "Content-Type": "application/json", **headers}


async def errors(served: Served, owner: Person, **headers: str) -> dict[str, tuple[httpx.Response, int, str]]:
    """One of every kind of error: the answer, and the status and code that it should have."""

    async def ask(method: str, path: str, person: Person | None = owner, content: bytes | None = None, **more: str) -> httpx.Response:
        sent = (bearer(person) if person else {}) | headers | more
        return await served.client.request(method, path, headers={name: value for name, value in sent.items() if value}, content=content)

    body = json.dumps(INSTITUTION | {"code": f"c{uuid4().hex}"}).encode()
    made = await ask("POST", "/v1/institutions", content=body)
    assert made.status_code == 201
    path = made.headers["location"].removeprefix("/coordination")
    programme = f"/v1/programmes/{uuid4()}/submit"
    return {
        "no token": (await ask("GET", "/v1/institutions", None), 401, "token_missing"),
        "no token and nothing else right": (await ask("POST", "/v1/institutions", None, b"{}"), 401, "token_missing"),
        "another scheme": (await ask("GET", "/v1/institutions", Authorization="Basic eDp5"), 401, "token_missing"),
        "no such token": (await ask("GET", "/v1/institutions", Authorization="Bearer x.y.z"), 401, "token_refused"),
        "wrong role": (await ask("GET", "/v1/parked-messages"), 403, "forbidden"),
        "absent": (await ask("GET", f"/v1/institutions/{uuid4()}"), 404, "not_found"),
        "no such path": (await ask("GET", "/v1/nowhere"), 404, "not_found"),
        "no such service": (await ask("GET", "http://test/nowhere/v1/institutions"), 404, "not_found"),
        "wrong method": (await ask("DELETE", path), 405, "method_not_allowed"),
        "wrong method on the host": (await ask("POST", "http://test/livez"), 405, "method_not_allowed"),
        "code taken": (await ask("POST", "/v1/institutions", content=body), 409, "institution_code_taken"),
        "body too large": (await ask("POST", "/v1/institutions", content=b" " * 300_000), 413, "body_too_large"),
        "not JSON": (await ask("POST", "/v1/institutions", content=b"{"), 422, "validation_failed"),
        "breaks the schema": (await ask("POST", "/v1/institutions", content=b"{}"), 422, "validation_failed"),
        "no key": (await ask("POST", "/v1/institutions", content=body, **{"Idempotency-Key": ""}), 400, "idempotency_key_missing"),
        "no If-Match": (await ask("POST", programme), 428, "if_match_missing"),
        "bad If-Match": (await ask("POST", programme, **{"If-Match": "3"}), 400, "if_match_invalid"),
        "bad cursor": (await ask("GET", "/v1/institutions?cursor=AAAA"), 400, "cursor_invalid"),
        "NUL in a filter": (await ask("GET", "/v1/institutions?code=%00"), 422, "control_character"),
    }


async def test_every_error_is_a_problem_document_in_the_language_asked_for(served: Served, owner: Person) -> None:
    wrong = {}
    for english, headers in ((False, {}), (True, {"Accept-Language": "en-GB, id;q=0.5"})):
        for name, (answer, status, code) in (await errors(served, owner, **headers)).items():
            if faults := faults_of(answer, status, code, english=english):
                wrong[f"{name} ({english=})"] = faults
    assert wrong == {}


async def test_the_type_of_every_problem_is_the_address_of_a_page_about_it(served: Served, owner: Person) -> None:
    types = {answer.json()["type"] for answer, _, _ in (await errors(served, owner)).values()} | {"/problems/internal_error", "/problems/database_unavailable"}
    pages = {address: (await served.client.get(f"http://test{address}")).status_code for address in types}
    assert set(pages.values()) == {200}, pages
    assert (await served.client.get("http://test/problems/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("header", "english"),
    [
        ("", False),
        ("id", False),
        ("en", True),
        ("EN-us", True),
        ("fr", False),
        ("id, en", False),
        ("en;q=0.4, id;q=0.6", False),
        ("en; q=0.9, id; q=0.1", True),
        ("id;q=0, en;q=0.1", True),
        ("en;q=nan", False),
        ("en;q=x", False),
        (";;;,,,q=q=", False),
    ],
)
def test_english_only_where_it_is_preferred(header: str, english: bool) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert prefers_english(request) is english


class Hostile(RequestModel):
    """Fields of every kind."""

    name: Name
    amount_idr: RupiahAmount
    share: float
    weights: dict[str, Annotated[float, Field(gt=0)]]


probe = router("probe")


@probe.post("/probe", operation_id="probe", dependencies=[PUBLIC])
async def probing(body: Hostile) -> Response:
    """Whatever reaches this was accepted."""
    return Response(status_code=204)


@probe.get("/bug", operation_id="bug", dependencies=[PUBLIC])
async def bug() -> None:
    """A programming error that quotes data."""
    raise RuntimeError(f"cannot handle {CANARY}")


PROBE = Service(name="coordination", title="Probe", description="Routes for tests.", metadata=metadata, routers=[probe])
GOOD = {"name": "Siti", "amount_idr": 1, "share": 0.5, "weights": {"a": 1}}


def with_field(name: str, raw: str) -> bytes:
    """The good body with one field's JSON replaced."""
    return json.dumps(GOOD | {name: "@"}).replace('"@"', raw).encode()


BODIES = {
    "empty": b"",
    "null": b"null",
    "an array": b"[]",
    "a string": b'"x"',
    "unknown field": json.dumps(GOOD | {"role": "admin"}).encode(),
    "NaN": with_field("share", "NaN"),
    "Infinity": with_field("share", "-Infinity"),
    "1e400": with_field("share", "1e400"),
    "1e400 as an amount": with_field("amount_idr", "1e400"),
    "10,000 digits": with_field("amount_idr", "9" * 10_000),
    "4,000 digits": with_field("amount_idr", "9" * 4_000),
    "more than JSON numbers hold": with_field("amount_idr", str(2**53)),
    "an amount as text": with_field("amount_idr", '"1"'),
    "an amount with a fraction": with_field("amount_idr", "1.0"),
    "true as an amount": with_field("amount_idr", "true"),
    "a name twice": b'{"name": "Ani", ' + json.dumps(GOOD).encode()[1:],
    "NUL": with_field("name", '"a\\u0000b"'),
    "an escape sequence": with_field("name", '"\\u001b[2J"'),
    "a lone surrogate": with_field("name", '"\\ud800"'),
    "a lone surrogate in UTF-8": with_field("name", '"@"').replace(b"@", b"\xed\xa0\x80"),
    "not UTF-8": with_field("name", '"@"').replace(b"@", b"\xff"),
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "a lone surrogate as a key": with_field("weights", '{"\\ud800": 0}'),
    "a refused value under a key of the caller": with_field("weights", f'{{"{CANARY}": 0}}'),
    "nesting without end": b"[" * 100_000,
    "nesting to the end": with_field("weights", '{"a":' * 40_000 + "1" + "}" * 40_000),
    "spaces only as a name": with_field("name", '"   "'),
    "a name of 201 characters": with_field("name", json.dumps("x" * 201)),
    "trailing text": json.dumps(GOOD).encode() + b"x",
}


async def test_no_body_however_hostile_gets_through_or_breaks_anything(serving: Callable[..., Any]) -> None:
    served: Served = await serving(PROBE)
    sent = {"Content-Type": "application/json"}
    assert (await served.client.post("/v1/probe", content=json.dumps(GOOD), headers=sent)).status_code == 204
    answers = {name: await served.client.post("/v1/probe", content=body, headers=sent) for name, body in BODIES.items()}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""):
        answers[f"JSON sent as {kind}"] = await served.client.post("/v1/probe", content=json.dumps(GOOD), headers={"Content-Type": kind})
    wrong = {name: faults for name, answer in answers.items() if (faults := faults_of(answer, 422, "validation_failed"))}
    wrong |= {name: [answer.text] for name, answer in answers.items() if CANARY in answer.text}
    assert wrong == {}


async def test_a_body_beyond_the_limit_is_refused_even_in_pieces(serving: Callable[..., Any]) -> None:
    served: Served = await serving(PROBE)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1000

    whole = await served.client.post("/v1/probe", content=b" " * 300_000, headers={"Content-Type": "application/json"})
    chunked = await served.client.post("/v1/probe", content=pieces(), headers={"Content-Type": "application/json"})
    assert [faults_of(answer, 413, "body_too_large") for answer in (whole, chunked)] == [[], []]


async def test_an_unforeseen_error_tells_nothing_but_its_request_id(serving: Callable[..., Any]) -> None:
    served: Served = await serving(PROBE)
    answer = await served.client.get("/v1/bug")
    assert faults_of(answer, 500, "internal_error") == []
    assert CANARY not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_error_repeats_what_was_sent(served: Served, owner: Person, person: Callable[..., Person]) -> None:
    async def ask(method: str, path: str, content: Any = None, **headers: str) -> httpx.Response:
        return await served.client.request(method, path, headers=bearer(owner) | headers, content=content)

    def body(**fields: Any) -> bytes:
        return json.dumps(INSTITUTION | fields).encode()

    operator = person(Role.SYSTEM_ADMIN)
    answers = [
        await ask("GET", f"/v1/{CANARY}"),
        await ask("GET", f"http://test/{CANARY}"),
        await ask("GET", f"/v1/institutions/{CANARY}"),
        await ask("GET", f"/v1/institutions?limit={CANARY}x"),
        await ask("GET", f"/v1/institutions?cursor={CANARY}"),
        await ask("GET", f"/v1/institutions?code={CANARY * 10}"),
        await ask("GET", "/v1/institutions", Authorization=f"Bearer {CANARY}"),
        await ask("GET", "/v1/institutions", Authorization=CANARY),
        await ask("POST", "/v1/institutions", body(name=CANARY, code=CANARY)),
        await ask("POST", "/v1/institutions", body(**{CANARY: 1})),
        await ask("POST", "/v1/institutions", body(institution_type=CANARY)),
        await ask("POST", "/v1/institutions", body(parent_institution_id=CANARY)),
        await ask("POST", "/v1/institutions", body(name={CANARY: [CANARY]})),
        await ask("POST", "/v1/institutions", f'{{"{CANARY}": '.encode()),
        await ask("POST", "/v1/institutions", body(), **{"Content-Type": CANARY}),
        await ask("POST", "/v1/institutions", body(), **{"Idempotency-Key": CANARY + " " + CANARY}),
        await ask("POST", f"/v1/programmes/{uuid4()}/submit", **{"If-Match": CANARY}),
        await ask("GET", f"/v1/institutions/{uuid4()}", **{"X-Request-ID": CANARY, "traceparent": CANARY, "Accept-Language": CANARY}),
        await ask(CANARY, "/v1/institutions"),
        await served.post(f"/v1/parked-messages/{CANARY}/replay", operator),
        await served.get(f"/v1/parked-messages?resolved={CANARY}", operator),
    ]
    for number, answer in enumerate(answers):
        assert answer.status_code >= 400, (number, answer.text)
        assert CANARY not in answer.text, (number, answer.text)
        assert CANARY not in str(answer.headers.raw), (number, answer.headers)


async def test_an_unreadable_idempotency_key_is_refused(served: Served, owner: Person) -> None:
    for key in ("", " ", "a b", "ä", "x" * 256, '""', "tab\there", '"' + "x" * 256 + '"'):
        headers: Any = bearer(owner) | {"Idempotency-Key": key.encode("latin-1")}
        answer = await served.client.post("/v1/institutions", json=INSTITUTION, headers=headers)
        assert faults_of(answer, 400, "idempotency_key_invalid") == [], key
    assert await served.outbox() == []


async def test_a_key_belongs_to_its_caller_and_survives_refusals(served: Served, owner: Person, person: Callable[..., Person]) -> None:
    other = person(Role.PROGRAMME_OWNER)
    refused = await served.post("/v1/institutions", owner, INSTITUTION | {"name": ""}, key="same")
    assert refused.status_code == 422
    mine = await served.post("/v1/institutions", owner, INSTITUTION, key="same")
    theirs = await served.post("/v1/institutions", other, INSTITUTION | {"code": "another"}, key="same")
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    reordered = json.dumps(dict(reversed(INSTITUTION.items())), indent=2)
    again = await served.client.post("/v1/institutions", content=reordered, headers=bearer(owner, **{"Idempotency-Key": "same"}))
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, mine.content, "true")
    assert (again.headers["etag"], again.headers["location"]) == (mine.headers["etag"], mine.headers["location"])
    assert faults_of(await served.post("/v1/institutions", owner, INSTITUTION | {"name": "Lain"}, key="same"), 422, "idempotency_key_reused") == []


async def programme(served: Served, owner: Person) -> str:
    lead = (await served.post("/v1/institutions", owner, INSTITUTION)).json()["id"]
    years = {"valid_from": "2024-01-01", "valid_to": "2027-12-31"}
    rest = {"area_quota": 48, "province_quota": 8, "funding_sources": ["apbn"], "lead_institution_id": lead}
    drafted = await served.post("/v1/programmes", owner, {"code": "PKE-2024", "title": "Program", "legal_basis": "Inpres 4/2022"} | years | rest)
    assert drafted.status_code == 201, drafted.text
    return f"/v1/programmes/{drafted.json()['id']}"


async def test_a_change_says_which_version_it_is_based_on(served: Served, owner: Person) -> None:
    path = await programme(served, owner)
    assert faults_of(await served.post(f"{path}/submit", owner), 428, "if_match_missing") == []
    for tag in ("*", "1", 'W/"1"', '"', '"x"', '"1", "2"', '"99999999999"', '"²"'):
        answer = await served.client.post(f"{path}/submit", headers=bearer(owner) | {"If-Match": tag.encode("latin-1")})  # type: ignore[dict-item]
        assert faults_of(answer, 400, "if_match_invalid") == [], tag
    stale = await served.post(f"{path}/submit", owner, if_match='"7"')
    assert faults_of(stale, 412, "stale_precondition") == []
    assert (stale.json()["current_etag"], stale.headers["etag"]) == ('"1"', '"1"')
    done = await served.post(f"{path}/submit", owner, if_match='"1"', key="submit")
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    again = await served.post(f"{path}/submit", owner, if_match='"1"', key="submit")
    assert (again.status_code, again.content) == (200, done.content)


async def test_a_resource_that_did_not_change_is_not_sent_again(served: Served, owner: Person) -> None:
    path = await programme(served, owner)
    read = await served.get(path, owner)
    same = await served.get(path, owner, headers={"If-None-Match": read.headers["etag"]})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", read.headers["etag"])
    assert (await served.get(path, owner, headers={"If-None-Match": '"7"'})).status_code == 200


async def institutions(served: Served, owner: Person, first: int, count: int) -> list[str]:
    made = [await served.post("/v1/institutions", owner, INSTITUTION | {"code": f"code_{n}"}) for n in range(first, first + count)]
    return [answer.json()["id"] for answer in made]


async def test_pages_neither_skip_nor_repeat_while_more_arrives(served: Served, owner: Person) -> None:
    expected = await institutions(served, owner, 0, 5)
    path: str | None = "/coordination/v1/institutions?limit=2"
    seen: list[str] = []
    while path:
        answer = await served.get(f"http://test{path}", owner)
        seen += [item["id"] for item in answer.json()["items"]]
        path = next_link(answer)
        assert (path is None) == (answer.json()["next_cursor"] is None)
        if len(expected) < 11:
            expected += await institutions(served, owner, len(expected), 2)
    assert seen == expected


async def test_a_page_is_bounded_and_a_limit_beyond_reason_is_read_as_the_largest(served: Served, owner: Person) -> None:
    await institutions(served, owner, 0, 3)
    for limit, status in (("1000000000", 200), ("0", 422), ("-1", 422), ("x", 422), ("99999999999999999999", 422), ("1e9", 422)):
        assert (await served.get(f"/v1/institutions?limit={limit}", owner)).status_code == status, limit
    assert len((await served.get("/v1/institutions", owner)).json()["items"]) == 3


async def test_a_cursor_serves_only_the_list_filter_and_caller_it_was_made_for(served: Served, owner: Person, person: Callable[..., Person]) -> None:
    await institutions(served, owner, 0, 4)
    cursor = (await served.get("/v1/institutions?limit=2", owner)).json()["next_cursor"]
    own = f"/v1/institutions?limit=1&cursor={cursor}"
    assert (await served.get(own, owner)).status_code == 200, "another limit is allowed"
    flipped = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    refused = {
        "another caller": await served.get(own, person(Role.PROGRAMME_OWNER)),
        "another filter": await served.get(f"{own}&code=code_1", owner),
        "another list": await served.get(f"/v1/programmes?cursor={cursor}", owner),
        "altered": await served.get(f"/v1/institutions?cursor={flipped}", owner),
        "altered signature": await served.get(f"/v1/institutions?cursor={'C' if cursor[0] == 'B' else 'B'}{cursor[1:]}", owner),
        "cut": await served.get(f"/v1/institutions?cursor={cursor[:20]}", owner),
        "nonsense": await served.get("/v1/institutions?cursor=%F0%9F%92%A9", owner),
    }
    assert {name: faults for name, answer in refused.items() if (faults := faults_of(answer, 400, "cursor_invalid"))} == {}
    assert faults_of(await served.get(own, None), 401, "token_missing") == [], "who has no token learns nothing about cursors"


async def test_every_answer_carries_the_headers_that_protect_readers(served: Served, owner: Person) -> None:
    for answer in (
        await served.get("/v1/institutions", owner),
        await served.get("/v1/institutions"),
        await served.get("/docs"),
        await served.get("http://test/livez"),
        await served.get("http://test/nowhere"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "Authorization" in answer.headers["vary"]
        assert len(answer.headers.get_list("x-request-id")) == 1
        assert "server" not in answer.headers


async def test_a_request_id_is_echoed_when_it_is_one(served: Served) -> None:
    async def echoed(given: str) -> bool:
        answer = await served.client.get("/livez", headers={"X-Request-ID": given.encode("latin-1")})  # type: ignore[dict-item]
        assert re.fullmatch(r"[\w-]{8,64}", answer.headers["x-request-id"], re.ASCII)
        return answer.headers["x-request-id"] == given

    assert all([await echoed(given) for given in ("12345678", "a_b-C" * 3, "x" * 64)])
    refused = ("", "short", "x" * 65, "with space", "é" * 10, "semi;colon", CANARY, "0812345678901")
    assert not any([await echoed(given) for given in refused])


async def test_health_and_metrics_are_open_and_say_what_is(served: Served, owner: Person) -> None:
    assert (await served.get("/livez")).json() == {"alive": True}
    ready = await served.get("/readyz")
    assert (ready.status_code, ready.json()["ready"], ready.headers["cache-control"]) == (200, True, "no-store")
    assert {name for name, check in ready.json()["checks"].items() if check["ok"]} == {"database", "background_tasks", "event_log", "outbox", "parked_messages"}
    await served.get(f"/v1/institutions/{uuid4()}", owner)
    metrics = (await served.get("http://test/metrics")).text
    line = 'http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="404",http_route="%s",service="coordination"}'
    assert line % "/v1/institutions/{institution_id}" in metrics


@pytest.mark.parametrize("scheme", ["kafka://127.0.0.1:{port}", "postgresql+asyncpg://nobody:nothing@127.0.0.1:{port}/none"])
async def test_while_the_log_is_down_the_service_is_ready_and_says_so(serving: Callable[..., Any], owner: Person, scheme: str) -> None:
    served: Served = await serving(SERVICE, event_log=scheme.format(port=free_port()))
    assert (await served.post("/v1/institutions", owner, INSTITUTION)).status_code == 201
    ready = await served.get("/readyz")
    checks = ready.json()["checks"]
    assert (ready.status_code, checks["event_log"]["ok"], checks["event_log"]["required"]) == (200, False, False)
    assert checks["outbox"]["detail"].startswith("1 unpublished")
    assert "127.0.0.1" not in ready.text


async def test_a_database_that_cannot_be_reached_is_503_and_heals_by_itself(served: Served, owner: Person, eventually: Callable[..., Any]) -> None:
    url = served.runtime.engine.url
    admin = await asyncpg.connect(url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False))
    await admin.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url.database)
    for _ in range(3):
        answer = await served.post("/v1/institutions", owner, INSTITUTION, key="patient")
        assert faults_of(answer, 503, "database_unavailable") == []
        assert int(answer.headers["retry-after"]) > 0
    ready = await served.get("/readyz")
    assert (ready.status_code, ready.json()["ready"], ready.json()["checks"]["database"]["ok"]) == (503, False, False)
    await admin.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')

    async def healed() -> bool:
        return (await served.post("/v1/institutions", owner, INSTITUTION, key="patient")).status_code == 201

    await eventually(healed)

    async def drained() -> bool:
        return (await served.runtime.relay.backlog())[0] == 0

    await eventually(drained)
    assert (await served.get("/readyz")).status_code == 200
    await admin.close()


def test_a_route_that_does_not_say_who_may_call_it_stops_the_build(settings: Callable[..., Settings]) -> None:
    for method, hidden in (("GET", False), ("POST", False), ("POST", True)):
        unguarded = APIRouter(prefix="/v1")

        @unguarded.api_route("/open", methods=[method], include_in_schema=not hidden)
        async def anybody() -> None: ...

        service = Service(name="coordination", title="T", description="", metadata=metadata, routers=[unguarded])
        with pytest.raises(TypeError, match="/v1/open does not say who may call it"):
            create_app(service, settings("postgresql+asyncpg://x", "postgresql+asyncpg://x"))


def test_a_guarded_route_may_be_nested_or_hidden(settings: Callable[..., Settings]) -> None:
    inner, outer = APIRouter(), APIRouter(prefix="/v1", dependencies=[allow(Role.AUDITOR)])

    @inner.get("/guarded", include_in_schema=False)
    async def guarded(caller: Caller = allow(Role.AUDITOR)) -> None: ...

    @inner.get("/by-its-router")
    async def by_its_router() -> None: ...

    outer.include_router(inner)
    create_app(
        Service(name="coordination", title="T", description="", metadata=metadata, routers=[outer]),
        settings("postgresql+asyncpg://x", "postgresql+asyncpg://x"),
    )


async def test_a_request_id_travels_into_the_event(served: Served, owner: Person) -> None:
    answer = await served.post("/v1/institutions", owner, INSTITUTION)
    (row,) = await served.outbox()
    assert row.correlation_id == answer.headers["x-request-id"]
    assert UUID(answer.json()["id"]) == row.subject
    async with served.runtime.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM idempotency_keys")) == 1
