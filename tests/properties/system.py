"""The embedded system without its HTTP layer and its background tasks: every step of a relay or a consumer is taken when it is asked for."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import msgspec
import pytest
from sqlalchemy import MetaData

from services.coordination import consumers as coordination
from services.coordination.app import SERVICE as COORDINATION
from services.embedded.postgres import EmbeddedPostgres
from services.facilitation import consumers as facilitation
from services.facilitation.app import SERVICE as FACILITATION
from services.mapping import consumers as mapping
from services.mapping.app import SERVICE as MAPPING
from services.monitoring.app import SERVICE as MONITORING
from services.monitoring.consumers import GROUP, TOPICS, view_consumer
from services.monitoring.overview.rebuild import only_one, rebuild
from shared import clock, crash, outbox
from shared.consumer import Consumer
from shared.database import Database, create_engine
from shared.envelope import record_of
from shared.eventlog import EventLog, LogUnavailable, Record, Subscription, postgres
from shared.eventlog.postgres import PostgresLog
from shared.migrations import folder_of, upgrade
from tests.properties.faults import Faults, Killed, Torn
from tests.properties.snapshots import Snapshots

PUBLISHERS = ("coordination", "mapping", "facilitation")
CONSUMERS = (*PUBLISHERS, "monitoring")
ROLE = "properties"
PARTITIONS = 2
"""Of every topic: subjects meet in one batch often, and others still overtake them."""

_IDS = UUID("6f1d3f0e-51d5-4a0e-9d70-6a0a9f0f2a11")


class RelayFault:
    """How a relay's step ends badly."""

    SELECTED = "dies after reading the outbox"
    TORN = "dies in the middle of an append"
    ACKNOWLEDGED = "dies before marking"
    UNANSWERED = "the log stored a part and does not say so"
    ALL = (SELECTED, TORN, ACKNOWLEDGED, UNANSWERED)


class ConsumerFault:
    """How a consumer's step ends badly."""

    BEFORE = "consumer.before_tx"
    CLAIMED = "consumer.mid_tx"
    REACTING = "api.mid_tx"
    APPLIED = "consumer.after_tx"
    STOPPED = "told to stop before applying"
    ALL = (BEFORE, CLAIMED, REACTING, APPLIED, STOPPED)


@dataclass
class Side:
    """One service's own half: its tables, its unit of work and a look at its tables from outside."""

    name: str
    metadata: MetaData
    database: Database
    observer: Any
    snapshots: Snapshots

    async def look(self, sql: str, *arguments: Any) -> Sequence[Any]:
        """Rows as anybody sees them who reads the database."""
        return await self.observer.fetch(sql, *arguments)  # type: ignore[no-any-return]


class Member:
    """A consumer at work: it joins its group at its first step, and is gone after a death."""

    def __init__(self, make: Callable[[], Consumer], log: EventLog) -> None:
        self._make = make
        self._log = log
        consumer = make()
        self.group, self.topics = consumer.group, list(consumer.topics)
        self._stack = AsyncExitStack()
        self._joined: tuple[Consumer, Subscription] | None = None

    async def step(self, faults: Faults, records: int, *, backwards: bool = False, fault: str | None = None, nth: int = 1) -> int:
        """Fetch at most so many records of every partition, apply them and commit their offsets; says how many were fetched."""
        consumer, subscription = self._joined or await self._join()
        fetched = sorted(await subscription.fetch(max_records=records, timeout=0.0), reverse=backwards)
        stopping = asyncio.Event()
        if fault == ConsumerFault.STOPPED:
            stopping.set()
        try:
            with faults.at(None if fault == ConsumerFault.STOPPED else fault, nth):
                if fetched:
                    await consumer._settle(subscription, fetched, stopping)
        except Killed:
            await self.restart()
        return sum(len(batch) for _, batch in fetched)

    async def _join(self) -> tuple[Consumer, Subscription]:
        consumer = self._make()
        subscription = await self._stack.enter_async_context(self._log.subscribe(consumer.group, consumer.topics))
        self._joined = consumer, subscription
        return self._joined

    async def restart(self) -> None:
        """Lose everything that was only in memory."""
        self._joined = None
        await self._stack.aclose()


