"""One contract, two adapters: what holds for the log in PostgreSQL holds for the log on Kafka."""

import asyncio
import itertools
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from shared.envelope import Malformed, decode
from shared.eventlog import PARTITIONS, EventLog, LogUnavailable, Partition, Record, StoredRecord, Subscription, event_log
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.postgres import PostgresLog
from tests.kafka import Broker, free_port
from tests.shared.world import cancelled, everything

TOPIC = "entaskan.test"


@pytest.fixture
async def log(either_log: str) -> AsyncIterator[EventLog]:
    """A log with one empty topic."""
    made = event_log(either_log)
    await made.start([TOPIC])
    yield made
    await made.close()


def entry(key: str, n: int, **changes: Any) -> Record:
    return Record(**({"topic": TOPIC, "key": key.encode(), "value": str(n).encode(), "headers": [("n", str(n).encode())]} | changes))


async def appended(log: EventLog, count: int, keys: int = 12) -> None:
    await log.append([entry(f"key-{n % keys}", n) for n in range(count)])


async def take(subscription: Subscription, count: int, seconds: float = 20) -> list[tuple[Partition, list[StoredRecord]]]:
    """Batches until `count` records came."""
    taken: list[tuple[Partition, list[StoredRecord]]] = []
    async with asyncio.timeout(seconds):
        while sum(len(records) for _, records in taken) < count:
            taken += [(partition, list(records)) for partition, records in await subscription.fetch(max_records=1000, timeout=0.2)]
    return taken


async def commit_all(subscription: Subscription, taken: list[tuple[Partition, list[StoredRecord]]]) -> None:
    for partition, records in taken:
        assert await subscription.commit({partition: records[-1].offset + 1})


async def test_records_of_one_key_stay_in_one_partition_in_order_at_dense_offsets(log: EventLog) -> None:
    for start in range(0, 240, 40):
        await log.append([entry(f"key-{n % 12}", n) for n in range(start, start + 40)])
    read = await everything(log, [TOPIC])
    by_key: dict[bytes, list[int]] = {}
    homes: dict[bytes, set[int]] = {}
    for partition, records in read.items():
        assert [record.offset for record in records] == list(range(len(records)))
        for record in records:
            assert record.key
            assert record.value
            by_key.setdefault(record.key, []).append(int(record.value))
            homes.setdefault(record.key, set()).add(partition.number)
    assert by_key == {f"key-{k}".encode(): list(range(k, 240, 12)) for k in range(12)}
    assert all(len(partitions) == 1 for partitions in homes.values())
    assert sum(1 for records in read.values() if records) > 1, "keys spread over partitions"


async def test_appenders_at_once_leave_dense_offsets_and_their_own_order(log: EventLog) -> None:
    async def write(writer: int) -> None:
        for start in range(0, 160, 32):
            # Every batch reaches most partitions, in an order of its own.
            await log.append([entry(f"writer-{writer}-{n % 8}", n) for n in range(start, start + 32)])

    async with asyncio.timeout(20):
        await asyncio.gather(*(write(writer) for writer in range(6)))
    read = await everything(log, [TOPIC])
    for records in read.values():
        assert [record.offset for record in records] == list(range(len(records)))
    for writer, key in itertools.product(range(6), range(8)):
        mine = [int(r.value or b"") for records in read.values() for r in records if r.key == f"writer-{writer}-{key}".encode()]
        assert mine == list(range(key, 160, 8))


async def test_every_byte_comes_back(log: EventLog) -> None:
    every = bytes(range(256))
    headers = [("plain", b"text"), ("nul", b"a\x00b"), ("bytes", every), ("empty", b""), ("twice", b"1"), ("twice", b"2"), ("näme ☃", b"x")]
    sent = [
        Record(TOPIC, every, every, headers),
        Record(TOPIC, every, b"", []),
        Record(TOPIC, every, None, [("n", b"tombstone")]),
        Record(TOPIC, every, b"x" * 500_000, []),
    ]
    await log.append(sent)
    read = [record for records in (await everything(log, [TOPIC])).values() for record in records]
    assert [(r.topic, r.key, r.value, list(r.headers)) for r in read] == [(r.topic, r.key, r.value, list(r.headers)) for r in sent]


