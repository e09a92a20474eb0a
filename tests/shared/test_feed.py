"""The feed: every published event, once and in order, however it is read, wherever a reader stopped, whoever writes meanwhile."""

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import telemetry
from shared.database import Database, create_engine
from shared.envelope import record_of
from shared.errors import StaleVersion
from shared.eventlog import event_log
from shared.http import feed
from shared.http.app import create_app
from shared.http.feed_reader import Feed
from shared.outbox import Relay, outbox_of
from shared.security.identity import InvalidToken, Role
from shared.settings import Settings
from tests.kit import Person, Served
from tests.shared.answers import faults_of
from tests.shared.feed_world import COUNTING, METADATA, BatchReader, StreamReader, begin, ids, listening, published
from tests.shared.world import COUNTED, Counter, create_tables

PATH = "/v1/events"


@pytest.fixture
async def served(database_url: Callable[..., Any], log_url: str, settings: Callable[..., Settings]) -> AsyncIterator[Served]:
    """The counting service with its relay."""
    url = await database_url()
    engine = create_engine(url)
    await create_tables(engine, METADATA)
    await engine.dispose()
    app = create_app(COUNTING, settings(url, log_url))
    async with app.router.lifespan_context(app):
        made = Served(COUNTING, app)
        yield made
        await made.client.aclose()


@pytest.fixture
def reader(person: Callable[..., Person]) -> Person:
    return person(Role.PARTNER_MINISTRY)


async def read(served: Served, reader: Person, after: str | None = None, **parameters: Any) -> list[dict[str, Any]]:
    """One batch."""
    answer = await served.get(PATH, reader, params=parameters | ({"lastEventId": after} if after else {}))
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (feed.BATCH, "no-store")
    events: list[dict[str, Any]] = answer.json()
    return events


async def test_the_feed_is_the_published_outbox_in_its_order(served: Served, reader: Person) -> None:
    assert await read(served, reader) == []
    for n in range(5):
        with telemetry.within(
            telemetry.Context("request-1", "event-1", "someone", "00-" + "a" * 32 + "-" + "b" * 16 + "-01") if n % 2 else telemetry.current()
        ):
            await begin(served, f"ordered-{n}", 1 + n)
    rows = await published(served)
    events = await read(served, reader)
    assert ids(events) == [str(row.id) for row in rows]
    assert [row.feed_seq for row in rows] == list(range(1, 16))
    by_subject = sequences(events)
    assert sorted(map(len, by_subject.values())) == [1, 2, 3, 4, 5]
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_subject.values())