class System:
    """All services on databases of their own, and one event log between them."""

    def __init__(self, cluster: EmbeddedPostgres) -> None:
        self._cluster = cluster
        self._patches = pytest.MonkeyPatch()
        self._closing = AsyncExitStack()
        self._made: list[str] = []
        self._ids = 0
        self.faults = Faults()
        self.sides: dict[str, Side] = {}
        self.members: dict[str, Member] = {}

    async def start(self) -> None:
        """Make the databases; time and chance that are not drawn are taken out, so that an example repeats exactly."""
        self._patches.setattr(crash, "point", self.faults.point)
        self._patches.setattr(clock, "uuid7", self._next_id)
        self._patches.setattr(postgres, "PARTITIONS", PARTITIONS)
        await self._make_role()
        for service in (COORDINATION, MAPPING, FACILITATION, MONITORING):
            url = await self._new_database()
            engine = create_engine(url)
            self._closing.push_async_callback(engine.dispose)
            await upgrade(engine, folder_of(service.name))
            observer = await self._connect(url)
            tables = [table.fullname for table in service.metadata.sorted_tables]
            self.sides[service.name] = Side(service.name, service.metadata, Database(engine, service.metadata), observer, Snapshots(observer, tables))
        url = await self._new_database()
        self.log = PostgresLog(url)
        self._closing.push_async_callback(self.log.close)
        await self.log.start(TOPICS)
        self._log_observer = await self._connect(url)
        self._log_snapshots = Snapshots(self._log_observer, ["partitions", "records", "group_offsets"])
        self.members = {name: Member(make, self.log) for name, make in self._consumers().items()}

    def _consumers(self) -> dict[str, Callable[[], Consumer]]:
        made: dict[str, Callable[[], Consumer]] = {"monitoring": lambda: view_consumer(self.sides["monitoring"].database.engine)}
        for name, module in (("coordination", coordination), ("mapping", mapping), ("facilitation", facilitation)):
            database = self.sides[name].database
            runtime: Any = SimpleNamespace(engine=database.engine, database=database, relay=SimpleNamespace(wake=lambda: None))
            made[name] = lambda module=module, runtime=runtime: module.consumer(runtime)
        return made

    def _next_id(self) -> UUID:
        self._ids += 1
        return uuid5(_IDS, str(self._ids))

    async def _make_role(self) -> None:
        """A login whose password is checked at once: members of groups come and go a thousand times."""
        admin = await asyncpg.connect(self._cluster.url("postgres").replace("+asyncpg", ""))
        password = self._cluster.url("postgres").split(":")[2].split("@")[0]
        await admin.execute("SET scram_iterations = 1")
        await admin.execute(f"CREATE ROLE {ROLE} SUPERUSER LOGIN PASSWORD '{password}'")
        await admin.close()

    async def _new_database(self) -> str:
        name = f"{ROLE}_{uuid4().hex[:12]}"
        admin = await asyncpg.connect(self._cluster.url("postgres").replace("+asyncpg", ""))
        await admin.execute(f'CREATE DATABASE "{name}" OWNER {ROLE} STRATEGY file_copy')
        await admin.close()
        self._made.append(name)
        return self._cluster.url(name, role=ROLE)

    async def _connect(self, url: str) -> Any:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        self._closing.push_async_callback(connection.close)
        return connection

    async def close(self) -> None:
        """Give everything back."""
        await self.restart()
        await self._closing.aclose()
        admin = await asyncpg.connect(self._cluster.url("postgres").replace("+asyncpg", ""))
        for name in self._made:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.execute(f"DROP ROLE {ROLE}")
        await admin.close()
        self._patches.undo()

    async def keep(self, name: str) -> int:
        """Remember the state of all databases; the answer goes into `restore`."""
        for snapshots in self._all_snapshots():
            await snapshots.keep(name)
        return self._ids

    async def restore(self, name: str, ids: int) -> None:
        """Go back to a kept state, with nobody in any group."""
        await self.restart()
        await asyncio.gather(*(snapshots.restore(name) for snapshots in self._all_snapshots()))
        self._ids = ids

    def _all_snapshots(self) -> list[Snapshots]:
        return [self._log_snapshots, *(side.snapshots for side in self.sides.values())]

    async def restart(self) -> None:
        """All consumers die and come back."""
        for member in self.members.values():
            await member.restart()

    async def relay(self, name: str, rows: int = 500, fault: str | None = None, part: int = 0) -> int:
        """One round of a service's relay over at most so many rows of its outbox."""
        side, log = self.sides[name], self.log
        if fault in (RelayFault.TORN, RelayFault.UNANSWERED):
            log = Torn(log, part, Killed if fault == RelayFault.TORN else LogUnavailable)  # type: ignore[assignment]
        point = {RelayFault.SELECTED: "relay.after_select", RelayFault.ACKNOWLEDGED: "relay.after_ack"}.get(fault or "")
        with pytest.MonkeyPatch.context() as patch, self.faults.at(point):
            patch.setattr(outbox, "BATCH", rows)
            try:
                return await outbox.publish_pending(side.database.engine, outbox.outbox_of(side.metadata), log)
            except (Killed, LogUnavailable):
                return 0

    async def consume(self, name: str, records: int = 500, **how: Any) -> int:
        """One step of a service's consumer."""
        return await self.members[name].step(self.faults, records, **how)

    async def append_again(self, at: int, count: int, *, backwards: bool) -> None:
        """A relay that woke up late sends what the log has had for long, in whatever order."""
        rows = await self._log_observer.fetch('SELECT * FROM records ORDER BY appended_at, topic, partition, "offset"')
        if rows:
            at %= len(rows)
            found = [_record(row) for row in rows[at : at + count]]
            await self.log.append(found[::-1] if backwards else found)

    async def append_early(self, name: str, at: int, count: int) -> None:
        """A relay that lost its lock sends events before the one that holds it has sent their predecessors."""
        rows = await self.sides[name].look("SELECT * FROM outbox WHERE published_at IS NULL ORDER BY position")
        if rows:
            at %= len(rows)
            await self.log.append([record_of(SimpleNamespace(**row)) for row in rows[at : at + count]])

    async def rebuild_view(self, fault: str | None, nth: int, *, traffic: bool) -> None:
        """Replace the view by one replayed from the log; with `traffic` events arrive and are applied while the replay is under way."""
        engine, met = self.sides["monitoring"].database.engine, False

        async def meanwhile(_done: int, _total: int) -> None:
            nonlocal met
            if traffic and not met:
                met = True
                for name in PUBLISHERS:
                    await self.relay(name)
                await self.consume("monitoring")

        try:
            async with only_one(engine):
                with self.faults.at(fault, nth):
                    await rebuild(engine, self.log, view_consumer, GROUP, report=meanwhile)
        except Killed:
            pass

    async def settle(self) -> None:
        """Let everything flow until nothing moves any more."""
        for _ in range(10):
            moved = 0
            for name in PUBLISHERS:
                moved += await self.relay(name)
            for name in CONSUMERS:
                moved += await self.consume(name)
            if not moved:
                return
        raise AssertionError("the system does not come to rest")

    async def left_on_log(self) -> int:
        """Records that some group has not committed."""
        left = 0
        for member in self.members.values():
            left += await self._log_observer.fetchval(
                "SELECT coalesce(sum(p.next_offset - coalesce(g.next_offset, 0)), 0)::int FROM partitions p LEFT JOIN group_offsets g "
                'ON g."group" = $1 AND (g.topic, g.partition) = (p.topic, p.partition) WHERE p.topic = ANY($2)',
                member.group,
                member.topics,
            )
        return left


def _record(row: Any) -> Record:
    headers = [(name, value.encode("latin-1")) for name, value in msgspec.json.decode(row["headers"])]
    return Record(row["topic"], row["key"], row["value"], headers)
