"""The consumer that the catalogue shows works against a real broker."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from shared.catalogue.markdown import CONSUMER
from shared.catalogue.samples import all_samples, record_in
from shared.eventlog.kafka import KafkaLog
from tests.kafka import Broker, free_port


@pytest.mark.kafka
async def test_the_consumer_of_the_page_reads_the_samples(tmp_path: Path) -> None:
    samples = all_samples()
    names: dict[str, Any] = {}
    exec(compile(CONSUMER, "docs/events/README.md", "exec"), names)
    applied: asyncio.Queue[tuple[str, int, Any]] = asyncio.Queue()

    async def apply(subject: str, sequence: int, data: Any) -> None:
        await applied.put((subject, sequence, data))

    with Broker(port=free_port(), data=tmp_path) as broker:
        log = KafkaLog(broker.bootstrap)
        await log.start(sorted({sample["topic"] for sample in samples.values()}))
        await log.append([record_in(sample) for sample in samples.values()])
        await log.close()
        reading = asyncio.create_task(names["main"](broker.bootstrap, apply))
        try:
            subject, sequence, data = await asyncio.wait_for(applied.get(), 30)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    prioritised = samples["entaskan.mapping.LocationPrioritised.v1"]
    assert (subject, sequence, data) == (prioritised["key"], 1, prioritised["value"])
