"""Events leave with what caused them: none lost, none doubled, none out of order, whatever the log or the relay does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared import telemetry
from shared.contracts.coordination import TOPIC
from shared.database import Database, KeyAlreadyUsed, Remembered, StalePrecondition, create_engine
from shared.errors import NotFound, StaleVersion
from shared.eventlog import EventLog, LogUnavailable, Record, event_log
from shared.outbox import Relay, idempotency_keys_of, outbox_of, publish_pending
from tests.shared.world import Counter, NameTaken, counter_tables, create_tables, everything

METADATA = counter_tables()
OUTBOX = outbox_of(METADATA)


@pytest.fixture
async def url(database_url: Callable[..., Any]) -> str:
    """An empty database with the counter's tables."""
    url: str = await database_url()
    engine = create_engine(url)
    await create_tables(engine, METADATA)
    await engine.dispose()
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    engine = create_engine(url)
    yield Database(engine, METADATA)
    await engine.dispose()


@pytest.fixture
async def log(log_url: str) -> AsyncIterator[EventLog]:
    made = event_log(log_url)
    await made.start([TOPIC])
    yield made
    await made.close()


class Unreliable:
    """A log that can be down, slow, or lose the answer after it stored the records."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.down = False
        self.loses_answers = False
        self.seconds = 0.0

    async def append(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(self.seconds)
        if self.down:
            raise LogUnavailable("down")
        await self._log.append(records)
        if self.loses_answers:
            raise TimeoutError


@contextlib.asynccontextmanager
async def relaying(engine: AsyncEngine, log: Any, name: str = "test") -> AsyncIterator[Relay]:
    """A relay at work beside the block; one that died fails the test."""
    relay, stopping = Relay(name, engine, METADATA, log, poll_seconds=0.05), asyncio.Event()
    task = asyncio.create_task(relay.run(stopping))
    try:
        yield relay
    finally:
        stopping.set()
        await task


async def begin(database: Database, name: str) -> Counter:
    counter = Counter.begin(name)
    async with database.transaction() as uow:
        uow.add(counter)
    return counter


async def rows(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return list((await connection.execute(select(OUTBOX).order_by(OUTBOX.c.position))).all())


async def unpublished(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(OUTBOX).where(OUTBOX.c.published_at.is_(None))) or 0)


async def published(log: EventLog) -> dict[bytes, list[tuple[int, bytes]]]:
    """By subject, the sequences and ids on the log in their order there."""
    by_subject: dict[bytes, list[tuple[int, bytes]]] = {}
    for records in (await everything(log, [TOPIC])).values():
        for record in records:
            headers = dict(record.headers)
            by_subject.setdefault(headers["ce_subject"], []).append((int(headers["ce_sequence"]), headers["ce_id"]))
    return by_subject


def drained(database: Database) -> Callable[[], Any]:
    async def condition() -> bool:
        return await unpublished(database) == 0

    return condition


async def test_of_24_writers_on_12_aggregates_and_two_relays_nothing_is_lost_doubled_or_reordered(
    url: str, database: Database, log: EventLog, log_url: str, eventually: Callable[..., Any]
) -> None:
    counters = [(await begin(database, f"hot-{n}")).id for n in range(12)]
    second = create_engine(url)
    other_log = event_log(log_url)
    saved = stale = 0

    async def write(n: int) -> None:
        nonlocal saved, stale
        for turn in range(25):
            try:
                async with database.transaction() as uow:
                    counter = await uow.get(Counter, counters[(n + turn * 7) % 12])
                    counter.increase(1 + (n + turn) % 3)
                    added = len(counter.recorded)
                saved += added
            except StaleVersion:
                stale += 1

    async with relaying(database.engine, log), relaying(second, other_log):
        await asyncio.gather(*(write(n) for n in range(24)))
        await eventually(drained(database))
    assert stale > 0, "the writers never met"
    on_log = await published(log)
    recorded = await rows(database)
    assert len(recorded) == sum(map(len, on_log.values())) == saved + 12
    assert {str(row.id).encode() for row in recorded} == {id for events in on_log.values() for _, id in events}
    async with database.reading() as connection:
        versions = (await connection.execute(text("SELECT id, version, count FROM counters"))).all()
    for id, version, count in versions:
        assert [sequence for sequence, _ in on_log[str(id).encode()]] == list(range(1, version + 1))
        assert count == version
    await second.dispose()
    await other_log.close()


async def test_a_frozen_relay_is_taken_over(url: str, database: Database, log: EventLog, eventually: Callable[..., Any]) -> None:
    await begin(database, "waiting")
    frozen = create_engine(url)
    async with frozen.connect() as holder:
        await holder.execute(text("SET idle_in_transaction_session_timeout = '300ms'"))
        assert await holder.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('outbox-relay'))"))
        assert await publish_pending(database.engine, OUTBOX, log) == 0
        async with relaying(database.engine, log):
            await eventually(drained(database))
        await holder.invalidate()
    await frozen.dispose()
    assert len(await published(log)) == 1


async def test_a_relay_whose_session_was_ended_goes_on(database: Database, log: EventLog, eventually: Callable[..., Any]) -> None:
    slow = Unreliable(log)
    terminate = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'")
    await begin(database, "interrupted")

    async def ended() -> bool:
        async with database.reading() as connection:
            return bool(await connection.scalar(terminate))

    slow.seconds = 0.5
    async with relaying(database.engine, slow):
        await eventually(ended)
        slow.seconds = 0
        await eventually(drained(database))
    assert len(await published(log)) == 1


async def test_a_relay_outlives_a_log_slower_than_its_session_may_idle(url: str, database: Database, log: EventLog, eventually: Callable[..., Any]) -> None:
    slow = Unreliable(log)
    slow.seconds, slow.down = 0.6, True
    hasty = create_async_engine(url, connect_args={"server_settings": {"idle_in_transaction_session_timeout": "200ms"}})
    await begin(database, "slow")
    async with relaying(hasty, slow) as relay:

        async def noticed() -> bool:
            return relay.failing_since is not None

        await eventually(noticed)
        slow.seconds, slow.down = 0, False
        await eventually(drained(database))
        assert relay.failing_since is None
    await hasty.dispose()


async def test_a_relay_outlives_an_exhausted_pool(url: str, database: Database, log: EventLog, eventually: Callable[..., Any]) -> None:
    narrow = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    await begin(database, "crowded")
    async with narrow.connect():
        async with relaying(narrow, log) as relay:

            async def noticed() -> bool:
                return relay.failing_since is not None

            await eventually(noticed)
            assert await unpublished(database) == 1
    async with relaying(narrow, log):
        await eventually(drained(database))
    await narrow.dispose()


async def test_while_the_log_is_down_writes_succeed_and_wait_and_then_flow_in_order(database: Database, log: EventLog, eventually: Callable[..., Any]) -> None:
    unreliable = Unreliable(log)
    unreliable.down = True
    async with relaying(database.engine, unreliable) as relay:
        counter = await begin(database, "patient")
        for _ in range(5):
            async with database.transaction() as uow:
                (await uow.get(Counter, counter.id)).increase()

        async def noticed() -> bool:
            return relay.failing_since is not None

        await eventually(noticed)
        count, age = await relay.backlog()
        assert (count, age >= 0) == (6, True)
        assert await published(log) == {}
        unreliable.down = False
        relay.wake()
        await eventually(drained(database))
        assert (await relay.backlog(), relay.failing_since) == ((0, 0.0), None)
    (events,) = (await published(log)).values()
    assert [sequence for sequence, _ in events] == [1, 2, 3, 4, 5, 6]


async def test_what_the_log_may_have_stored_is_sent_again_with_the_same_ids(database: Database, log: EventLog, eventually: Callable[..., Any]) -> None:
    unreliable = Unreliable(log)
    unreliable.loses_answers = True
    counter = await begin(database, "doubtful")

    async def stored_twice() -> bool:
        return sum(map(len, (await published(log)).values())) >= 2

    async with relaying(database.engine, unreliable):
        await eventually(stored_twice)
        unreliable.loses_answers = False
        await eventually(drained(database))
    events = (await published(log))[str(counter.id).encode()]
    assert len(set(events)) == 1


async def test_a_stopping_relay_drains_what_was_committed(database: Database, log: EventLog) -> None:
    await begin(database, "last")
    relay, stopping = Relay("test", database.engine, METADATA, log, poll_seconds=60), asyncio.Event()
    stopping.set()
    await asyncio.wait_for(relay.run(stopping), 10)
    assert await unpublished(database) == 0


async def test_an_event_type_of_a_newer_version_is_published_after_a_rollback(database: Database, log: EventLog) -> None:
    await begin(database, "newer")
    async with database.reading() as connection:
        await connection.execute(OUTBOX.update().values(type="entaskan.coordination.InstitutionTeleported.v1"))
    assert await publish_pending(database.engine, OUTBOX, log) == 1


async def test_rows_of_one_commit_keep_their_order_and_their_sequences_have_no_gap(database: Database) -> None:
    counter = Counter.begin("steps")
    counter.increase(9)
    async with database.transaction() as uow:
        uow.add(counter)
    async with database.transaction() as uow:
        (await uow.get(Counter, counter.id)).increase(3)
    recorded = await rows(database)
    assert [row.sequence for row in recorded] == list(range(1, 14))
    assert [row.data for row in recorded] == [row.data for row in sorted(recorded, key=lambda row: row.sequence)]
    assert len({row.id for row in recorded}) == 13
    assert counter.recorded == []


async def test_a_command_that_changes_nothing_emits_nothing(database: Database) -> None:
    woken = []
    counter = await begin(database, "idle")
    quiet = Database(database.engine, METADATA, on_commit=lambda: woken.append(1))
    async with quiet.transaction() as uow:
        found = await uow.get(Counter, counter.id)
        found.count = 100
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT version, count FROM counters"))).all() == [(1, 1)]
    assert (len(await rows(database)), woken) == (1, [])


async def test_a_refusal_by_the_handler_leaves_no_trace(database: Database) -> None:
    counter = await begin(database, "refused")
    with pytest.raises(NotFound):
        async with database.transaction() as uow:
            (await uow.get(Counter, counter.id)).increase()
            await uow.get(Counter, uuid4())
    assert len(await rows(database)) == 1


async def test_of_several_aggregates_all_are_saved_or_none(database: Database) -> None:
    taken = await begin(database, "taken")
    with pytest.raises(NameTaken):
        async with database.transaction() as uow:
            (await uow.get(Counter, taken.id)).increase()
            uow.add(Counter.begin("free"))
            uow.add(Counter.begin("taken"))
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT name, version FROM counters"))).all() == [("taken", 1)]
    assert len(await rows(database)) == 1
    async with database.transaction() as uow:
        (await uow.get(Counter, taken.id)).increase()
        uow.add(Counter.begin("free"))
    assert len(await rows(database)) == 3


async def test_a_statement_that_fails_takes_the_aggregate_along(database: Database) -> None:
    counter = await begin(database, "with-more")
    with pytest.raises(Exception, match="division by zero"):
        async with database.transaction() as uow:
            (await uow.get(Counter, counter.id)).increase()
            uow.also(text("SELECT 1 / 0"))
    assert len(await rows(database)) == 1


async def test_of_two_concurrent_commands_on_one_aggregate_one_is_stale(database: Database) -> None:
    counter = await begin(database, "contended")
    both_loaded = asyncio.Barrier(2)

    async def command() -> str:
        try:
            async with database.transaction() as uow:
                loaded = await uow.get(Counter, counter.id)
                await both_loaded.wait()
                loaded.increase()
        except StaleVersion:
            return "stale"
        return "saved"

    assert sorted(await asyncio.gather(command(), command())) == ["saved", "stale"]
    assert [row.sequence for row in await rows(database)] == [1, 2]


async def test_what_the_caller_saw_guards_the_change(database: Database) -> None:
    counter = await begin(database, "guarded")
    with pytest.raises(StalePrecondition) as stale:
        async with database.transaction(expected=(counter.id, 7)) as uow:
            (await uow.get(Counter, counter.id)).increase()
    assert stale.value.facts == {"current_etag": '"1"'}
    assert len(await rows(database)) == 1


def remembered(key: bytes = b"key") -> Remembered:
    return Remembered(key=key, fingerprint=b"body", status=201, aggregate=Counter, answer=lambda counter: f"{counter.name}:{counter.version}".encode())


async def statements_of(database: Database, work: Callable[[], Any]) -> list[str]:
    """The statements that PostgreSQL was sent meanwhile, other than reads."""
    sent: list[str] = []

    def note(query: Any) -> None:
        sent.append(query.query)

    def listen(connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(note)

    event.listen(database.engine.sync_engine, "checkout", listen)
    try:
        await work()
    finally:
        event.remove(database.engine.sync_engine, "checkout", listen)
    return [statement for statement in sent if "INSERT" in statement or "UPDATE" in statement]


async def test_state_event_and_idempotency_record_are_one_statement(database: Database) -> None:
    async def create() -> None:
        async with database.transaction(remembered()) as uow:
            uow.add(Counter.begin("once"))

    sent = await statements_of(database, create)
    assert len(sent) == 1
    assert all(f"INSERT INTO {table}" in sent[0] for table in ("counters", "outbox", "idempotency_keys"))
    answer = await database.stored_answer(b"key")
    assert answer
    assert (answer.status, answer.answer, answer.etag, answer.fingerprint) == (201, b"once:1", '"1"', b"body")
    with pytest.raises(KeyAlreadyUsed):
        async with database.transaction(remembered()) as uow:
            uow.add(Counter.begin("twice"))
    assert len(await rows(database)) == 1


async def test_a_refused_command_remembers_no_answer(database: Database) -> None:
    await begin(database, "taken")
    with pytest.raises(NameTaken):
        async with database.transaction(remembered()) as uow:
            uow.add(Counter.begin("taken"))
    assert await database.stored_answer(b"key") is None


async def test_an_answer_is_remembered_once_though_the_command_changed_two_of_a_kind(database: Database) -> None:
    parent = await begin(database, "parent")
    async with database.transaction(remembered(), expected=(parent.id, 1)) as uow:
        uow.add(Counter.begin("child"))
        (await uow.get(Counter, parent.id)).increase()
    answer = await database.stored_answer(b"key")
    assert answer
    assert answer.answer == b"parent:2"
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(idempotency_keys_of(METADATA))) == 1


async def test_a_reaction_joins_the_transaction_of_its_batch(database: Database) -> None:
    counter = await begin(database, "joined")
    with pytest.raises(RuntimeError):
        async with database.engine.begin() as connection:
            async with database.joining(connection)() as uow:
                (await uow.get(Counter, counter.id)).increase()
            async with database.joining(connection)() as uow:
                found = await uow.get(Counter, counter.id)
            assert found.count == 2
            raise RuntimeError
    assert len(await rows(database)) == 1


async def test_an_event_names_who_caused_it(database: Database) -> None:
    with telemetry.within(telemetry.Context("request-1", "event-1", "someone", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")):
        await begin(database, "caused")
    (row,) = await rows(database)
    assert (row.correlation_id, row.causation_id, row.actor) == ("request-1", "event-1", "someone")
