"""Faults 32-37: what may lie on the log instead of what the relay would write - copies, disorder, garbage, poison, the future and the past."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from services.monitoring.overview.fold import Known, fold
from shared.contracts import EVENT_TYPES
from shared.contracts.coordination import TOPIC, InstitutionRegistered
from shared.envelope import decode, record_of
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
from tests.messages import record
from tests.shared.malformed import MALFORMED
from tests.shared.world import changed

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


class Future(Fault):
    number = 36
    title = "schemas from the future"
    how = "a further field, a further header, a value that no enumeration knows, a v2 of a type, an unknown type - in one subject's sequence"
    plan = load.EVERYTHING
    fresh = True
    seeds = 3

    async def inject(self) -> None:
        before = await self._skipped()
        subjects = [uuid4() for _ in range(10)]
        records = []
        for subject in subjects:

            def registered(sequence: int, kind: str = "ministry", subject: Any = subject) -> Record:
                event = InstitutionRegistered(
                    institution_id=subject, institution_code="future", institution_type=kind, parent_institution_id=None, sector_code=None
                )
                return record(event, subject=subject, sequence=sequence)

            first = registered(1)
            later = [
                changed(first, value=(first.value or b"")[:-1] + b',"since_2031":{"deep":[1,null]}}', ce_region=b"53", traceparent=b"x"),
                changed(registered(2), ce_type=b"entaskan.coordination.InstitutionRegistered.v2", value=b'{"institution":{"id":7}}'),
                changed(registered(3), ce_type=b"entaskan.coordination.InstitutionMerged.v1", value=b'{"anything":1}'),
                registered(4, kind="village_cooperative_of_2031"),
            ]
            records += later
        await produce(self.world, records)
        self.subjects = frozenset(map(str, subjects))
        self.allowed = replace(self.allowed, subjects=self.subjects, events={"/entaskan/coordination": len(records)})

        async def skipped() -> bool:
            return await self._skipped() - before >= 2 * len(subjects) * len(READERS)

        await until(skipped, 20, "unknown types are counted as skipped", every=0.2)
        self.measured["skipped"] = await self._skipped() - before
        if self.measured["skipped"] != 2 * len(subjects) * len(READERS):
            self.violated("I8", f"{self.measured['skipped']} skipped")

    async def _skipped(self) -> float:
        """By the metric, over all readers."""
        total = 0.0
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            for name in READERS:
                root = self.world.services[name].url.rsplit("/", 1)[0]
                for line in (await client.get(f"{root}/metrics")).text.splitlines():
                    if line.startswith("entaskan_consumed_messages_total{") and 'outcome="unknown_type"' in line:
                        total += float(line.rsplit(" ", 1)[1])
        return total

    async def examine(self, state: State) -> None:
        for name in READERS:
            behind = [subject for subject in self.subjects if state.applied[name].get(subject) != 4]
            if behind:
                self.violated("I4", f"{name} has not applied {len(behind)} subjects to their end", "lost", len(behind))


class Past(Fault):
    number = 37
    title = "the golden samples of every event type"
    how = "docs/events/samples produced as they stand, each subject's numbered in the order of its life"
    plan = load.EVERYTHING
    fresh = True
    seeds = 1
    LIVES: ClassVar[tuple[str, ...]] = (
        "ProgrammeDrafted ProgrammeSubmitted ProgrammeActivated",
        "InstitutionRegistered",
        "ParticipationInvited ParticipationAccepted ParticipationDeclined",
        "LocationOpened",
        "CommitmentPledged CommitmentStarted CommitmentProgressReported CommitmentProgressVerified CommitmentFulfilled",
        "PrioritisationModelDrafted PrioritisationModelApproved",
        "PrioritisationRunCreated PrioritisationComputed PrioritisationRunLocked LocationPrioritised PrioritisationRunPublished",
        "RegionRegistered",
        "EnterpriseRegistered",
        "GroupFormed GroupMemberJoined GroupActivated GroupMemberLeft",
        "FinancingApplicationDrafted FinancingApplied FinancingReviewStarted FinancingFacilitationApproved FinancingForwarded "
        "FinancingGranted FinancingDeclined FinancingRejected FinancingWithdrawn",
    )

    def _records(self) -> list[Record]:
        samples = {kind.name: json.loads((SAMPLES / f"{kind.wire_type}.json").read_text()) for kind in EVENT_TYPES.values()}
        records = []
        for life in self.LIVES:
            for sequence, name in enumerate(life.split(), start=1):
                sample = samples.pop(name)
                headers = [(header, value.encode()) for header, value in (sample["headers"] | {"ce_sequence": str(sequence)}).items()]
                records.append(Record(sample["topic"], sample["key"].encode(), json.dumps(sample["value"]).encode(), headers))
        assert not samples, f"samples of no life: {sorted(samples)}"
        return records

    async def inject(self) -> None:
        records = self._records()
        self.messages = [decode(StoredRecord(each.topic, 0, 0, each.key, each.value, each.headers)) for each in records]
        unknown = [message.type for message in self.messages if message.event is None]
        if unknown:
            self.violated("I8", f"not known any more: {unknown}")
        await produce(self.world, records)
        counted = Counter(message.source for message in self.messages)
        self.allowed = replace(self.allowed, subjects=frozenset(message.subject for message in self.messages), events=dict(counted))
        self.note = f"{len(records)} types"

    async def examine(self, state: State) -> None:
        """The samples' effects are there once: taken away from the view, it equals the services' tables again."""
        change = fold(self.messages, Known())
        for (programme, region), figures in change.figures.items():
            for name in ("commitments", "pledged_idr", "verified_idr", "fulfilled", "active_groups", "applications", "requested_idr", "grants",
                         "granted_idr", "declined"):  # fmt: skip
                self._take_away(state, (str(programme), region, name), getattr(figures, name))
        for region, sums in change.region_figures.items():
            for name in ("enterprises", "groups", "members"):
                self._take_away(state, ("-", region, name), getattr(sums, name))
        for (programme, region), location in change.locations.items():
            self._take_away(state, (str(programme), region, "rank"), location.rank)
        self._take_away(state, ("-", "-", "active programmes"), len(change.programmes))
        reacted = await self.world.rows("coordination", "SELECT id::text FROM locations WHERE programme_id = ANY($1)", list(change.programmes))
        # Coordination opened the sample's location, as it should: an aggregate and an event of its own.
        state.allowed = replace(state.allowed, subjects=state.allowed.subjects | {row[0] for row in reacted})
        self.measured["reactions"] = len(reacted)
        wrong = [message.type for message in self.messages if state.applied["monitoring"].get(message.subject, 0) < message.sequence]
        if wrong:
            self.violated("I4", f"not applied: {wrong}", "lost", len(wrong))

    def _take_away(self, state: State, figure: tuple[str, str, str], value: int) -> None:
        if left := state.view.pop(figure, 0) - value:
            state.view[figure] = left
