"""Commit of a command to its effect in the view, against produce-to-consume on the same broker: both open-loop at one rate.

The services run as processes. PostgreSQL writes down when each transaction was committed, and both databases are of one cluster, so
the latency is the difference of two of its timestamps: no probe is in the way, and no clock is compared with another one.
"""

import asyncio
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from services.embedded.postgres import EmbeddedPostgres
from shared.eventlog.kafka import KafkaLog
from shared.security.demo_issuer import demo_settings
from shared.security.identity import Role
from tests.bench.rig import RUNS, Result, World, dsn, process, spread
from tests.kafka import free_port
from tests.kit import Person

PER_SECOND = 100
COUNT = int(os.environ.get("BENCH_COMMANDS", "1000"))
TOPIC = "bench.latency"
COMMITTED = "SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at FROM programmes WHERE id = ANY($1)"
VISIBLE = "SELECT programme_id AS id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at FROM view.programmes WHERE programme_id = ANY($1)"
PROGRAMME = {
    "title": "Bench",
    "legal_basis": "Inpres 8/2025",
    "valid_from": "2025-01-01",
    "valid_to": "2029-12-31",
    "area_quota": 48,
    "province_quota": 8,
    "funding_sources": ["apbn"],
}


def measure(world: World) -> list[Result]:
    """p50 and p99 of both, in turns."""
    postgres, bootstrap = world.postgres, world.empty_broker()
    common = {f"ENTASKAN_{name.upper()}": value for name, value in demo_settings(world.issuer).items()} | {
        "ENTASKAN_MODE": "embedded",
        "ENTASKAN_EVENT_LOG": f"kafka://{bootstrap}",
        "ENTASKAN_LOG_LEVEL": "WARNING",
    }
    ports = {name: free_port() for name in ("coordination", "monitoring")}
    limits, ours = [], []
    with ExitStack() as stack:
        for name, port in ports.items():
            own = {"ENTASKAN_DATABASE_URL": postgres.url(name), "PORT": str(port)}
            stack.enter_context(process(["-m", f"services.{name}"], port, common | own))
        for _ in range(RUNS):
            limits.append(uvloop.run(_produce_to_consume(bootstrap)))
            ours.append(uvloop.run(_commit_to_visible(postgres, ports["coordination"], world.issuer)))
    details = {
        "commands_per_second": PER_SECOND,
        "commands": COUNT,
        "commit_to_visible_ms": {name: spread([one[name] for one in ours]) for name in ("p50", "p99", "max")},
        "produce_to_consume_ms": {name: spread([one[name] for one in limits]) for name in ("p50", "p99", "max")},
    }

    def ratios(name: str) -> list[float]:
        return [mine[name] / theirs[name] for mine, theirs in zip(ours, limits, strict=True)]

    what, against = "commit of a command to visible in the view, {} at 100 commands/s", "produce to consume, {}"
    return [Result(what.format(name), against.format(name), 10, ratios(name), at_most=True, details=details) for name in ("p50", "p99")]


def _quantiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))}


async def _at_rate(count: int, begin: Any) -> None:
    """Begin one thing every 1/PER_SECOND of a second, whether or not the earlier ones ended."""
    loop = asyncio.get_running_loop()
    started, tasks = loop.time(), []
    for n in range(count):
        await asyncio.sleep(max(0, started + n / PER_SECOND - loop.time()))
        tasks.append(asyncio.create_task(begin(n)))
    await asyncio.gather(*tasks)


async def _produce_to_consume(bootstrap: str) -> dict[str, float]:
    log = KafkaLog(bootstrap)
    await log.start([TOPIC])
    await log.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    partition = TopicPartition(TOPIC, 0)
    consumer.assign([partition])
    await consumer.seek_to_end(partition)
    await consumer.position(partition)
    taken: list[float] = []

    async def produce(_: int) -> None:
        await producer.send(TOPIC, repr(time.perf_counter()).encode(), partition=0)

    async def consume() -> None:
        async for message in consumer:
            taken.append(time.perf_counter() - float(message.value))
            if len(taken) == COUNT:
                return

    consuming = asyncio.create_task(consume())
    await _at_rate(COUNT, produce)
    await asyncio.wait_for(consuming, 30)
    await producer.stop()
    await consumer.stop()
    return _quantiles(taken)


async def _commit_to_visible(postgres: EmbeddedPostgres, port: int, issuer: Path) -> dict[str, float]:
    owner, approver = Person(issuer, Role.PROGRAMME_OWNER), Person(issuer, Role.COORDINATOR)
    # A connection is given up long before the server would close it, which it might do just when it is used again.
    limits = httpx.Limits(keepalive_expiry=1)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/coordination/v1", timeout=30, limits=limits) as client:

        async def post(path: str, person: Person, body: Any = None, **headers: str) -> httpx.Response:
            headers = {"Idempotency-Key": uuid4().hex, "Authorization": f"Bearer {person.token}"} | headers
            answer = await client.post(path, json=body, headers=headers)
            assert answer.is_success, answer.text
            return answer

        lead = (await post("/institutions", owner, {"code": f"i{uuid4().hex}", "name": "Lead", "institution_type": "ministry"})).json()["id"]
        submitted: list[tuple[str, str]] = []
        for _ in range(COUNT):
            drafted = await post("/programmes", owner, PROGRAMME | {"code": f"B-{uuid4().hex[:12].upper()}", "lead_institution_id": lead})
            id = drafted.json()["id"]
            submitted.append((id, (await post(f"/programmes/{id}/submit", owner, **{"If-Match": drafted.headers["etag"]})).headers["etag"]))
        await asyncio.sleep(1)  # what preparing published is consumed

        async def activate(n: int) -> None:
            id, etag = submitted[n]
            await post(f"/programmes/{id}/activate", approver, **{"If-Match": etag})

        await _at_rate(COUNT, activate)
    ids = [id for id, _ in submitted]
    coordination, monitoring = await asyncpg.connect(dsn(postgres.url("coordination"))), await asyncpg.connect(dsn(postgres.url("monitoring")))
    visible: dict[Any, float] = {}
    async with asyncio.timeout(30):
        while len(visible) < COUNT:
            await asyncio.sleep(0.2)
            visible = {row["id"]: row["at"] for row in await monitoring.fetch(VISIBLE, ids)}
    committed = {row["id"]: row["at"] for row in await coordination.fetch(COMMITTED, ids)}
    await coordination.close()
    await monitoring.close()
    return _quantiles([visible[id] - committed[id] for id in committed])
