"""Faults 32-35: what may lie on the log instead of what the relay would write - copies, disorder, garbage, poison."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from shared.contracts.coordination import TOPIC
from shared.envelope import record_of
from shared.eventlog import PARTITIONS, Record, StoredRecord
from shared.eventlog.kafka import MAX_MESSAGE_BYTES, KafkaLog
from shared.security.identity import Role
from tests.faults import load
from tests.faults.client import Person
from tests.faults.invariants import no_event_lost
from tests.faults.load import Plan
from tests.faults.processes import until
from tests.faults.run import Fault
from tests.faults.state import State
from tests.faults.world import GROUPS, TOPICS, World
from tests.shared.malformed import MALFORMED

SAMPLES = Path(__file__).parents[3] / "docs" / "events" / "samples"
READERS = tuple(name for name, (_, topics) in GROUPS.items() if TOPIC in topics)
"""The services that read what coordination publishes."""


class Operator:
    """A person who looks after parked messages, through the API alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._headers = Person(world.issuer, "operator", Role.SYSTEM_ADMIN).headers

    async def _ask(self, method: str, url: str) -> Any:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            answer = await client.request(method, url, headers=self._headers)
            assert answer.is_success, f"{method} {url[:200]}: {answer.status_code} {answer.text[:300]}"
            return answer

    async def waiting(self, service: str) -> list[dict[str, Any]]:
        """The messages that wait, in the order in which they were parked."""
        found: list[dict[str, Any]] = []
        following: str | None = f"{self._world.services[service].url}/v1/parked-messages?limit=200"
        while following:
            answer = await self._ask("GET", following)
            found += answer.json()["items"]
            link = answer.links.get("next", {}).get("url")
            following = str(httpx.URL(following).join(link)) if link else None
        return found

    async def act(self, service: str, subject: str, verb: str) -> dict[str, Any]:
        """`replay` or `discard`; where the subject stands afterwards."""
        url = f"{self._world.services[service].url}/v1/parked-messages/{quote(subject, safe='')}/{verb}"
        document: dict[str, Any] = (await self._ask("POST", url)).json()
        return document


async def produce(world: World, records: Sequence[Record]) -> None:
    """Put records on the log, in order."""
    log = KafkaLog(world.bootstrap)
    try:
        await log.append(records)
    finally:
        await log.close()


async def everything(world: World) -> list[StoredRecord]:
    """What is on the log now, each partition's in order."""
    found: list[StoredRecord] = []
    log = KafkaLog(world.bootstrap)
    try:
        async for _, records in log.replay(TOPICS, {}):
            found += records
    finally:
        await log.close()
    return found


async def unpublished(world: World, name: str) -> list[Any]:
    """The outbox rows that wait for the relay, in order."""
    rows = await world.rows(name, "SELECT * FROM outbox WHERE published_at IS NULL ORDER BY position")
    return [SimpleNamespace(**row) for row in rows]


async def mark_published(world: World, name: str, rows: Iterable[Any]) -> None:
    """As the relay does it; the caller holds its lock."""
    await world.rows(
        name,
        """UPDATE outbox SET published_at = now(), feed_seq = (SELECT coalesce(max(feed_seq), 0) FROM outbox) + n
        FROM unnest($1::bigint[]) WITH ORDINALITY AS given(place, n) WHERE position = place""",
        [row.position for row in rows],
    )


def deaths(world: World) -> int:
    """How often processes died by themselves."""
    return sum(len(process.deaths) for process in world.processes)


class Copies(Fault):
    number = 32
    title = "every record on the topics three times more"
    how = "the topics read and produced again three times under load: each record thrice in a row, or the whole thrice, by the seed"
    plan = load.EVERYTHING
    seeds = 5

    async def inject(self) -> None:
        await self.load.acked(40)
        self.there = [Record(each.topic, each.key or b"", each.value, each.headers) for each in await everything(self.world)]
        whole = self.random.random() < 0.5
        self.note = f"{len(self.there)} records, " + ("the whole thrice" if whole else "each thrice in a row")
        again = self.there * 3 if whole else [each for each in self.there for _ in range(3)]
        await produce(self.world, again)

    async def examine(self, state: State) -> None:
        resent = len(state.log) - len({each.id for each in state.log})
        if resent < 3 * len(self.there):
            self.violated("I8", f"only {resent} copies are on the log")


class Disorder(Fault):
    number = 33
    title = "records of one key out of order"
    how = "in the place of coordination's relay, one that shuffles what is in the outbox before it sends it, once each"
    plan = Plan(clients=8, stories=3)
    seeds = 5

    async def inject(self) -> None:
        async with self.world.relay_held("coordination"):
            self.load.start()
            await self.load.acked(70)
            rows = await unpublished(self.world, "coordination")
            shuffled = self.random.sample(rows, len(rows))
            last: Counter[Any] = Counter()
            self.early = 0
            for row in shuffled:
                self.early += row.sequence < last[row.subject]
                last[row.subject] = max(row.sequence, last[row.subject])
            await produce(self.world, [record_of(row) for row in shuffled])
            await mark_published(self.world, "coordination", rows)
        self.note = f"{len(rows)} records, {self.early} behind a later one of their key"

    async def warm(self) -> None:
        """The load begins when the relay is held."""

    async def quiet(self) -> None:
        # The order on the log is what was broken here; that of the effects is judged.
        self.allowed = replace(self.allowed, log_may_lack=True)

    async def examine(self, state: State) -> None:
        self.violations += no_event_lost(replace(state, allowed=replace(state.allowed, log_may_lack=False)))
        rows = await self.world.rows("monitoring", "SELECT count(*) FROM view.parked_messages WHERE resolution = 'replayed' AND resolved_by = '-'")
        self.measured["waited_and_freed"] = rows[0][0]
        if not self.early or not rows[0][0]:
            self.violated("I8", "nothing was out of order")


