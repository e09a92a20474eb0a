"""Rebuild of the monitoring view against a bare consumer that decodes the same events; each measurement in a process of its own."""

import time
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from services.monitoring.consumers import GROUP, TOPICS, view_consumer
from services.monitoring.overview.rebuild import only_one
from services.monitoring.overview.rebuild import rebuild as rebuild_view
from shared import clock
from shared.contracts import EVENT_TYPES, event_type_of
from shared.contracts.facilitation import FinancingApplied, FinancingGranted
from shared.database import create_engine
from shared.eventlog import PARTITIONS, Record
from shared.eventlog.kafka import KafkaLog
from tests.bench.rig import RUNS, Apart, Result, World, apart, sizes, spread
from tests.messages import record


def measure(world: World) -> list[Result]:
    """Replay growing logs into the view, and read the same events bare, in turns; the ratio is that of the longest log."""
    url, bootstrap = world.postgres.url("monitoring"), world.empty_broker()
    growth: dict[int, Any] = {}
    ratios: list[float] = []
    on_log = 0
    for size in sizes("REBUILD_EVENTS", "1000,10000,100000,1000000"):
        uvloop.run(_produce(bootstrap, size - on_log, seed=on_log))
        on_log = size
        bare: list[Apart] = []
        ours: list[Apart] = []
        for _ in range(RUNS):
            bare.append(apart(_bare, bootstrap, size))
            ours.append(apart(_rebuilt, url, bootstrap, size))
        ratios = [mine.value / theirs.value for mine, theirs in zip(ours, bare, strict=True)]
        growth[size] = {
            "subjects": size // 2,
            "events_per_second": spread([one.value for one in ours]),
            "bare_per_second": spread([one.value for one in bare]),
            "ratio": spread(ratios),
            "peak_mb": spread([one.peak_mb for one in ours]),
            "before_mb": spread([one.before_mb for one in ours]),
            "bare_peak_mb": spread([one.peak_mb for one in bare]),
        }
    return [Result("rebuild of the monitoring view from Kafka", "bare aiokafka `getmany` and typed decoding", 0.4, ratios, details={"by_events": growth})]


async def _produce(bootstrap: str, count: int, seed: int) -> None:
    log = KafkaLog(bootstrap)
    await log.start(TOPICS)
    random = Random(seed)
    for start in range(0, count, 5000):
        await log.append(events(random, min(5000, count - start)))
    await log.close()


def events(random: Random, count: int) -> list[Record]:
    """Applications and their grants in 48 locations."""
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


def _bare(bootstrap: str, count: int) -> float:
    """Events a second of fetching and decoding the type and the typed event, and nothing else."""
    return uvloop.run(_read(bootstrap, count))


async def _read(bootstrap: str, count: int) -> float:
    topic = event_type_of(FinancingGranted).topic
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


def _rebuilt(url: str, bootstrap: str, count: int) -> float:
    """Events a second of the whole rebuild, from nothing to the swap."""
    return uvloop.run(_rebuild(url, bootstrap, count))


async def _rebuild(url: str, bootstrap: str, count: int) -> float:
    engine, log = create_engine(url), KafkaLog(bootstrap)
    started = time.perf_counter()
    async with only_one(engine):
        replayed = await rebuild_view(engine, log, view_consumer, GROUP)
    elapsed = time.perf_counter() - started
    assert replayed == count, replayed
    await log.close()
    await engine.dispose()
    return count / elapsed
