"""Consumers apply every event once and in order, whatever the log, the database or the publisher does."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.coordination import TOPIC
from shared.envelope import Malformed, decode
from shared.errors import StaleVersion
from shared.eventlog import StoredRecord, event_log
from shared.failures import is_transient
from shared.inbox import stored_record
from shared.telemetry import CONSUMED
from tests.shared.malformed import MALFORMED
from tests.shared.world import Cause, Effects, changed, create_tables, effects, everything, message, messages, stored


@pytest.fixture
async def making(database_url: Callable[..., Any]) -> AsyncIterator[Callable[..., Any]]:
    """`await making(group=…)`: a consumer with tables of its own."""
    async with AsyncExitStack() as stack:

        async def make(url: str | None = None, **kwargs: Any) -> Effects:
            made = effects(url or await database_url(), **kwargs)
            stack.push_async_callback(made.engine.dispose)
            if url is None:
                await create_tables(made.engine, made.table.metadata)
            return made

        yield make


@pytest.fixture
async def applied(making: Callable[..., Any]) -> Effects:
    made: Effects = await making()
    return made


async def test_a_redelivered_batch_changes_nothing(applied: Effects) -> None:
    one, two = uuid4(), uuid4()
    batch = stored([*messages(one, 1, 5), *messages(two, 1, 3)])
    for _ in range(3):
        await applied.consumer.apply(batch)
    assert (await applied.of(one), await applied.of(two), await applied.parked()) == ([1, 2, 3, 4, 5], [1, 2, 3], [])


async def test_a_batch_that_was_applied_in_part_is_completed(applied: Effects) -> None:
    subject = uuid4()
    batch = stored(messages(subject, 1, 6))
    await applied.consumer.apply(batch[:4])
    await applied.consumer.apply(batch[2:])
    assert await applied.of(subject) == [1, 2, 3, 4, 5, 6]


async def test_every_event_three_times_at_new_offsets_is_applied_once(applied: Effects) -> None:
    subject = uuid4()
    tripled = [record for record in messages(subject, 1, 10) for _ in range(3)]
    await applied.consumer.apply(stored(tripled))
    await applied.consumer.apply(stored(tripled, offset=30))
    assert (await applied.of(subject), await applied.parked()) == (list(range(1, 11)), [])


async def test_any_order_of_arrival_ends_in_the_right_order(applied: Effects) -> None:
    for seed in range(8):
        chance = random.Random(seed)
        subjects = [uuid4() for _ in range(4)]
        arriving = [record for subject in subjects for record in messages(subject, 1, 12)] * 2
        chance.shuffle(arriving)
        while arriving:
            size = chance.randint(1, 9)
            batch, arriving = arriving[:size], arriving[size:]
            await applied.consumer.apply(stored(batch, offset=1000 * seed - len(arriving) - len(batch)))
        for subject in subjects:
            assert await applied.of(subject) == list(range(1, 13)), seed
        assert await applied.parked() == [], seed
    assert {row.resolution for row in await applied.parked(waiting=False)} == {"replayed"}


async def test_an_event_behind_a_gap_waits_and_follows_by_itself(applied: Effects) -> None:
    late, other = uuid4(), uuid4()
    await applied.consumer.apply(stored([message(late, 1), message(late, 3), message(other, 1), message(late, 4)]))
    assert (await applied.of(late), await applied.of(other)) == ([1], [1])
    assert [(row.sequence, row.reason_code) for row in await applied.parked()] == [(3, "sequence_gap"), (4, "waiting")]
    await applied.consumer.apply(stored([message(late, 2)], offset=4))
    await applied.consumer.apply(stored([message(late, 5)], offset=5))
    assert (await applied.of(late), await applied.parked()) == ([1, 2, 3, 4, 5], [])


async def test_poison_is_parked_with_its_followers_while_others_flow(applied: Effects) -> None:
    ill, well = uuid4(), uuid4()
    await applied.consumer.apply(stored([message(ill, 1), message(well, 1), message(ill, 2, "poison"), message(ill, 3), message(well, 2)]))
    assert (await applied.of(ill), await applied.of(well)) == ([1], [1, 2])
    assert [(row.subject, row.sequence, row.reason_code) for row in await applied.parked()] == [(str(ill), 2, "refused"), (str(ill), 3, "waiting")]
    assert await applied.consumer.replay(str(ill), "operator") == "Cause"
    assert await applied.of(ill) == [1]
    applied.poison.clear()
    assert await applied.consumer.replay(str(ill), "operator") is None
    await applied.consumer.apply(stored([message(ill, 4)], offset=5))
    assert (await applied.of(ill), await applied.parked()) == ([1, 2, 3, 4], [])
    assert {row.resolved_by for row in await applied.parked(waiting=False)} == {"operator"}


async def test_discarded_poison_lets_the_rest_follow_and_does_not_come_back(applied: Effects) -> None:
    ill = uuid4()
    batch = stored([message(ill, 1), message(ill, 2, "poison"), message(ill, 3)])
    await applied.consumer.apply(batch)
    assert await applied.consumer.discard(str(ill), "operator")
    assert await applied.consumer.replay(str(ill), "operator") is None
    await applied.consumer.apply(batch)
    assert (await applied.of(ill), await applied.parked()) == ([1, 3], [])
    assert not await applied.consumer.discard(str(ill), "operator")


async def test_poison_behind_a_gap_does_not_take_the_good_event_before_it_along(applied: Effects) -> None:
    subject = uuid4()
    await applied.consumer.apply(stored([message(subject, 2, "poison"), message(subject, 3)]))
    await applied.consumer.apply(stored([message(subject, 1)], offset=2))
    assert await applied.of(subject) == [1]
    assert [(row.sequence, row.reason_code) for row in await applied.parked()] == [(2, "refused"), (3, "waiting")]
    applied.poison.clear()
    assert await applied.consumer.replay(str(subject), "operator") is None
    assert await applied.of(subject) == [1, 2, 3]


async def test_a_second_history_is_noticed_before_anything_is_applied_on_top_of_it(applied: Effects) -> None:
    subject = uuid4()
    first, second = messages(subject, 1, 4), messages(subject, 3, 6)  # its publisher's database lost 3 and 4 and went on
    await applied.consumer.apply(stored(first))
    for _ in range(2):
        await applied.consumer.apply(stored(second, offset=4))
    assert await applied.of(subject) == [1, 2, 3, 4]
    assert [(row.sequence, row.reason_code) for row in await applied.parked()] == [(4, "sequence_conflict"), (5, "waiting"), (6, "waiting")]
    assert "lost events" in str(await applied.consumer.replay(str(subject), "operator"))
    assert await applied.consumer.discard(str(subject), "operator")
    assert await applied.consumer.replay(str(subject), "operator") is None
    await applied.consumer.apply(stored(second, offset=4))
    assert (await applied.of(subject), await applied.parked()) == ([1, 2, 3, 4, 5, 6], [])


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_event_is_refused_with_a_reason_that_quotes_nothing(kind: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(stored([MALFORMED[kind]])[0])
    assert 3 < len(str(refused.value)) < 200


async def test_every_kind_of_malformed_record_is_parked_and_the_partition_flows(applied: Effects) -> None:
    good = uuid4()
    batch = []
    for sequence, bad in enumerate(MALFORMED.values(), start=1):
        batch += [bad, message(good, sequence)]
    await applied.consumer.apply(stored(batch))
    assert await applied.of(good) == list(range(1, len(MALFORMED) + 1))
    parked = await applied.parked()
    assert [row.reason_code for row in parked] == ["malformed"] * len(MALFORMED)
    kept = [(back.key, back.value, list(back.headers)) for back in map(stored_record, parked)]
    assert kept == [(bad.key, bad.value, list(bad.headers)) for bad in MALFORMED.values()]
    for row in parked:
        assert await applied.consumer.discard(row.subject, "operator")
    assert await applied.parked() == []


async def test_a_malformed_record_once_discarded_is_forgotten_even_when_redelivered(applied: Effects) -> None:
    subject = uuid4()
    batch = stored([message(subject, 1), changed(message(subject, 2), ce_id=None), message(subject, 2)])
    await applied.consumer.apply(batch)
    assert await applied.of(subject) == [1]
    assert await applied.consumer.discard(str(subject), "operator")
    assert await applied.consumer.replay(str(subject), "operator") is None
    await applied.consumer.apply(batch)
    await applied.consumer.apply(stored([message(subject, 3)], offset=3))
    assert (await applied.of(subject), await applied.parked()) == ([1, 2, 3], [])


async def test_a_batch_may_hold_several_partitions(applied: Effects) -> None:
    one, two = uuid4(), uuid4()
    bad = [changed(message(subject, 9), ce_id=None) for subject in (one, two)]
    first, second = stored([message(one, 1), bad[0]], partition=1), stored([message(two, 1), bad[1]], partition=2)
    await applied.consumer.apply(first)
    await applied.consumer.apply([*first, *second])
    assert (await applied.of(one), await applied.of(two)) == ([1], [1])
    assert [(row.partition, row.offset) for row in await applied.parked()] == [(1, 1), (2, 1)], "an offset counts only within its partition"


async def test_a_record_without_a_key_can_be_given_up_too(applied: Effects) -> None:
    bare = StoredRecord(TOPIC, 3, 0, None, None, [])
    await applied.consumer.apply([bare])
    (row,) = await applied.parked()
    assert await applied.consumer.discard(row.subject, "operator")


def outcomes(group: str) -> dict[str, float]:
    return {outcome: CONSUMED.labels(group, outcome)._value.get() for outcome in ("applied", "duplicate", "parked", "unknown_type")}


async def test_an_unknown_type_is_ignored_and_counted(making: Callable[..., Any]) -> None:
    applied: Effects = await making(group="entaskan.test.unknown")
    subject = uuid4()
    newer = changed(message(subject, 2), ce_type=b"entaskan.coordination.InstitutionTeleported.v1", value=b'{"anything": 1}')
    await applied.consumer.apply(stored([message(subject, 1), newer, *[message(subject, 3)] * 2]))
    assert (await applied.of(subject), await applied.parked()) == ([1, 3], [])
    assert outcomes("entaskan.test.unknown") == {"applied": 3, "duplicate": 1, "parked": 0, "unknown_type": 1}


async def test_a_field_from_the_future_is_ignored(applied: Effects) -> None:
    subject = uuid4()
    value = message(subject, 1).value
    assert value
    await applied.consumer.apply(stored([changed(message(subject, 1), value=value[:-1] + b',"since_v1_1":{"deep":[1,null]}}')]))
    assert await applied.of(subject) == [1]


async def test_a_passing_database_failure_parks_nothing_and_is_tried_again(applied: Effects) -> None:
    failing = ""

    async def fail(connection: AsyncConnection) -> None:
        await connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'for a while' USING ERRCODE = '{failing}'; END $$"))

    subject = uuid4()
    batch = stored(messages(subject, 1, 3))
    applied.before = fail
    for failing in ("40001", "40P01", "55P03", "57014", "57P01", "57P03", "53300", "53100", "08006", "58030", "25P03", "25006"):
        with pytest.raises(Exception) as failure:
            await applied.consumer.apply(batch)
        assert is_transient(failure.value), failing
        assert (await applied.of(subject), await applied.parked()) == ([], []), failing
    applied.before = None
    await applied.consumer.apply(batch)
    assert await applied.of(subject) == [1, 2, 3]


async def test_a_lost_connection_parks_nothing(applied: Effects) -> None:
    async def cut(connection: AsyncConnection) -> None:
        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    subject = uuid4()
    applied.before = cut
    with pytest.raises(Exception) as failure:
        await applied.consumer.apply(stored(messages(subject, 1, 2)))
    assert is_transient(failure.value)
    applied.before = None
    await applied.consumer.apply(stored(messages(subject, 1, 2)))
    assert (await applied.of(subject), await applied.parked()) == ([1, 2], [])


async def test_a_violated_constraint_is_permanent_and_named_without_data(applied: Effects) -> None:
    async def violate(connection: AsyncConnection) -> None:
        await connection.execute(text("INSERT INTO effects (position, subject, sequence) VALUES (1, '5304010101900001', 1), (1, 'x', 1)"))

    subject = uuid4()
    applied.before = violate
    await applied.consumer.apply(stored([message(subject, 1)]))
    (row,) = await applied.parked()
    assert (row.reason_code, row.reason) == ("refused", "IntegrityError (pk_effects)")


def test_what_passes_by_itself_is_told_from_what_does_not() -> None:
    passing = [asyncpg.InternalClientError("cannot switch to state 15"), ConnectionResetError(), TimeoutError(), PoolTimeout(), StaleVersion()]
    assert all(map(is_transient, passing))
    lasting = [IntegrityError("", {}, Exception()), ValueError(), KeyError(), Malformed(), Cause()]
    assert not any(map(is_transient, lasting))


async def test_what_a_refusal_quotes_is_masked(applied: Effects) -> None:
    async def refuse(connection: AsyncConnection) -> None:
        raise ValueError("no such person: 5304010101900001\x00")

    applied.before = refuse
    await applied.consumer.apply(stored([message(uuid4(), 1)]))
    (row,) = await applied.parked()
    assert row.reason == "ValueError: no such person: [redacted]"


async def test_two_consumers_of_one_group_on_one_database_apply_once(making: Callable[..., Any], database_url: Callable[..., Any]) -> None:
    url = await database_url()
    first, second = await making(url), await making(url)
    await create_tables(first.engine, first.table.metadata)
    subjects = [uuid4() for _ in range(5)]
    batches = [stored([message(subject, n) for subject in subjects], offset=n * 10) for n in range(1, 9)]

    async def apply_all(member: Effects) -> None:
        for batch in batches:
            await member.consumer.apply(batch)

    await asyncio.gather(apply_all(first), apply_all(second))
    for subject in subjects:
        assert await first.of(subject) == list(range(1, 9))
    assert await first.parked() == []


async def test_killed_between_the_effects_and_the_offset_a_successor_applies_once(
    making: Callable[..., Any], database_url: Callable[..., Any], either_log: str, eventually: Callable[..., Any]
) -> None:
    log, url, subject = event_log(either_log), await database_url(), uuid4()
    first, second = await making(url), await making(url)
    await create_tables(first.engine, first.table.metadata)
    try:
        await log.start([TOPIC])
        await log.append(messages(subject, 1, 5))
        async with log.subscribe(first.consumer.group, [TOPIC]) as subscription:
            for _, records in await subscription.fetch(max_records=100, timeout=10):
                await first.consumer.apply(records)
        assert await first.of(subject) == [1, 2, 3, 4, 5]
        async with second.running(log):
            await log.append(messages(subject, 6, 7))

            async def arrived() -> bool:
                return len(await second.of(subject)) >= 7

            await eventually(arrived, 20)
        assert await second.of(subject) == [1, 2, 3, 4, 5, 6, 7]
    finally:
        await log.close()


async def test_from_the_log_everything_arrives_once_in_order_around_poison_and_garbage(
    making: Callable[..., Any], either_log: str, eventually: Callable[..., Any]
) -> None:
    log, applied, chance = event_log(either_log), await making(batch=40), random.Random(1)
    subjects, ill = [uuid4() for _ in range(6)], uuid4()
    arriving = [record for subject in subjects for record in messages(subject, 1, 20)]
    doubled = arriving + chance.sample(arriving, 60)
    chance.shuffle(doubled)
    doubled += [message(ill, 1), message(ill, 2, "poison"), message(ill, 3), *MALFORMED.values()]
    try:
        await log.start([TOPIC])
        async with applied.running(log):
            for start in range(0, len(doubled), 30):
                await log.append(doubled[start : start + 30])

            async def settled() -> bool:
                waiting = len(await applied.parked())
                return waiting == len(MALFORMED) + 2 and all([len(await applied.of(subject)) >= 20 for subject in subjects])

            await eventually(settled, 20)
            applied.poison.clear()
            assert await applied.consumer.replay(str(ill), "operator") is None
        for subject in subjects:
            assert await applied.of(subject) == list(range(1, 21))
        assert await applied.of(ill) == [1, 2, 3]
        read = await everything(log, [TOPIC])
        async with log.subscribe(applied.consumer.group, [TOPIC]) as subscription:
            left = await subscription.fetch(max_records=10, timeout=1)
        assert left == [], "every offset was committed"
        assert sum(map(len, read.values())) == len(doubled)
    finally:
        await log.close()


async def test_a_database_that_is_away_for_a_while_stops_the_consumer_only_for_that_while(
    making: Callable[..., Any], database_url: Callable[..., Any], log_url: str, eventually: Callable[..., Any]
) -> None:
    log, applied, subject = event_log(log_url), await making(), uuid4()
    failures = iter(range(3))

    async def away(connection: AsyncConnection) -> None:
        if next(failures, None) is not None:
            raise ConnectionRefusedError

    applied.before = away
    try:
        await log.start([TOPIC])
        async with applied.running(log):
            await log.append(messages(subject, 1, 4))

            async def arrived() -> bool:
                return await applied.of(subject) == [1, 2, 3, 4]

            await eventually(arrived)
        assert await applied.parked() == []
    finally:
        await log.close()
