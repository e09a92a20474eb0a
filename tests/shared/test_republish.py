"""What the log lost comes back from the outbox, in order; what it has stays as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared.contracts.coordination import TOPIC
from shared.database import Database, create_engine
from shared.envelope import decode
from shared.eventlog import EventLog, LogUnavailable, StoredRecord, event_log
from shared.outbox import outbox_of, publish_pending
from shared.republish import republish_missing
from tests.shared.world import Counter, counter_tables, create_tables, everything

METADATA = counter_tables()


@pytest.fixture
async def database(database_url: Callable[..., Any]) -> Any:
    engine = create_engine(await database_url())
    await create_tables(engine, METADATA)
    yield Database(engine, METADATA)
    await engine.dispose()


async def published(database: Database, log: EventLog) -> None:
    while await publish_pending(database.engine, outbox_of(METADATA), log):
        pass


async def on(log: EventLog) -> list[StoredRecord]:
    return [record for records in (await everything(log, [TOPIC])).values() for record in records]


async def test_what_a_new_log_lacks_is_published_again_and_keeps_its_place_in_the_feed(database: Database, database_url: Callable[..., Any]) -> None:
    old, new = event_log(await database_url()), event_log(await database_url())
    await old.start([TOPIC])
    await new.start([TOPIC])
    ids = []
    for n in range(5):
        async with database.transaction() as uow:
            counter = Counter.begin(f"c{n}")
            counter.increase(n)
            uow.add(counter)
        ids.append(counter.id)
    await published(database, old)
    places = await feed(database)
    # The new log has only what the first two recorded.
    await new.append([record for record in await on(old) if decode(record).subject in {str(id) for id in ids[:2]}])  # type: ignore[misc]
    assert await republish_missing("coordination", database.engine, METADATA, new) == (15, 12)
    await published(database, new)
    messages = [decode(record) for record in await on(new)]
    for n, id in enumerate(ids):
        assert [message.sequence for message in messages if message.subject == str(id)] == list(range(1, n + 2))
    assert await feed(database) == places
    assert await republish_missing("coordination", database.engine, METADATA, new) == (15, 0)
    await old.close()
    await new.close()


async def test_nothing_is_unmarked_when_the_log_cannot_be_read(database: Database) -> None:
    async with database.transaction() as uow:
        uow.add(Counter.begin("one"))
    with pytest.raises(LogUnavailable):
        await republish_missing("coordination", database.engine, METADATA, event_log("kafka://127.0.0.1:1"))


async def feed(database: Database) -> list[tuple[Any, ...]]:
    outbox = outbox_of(METADATA)
    async with database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(select(outbox.c.id, outbox.c.feed_seq).order_by(outbox.c.feed_seq))]