async def test_a_group_goes_on_where_it_committed(log: EventLog) -> None:
    await appended(log, 60)
    async with log.subscribe("resuming", [TOPIC]) as subscription:
        await commit_all(subscription, await take(subscription, 60))
    await log.append([entry("key-1", n) for n in range(60, 65)])
    async with log.subscribe("resuming", [TOPIC]) as subscription:
        assert [int(r.value or b"") for _, records in await take(subscription, 5) for r in records] == [60, 61, 62, 63, 64]
    async with log.subscribe("another", [TOPIC]) as subscription:
        assert sum(len(records) for _, records in await take(subscription, 65)) == 65, "another group begins at the oldest record"


async def test_what_was_not_committed_comes_again(log: EventLog) -> None:
    await appended(log, 48)
    async with log.subscribe("forgetful", [TOPIC]) as subscription:
        first = await take(subscription, 48)
        kept, *dropped = sorted(first)
        assert await subscription.commit({kept[0]: kept[1][0].offset + 1})
    async with log.subscribe("forgetful", [TOPIC]) as subscription:
        again = await take(subscription, 47)
    assert sum(len(records) for _, records in again) == 47
    offsets = {(partition, record.offset) for partition, records in again for record in records}
    assert (kept[0], 0) not in offsets
    assert {(partition, 0) for partition, _ in dropped} <= offsets


async def test_seek_fetches_the_same_batch_again(log: EventLog) -> None:
    await log.append([entry("one", n) for n in range(10)])
    async with log.subscribe("seeking", [TOPIC]) as subscription:
        ((partition, records),) = await take(subscription, 10)
        await subscription.seek(partition, records[4].offset)
        ((_, again),) = await take(subscription, 6)
        assert [record.offset for record in again] == [record.offset for record in records[4:]]


async def test_a_fetch_keeps_to_its_maximum_and_its_time(log: EventLog) -> None:
    await log.append([entry("one", n) for n in range(25)])
    async with log.subscribe("modest", [TOPIC]) as subscription:
        sizes = []
        async with asyncio.timeout(20):
            while sum(sizes) < 25:
                sizes += [len(records) for _, records in await subscription.fetch(max_records=10, timeout=0.2)]
        assert max(sizes) <= 10
        started = asyncio.get_running_loop().time()
        assert await subscription.fetch(max_records=10, timeout=0.3) == []
        assert 0.1 < asyncio.get_running_loop().time() - started < 5


async def test_a_record_appended_while_waiting_ends_the_wait(log: EventLog) -> None:
    async with log.subscribe("prompt", [TOPIC]) as subscription:
        await subscription.fetch(max_records=1, timeout=1)
        waiting = asyncio.create_task(take(subscription, 1))
        await log.append([entry("one", 1)])
        assert len(await asyncio.wait_for(waiting, 10)) == 1


