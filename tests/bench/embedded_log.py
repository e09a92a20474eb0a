"""The event log in PostgreSQL, append and read, against one COPY and one SELECT of the same rows."""

import time
from random import Random
from typing import Any

import asyncpg
import uvloop

from shared.eventlog import Partition
from shared.eventlog.postgres import PostgresLog
from shared.outbox import BATCH
from tests.bench.rebuild import events
from tests.bench.rig import RUNS, Result, World, dsn, sizes, spread

COLUMNS = ["topic", "partition", "offset", "key", "value", "headers"]
PLAIN = """
CREATE TABLE plain (topic text NOT NULL, partition int NOT NULL, "offset" bigint NOT NULL, key bytea, value bytea, headers text NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, partition, "offset"))
"""


def measure(world: World) -> list[Result]:
    """Append in the relay's batches and replay, at growing size; the ratios are those of the largest."""
    return uvloop.run(_measure(world.postgres.url("event_log")))


async def _measure(url: str) -> list[Result]:
    log, bare = PostgresLog(url), await asyncpg.connect(dsn(url))
    growth: dict[int, Any] = {}
    appended: list[float] = []
    read: list[float] = []
    for size in sizes("LOG_RECORDS", "100,1000,10000,100000"):
        records = events(Random(size), size)
        topic = records[0].topic
        rates: dict[str, list[float]] = {name: [] for name in ("append", "copy", "read", "select")}
        for _ in range(RUNS):
            await bare.execute("DROP TABLE IF EXISTS plain, records, partitions, group_offsets")
            await bare.execute(PLAIN)
            await log.start([topic])
            started = time.perf_counter()
            for n in range(0, size, BATCH):
                await log.append(records[n : n + BATCH])
            rates["append"].append(size / (time.perf_counter() - started))
            rows = [tuple(row) for row in await bare.fetch('SELECT topic, partition, "offset", key, value, headers FROM records')]
            started = time.perf_counter()
            await bare.copy_records_to_table("plain", records=rows, columns=COLUMNS)
            rates["copy"].append(size / (time.perf_counter() - started))
            del rows
            started = time.perf_counter()
            await bare.fetch('SELECT "offset", key, value, headers FROM plain')
            rates["select"].append(size / (time.perf_counter() - started))
            started, seen = time.perf_counter(), 0
            async for partition, batch in log.replay([topic], {Partition(topic, 0): 0}):
                assert partition.topic == topic
                seen += len(batch)
            rates["read"].append(size / (time.perf_counter() - started))
            assert seen == size, seen
        appended = [mine / theirs for mine, theirs in zip(rates["append"], rates["copy"], strict=True)]
        read = [mine / theirs for mine, theirs in zip(rates["read"], rates["select"], strict=True)]
        growth[size] = {f"{name}_per_second": spread(values) for name, values in rates.items()} | {
            "append_ratio": spread(appended),
            "read_ratio": spread(read),
        }
    await log.close()
    await bare.close()
    details = {"by_records": growth}
    return [
        Result(f"embedded log, append in batches of {BATCH}", "one COPY of the same rows", 0.1, appended, details=details),
        Result("embedded log, read", "one SELECT of the same rows", 0.1, read, details=details),
    ]