async def test_an_event_is_the_same_as_its_record_on_the_log_also_to_the_official_sdk(served: Served, reader: Person) -> None:
    await begin(served, "plain")
    with telemetry.within(telemetry.Context("request-1", "event-1", "someone", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")):
        await begin(served, "traced", 2)
    rows = await published(served)
    answer = await served.get(PATH, reader)
    schema = served.app.openapi()["paths"][PATH]["get"]["responses"]["200"]["content"][feed.BATCH]["schema"]
    jsonschema.validate(answer.json(), schema)
    for row, event in zip(rows, answer.json(), strict=True):
        record = record_of(row)
        headers = {name: value.decode() for name, value in record.headers}
        attributes = {name.removeprefix("ce_"): value for name, value in headers.items() if name != "content-type"}
        data = event.pop("data")
        assert event == attributes | {"datacontenttype": "application/json"}
        assert record.value is not None
        on_kafka = from_binary_event(KafkaMessage(dict(record.headers), record.key.decode(), record.value))
        in_feed = JSONFormat().read(CloudEvent, httpx.Response(200, json=event | {"data": data}).content)
        assert in_feed.get_attributes() == on_kafka.get_attributes()
        assert in_feed.get_data() == on_kafka.get_data() == data
    assert {"causationid", "actor", "traceparent"} <= set(answer.json()[-1])
    assert not {"causationid", "actor", "traceparent"} & set(answer.json()[0])


async def test_reading_goes_on_after_any_event_in_any_portions(served: Served, reader: Person) -> None:
    for n in range(6):
        await begin(served, f"split-{n}", 4)
    whole = [str(row.id) for row in await published(served)]
    for position in range(len(whole) + 1):
        assert ids(await read(served, reader, whole[position - 1] if position else None)) == whole[position:]
    for turn in range(15):
        choice, portions = random.Random(turn), list[str]()
        while portion := await read(served, reader, portions[-1] if portions else None, limit=choice.randint(1, 9)):
            portions += ids(portion)
        assert portions == whole
    by_header = await served.get(PATH, reader, params={"lastEventId": whole[0]}, headers={"Last-Event-ID": whole[20]})
    assert ids(by_header.json()) == whole[21:], "the header is newer than the address that a browser keeps"


async def test_a_long_poll_answers_as_soon_as_there_is_an_event_and_else_in_time(served: Served, reader: Person) -> None:
    now = asyncio.get_running_loop().time
    await begin(served, "first")
    (first,) = [str(row.id) for row in await published(served)]
    started = now()
    assert await read(served, reader, first, timeout=600) == []
    assert 0.6 <= now() - started < 3
    started = now()
    assert len(await read(served, reader, timeout=20_000)) == 1
    assert now() - started < 1, "what is there is not waited for"
    waiting = asyncio.create_task(read(served, reader, first, timeout=20_000))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    started = now()
    await begin(served, "second")
    assert len(await waiting) == 1
    assert now() - started < 2


async def test_waiting_readers_share_one_look_and_hold_no_connection(served: Served, reader: Person) -> None:
    await begin(served, "first")
    (first,) = [str(row.id) for row in await published(served)]
    looks, statements = 0, 0

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        nonlocal looks, statements
        looks += "max(outbox.feed_seq)" in statement
        statements += "outbox.data" in statement

    engine = served.runtime.engine.sync_engine
    waiting = [asyncio.create_task(read(served, reader, first, timeout=20_000)) for _ in range(40)]
    sqlalchemy_event.listen(engine, "before_cursor_execute", count)
    statements = 40
    for _ in range(60):  # until all wait: each has read once
        if statements <= 2:
            break
        statements = 0
        await asyncio.sleep(0.5)
    looks, statements = 0, 0
    held = []
    for _ in range(50):
        held.append(engine.pool.checkedout())  # type: ignore[attr-defined]
        await asyncio.sleep(0.02)
    sqlalchemy_event.remove(engine, "before_cursor_execute", count)
    assert 1 <= looks <= 8
    assert statements <= 4, "of the relay"
    assert max(held) <= 3 and held.count(0) > 20
    await begin(served, "second")
    assert all(len(events) == 1 for events in await asyncio.gather(*waiting))


async def test_of_24_writers_and_two_relays_both_forms_tell_everything_once_in_one_order(served: Served, reader: Person, log_url: str) -> None:
    counters = [(await begin(served, f"hot-{n}")).id for n in range(12)]
    second, other_log, stopping = create_engine(served.app.state.settings.database_url), event_log(log_url), asyncio.Event()
    relay = Relay("second", second, METADATA, other_log, poll_seconds=0.05)
    beside = Database(second, METADATA, on_commit=relay.wake)

    async def write(n: int) -> None:
        database = beside if n % 2 else served.runtime.database
        for turn in range(12):
            try:
                async with database.transaction() as uow:
                    (await uow.get(Counter, counters[(n + turn * 7) % 12])).increase(1 + (n + turn) % 3)
            except StaleVersion:
                pass
            await asyncio.sleep(0.01)

    async with listening(served) as (address, _):
        relaying = asyncio.create_task(relay.run(stopping))
        stream, batches = StreamReader(address, reader), BatchReader(address, reader)
        reading = [asyncio.create_task(each.keep_reading(10**9)) for each in (stream, batches)]
        await asyncio.gather(*(write(n) for n in range(24)))
        rows = [str(row.id) for row in await published(served)]
        async with asyncio.timeout(10):
            while min(len(stream.events), len(batches.events)) < len(rows):
                await asyncio.sleep(0.05)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        stopping.set()
        await relaying
    await second.dispose()
    await other_log.close()
    assert len(rows) > 200
    assert ids(batches.events) == rows
    assert stream.events == batches.events
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in sequences(stream.events).values())


async def test_a_stream_goes_on_after_every_cut(served: Served, reader: Person) -> None:
    for n in range(6):
        await begin(served, f"cut-{n}", 4)
    await published(served)
    whole = await read(served, reader)
    async with listening(served) as (address, _):
        stream = StreamReader(address, reader)
        for enough in (1, 2, 3, 9, 10, 23, 24):
            await stream.read(enough)
        assert (stream.connections, stream.events) == (7, whole)
        first_connect = StreamReader(address, reader)
        await first_connect.read(4, {"lastEventId": whole[19]["id"]})
        assert first_connect.events == whole[20:]
        stale = StreamReader(address, reader, last_id=str(uuid4()))
        await stale.read()
        assert stale.refused is not None and faults_of(stale.refused, 404, "last_event_unknown") == []


async def test_a_stream_outlives_its_server_and_the_connections_of_the_database(served: Served, reader: Person) -> None:
    await begin(served, "one", 3)
    await published(served)
    stream = StreamReader("", reader)
    async with listening(served) as (stream.address, server):
        reading = asyncio.create_task(stream.read())
        await until(lambda: len(stream.events) == 3)
        server.should_exit = True
        await asyncio.wait_for(reading, 4)  # a proper end, long before the server would cancel it
    served.app.state.feed = None  # as of a process that starts
    async with listening(served) as (stream.address, _):
        reading = asyncio.create_task(stream.keep_reading(8))
        await asyncio.sleep(0.5)
        async with served.runtime.database.reading() as connection:
            ended = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            await connection.execute(ended)
        await again(lambda: begin(served, "two", 5))
        await asyncio.wait_for(reading, 10)
    assert ids(stream.events) == [str(row.id) for row in await published(served)]


async def test_a_stream_waits_for_its_database_instead_of_ending(served: Served, reader: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since browsers do not come back after an answer of 503."""
    await begin(served, "one")
    works, failures = Feed.after, 0

    async def fails_at_first(*args: Any, **kwargs: Any) -> Any:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise PoolTimeout
        return await works(*args, **kwargs)

    monkeypatch.setattr(Feed, "after", fails_at_first)
    async with listening(served) as (address, _):
        stream = StreamReader(address, reader)
        await asyncio.wait_for(stream.read(1), 10)
    assert (failures, stream.connections, stream.comments) == (2, 1, 2)


async def test_a_stream_ends_when_the_service_stops(served: Served, reader: Person) -> None:
    await begin(served, "one")
    async with listening(served) as (address, _):
        stream = StreamReader(address, reader)
        reading = asyncio.create_task(stream.read())
        await until(lambda: stream.events)
        served.runtime.stopping.set()
        await asyncio.wait_for(reading, 3)


async def test_a_stream_is_kept_alive_until_its_token_expires(served: Served, reader: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert feed.KEEP_ALIVE_SECONDS <= 15
    monkeypatch.setattr(feed, "KEEP_ALIVE_SECONDS", 0.2)
    async with listening(served) as (address, _):
        stream = StreamReader(address, reader)
        reading = asyncio.create_task(stream.read())
        await until(lambda: stream.comments >= 3)

        async def expired(_: str) -> None:
            raise InvalidToken("claim refused: exp")

        monkeypatch.setattr(served.app.state.verifier, "verify", expired)
        await asyncio.wait_for(reading, 3)
    assert stream.events == []


async def test_a_reader_that_left_is_forgotten(served: Served, reader: Person) -> None:
    async with listening(served) as (address, _):
        stream = StreamReader(address, reader)
        reading = asyncio.create_task(stream.read())
        current: Callable[[], Feed] = lambda: served.app.state.feed  # noqa: E731
        await until(lambda: hasattr(served.app.state, "feed") and current()._waiting == 1)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await until(lambda: current()._waiting == 0 and not current()._wanted.is_set())


@pytest.mark.parametrize("window", [3, Feed.WINDOW])
async def test_filters_leave_out_and_never_lose_the_place(served: Served, reader: Person, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(Feed, "WINDOW", window)
    wanted = await begin(served, "wanted", 2)
    for n in range(5):
        await begin(served, f"other-{n}", 2)
    async with served.runtime.database.transaction() as uow:
        (await uow.get(Counter, wanted.id)).increase()
    rows = await published(served)
    async with served.runtime.database.reading() as connection:  # of another type, as this aggregate has only one
        rare = "entaskan.coordination.ProgrammeActivated.v1"
        await connection.execute(outbox_of(METADATA).update().where(outbox_of(METADATA).c.id == rows[7].id).values(type=rare))
    whole, last = [str(row.id) for row in rows], str(rows[-1].id)
    of_subject = [str(row.id) for row in rows if row.subject == wanted.id]
    for position, after in enumerate([None, *whole]):
        rest = set(whole[position:])
        assert ids(await read(served, reader, after, subject=wanted.id)) == [id for id in of_subject if id in rest]
        assert ids(await read(served, reader, after, type=rare)) == [id for id in whole[7:8] if id in rest]
        both = await read(served, reader, after, type=[rare, COUNTED], limit=1000)
        while more := await read(served, reader, both[-1]["id"] if both else after, type=[rare, COUNTED]):
            both += more
        assert ids(both) == whole[position:]
        assert await read(served, reader, after, type=rare, subject=wanted.id) == []
    for wish, found in (({"subject": wanted.id}, of_subject), ({"type": rare}, whole[7:8]), ({"type": COUNTED}, whole[:7] + whole[8:])):
        for limit in (1, 2, 500):
            assert await by_looked_at(served, reader, last, limit=limit, **wish) == found
    nothing = await served.get(PATH, reader, params={"subject": str(uuid4()), "timeout": 300})
    assert (nothing.json(), nothing.headers["last-event-id"]) == ([], last), "whoever goes on after it looks at nothing twice"
    async with listening(served) as (address, _):
        stream = StreamReader(address, reader)
        reading = asyncio.create_task(stream.read(parameters={"subject": str(wanted.id)}))
        await until(lambda: stream.last_id == last and len(stream.events) == 3)
        await begin(served, "another", 2)
        newest = str((await published(served))[-1].id)
        await until(lambda: stream.last_id == newest)
        assert ids(stream.events) == of_subject
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def test_who_may_read_and_in_which_form(served: Served, reader: Person, person: Callable[..., Person]) -> None:
    await begin(served, "one")
    await published(served)
    for role in Role:
        answer = await served.get(PATH, person(role))
        everything = role in (Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.AUDITOR)
        assert answer.status_code == (200 if everything else 403), role
    assert faults_of(await served.get(PATH), 401, "token_missing") == []
    assert faults_of(await served.get(PATH, headers={"Authorization": "Bearer x.y.z"}), 401, "token_refused") == []
    assert faults_of(await served.get(PATH, headers={"Authorization": "Bearer x.y.z", "Accept": feed.STREAM}), 401, "token_refused") == []
    for accepted in (
        "*/*",
        "application/json",
        feed.BATCH,
        "text/html, */*;q=0.1",
        f"{feed.STREAM};q=0.5, application/json",
        f"{feed.BATCH}, {feed.STREAM}",
        "",
    ):
        answer = await served.get(PATH, reader, headers={"Accept": accepted})
        assert (answer.status_code, answer.headers["content-type"]) == (200, feed.BATCH), accepted
    for refused in ("text/html", "application/json;q=0", "image/png;q=x, */*;q=nan"):
        assert faults_of(await served.get(PATH, reader, headers={"Accept": refused}), 406, "format_not_available") == [], refused


async def test_what_cannot_be_read_is_refused_and_an_unknown_place_says_how_to_begin(served: Served, reader: Person) -> None:
    async def refused(status: int, code: str, **parameters: Any) -> dict[str, Any]:
        answer = await served.get(PATH, reader, params=parameters)
        assert faults_of(answer, status, code) == [], parameters
        document: dict[str, Any] = answer.json()
        return document

    assert "oldest_event_id" not in await refused(404, "last_event_unknown", lastEventId=str(uuid4()))
    await begin(served, "one", 2)
    oldest = str((await published(served))[0].id)
    unknown = await refused(404, "last_event_unknown", lastEventId=str(uuid4()))
    assert unknown["oldest_event_id"] == oldest and "tanpa lastEventId" in unknown["action"]
    for parameters in ({"lastEventId": "7"}, {"lastEventId": ""}, {"limit": 0}, {"limit": 1001}, {"timeout": -1}, {"timeout": 30_001}, {"subject": "x"}):
        await refused(422, "validation_failed", **parameters)
    types = (await refused(422, "event_type_unknown", type=[COUNTED, "entaskan.mapping.LocationPrioritised.v1"]))["published_types"]
    assert COUNTED in types and all(each.startswith("entaskan.coordination.") for each in types)
    header = await served.get(PATH, reader, headers={"Last-Event-ID": "x"})
    assert faults_of(header, 422, "validation_failed") == []


async def test_an_event_that_is_not_published_is_not_in_the_feed(served: Served, reader: Person) -> None:
    await begin(served, "published")
    rows = await published(served)
    late = uuid4()
    async with served.runtime.database.reading() as connection:
        row = dict(rows[0]._mapping) | {"id": late, "sequence": 2, "feed_seq": None}  # marked, so that the relay leaves it alone
        del row["position"]
        await connection.execute(outbox_of(METADATA).insert().values(row))
    assert ids(await read(served, reader)) == [str(rows[0].id)]
    assert faults_of(await served.get(PATH, reader, params={"lastEventId": str(late)}), 404, "last_event_unknown") == []


async def by_looked_at(served: Served, reader: Person, last: str, **wish: Any) -> list[str]:
    """What is found by going on after the event that was looked at last, until that is the last of all."""
    found, after = list[str](), dict[str, str]()
    while after.get("lastEventId") != last:
        answer = await served.get(PATH, reader, params=wish | after)
        found += ids(answer.json())
        after = {"lastEventId": answer.headers["last-event-id"]}
    return found


def sequences(events: list[dict[str, Any]]) -> dict[str, list[int]]:
    """By subject, in the order read."""
    by_subject: dict[str, list[int]] = defaultdict(list)
    for event in events:
        by_subject[event["subject"]].append(int(event["sequence"]))
    return by_subject


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def again(attempt: Callable[[], Any]) -> None:
    """Repeat what a lost connection made fail."""
    for turn in itertools.count():
        try:
            await attempt()
        except Exception:
            if turn == 20:
                raise
            await asyncio.sleep(0.05)
        else:
            return
