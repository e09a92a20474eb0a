"""The view follows priorities that end and lists that replace each other, in whatever order their events arrive."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.monitoring.consumers import view_consumer
from services.monitoring.overview import queries
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from shared.database import create_engine
from shared.eventlog import StoredRecord
from tests.monitoring.story import records

PROGRAMME, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)
NAMED = LocationPrioritised(
    location_priority_id=FIRST, programme_id=PROGRAMME, run_id=uuid4(), region_code="53.04", province_code="53", rank=3,
    score="0.900000", poverty_score="0.900000", potential_score="0.900000", model_version=1, effective_from=date(2024, 1, 1),  # type: ignore[arg-type]
)  # fmt: skip
LATER = replace(NAMED, location_priority_id=SECOND, run_id=uuid4(), rank=7, effective_from=date(2025, 1, 1))
ENDED = LocationDeprioritised(
    run_id=NAMED.run_id, location_priority_id=FIRST, programme_id=PROGRAMME, region_code="53.04", reason_code="decree_revoked",
    effective_from=date(2024, 6, 1), replaced_by_run_id=None,
)  # fmt: skip
LATER_ENDED = replace(ENDED, run_id=LATER.run_id, location_priority_id=SECOND, effective_from=date(2025, 6, 1))


@pytest.fixture
async def engine(database_url: Callable[..., Any]) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(await database_url("monitoring"))
    yield engine
    await engine.dispose()


async def shown(engine: AsyncEngine, events: Any) -> list[int]:
    """The ranks on the list after each event in a batch of its own."""
    async with engine.begin() as connection:
        for table in ("locations", "ended_priorities", "inbox"):
            await connection.execute(text(f"DELETE FROM view.{table}"))
    consumer = view_consumer(engine)
    subjects, sequence = {NAMED.run_id: uuid4(), LATER.run_id: uuid4()}, {NAMED.run_id: 0, LATER.run_id: 0}
    for n, event in enumerate(events):
        sequence[event.run_id] += 1
        (record,) = records([(subjects[event.run_id], sequence[event.run_id], event)])
        await consumer.apply([StoredRecord(record.topic, 0, n, record.key, record.value, record.headers)])
    async with engine.connect() as connection:
        ranks = [row["rank"] for row in await queries.location_rows(connection, PROGRAMME)]
        monitored = await queries.monitored(connection, PROGRAMME)
    assert [figures["rank"] for figures in monitored.values() if "locations" in figures] == ranks
    return ranks


def orders(*events: Any) -> list[tuple[Any, ...]]:
    """Every order in which the log may deliver them: those of one run stay in theirs."""
    return [order for order in permutations(events) if all(order.index(a) < order.index(b) for a, b in ((NAMED, ENDED), (LATER, LATER_ENDED)) if b in order)]


async def test_a_priority_that_ended_is_off_the_list(engine: AsyncEngine) -> None:
    assert await shown(engine, [NAMED]) == [3]
    assert await shown(engine, [NAMED, ENDED]) == []


async def test_the_later_list_counts_whatever_the_order(engine: AsyncEngine) -> None:
    for order in orders(NAMED, ENDED, LATER):
        assert await shown(engine, order) == [7], order
    for order in orders(NAMED, LATER):
        assert await shown(engine, order) == [7], order


async def test_once_the_later_one_ended_too_nothing_is_left(engine: AsyncEngine) -> None:
    for order in [*orders(NAMED, ENDED, LATER, LATER_ENDED), *orders(NAMED, LATER, LATER_ENDED)]:
        assert await shown(engine, order) == [], order