async def test_two_members_never_both_commit_a_partition_and_one_takes_over_from_the_other(log: EventLog, either_log: str) -> None:
    await appended(log, 120, keys=40)
    other = event_log(either_log)
    done: dict[Partition, list[str]] = {}
    positions: dict[Partition, int] = {}
    leaving, joined = asyncio.Event(), asyncio.Event()

    async def member(name: str, mine: EventLog, stop: asyncio.Event) -> None:
        async with mine.subscribe("members", [TOPIC]) as subscription:
            joined.set()
            while not stop.is_set():
                for partition, records in await subscription.fetch(max_records=7, timeout=0.1):
                    if await subscription.commit({partition: records[-1].offset + 1}):
                        assert records[0].offset <= positions.get(partition, 0), "nothing was stepped over"
                        positions[partition] = max(positions.get(partition, 0), records[-1].offset + 1)
                        done.setdefault(partition, []).append(name)

    async def until(total: int) -> None:
        async with asyncio.timeout(30):
            while sum(positions.values()) < total:
                await asyncio.sleep(0.02)

    stop_second = asyncio.Event()
    first = asyncio.create_task(member("first", log, leaving))
    await joined.wait()
    second = asyncio.create_task(member("second", other, stop_second))
    try:
        await until(120)
        leaving.set()
        await first
        before = {partition: len(names) for partition, names in done.items()}
        await appended(log, 120, keys=40)
        await until(240)
        after = [name for partition, names in done.items() for name in names[before.get(partition, 0) :]]
        assert set(after) == {"second"}
    finally:
        leaving.set()
        stop_second.set()
        await asyncio.gather(first, second)
        await other.close()


async def test_a_member_that_lost_its_partition_cannot_commit_it(log: EventLog, either_log: str) -> None:
    await appended(log, 60, keys=40)
    other = event_log(either_log)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(other.close)
        first = await stack.enter_async_context(log.subscribe("contended", [TOPIC]))
        held = await take(first, 60)
        arriving = asyncio.create_task(stack.enter_async_context(other.subscribe("contended", [TOPIC])))
        if isinstance(log, PostgresLog):
            # Here the second waits outside, and the first keeps everything.
            done, _ = await asyncio.wait([arriving], timeout=0.5)
            assert not done
            await commit_all(first, held)
            await cancelled(arriving)
            return
        second = await arriving
        taken: list[tuple[Partition, list[StoredRecord]]] = []
        async with asyncio.timeout(30):
            while not taken:
                taken = [(partition, list(records)) for partition, records in await second.fetch(max_records=1000, timeout=0.2)]
                await first.fetch(max_records=1, timeout=0.05)
        moved = {partition for partition, _ in taken}
        for partition, records in held:
            if partition in moved:
                assert not await first.commit({partition: records[-1].offset + 1})
                await first.seek(partition, 0)
        await commit_all(second, taken)


@pytest.mark.kafka
async def test_kafka_what_comes_after_a_rebalance_during_the_wait_is_committed(kafka: Broker, kafka_log: str) -> None:
    log, other = event_log(kafka_log), event_log(kafka_log)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(log.close)
        stack.push_async_callback(other.close)
        await log.start([TOPIC])
        first: Any = await stack.enter_async_context(log.subscribe("waiting", [TOPIC]))
        await appended(log, 12)
        await commit_all(first, await take(first, 12))
        waiting = asyncio.create_task(first.fetch(max_records=100, timeout=60))
        async with other.subscribe("waiting", [TOPIC]) as second:
            await second.fetch(max_records=1, timeout=0.1)
            assert len(first._consumer.assignment()) < PARTITIONS
        async with asyncio.timeout(30):
            while len(first._consumer.assignment()) < PARTITIONS:
                await asyncio.sleep(0.05)
        assert not waiting.done()
        await appended(log, 12)
        fetched = await waiting
        assert fetched and await first.commit({partition: records[-1].offset + 1 for partition, records in fetched})


