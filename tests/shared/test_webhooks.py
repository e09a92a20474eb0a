"""Webhooks: what is published arrives, signed, whatever receivers do; and nothing of ours can be reached through them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from standardwebhooks import Webhook, WebhookVerificationError

from shared import clock
from shared.database import create_engine
from shared.http.app import create_app
from shared.security.identity import Role
from shared.settings import Settings
from shared.webhooks import sender as sending
from shared.webhooks.addresses import Unusable, _is_public, target
from shared.webhooks.rules import MAX_ENDPOINTS, MAX_FAILURES, RETRY_AFTER, Failure
from shared.webhooks.sender import Sender
from shared.webhooks.tables import deliveries_of
from tests.kit import Person, Served
from tests.shared.feed_world import COUNTING, METADATA, begin, ids, published
from tests.shared.receiver import Receiver, receiving
from tests.shared.world import COUNTED, create_tables

PATH = "/v1/webhooks"
LOCAL = "127.0.0.0/8"
INSTITUTION = UUID(int=7)


class Time:
    """The clock of the service, to be moved on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, real = timedelta(), clock._system
        monkeypatch.setattr(clock, "_system", lambda: real() + self.ahead)

    def pass_(self, time: timedelta) -> None:
        self.ahead += time


@pytest.fixture
async def served(database_url: Callable[..., Any], log_url: str, settings: Callable[..., Settings], request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    url = await database_url()
    engine = create_engine(url)
    await create_tables(engine, METADATA)
    await engine.dispose()
    app = create_app(COUNTING, settings(url, log_url, webhook_networks=getattr(request, "param", LOCAL)))
    async with app.router.lifespan_context(app):
        made = Served(COUNTING, app)
        yield made
        await made.client.aclose()


@pytest.fixture
def owner(person: Callable[..., Person]) -> Person:
    return person(Role.PARTNER_MINISTRY, institution_id=INSTITUTION)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def register(served: Served, owner: Person, receiver: Receiver, **more: Any) -> str:
    answer = await served.post(PATH, owner, {"url": receiver.url} | more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["location"].endswith(answer.json()["id"])
    receiver.secret = answer.json()["secret"]
    return f"{PATH}/{answer.json()['id']}"


async def shown(served: Served, path: str, owner: Person) -> dict[str, Any]:
    found: dict[str, Any] = (await served.get(path, owner)).json()
    return found


async def deliveries(served: Served, path: str, owner: Person, **filters: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await served.get(f"{path}/deliveries", owner, params={"limit": "200"} | filters)).json()["items"]
    return items


async def test_every_event_arrives_once_in_order_and_verifies(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    await begin(served, "before", 3)
    before = await published(served)
    path = await register(served, owner, receiver)
    for n in range(10):
        await begin(served, f"after-{n}", 3)
    expected = [str(row.id) for row in (await published(served))[len(before) :]]
    assert len(expected) == 30

    async def all_() -> bool:
        return len(receiver.accepted) >= 30

    await eventually(all_)
    assert receiver.ids() == expected
    feed = (await served.get("/v1/events", owner, params={"lastEventId": str(before[-1].id), "limit": 100})).json()
    assert receiver.accepted == feed, "the same CloudEvents as in the feed"
    headers, body = receiver.heard[0]
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == feed[0]["id"]
    assert Webhook(receiver.secret).verify(body, headers) == feed[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(receiver.secret).verify(body.replace(b"{", b"{ ", 1), headers)

    async def recorded() -> bool:
        return {row["state"] for row in await deliveries(served, path, owner)} == {"delivered"}

    await eventually(recorded)
    assert ids([{"id": row["event_id"]} for row in await deliveries(served, path, owner)]) == expected


async def test_only_the_types_asked_for(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    refused = await served.post(PATH, owner, {"url": receiver.url, "types": ["entaskan.coordination.Nothing.v1"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "event_type_unknown")
    await register(served, owner, receiver, types=["entaskan.coordination.ProgrammeActivated.v1"])
    async with receiving() as all_types:
        await register(served, owner, all_types, types=[COUNTED])
        await begin(served, "counted", 2)

        async def both() -> bool:
            return len(all_types.accepted) == 2

        await eventually(both)
    assert receiver.heard == []


async def test_a_receiver_that_comes_back_gets_everything(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    path = await register(served, owner, receiver)
    receiver.answers = lambda message: 503
    await begin(served, "waits", 4)
    expected = [str(row.id) for row in await published(served)]
    for n, wait in enumerate(RETRY_AFTER[:4], 1):

        async def tried(n: int = n) -> bool:
            return bool((await shown(served, path, owner))["failures"] == n)

        await eventually(tried)
        time.pass_(wait - timedelta(seconds=1))
        await asyncio.sleep(1.2)
        assert len(receiver.heard) == n, "one attempt for each wait, however many events there are, and none before it is over"
        if n == 4:
            receiver.answers = lambda message: 204
        time.pass_(wait * 0.1 + timedelta(seconds=2))

    async def all_() -> bool:
        return len(receiver.accepted) >= 4

    await eventually(all_)
    assert sorted(receiver.ids()) == sorted(expected)

    async def calm() -> bool:
        return bool((await shown(served, path, owner))["failures"] == 0)

    await eventually(calm)


async def test_one_refused_event_keeps_none_from_the_receiver_and_ends_among_the_dead(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    path = await register(served, owner, receiver)
    await begin(served, "poison")
    poison = str((await published(served))[0].id)
    receiver.answers = lambda message: 400 if message["id"] == poison else 200

    async def failed(n: int) -> bool:
        return sum(headers["webhook-id"] == poison for headers, _ in receiver.heard) >= n

    for n in range(1, MAX_FAILURES + 1):
        await eventually(lambda n=n: failed(n), 15)
        await begin(served, f"good-{n}")
        time.pass_(RETRY_AFTER[min(n, MAX_FAILURES - 1) - 1] * 1.2)

        async def good(n: int = n) -> bool:
            return len(receiver.accepted) == n

        await eventually(good, 15)

    async def dead() -> Any:
        return await deliveries(served, path, owner, state="dead")

    (row,) = await eventually(dead)
    assert (row["event_id"], row["attempts"], row["failure"], row["status"], row["next_at"]) == (poison, MAX_FAILURES, "http_status", 400, None)
    assert (await shown(served, path, owner))["state"] == "active"
    receiver.answers = lambda message: 200
    assert (await served.post(f"{path}/replay", owner)).json() == {"deliveries": 1}

    async def replayed() -> bool:
        return poison in receiver.ids()

    await eventually(replayed)
    time.pass_(timedelta(days=1))
    assert (await served.post(f"{path}/deliveries/{row['id']}/replay", owner)).json() == {"deliveries": 1}

    async def again() -> bool:
        return receiver.ids().count(poison) == 2

    await eventually(again)


async def test_an_endpoint_that_never_answers_is_paused_and_loses_nothing(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    path = await register(served, owner, receiver)
    receiver.answers = lambda message: 500
    await begin(served, "lost-1", 15)

    async def failures(n: int) -> bool:
        return bool((await shown(served, path, owner))["failures"] == n)

    for n in range(1, MAX_FAILURES + 1):
        await eventually(lambda n=n: failures(n))
        time.pass_(timedelta(hours=27))
    state = await shown(served, path, owner)
    assert (state["state"], state["pause_reason"]) == ("paused", "failing")
    assert len(receiver.heard) == MAX_FAILURES
    assert (await served.get(PATH, owner, params={"state": "paused"})).json()["items"] == [state]
    await begin(served, "lost-2", 5)
    await published(served)
    await asyncio.sleep(1.2)
    assert len(receiver.heard) == MAX_FAILURES, "nothing is sent while it is paused"
    receiver.answers = lambda message: 200
    resumed = await served.post(f"{path}/resume", owner)
    assert (resumed.json()["state"], resumed.json()["failures"]) == ("active", 0)

    async def all_() -> bool:
        return len(set(receiver.ids())) == 20

    await eventually(all_)


@pytest.mark.parametrize("status", [301, 307])
async def test_redirects_are_failures_and_not_followed(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], status: int) -> None:
    async with receiving() as elsewhere:
        path = await register(served, owner, receiver)
        receiver.location, receiver.answers = elsewhere.url, lambda message: status
        await begin(served, "moved")

        async def failed() -> Any:
            return [row for row in await deliveries(served, path, owner) if row["attempts"]]

        (row,) = await eventually(failed)
        assert (row["state"], row["failure"], row["status"]) == ("pending", "http_status", status)
        assert elsewhere.heard == []


async def test_gone_is_heeded(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    path = await register(served, owner, receiver)
    receiver.answers = lambda message: 410
    await begin(served, "gone", 3)

    async def paused() -> bool:
        return bool((await shown(served, path, owner))["pause_reason"] == "gone")

    await eventually(paused)
    assert len(receiver.heard) == 1


async def test_one_that_hangs_delays_no_other(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    async with AsyncExitStack() as stack:
        hanging = [await stack.enter_async_context(receiving()) for _ in range(5)]
        for each in hanging:
            each.hang = True
            await register(served, owner, each)
        await register(served, owner, receiver)
        for n in range(20):
            await begin(served, f"quick-{n}")

        async def arrived() -> bool:
            return len(receiver.accepted) == 20

        await eventually(arrived, sending.TIMEOUT_SECONDS / 2)
        assert [len(each.heard) for each in hanging] == [1] * 5


async def test_hanging_ends_as_a_failure(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.3)
    path = await register(served, owner, receiver)
    receiver.hang = True
    await begin(served, "hangs")

    async def failed() -> Any:
        return [row for row in await deliveries(served, path, owner) if row["failure"]]

    assert [row["failure"] for row in await eventually(failed)] == ["timed_out"]
    unheard = await register(served, owner, Receiver("http://127.0.0.1:1/nobody"))
    tested = await served.post(f"{unheard}/test", owner)
    assert tested.json() == {"delivered": False, "failure": "connection_failed", "status": None}


INSIDE = [
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://[::1]/x",
    "https://0.0.0.0/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.1.2.3/x",
    "https://192.168.1.1/x",
    "https://172.16.0.1/x",
    "https://100.64.0.1/x",
    "https://[fd00::1]/x",
    "https://[fe80::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:a9fe:a9fe]/x",
    "https://[64:ff9b::a9fe:a9fe]/x",
    "https://[2002:7f00:1::]/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0177.0.0.1/x",
    "https://127.1/x",
    "https://224.0.0.1/x",
    "https://255.255.255.255/x",
]
SHAPES = [
    "http://8.8.8.8/x",
    "https://8.8.8.8:8443/x",
    "https://user:pass@8.8.8.8/x",
    "https://8.8.8.8/x#part",
    "file:///etc/passwd",
    "gopher://8.8.8.8/x",
    "ftp://8.8.8.8/xx",
    "https:///no-host",
    "not a url at all",
    "https://nowhere.invalid/x",
    "https://[::1/x-broken",
    "https://exa mple.test/x",
    "https://" + "a" * 300 + ".test/x",
]


@pytest.mark.parametrize("served", [""], indirect=True)
async def test_our_own_network_is_not_called(served: Served, owner: Person) -> None:
    for url in [*INSIDE, *SHAPES]:
        answer = await served.post(PATH, owner, {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "webhook_address_refused"), f"{url}: {answer.text}"
        assert "@" not in answer.text
        assert "port 443" in answer.json()["action"]
    assert (await served.get(PATH, owner)).json()["items"] == []
    assert (await served.post(PATH, owner, {"url": "https://8.8.8.8/hook"})).status_code == 201


async def test_addresses_that_are_public_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(_is_public(ip_address(each)) for each in ("8.8.8.8", "103.10.66.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"))
    where = await target("https://8.8.4.4/a?b=c", [])
    assert (str(where.url), where.host, where.netloc) == ("https://8.8.4.4/a?b=c", "8.8.4.4", "8.8.4.4")


@pytest.mark.parametrize("served", [""], indirect=True)
async def test_a_name_that_moves_inside_is_not_followed(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is public when it is registered, and ours when it is called."""
    answers = ["8.8.8.8"]
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def resolve(host: Any, port: Any, **how: Any) -> Any:
        if str(host) != "rebinding.test":
            return await real(host, port, **how)
        return [(2, 1, 6, "", (answer, port)) for answer in answers]

    monkeypatch.setattr(type(loop), "getaddrinfo", lambda self, host, port, **how: resolve(host, port, **how), raising=False)
    made = await served.post(PATH, owner, {"url": "https://rebinding.test/x"})
    assert made.status_code == 201, made.text
    for answers[:] in (["127.0.0.1"], ["8.8.8.8", "10.0.0.1"]):
        with pytest.raises(Unusable) as refused:
            await target("https://rebinding.test/x", [])
        assert refused.value.failure is Failure.ADDRESS_REFUSED
    await begin(served, "rebound")
    path = f"{PATH}/{made.json()['id']}"

    async def failed() -> Any:
        return [row for row in await deliveries(served, path, owner) if row["failure"]]

    assert [row["failure"] for row in await eventually(failed)] == ["address_refused"]
    assert receiver.heard == []


async def test_after_a_change_of_secret_both_are_good_for_a_day(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await register(served, owner, receiver)
    old = receiver.secret
    new = (await served.post(f"{path}/rotate-secret", owner)).json()["secret"]
    assert new != old
    await begin(served, "rotated")

    async def heard(n: int) -> bool:
        return len(receiver.heard) == n

    await eventually(lambda: heard(1))
    headers, body = receiver.heard[0]
    for each in (old, new):
        Webhook(each).verify(body, headers)
    assert old not in str(await shown(served, path, owner))
    receiver.secret = ""
    Time(monkeypatch).pass_(timedelta(hours=24, minutes=1))
    await begin(served, "a day later")
    await eventually(lambda: heard(2))
    headers, body = receiver.heard[1]
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers["webhook-signature"] == Webhook(new).sign(headers["webhook-id"], at, body.decode())


async def test_an_institution_sees_its_own_only(served: Served, owner: Person, receiver: Receiver, person: Callable[..., Person]) -> None:
    path = await register(served, owner, receiver)
    stranger, admin = person(Role.PARTNER_MINISTRY, institution_id=uuid4()), person(Role.SYSTEM_ADMIN)
    for answer in [
        await served.get(path, stranger),
        await served.get(f"{path}/deliveries", stranger),
        *[await served.post(f"{path}/{verb}", stranger) for verb in ("pause", "resume", "rotate-secret", "test", "replay", f"deliveries/{uuid4()}/replay")],
        await served.client.delete(path, headers={"Authorization": f"Bearer {stranger.token}"}),
        await served.get(f"{PATH}/{uuid4()}", owner),
        await served.post(f"{path}/deliveries/{uuid4()}/replay", owner),
    ]:
        assert answer.status_code == 404, answer.text
    assert (await served.get(PATH, stranger)).json()["items"] == []
    assert [each["url"] for each in (await served.get(PATH, admin)).json()["items"]] == [receiver.url]
    assert (await served.post(f"{path}/pause", admin)).status_code == 403
    assert (await served.get(PATH, person(Role.REGENCY, regions=["53.04"]))).status_code == 403
    nobody = await served.post(PATH, person(Role.PARTNER_MINISTRY), {"url": receiver.url})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "institution_missing")


async def test_one_endpoint_for_an_address_and_not_too_many(served: Served, owner: Person, receiver: Receiver, person: Callable[..., Person]) -> None:
    path = await register(served, owner, receiver)
    twice = await served.post(PATH, owner, {"url": receiver.url})
    assert (twice.status_code, twice.json()["code"]) == (409, "webhook_exists")
    assert path.endswith(twice.json()["webhook_id"])
    for n in range(MAX_ENDPOINTS - 1):
        assert (await served.post(PATH, owner, {"url": f"{receiver.url}&n={n}"})).status_code == 201
    full = await served.post(PATH, owner, {"url": f"{receiver.url}&n=more"})
    assert (full.status_code, full.json()["code"]) == (409, "webhook_limit")
    gone = await served.client.delete(path, headers={"Authorization": f"Bearer {owner.token}"})
    assert gone.status_code == 204
    assert (await served.get(path, owner)).status_code == 404
    assert (await served.post(PATH, owner, {"url": f"{receiver.url}&n=more"})).status_code == 201


async def test_a_test_message_is_signed_and_not_sent_in_a_row(served: Served, owner: Person, receiver: Receiver) -> None:
    path = await register(served, owner, receiver)
    assert (await served.post(f"{path}/test", owner)).json() == {"delivered": True, "failure": None, "status": 204}
    assert receiver.accepted[0]["type"] == "entaskan.webhook.test"
    again = await served.post(f"{path}/test", owner)
    assert (again.status_code, again.json()["code"]) == (409, "webhook_tested_just_now")
    assert len(receiver.heard) == 1


async def test_what_its_owner_pauses_stays_paused(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    path = await register(served, owner, receiver)
    receiver.hang, receiver.answers = True, lambda message: 500
    await begin(served, "paused meanwhile", 3)

    async def asked() -> bool:
        return len(receiver.heard) == 1

    await eventually(asked)
    assert (await served.post(f"{path}/pause", owner)).json()["pause_reason"] == "by_owner"
    receiver.hang = False

    async def recorded() -> Any:
        return [row for row in await deliveries(served, path, owner) if row["failure"]]

    await eventually(recorded)
    state = await shown(served, path, owner)
    assert (state["state"], state["pause_reason"], state["failures"]) == ("paused", "by_owner", 0)
    receiver.answers = lambda message: 200
    await served.post(f"{path}/resume", owner)

    async def rest() -> bool:
        return len(set(receiver.ids())) >= 2

    await eventually(rest)


async def test_two_processes_send_each_event_once(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    path = await register(served, owner, receiver)
    runtime, stopping = served.runtime, asyncio.Event()
    others = [Sender("coordination", runtime.database, served.app.state.webhook_key, served.app.state.settings.webhook_networks) for _ in range(2)]
    running = [asyncio.create_task(other.run(stopping)) for other in others]
    for n in range(40):
        await begin(served, f"shared-{n}", 2)
        await asyncio.sleep(0.02)

    async def all_() -> bool:
        return {row["state"] for row in await deliveries(served, path, owner)} == {"delivered"} and len(receiver.heard) >= 80

    await eventually(all_, 20)
    stopping.set()
    await asyncio.gather(*running)
    assert len(receiver.ids()) == len(set(receiver.ids())) == 80


async def test_a_process_that_dies_while_it_sends_leaves_it_to_the_next(
    served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    path = await register(served, owner, receiver)
    receiver.hang = True
    await begin(served, "cut off")

    async def asked() -> bool:
        return len(receiver.heard) == 1

    await eventually(asked)
    own: Sender = served.app.state.webhook_sender
    for turn in list(own._turns.values()):
        turn.cancel()
    receiver.hang = False
    await asyncio.sleep(1.2)
    assert len(receiver.heard) == 1, "the lease holds"
    time.pass_(sending.LEASE)

    async def again() -> bool:
        return len(receiver.heard) == 2

    await eventually(again)
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    assert len(await deliveries(served, path, owner)) == 1


async def test_many_events_do_not_come_at_once_to_memory(served: Served, owner: Person, receiver: Receiver, eventually: Callable[..., Any]) -> None:
    """Windows: what waited while an endpoint was paused is made out piece by piece, and all of it."""
    path = await register(served, owner, receiver)
    await served.post(f"{path}/pause", owner)
    await begin(served, "many", 60)
    await published(served)
    table = deliveries_of(METADATA)
    async with served.runtime.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(table)) == 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending, "WINDOW", 25)
        await served.post(f"{path}/resume", owner)

        async def all_() -> bool:
            return len(receiver.accepted) == 60

        await eventually(all_)
    async with served.runtime.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(DISTINCT feed_seq) FROM webhook_deliveries")) == 60
