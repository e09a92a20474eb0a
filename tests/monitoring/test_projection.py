"""The projection on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.monitoring.consumers import view_consumer
from services.monitoring.schema import metadata
from shared.contracts import coordination_commitments as k
from shared.database import create_engine
from shared.eventlog import StoredRecord
from tests.monitoring.conftest import events_applied, figures
from tests.monitoring.story import Story, records

STORY = Story(size=5, busy=4)


@pytest.fixture
async def engine(database_url: Callable[..., Any]) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(await database_url("monitoring"))
    yield engine
    await engine.dispose()


def _stored(seed: int) -> list[StoredRecord]:
    return [StoredRecord(r.topic, 0, n, r.key, r.value, r.headers) for n, r in enumerate(records(STORY.shuffled(seed)))]


async def test_the_migrations_make_exactly_the_tables_of_the_service(engine: AsyncEngine) -> None:
    def differences(sync: Any) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(sync, opts={"include_schemas": True, "compare_type": True}), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("size", [1, 37, 5000])
async def test_batches_of_any_size_add_up_to_what_happened(engine: AsyncEngine, size: int) -> None:
    consumer = view_consumer(engine)
    stored = _stored(seed=size)
    for start in range(0, len(stored), size):
        await consumer.apply(stored[start : start + size])
    assert await figures(engine) == STORY.expected
    assert await events_applied(engine) == len(stored)


async def test_a_second_delivery_changes_nothing(engine: AsyncEngine) -> None:
    consumer = view_consumer(engine)
    stored = _stored(seed=3)
    for start in range(0, len(stored), 50):
        await consumer.apply(stored[start : start + 50])
        await consumer.apply(stored[max(0, start - 30) : start + 50])
    assert await figures(engine) == STORY.expected
    assert await events_applied(engine) == len(stored)


async def test_the_older_of_two_publications_does_not_win_in_a_later_batch(engine: AsyncEngine) -> None:
    from dataclasses import replace
    from datetime import date

    first = next(events[0] for _, events in STORY.streams if type(events[0]).__name__ == "LocationPrioritised")
    consumer = view_consumer(engine)
    newer = replace(first, rank=99, effective_from=date(2025, 1, 1))
    for n, event in enumerate((newer, first)):
        (record,) = records([(uuid4(), 1, event)])
        await consumer.apply([StoredRecord(record.topic, 0, n, record.key, record.value, record.headers)])
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT rank FROM view.locations")) == 99


async def test_progress_whose_pledge_was_discarded_waits_for_an_operator_and_all_else_flows(engine: AsyncEngine) -> None:
    consumer = view_consumer(engine)
    lost, orphan = uuid4(), k.CommitmentProgressVerified(
        commitment_id=uuid4(), report_id=uuid4(), verified_by_institution_id=uuid4(), verified_output=1, verified_amount_idr=1
    )  # fmt: skip
    whole = records([(lost, 1, orphan), *STORY.shuffled(1)])
    await consumer.apply([StoredRecord(r.topic, 0, n, r.key, r.value, r.headers) for n, r in enumerate(whole)])
    assert await figures(engine) == STORY.expected
    async with engine.connect() as connection:
        (waiting,) = await consumer.inbox.waiting(connection, str(lost))
    assert waiting.reason == "unknown_commitment: the pledge of this commitment was not applied"
