"""The feed of a real process on real Kafka: killed while readers stream, it goes on where they were; and the handbook's commands run."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from services.coordination.app import SERVICE
from services.coordination.approvals.domain import Officer
from services.coordination.institutions.domain import InstitutionType
from services.coordination.institutions.handlers import register_institution
from services.coordination.programmes.handlers import activate_programme, draft_programme, submit_programme
from shared.clock import today
from shared.contracts.coordination import TOPIC
from shared.database import Database, create_engine
from shared.eventlog import StoredRecord, event_log
from shared.outbox import outbox_of
from shared.security.identity import Role
from shared.settings import Settings
from tests.kafka import free_port
from tests.kit import Person
from tests.shared.feed_world import BatchReader, StreamReader, ids
from tests.shared.world import everything

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "handbook" / "feed.md").read_text()
PROGRAMMES = 40
TOTAL = 1 + 3 * PROGRAMMES


@dataclass
class Coordination:
    """The service as a process of its own, on one port whenever it runs."""

    settings: Settings
    output: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        names = ("mode", "database_url", "event_log", "issuer", "jwks", "cursor_secret", "nik_key", "nik_index_key")
        given = {f"ENTASKAN_{name.upper()}": str(getattr(self.settings, name)) for name in names}
        with self.output.open("ab") as output:
            command = [sys.executable, "-m", "services.coordination"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | given | {"PORT": str(self.port)}, stdout=output, stderr=output)
        async with httpx.AsyncClient() as client, asyncio.timeout(20):
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/livez")).status_code == 200:
                        return
                assert self.process.poll() is None, self.output.read_text()[-2000:]
                await asyncio.sleep(0.05)

    def stop(self) -> None:
        """Ask it to stop in order."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it where it stands."""
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
async def coordination(database_url: Callable[..., Any], settings: Callable[..., Settings], tmp_path: Path) -> AsyncIterator[Callable[[str], Coordination]]:
    """`coordination(log)`: the service on a fresh database and the event log, not started yet."""
    url, made = await database_url("coordination"), list[Coordination]()

    def make(log: str) -> Coordination:
        made.append(Coordination(settings(url, log), tmp_path / "output.txt"))
        return made[-1]

    yield make
    for each in made:
        each.kill()


@asynccontextmanager
async def database_of(service: Coordination) -> AsyncIterator[Database]:
    """Written to by another process than the service: this one."""
    engine = create_engine(service.settings.database_url)
    yield Database(engine, SERVICE.metadata)
    await engine.dispose()


async def write(database: Database, killed: asyncio.Event) -> None:
    """Three events of each programme, of four at a time, for some seconds; the last third after the service was `killed`."""
    kind = InstitutionType("ministry")
    lead = await register_institution(
        database.transaction, code="kemenkop_ukm", name="Lembaga uji", institution_type=kind, parent_institution_id=None, sector_code=None
    )

    async def one(n: int) -> None:
        programme = await draft_programme(
            database.transaction,
            code=f"UJI-{n}",
            title="Program uji",
            legal_basis="Uji",
            valid_from=date(2024, 1, 1),
            valid_to=date(2027, 12, 31),
            area_quota=48,
            province_quota=8,
            funding_sources=["apbn"],
            lead_institution_id=lead.id,
            author="author",
        )
        await asyncio.sleep(0.15)
        await submit_programme(database.transaction, programme.id)
        await asyncio.sleep(0.15)
        await activate_programme(database.transaction, programme.id, Officer(subject="another", role="coordinator"), today())

    for first in range(0, PROGRAMMES, 4):
        if first > PROGRAMMES * 2 // 3:
            await killed.wait()
        await asyncio.gather(*(one(n) for n in range(first, first + 4)))
        await asyncio.sleep(0.2)


