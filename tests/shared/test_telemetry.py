"""What is logged about nobody, and what can be followed from a request to the last reaction."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.coordination.app import SERVICE
from shared import telemetry
from shared.clock import new_id
from shared.contracts.coordination import TOPIC
from shared.contracts.mapping import LocationPrioritised
from shared.database import create_engine
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.messages import record
from tests.shared.world import everything

NIK = "5304010101900001"
PERSONAL = (NIK, "081234567890", "+6281234567890", "6281234567", "0812-3456-7890", "+62 812 3456 7890", "siti.aminah+kur@desa-maju.go.id")


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines logged so far."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    telemetry.configure_logging("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("personal", PERSONAL)
def test_personal_data_are_masked_wherever_they_stand(personal: str) -> None:
    for sentence in (personal, f"({personal})", f"x {personal}, y", f'"{personal}"', f"nik={personal};", f"baris\n{personal}\n"):
        assert personal not in telemetry.redact(sentence)
        assert "[redacted]" in telemetry.redact(sentence)


@pytest.mark.parametrize(
    "harmless",
    [
        "53.04",
        "1234567890123456789",
        "2024-01-01T08:12:34.567890Z",
        "01977f1e-9d5c-7a3a-8123-456789012345",
        "amount 9000000",
        "8 of 12",
        "a@b",
        "0812",
        "127.0.0.1:8000",
    ],
)
def test_what_only_looks_a_little_like_it_is_left_alone(harmless: str) -> None:
    assert telemetry.redact(harmless) == harmless


class Opaque:
    def __repr__(self) -> str:
        return f"Opaque({NIK})"


def test_no_line_holds_personal_data_in_any_form(logged: Callable[[], list[dict[str, Any]]]) -> None:
    log = telemetry.logger("test")
    log.info(f"message {NIK}", nik=NIK, number=int(NIK), nested={"a": [{"b": (NIK, {NIK})}], NIK: 1}, raw=NIK.encode(), opaque=Opaque(), error=ValueError(NIK))
    log.warning("positional %s", NIK)
    logging.getLogger("some.library").warning("from a library: %s %s", NIK, {"nik": int(NIK)})
    try:
        raise KeyError(NIK)
    except KeyError:
        log.exception("an error")
        logging.getLogger("some.library").exception("an error in a library")
    lines = logged()
    assert len(lines) == 5
    assert NIK not in json.dumps(lines)
    assert all("KeyError" in line["exception"] for line in lines[3:])
    assert {line["level"] for line in lines} == {"info", "warning", "error"}
    assert lines[0]["number"] == "[redacted]"


def test_a_line_keeps_what_it_says(logged: Callable[[], list[dict[str, Any]]]) -> None:
    id = new_id()
    with telemetry.within(telemetry.Context("request-1", "event-1")):
        telemetry.logger("test").info("said", count=3, share=Decimal("0.5"), on=date(2024, 7, 1), id=id, ok=True, nothing=None, ms=1.5)
    (line,) = logged()
    said = {name: line[name] for name in ("event", "count", "share", "on", "id", "ok", "nothing", "ms", "correlation_id", "causation_id", "level", "logger")}
    assert said == {
        "event": "said",
        "count": 3,
        "share": "0.5",
        "on": "2024-07-01",
        "id": str(id),
        "ok": True,
        "nothing": None,
        "ms": 1.5,
        "correlation_id": "request-1",
        "causation_id": "event-1",
        "level": "info",
        "logger": "test",
    }
    assert line["ts"].endswith("Z")


async def test_a_database_error_is_logged_without_the_row(logged: Callable[[], list[dict[str, Any]]], database_url: Callable[..., Any]) -> None:
    engine = create_engine(await database_url())
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE people (name text UNIQUE, age int CHECK (age > 0))"))
        await connection.execute(text("INSERT INTO people VALUES ('Siti Aminah', 30)"))
    for values in ({"name": "Siti Aminah", "age": 31}, {"name": "Budi Santoso", "age": -1}, {"name": "Budi\x00Santoso", "age": 1}):
        try:
            async with engine.begin() as connection:
                await connection.execute(text("INSERT INTO people VALUES (:name, :age)"), values)
        except Exception as error:
            telemetry.logger("test").error("failed", error=repr(error), exc_info=error)
    await engine.dispose()
    lines = logged()
    assert len(lines) == 3
    assert not [name for name in ("Siti", "Aminah", "Budi", "Santoso") if name in json.dumps(lines)]
    assert "people_name_key" in lines[0]["exception"]


async def test_a_request_can_be_followed_to_the_log_of_events(served: Served, person: Callable[..., Person], eventually: Callable[..., Any]) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    owner = person(Role.PROGRAMME_OWNER)
    body = {"code": "kemenkop", "name": "Kementerian Koperasi", "institution_type": "ministry"}
    answer = await served.post("/v1/institutions", owner, body, headers={"X-Request-ID": "request-of-mine", "traceparent": trace})
    assert answer.headers["x-request-id"] == "request-of-mine"

    async def on_the_log() -> Any:
        return [record for records in (await everything(served.runtime.event_log, [TOPIC])).values() for record in records]

    (published,) = await eventually(on_the_log)
    headers = dict(published.headers)
    assert (headers["ce_correlationid"], headers["ce_traceparent"], headers["ce_actor"]) == (b"request-of-mine", trace.encode(), owner.name.encode())
    assert "ce_causationid" not in headers


async def test_a_reaction_names_the_event_that_caused_it(served: Served, person: Callable[..., Person], eventually: Callable[..., Any]) -> None:
    owner, approver = person(Role.PROGRAMME_OWNER), person(Role.COORDINATOR)
    lead = (await served.post("/v1/institutions", owner, {"code": "kemenkop", "name": "K", "institution_type": "ministry"})).json()["id"]
    draft = {
        "code": "PKE-2024",
        "title": "Program",
        "legal_basis": "Inpres 4/2022",
        "valid_from": "2024-01-01",
        "valid_to": "2027-12-31",
        "area_quota": 48,
        "province_quota": 8,
        "funding_sources": ["apbn"],
        "lead_institution_id": lead,
    }
    programme = (await served.post("/v1/programmes", owner, draft)).json()["id"]
    await served.act(f"/v1/programmes/{programme}", "submit", owner)
    assert (await served.act(f"/v1/programmes/{programme}", "activate", approver)).status_code == 200
    event = LocationPrioritised(
        location_priority_id=uuid4(),
        programme_id=UUID(programme),
        run_id=uuid4(),
        region_code="53.04",
        province_code="53",
        rank=1,
        score=Decimal("0.9"),
        poverty_score=Decimal("0.9"),
        potential_score=Decimal("0.9"),
        model_version=1,
        effective_from=date(2024, 1, 1),
    )
    cause = new_id()
    await served.runtime.event_log.append([record(event, subject=new_id(), sequence=1, id=cause)])

    async def opened() -> Any:
        return [row for row in await served.outbox() if row.type == "entaskan.coordination.LocationOpened.v1"]

    (row,) = await eventually(opened)
    assert (row.causation_id, row.correlation_id, row.actor) == (str(cause), "test", "tester")


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    made: Served = await serving(SERVICE)
    await made.runtime.event_log.start(made.runtime.topics)
    return made


async def test_contexts_of_concurrent_work_do_not_mix() -> None:
    seen: dict[int, list[str]] = {}

    async def work(n: int) -> None:
        with telemetry.within(telemetry.Context(f"request-{n}")):
            for _ in range(3):
                await asyncio.sleep(0)
                seen.setdefault(n, []).append(telemetry.current().correlation_id)

    await asyncio.gather(*(work(n) for n in range(10)))
    assert seen == {n: [f"request-{n}"] * 3 for n in range(10)}
    assert telemetry.current().correlation_id == "-"