async def test_replay_reads_from_the_given_positions_to_the_end_of_that_moment(log: EventLog) -> None:
    await log.start([TOPIC, "entaskan.empty"])
    await appended(log, 90)
    read = await everything(log, [TOPIC])
    positions = {partition: len(records) // 2 for partition, records in read.items()}
    again: dict[Partition, list[int]] = {}
    async for partition, records in log.replay([TOPIC, "entaskan.empty"], positions):
        if not again:
            await appended(log, 30)
        again.setdefault(partition, []).extend(record.offset for record in records)
    assert again == {partition: list(range(positions[partition], len(records))) for partition, records in read.items() if records[positions[partition] :]}
    ends = {partition: len(records) for partition, records in (await everything(log, [TOPIC])).items()}
    assert [batch async for batch in log.replay([TOPIC], ends)] == []


async def test_replay_disturbs_no_group(log: EventLog) -> None:
    await appended(log, 24)
    async with log.subscribe("undisturbed", [TOPIC]) as subscription:
        taken = await take(subscription, 24)
        assert sum(map(len, (await everything(log, [TOPIC])).values())) == 24
        await commit_all(subscription, taken)


async def test_topics_are_made_once_though_two_start_at_once(either_log: str) -> None:
    logs = [event_log(either_log) for _ in range(4)]
    topics = [f"entaskan.started.{n}" for n in range(3)]
    await asyncio.gather(*(log.start(topics) for log in logs), logs[0].start(topics))
    await logs[0].start(topics)
    await logs[1].append([entry("one", n, topic=topics[n]) for n in range(3)])
    read = await everything(logs[2], topics)
    assert (len(read), sum(map(len, read.values()))) == (3 * PARTITIONS, 3)
    for log in logs:
        await log.check()
        await log.close()


async def test_appending_to_a_topic_that_does_not_exist_is_refused_in_time(log: EventLog) -> None:
    with pytest.raises((LogUnavailable, TimeoutError)):
        async with asyncio.timeout(1):
            await log.append([entry("one", 1, topic="entaskan.nowhere")])
    await log.append([entry("one", 1)])


@pytest.mark.parametrize("url", ["postgresql+asyncpg://nobody:nothing@127.0.0.1:{port}/none", "kafka://127.0.0.1:{port}"])
async def test_a_log_that_cannot_be_reached_says_so_everywhere(url: str) -> None:
    log = event_log(url.format(port=free_port()))
    with pytest.raises(LogUnavailable):
        await log.start([TOPIC])
    with pytest.raises(LogUnavailable):
        await log.append([entry("one", 1)])
    with pytest.raises(LogUnavailable):
        await log.check()
    with pytest.raises(LogUnavailable):
        async with log.subscribe("any", [TOPIC]):
            pass
    with pytest.raises(LogUnavailable):
        async for _ in log.replay([TOPIC], {}):
            pass
    await log.close()


async def test_postgres_a_session_that_was_ended_is_replaced(database_url: Callable[..., Any]) -> None:
    url = await database_url()
    log = PostgresLog(url)
    await log.start([TOPIC])
    await log.append([entry("one", 0)])
    admin = await asyncpg.connect(url.replace("+asyncpg", ""))
    with pytest.raises(LogUnavailable):
        async with log.subscribe("ended", [TOPIC]) as subscription:
            await take(subscription, 1)
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            for n in itertools.count(1):
                await log.append([entry("one", n)])
                await subscription.fetch(max_records=10, timeout=0.2)
    async with asyncio.timeout(10):
        while True:
            try:
                await log.append([entry("one", 99)])
                break
            except LogUnavailable:
                continue
    async with log.subscribe("ended", [TOPIC]) as subscription:
        taken = await take(subscription, 2)
    assert [int(r.value or b"") for _, records in taken for r in records][-1] == 99
    await admin.close()
    await log.close()


async def test_postgres_a_shortage_is_unavailability(database_url: Callable[..., Any]) -> None:
    url = await database_url()
    log = PostgresLog(url)
    await log.start([TOPIC])
    admin = await asyncpg.connect(url.replace("+asyncpg", ""))
    for sqlstate in ("53300", "53100", "57P03", "58030", "40P01", "55P03"):
        await admin.execute(
            f"CREATE OR REPLACE FUNCTION short() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'short' USING ERRCODE = '{sqlstate}'; END $$;"
            "CREATE OR REPLACE TRIGGER short BEFORE INSERT ON records EXECUTE FUNCTION short()"
        )
        with pytest.raises(LogUnavailable):
            await log.append([entry("one", 1)])
    await admin.execute("DROP TRIGGER short ON records")
    await log.append([entry("one", 1)])
    await admin.close()
    await log.close()


@pytest.mark.kafka
async def test_kafka_a_header_without_a_value_is_read_as_empty(kafka: Broker, kafka_log: str) -> None:
    log = KafkaLog(kafka.bootstrap)
    await log.start([TOPIC])
    await log.append([Record(TOPIC, b"k", b"v", [("null", None), ("n", b"1")])])  # type: ignore[list-item]
    (read,) = [record for records in (await everything(log, [TOPIC])).values() for record in records]
    assert list(read.headers) == [("null", b""), ("n", b"1")]
    await log.close()


@pytest.mark.kafka
async def test_kafka_a_killed_broker_is_waited_for_and_nothing_is_lost(kafka: Broker, kafka_log: str) -> None:
    log = KafkaLog(kafka.bootstrap)
    await log.start([TOPIC])
    read: list[int] = []
    stop = asyncio.Event()

    async def follow() -> None:
        while not stop.is_set():
            try:
                async with log.subscribe("following", [TOPIC]) as subscription:
                    while not stop.is_set():
                        for partition, records in await subscription.fetch(max_records=100, timeout=0.2):
                            read.extend(int(record.value or b"") for record in records)
                            await subscription.commit({partition: records[-1].offset + 1})
            except LogUnavailable:
                await asyncio.sleep(0.2)

    following = asyncio.create_task(follow())
    before = asyncio.all_tasks()
    await log.append([entry("one", n) for n in range(5)])
    kafka.kill()
    try:
        for _ in range(2):
            with pytest.raises((LogUnavailable, TimeoutError)):
                async with asyncio.timeout(1):
                    await log.append([entry("one", n) for n in range(5, 10)])
        with pytest.raises((LogUnavailable, TimeoutError)):
            await log.check()
    finally:
        await asyncio.to_thread(kafka.start)
    async with asyncio.timeout(30):
        while True:
            try:
                async with asyncio.timeout(5):
                    await log.append([entry("one", n) for n in range(5, 10)])
                break
            except (LogUnavailable, TimeoutError):
                await asyncio.sleep(0.1)
        while read[-1:] != [9] or len(set(read)) < 10:
            await asyncio.sleep(0.05)
    assert list(dict.fromkeys(read)) == list(range(10)), "first appearances are in order"
    stored = [int(r.value or b"") for records in (await everything(log, [TOPIC])).values() for r in records]
    assert sorted(set(stored)) == list(range(10))
    stop.set()
    await following
    await log.close()
    left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}  # type: ignore[union-attr]
    assert left == set(), "no producer of before goes on in the background"


