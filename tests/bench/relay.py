"""The relay, from the outbox to Kafka, against a producer that is handed the same bytes."""

import asyncio
import time
from typing import Any

import uvloop
from aiokafka import AIOKafkaProducer
from sqlalchemy import select, text, update

from services.coordination.schema import metadata
from shared import clock
from shared.contracts.coordination import TOPIC
from shared.database import create_engine
from shared.envelope import record_of
from shared.eventlog import Record
from shared.eventlog.kafka import MAX_MESSAGE_BYTES, KafkaLog
from shared.outbox import outbox_of, publish_pending
from tests.bench.rig import RUNS, Result, World, sizes, spread

OUTBOX = outbox_of(metadata)
BARE_TOPIC = "bench.relay"
FILL = text(
    "INSERT INTO outbox (id, type, topic, subject, sequence, time, data, correlation_id, causation_id, actor) "
    "SELECT gen_random_uuid(), 'entaskan.coordination.InstitutionRegistered.v1', :topic, gen_random_uuid(), 1, now(), "
    "json_build_object('institution_id', gen_random_uuid(), 'institution_code', 'dinas_koperasi_' || n, 'institution_type', 'ministry', "
    "'parent_institution_id', NULL, 'sector_code', NULL)::text, gen_random_uuid()::text, NULL, 'pseudonym' FROM generate_series(1, :count) AS n"
)


def measure(world: World) -> list[Result]:
    """Drain backlogs of growing size; the ratio is that of the largest."""
    return uvloop.run(_measure(world.postgres.url("coordination"), world.empty_broker()))


async def _measure(url: str, bootstrap: str) -> list[Result]:
    engine, log = create_engine(url), KafkaLog(bootstrap)
    await log.start([TOPIC, BARE_TOPIC])
    growth: dict[int, Any] = {}
    ratios: list[float] = []
    for size in sizes("RELAY_EVENTS", "100,1000,10000,100000"):
        ours, bare = [], []
        for _ in range(RUNS):
            async with engine.begin() as connection:
                await connection.execute(update(OUTBOX).where(OUTBOX.c.published_at.is_(None)).values(published_at=clock.now()))
                await connection.execute(FILL, {"topic": TOPIC, "count": size})
                rows = (await connection.execute(select(OUTBOX).where(OUTBOX.c.published_at.is_(None)).order_by(OUTBOX.c.position))).all()
            records = [record_of(row) for row in rows]
            del rows
            bare.append(size / await _sent(bootstrap, records))
            del records
            started = time.perf_counter()
            published = 0
            while more := await publish_pending(engine, OUTBOX, log):
                published += more
            assert published == size, published
            ours.append(size / (time.perf_counter() - started))
        ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
        growth[size] = {"events_per_second": spread(ours), "bare_per_second": spread(bare), "ratio": spread(ratios)}
    await log.close()
    await engine.dispose()
    return [Result("relay, outbox to Kafka, acks=all, idempotent", "aiokafka `send()` of the same bytes", 0.3, ratios, details={"by_backlog": growth})]


async def _sent(bootstrap: str, records: list[Record]) -> float:
    """Seconds to send everything, with the producer's settings that the relay has, and to see it acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0, max_batch_size=262_144, max_request_size=MAX_MESSAGE_BYTES
    )
    await producer.start()
    await producer.send_and_wait(BARE_TOPIC, b"", key=b"warm")
    started = time.perf_counter()
    sent = [await producer.send(BARE_TOPIC, record.value, key=record.key, headers=list(record.headers)) for record in records]
    await asyncio.gather(*sent)
    elapsed = time.perf_counter() - started
    await producer.stop()
    return elapsed