class Garbage(Fault):
    number = 34
    title = "records that are no events"
    how = f"{len(MALFORMED)} kinds of them (tombstone, broken JSON, headers missing, not UTF-8, NUL, 100 kB, …), header names that are not UTF-8, and 10 MB"
    plan = load.EVERYTHING
    seeds = 3

    async def inject(self) -> None:
        self.deaths = deaths(self.world)
        records = self.random.sample(list(MALFORMED.values()), len(MALFORMED))
        names = [b"\xff\xfe", b"\xc3\x28", b"\x80ce_id"]
        for start in range(0, len(records), 7):
            await produce(self.world, records[start : start + 7])
            if names:
                await self._with_header_name(names.pop())
            await asyncio.sleep(0.1)
        await self._ten_megabytes()
        self.expected = len(MALFORMED) + 3

    async def _with_header_name(self, name: bytes) -> None:
        """aiokafka writes no such header; librdkafka does."""
        partition = str(self.random.randrange(PARTITIONS))
        command: list[Any] = ["kcat", "-P", "-q", "-b", self.world.bootstrap, "-t", TOPIC, "-p", partition, "-H", name + b"=1"]
        kcat = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        await kcat.communicate(b"anything\n")
        assert kcat.returncode == 0, "kcat failed"

    async def _ten_megabytes(self) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.world.bootstrap, max_request_size=20_000_000)
        await producer.start()
        try:
            await producer.send_and_wait(TOPIC, b"x" * 10_000_000, key=b"big")
        except MessageSizeTooLargeError:
            self.note = f"10 MB: refused by the broker (max.message.bytes {MAX_MESSAGE_BYTES:,})"
        else:
            self.violated("I8", "the broker took 10 MB")
        finally:
            await producer.stop()

    async def hold(self) -> None:
        """Everything flows around what is parked."""
        operator = Operator(self.world)

        async def parked() -> bool:
            return all([len(await operator.waiting(name)) >= self.expected for name in READERS])

        await until(parked, 30, f"{self.expected} records parked", every=0.3)
        await self.world.settled(30)
        for name in READERS:
            waiting = await operator.waiting(name)
            if len(waiting) != self.expected or any(each["reason_code"] != "malformed" or len(each["reason"]) < 4 for each in waiting):
                self.violated("I8", f"{name} parked {Counter(each['reason_code'] for each in waiting)} of {self.expected}")
        self.measured["parked"] = self.expected

    async def heal(self) -> None:
        """An operator gives them up, one by one."""
        operator = Operator(self.world)
        for name in READERS:
            for each in await operator.waiting(name):
                await operator.act(name, each["subject"], "discard")

    async def examine(self, state: State) -> None:
        if died := deaths(self.world) - self.deaths:
            self.violated("I8", f"processes died {died} times")


class Poison(Fault):
    number = 35
    title = "poison for two keys among good ones"
    how = (
        "a commitment that the view's table refuses for a while, and one with a broken copy of its pledge before the good one; an operator replays and discards"
    )
    plan = Plan(clients=8, stories=4, kinds=("commitment",))
    seeds = 5

    async def inject(self) -> None:
        async with self.world.relay_held("coordination"):

            async def pledged() -> bool:
                rows = await unpublished(self.world, "coordination")
                self.pledges = [row for row in rows if row.type.endswith(".CommitmentPledged.v1")]
                return len(self.pledges) >= 4

            await until(pledged, 30, "four pledges wait", every=0.05)
            refused, broken = self.random.sample(self.pledges, 2)
            self.refused, self.broken = str(refused.subject), str(broken.subject)
            check = f"ALTER TABLE view.commitments ADD CONSTRAINT poison CHECK (commitment_id <> '{self.refused}') NOT VALID"
            await self.world.rows("monitoring", check)
            good = record_of(broken)
            await produce(self.world, [replace(good, value=(good.value or b"")[:-9])])

    async def hold(self) -> None:
        """All other stories go on to their end."""
        await self.load.complete()
        await self.world.settled(30)
        operator = Operator(self.world)
        self.waiting: dict[str, int] = {}
        for name in READERS:
            reasons: dict[str, list[str]] = defaultdict(list)
            for each in await operator.waiting(name):
                reasons[each["subject"]].append(each["reason_code"])
            expected = {self.broken: "malformed"} | ({self.refused: "refused"} if name == "monitoring" else {})
            found = {subject: codes[0] for subject, codes in reasons.items()}
            if found != expected or any(set(codes[1:]) - {"waiting"} for codes in reasons.values()):
                self.violated("I8", f"{name}: {dict(reasons)} waits, expected {expected}")
            self.waiting[name] = sum(map(len, reasons.values()))
        self.measured["waited"] = self.waiting["monitoring"]
        if (await operator.act("monitoring", self.refused, "replay"))["reason"] is None:
            self.violated("I8", "the poison was applied while its cause was there")

    async def heal(self) -> None:
        operator = Operator(self.world)
        await self.world.rows("monitoring", "ALTER TABLE view.commitments DROP CONSTRAINT poison")
        states = [await operator.act("monitoring", self.refused, "replay")]
        states += [await operator.act(name, self.broken, "discard") for name in READERS]
        if any(state["waiting"] or state["reason"] for state in states):
            self.violated("I8", f"after the cause was gone: {states}")
