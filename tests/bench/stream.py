"""The way of an event: rebuild of the view against a bare consumer, and commit-to-visible against produce-to-consume."""

import asyncio
import time
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition
from sqlalchemy import text

from services.coordination.app import SERVICE as COORDINATION
from services.embedded.postgres import EmbeddedPostgres
from services.monitoring.app import SERVICE as MONITORING
from services.monitoring.consumers import GROUP, TOPICS, view_consumer
from services.monitoring.overview.rebuild import only_one
from services.monitoring.overview.rebuild import rebuild as rebuild_view
from shared import clock
from shared.contracts import EVENT_TYPES, event_type_of
from shared.contracts.facilitation import FinancingApplied, FinancingGranted
from shared.database import create_engine
from shared.eventlog import PARTITIONS, Record
from shared.eventlog.kafka import KafkaLog
from shared.http.app import create_app
from shared.security.demo_issuer import demo_settings
from shared.security.identity import Role
from shared.settings import Settings
from tests.kit import Person, Served
from tests.messages import record

LATENCY_TOPIC = "bench.latency"
IS_VISIBLE = text("SELECT count(*) FROM view.programmes WHERE programme_id = CAST(:id AS uuid) AND valid_from IS NOT NULL")


def _events(count: int) -> list[Record]:
    """Applications and their grants in 48 locations."""
    random = Random(1)
    programme, lender = UUID(int=1), UUID(int=2)
    records: list[Record] = []
    for _ in range(count // 2):
        subject, region = clock.new_id(), f"53.{random.randrange(1, 49):02d}"
        common: dict[str, Any] = {
            "application_id": subject,
            "programme_id": programme,
            "group_id": UUID(int=random.getrandbits(128)),
            "enterprise_id": UUID(int=random.getrandbits(128)),
            "product_code": "kur_super_mikro",
            "region_code": region,
        }
        amount = 500_000 * random.randint(6, 20)
        records.append(record(FinancingApplied(**common, requested_amount_idr=amount), subject=subject, sequence=1))
        granted = FinancingGranted(
            **common, lender_institution_id=lender, granted_amount_idr=amount, tenor_months=24, granted_on=clock.today(), province_code="53"
        )
        records.append(record(granted, subject=subject, sequence=2))
    return records


async def _bare(bootstrap: str, topic: str, count: int) -> float:
    """Events a second of `getmany` and decoding, and nothing else."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, max_partition_fetch_bytes=4 << 20)
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
    await consumer.seek_to_beginning()
    decoders = {name: msgspec.json.Decoder(kind.event_class) for name, kind in EVENT_TYPES.items()}
    seen, started = 0, time.perf_counter()
    while seen < count:
        for messages in (await consumer.getmany(timeout_ms=1000, max_records=10_000)).values():
            for message in messages:
                decoders[dict(message.headers)["ce_type"].decode()].decode(message.value)
            seen += len(messages)
    elapsed = time.perf_counter() - started
    await consumer.stop()
    return count / elapsed


async def rebuild(database_url: str, bootstrap: str, count: int, runs: int) -> dict[str, Any]:
    """Rebuild `count` events from Kafka into the view, and read the same events bare, in turns."""
    log = KafkaLog(bootstrap)
    await log.start(TOPICS)
    records = _events(count)
    for n in range(0, len(records), 5000):
        await log.append(records[n : n + 5000])
    topic = event_type_of(FinancingGranted).topic
    engine = create_engine(database_url)
    ratios, rates, limits = [], [], []
    for _ in range(runs):
        limits.append(await _bare(bootstrap, topic, count))
        started = time.perf_counter()
        async with only_one(engine):
            replayed = await rebuild_view(engine, log, view_consumer, GROUP)
        assert replayed >= count, replayed
        rates.append(count / (time.perf_counter() - started))
        ratios.append(rates[-1] / limits[-1])
    await engine.dispose()
    await log.close()
    return {"rebuild_events_per_second": rates, "bare_events_per_second": limits, "rebuild_to_bare": ratios}


async def _produce_to_consume(bootstrap: str, count: int) -> list[float]:
    log = KafkaLog(bootstrap)
    await log.start([LATENCY_TOPIC])
    await log.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    partition = TopicPartition(LATENCY_TOPIC, 0)
    consumer.assign([partition])
    await consumer.seek_to_end(partition)
    await consumer.position(partition)
    taken = []
    for _ in range(count):
        started = time.perf_counter()
        await producer.send(partition.topic, b"{}", partition=0)
        await consumer.getone()
        taken.append(time.perf_counter() - started)
    await producer.stop()
    await consumer.stop()
    return sorted(taken)


async def latency(postgres: EmbeddedPostgres, bootstrap: str, folder: Path, count: int = 500) -> dict[str, Any]:
    """Commit of a programme's activation to its row in the view, about 50 a second, against produce-to-consume on the same broker."""
    limit = await _produce_to_consume(bootstrap, count)
    issuer = folder / "issuer"
    apps = {
        service.name: create_app(
            service, Settings(mode="embedded", database_url=postgres.url(service.name), event_log=f"kafka://{bootstrap}", **demo_settings(issuer))
        )
        for service in (COORDINATION, MONITORING)
    }
    taken: list[float] = []
    async with apps["coordination"].router.lifespan_context(apps["coordination"]), apps["monitoring"].router.lifespan_context(apps["monitoring"]):
        coordination, monitoring = Served(COORDINATION, apps["coordination"]), Served(MONITORING, apps["monitoring"])
        owner, approver = Person(issuer, Role.PROGRAMME_OWNER), Person(issuer, Role.COORDINATOR)
        lead = (await coordination.post("/v1/institutions", owner, {"code": "lead", "name": "Lead", "institution_type": "ministry"})).json()["id"]
        for n in range(count + 20):
            visible = await _one(coordination, monitoring, owner, approver, lead, n)
            if n >= 20:  # the first ones wait for the consumer to join its group
                taken.append(visible)
        await coordination.client.aclose()
        await monitoring.client.aclose()
    taken.sort()
    at = lambda values, share: values[int(len(values) * share)] * 1000  # noqa: E731
    return {
        "commit_to_visible_ms": {"p50": at(taken, 0.5), "p99": at(taken, 0.99)},
        "produce_to_consume_ms": {"p50": at(limit, 0.5), "p99": at(limit, 0.99)},
        "visible_to_consume": {"p50": at(taken, 0.5) / at(limit, 0.5), "p99": at(taken, 0.99) / at(limit, 0.99)},
    }


async def _one(coordination: Served, monitoring: Served, owner: Person, approver: Person, lead: str, n: int) -> float:
    body = {
        "code": f"B-{n:05d}",
        "title": "Bench",
        "legal_basis": "Inpres 8/2025",
        "valid_from": "2025-01-01",
        "valid_to": "2029-12-31",
        "area_quota": 48,
        "province_quota": 8,
        "funding_sources": ["apbn"],
        "lead_institution_id": lead,
    }
    drafted = await coordination.post("/v1/programmes", owner, body)
    path = f"/v1/programmes/{drafted.json()['id']}"
    submitted = await coordination.post(f"{path}/submit", owner, if_match=drafted.headers["etag"])
    answer = await coordination.post(f"{path}/activate", approver, if_match=submitted.headers["etag"])
    committed = time.perf_counter()
    assert answer.status_code == 200, answer.text
    async with monitoring.runtime.database.reading() as connection:
        while not await connection.scalar(IS_VISIBLE, {"id": drafted.json()["id"]}):
            await asyncio.sleep(0.0005)
    return time.perf_counter() - committed