@pytest.mark.kafka
async def test_a_header_whose_name_is_not_utf8_is_stepped_over(kafka: Broker, kafka_log: str) -> None:
    made = event_log(kafka_log)
    await made.start([TOPIC])
    try:
        await made.append([entry("key", 1)])
        for name in (b"\xff\xfe", b"\xc3"):
            command = [b"kcat", b"-P", b"-b", kafka.bootstrap.encode(), b"-t", TOPIC.encode(), b"-k", b"key", b"-p", b"0", b"-H", name + b"=1"]
            await asyncio.to_thread(subprocess.run, command, input=b"bad\n" * 3, check=True, timeout=30)
        await made.append([entry("key", 2)])
        async with made.subscribe("entaskan.test.unreadable", [TOPIC]) as subscription:
            taken = await take(subscription, 8)
        replayed = await everything(made, [TOPIC])
        for read in (taken, list(replayed.items())):
            records = [record for _, batch in read for record in batch]
            assert sorted(record.value for record in records if record.value) == [b"1", b"2"]
            bad = [record for record in records if record.value is None]
            assert [record.offset for record in bad] == sorted({record.offset for record in bad})
            assert len(bad) == 6
            for record in bad:
                with pytest.raises(Malformed, match="not UTF-8"):
                    decode(record)
    finally:
        await made.close()