@pytest.mark.kafka
async def test_killed_while_readers_stream_the_feed_and_kafka_tell_the_same(
    coordination: Callable[[str], Coordination], kafka_log: str, person: Callable[..., Person]
) -> None:
    service, reader = coordination(kafka_log), person(Role.PARTNER_MINISTRY)
    await service.start()
    address = f"{service.url}/coordination/v1/events"
    stream, batches = StreamReader(address, reader), BatchReader(address, reader)
    async with database_of(service) as database, asyncio.timeout(120):
        reading = [asyncio.create_task(each.keep_reading(TOTAL)) for each in (stream, batches)]
        killed = asyncio.Event()
        writing = asyncio.create_task(write(database, killed))
        for enough in (15, 60):
            while len(stream.events) < enough:
                assert not any(task.done() and task.exception() for task in (*reading, writing))
                await asyncio.sleep(0.01)
            service.kill()
            assert len(stream.events) < TOTAL, "killed while events were to come"
            if enough == 60:
                killed.set()
            await asyncio.sleep(0.5)  # events are written meanwhile
            await service.start()
        await writing
        await asyncio.gather(*reading)
        rest = asyncio.create_task(stream.read())
        while stream.connections < 4:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        service.stop()
        await asyncio.wait_for(rest, 5)  # long before the server would cancel it
        async with database.reading() as connection:
            outbox = outbox_of(SERVICE.metadata)
            rows = list(await connection.scalars(select(outbox.c.id).order_by(outbox.c.feed_seq)))
    assert len(stream.events) == len(rows) == TOTAL
    assert ids(stream.events) == [str(id) for id in rows]
    assert batches.events == stream.events

    log = event_log(kafka_log)
    on_kafka = await everything(log, [TOPIC])
    await log.close()
    in_feed: dict[str, list[Any]] = defaultdict(list)
    for event in stream.events:
        in_feed[event["subject"]].append(event)
    told: dict[str, list[Any]] = defaultdict(list)
    for record in (record for records in on_kafka.values() for record in records):
        event = as_event(record)
        if event not in told[event["subject"]]:  # what was sent again after a kill
            told[event["subject"]].append(event)
    assert told == in_feed
    assert sorted(map(len, told.values())) == [1] + [3] * PROGRAMMES
    assert all([event["sequence"] for event in events] == ["1", "2", "3"][: len(events)] for events in told.values())


def as_event(record: StoredRecord) -> dict[str, Any]:
    """A Kafka record in the words of the feed, by CloudEvents' rules rather than by our code."""
    headers = {name: value.decode() for name, value in record.headers}
    attributes = {name[3:]: value for name, value in headers.items() if name.startswith("ce_")}
    return attributes | {"datacontenttype": headers["content-type"], "data": json.loads(record.value or b"")}


def blocks(language: str) -> list[str]:
    """The handbook's code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def without_chance(value: Any) -> Any:
    """What differs from run to run, replaced; names and their order stay."""
    if isinstance(value, dict):
        return [(name, "…" if name == "correlationid" else without_chance(each)) for name, each in value.items()]
    if isinstance(value, list):
        return [without_chance(each) for each in value]
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|20\d\d-[0-9-]+T[0-9:.]+Z", "…", value) if isinstance(value, str) else value


async def test_the_handbooks_commands_say_what_it_shows(
    coordination: Callable[[str], Coordination], log_url: str, person: Callable[..., Person], tmp_path: Path
) -> None:
    service, owner = coordination(log_url), person(Role.PROGRAMME_OWNER, name="demo-programme_owner")
    await service.start()
    async with httpx.AsyncClient(base_url=service.url, headers={"Authorization": f"Bearer {owner.token}"}, timeout=30) as client:
        for code in ("dinkop_ende", "dinkop_sikka"):
            body = {"code": code, "name": "Dinas Koperasi", "institution_type": "regency_government"}
            answer = await client.post("/coordination/v1/institutions", json=body, headers={"Idempotency-Key": uuid4().hex})
            assert answer.status_code == 201, answer.text
        events: list[Any] = []
        async with asyncio.timeout(10):
            while len(events) < 2:
                events = (await client.get("/coordination/v1/events", params={"timeout": 1000})).json()
    environment = {"PATH": os.environ["PATH"], "U": service.url, "T": person(Role.PARTNER_MINISTRY).token}
    _, *commands = blocks("sh")
    script = "\nprintf '\\n=====\\n'\n".join(commands)
    done = await asyncio.to_thread(subprocess.run, ["bash", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=40)
    first, second, whole, rest = done.stdout.split("\n=====\n")
    assert json.loads(first) == events[:1] and json.loads(second) == events[1:], done.stderr
    (shown,) = blocks("json")
    assert without_chance(json.loads(shown)) == without_chance(events[:1])
    assert whole.startswith("retry: 2000\n\n")
    assert frames(whole) == [(event["id"], event["type"], event) for event in events]
    assert frames(rest) == frames(whole)[1:]
    (text,) = blocks("text")
    assert [line.partition(":")[0] for line in text.splitlines()] == [*(line.partition(":")[0] for line in whole.splitlines()[:6]), ""]

    (tmp_path / "reader.py").write_text(*blocks("python"))
    process = await asyncio.create_subprocess_exec(sys.executable, "reader.py", env=environment, cwd=tmp_path, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    printed = [(await asyncio.wait_for(process.stdout.readline(), 10)).decode().split()[:3] for _ in events]
    assert printed == [[event["type"], event["subject"], event["sequence"]] for event in events]
    async with asyncio.timeout(5):
        while not (place := tmp_path / "last-event-id").exists() or place.read_text() != events[-1]["id"]:
            await asyncio.sleep(0.05)
    process.kill()
    await process.communicate()


def frames(text: str) -> list[tuple[str, str, Any]]:
    """The events of a stream: id, type, data."""
    found = [dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")) for block in text.split("\n\n")]
    return [(each["id"], each["event"], json.loads(each["data"])) for each in found if "data" in each]
