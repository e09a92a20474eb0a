"""The world of a fault run: PostgreSQL, Kafka and the four services, all real processes on this machine.

Databases are made from templates in which the base story was played once (see `base`), with every event unpublished again, so
that a new world costs seconds: its relays publish the story to new topics, and monitoring folds it from nothing.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from services.embedded.system import SERVICES, prepare
from shared.contracts import EVENT_TYPES, coordination, facilitation, mapping, monitoring
from shared.eventlog import PARTITIONS
from shared.security.demo_issuer import demo_settings
from tests.faults import base
from tests.faults.client import AckedLog
from tests.faults.postgres import Server, standby_of
from tests.faults.processes import ServiceProcess, Watch, until
from tests.kafka import Broker, free_port, without_topics

NAMES = tuple(service.name for service in SERVICES)
TOPICS = tuple(sorted({kind.topic for kind in EVENT_TYPES.values()}))
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "coordination": ("entaskan.coordination.reactions", (mapping.TOPIC, coordination.TOPIC, monitoring.TOPIC)),
    "mapping": ("entaskan.mapping.reactions", (coordination.TOPIC, facilitation.ENTERPRISES, facilitation.FINANCING)),
    "facilitation": ("entaskan.facilitation.reactions", (mapping.TOPIC, coordination.TOPIC, facilitation.FINANCING)),
    "monitoring": ("entaskan.monitoring.view", TOPICS),
}
"""Each service's consumer group and what it reads."""
RELAY_LOCK = "hashtext('outbox-relay')"
POOL = 8
"""Sessions that one service process keeps at most."""


@dataclass(frozen=True)
class Spec:
    """What a fault needs of its world; faults with the same needs share one."""

    brokers: int = 1
    standby: bool = False
    session_timeout_ms: int = 6000
    broker_settings: tuple[tuple[str, str], ...] = ()
    postgres_settings: tuple[tuple[str, str], ...] = ()
    areas: int = 24
    provinces: int = 6


@dataclass
class Backlog:
    """What is still on its way: rows that are not on the log, records that consumers have not read."""

    unpublished: dict[str, int] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not any(self.unpublished.values()) and not any(self.lag.values())


class World:
    """Use as `async with World.started(spec) as world`; `reset` before each run that wants no history."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.folder = Path(tempfile.mkdtemp(prefix="entaskan-faults-"))
        self.folder.chmod(0o755)
        self.watch = Watch()
        self.postgres = Server(self.folder / "primary", self.watch, settings=dict(spec.postgres_settings))
        self.standby: Server | None = None
        self.brokers: list[Broker] = []
        self.services: dict[str, ServiceProcess] = {}
        self.others: list[ServiceProcess] = []
        self.story = base.Story()
        self.issuer = self.folder / "demo-issuer"
        self.runs = 0
        self.log = AckedLog()
        self.known: dict[str, set[str]] = {}
        self.events_before = self.resent_before = 0
        self._settings = demo_settings(self.issuer)
        self._connections: dict[str, asyncpg.Connection[Any]] = {}
        self._ends: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None

    # Coming and going

    @classmethod
    @asynccontextmanager
    async def started(cls, spec: Spec | None = None) -> AsyncIterator[Self]:
        """All of it, with templates made; nothing is left running afterwards."""
        world = cls(spec or Spec())
        try:
            await world._start()
            yield world
        finally:
            await world._close()

    async def _start(self) -> None:
        voters = {node: free_port() for node in range(1, self.spec.brokers + 1)}
        settings = {"group.min.session.timeout.ms": "1000"} | dict(self.spec.broker_settings)
        self.brokers = [Broker(data=self.folder / f"broker-{node}", node_id=node, voters=voters, settings=settings) for node in voters]
        await asyncio.gather(self._start_postgres(), self._start_brokers())
        if self.spec.standby:
            self.standby = await standby_of(self.postgres, self.folder / "standby")
        await self._make_templates()

    async def _start_brokers(self) -> None:
        for each in self.brokers:
            await asyncio.to_thread(each.launch)
        for each in self.brokers:
            await asyncio.to_thread(each.wait_ready)

    async def _start_postgres(self) -> None:
        await asyncio.to_thread(self.postgres.create)
        await self.postgres.start()
        await self.postgres.create_roles(NAMES)

    async def _make_templates(self) -> None:
        for service in SERVICES:
            await self.postgres.create_database(service.name, service.name)
            await prepare(service, self.postgres.url(service.name))
        await self.postgres.execute("CREATE DATABASE monitoring_base OWNER monitoring TEMPLATE monitoring")
        await self.start_services()
        self.story = await base.play(self)
        await self.settled(60)
        await self.stop_services()
        for name in NAMES:
            await self._disconnect()
            if name != "monitoring":
                await self.postgres.execute("UPDATE outbox SET published_at = NULL, feed_seq = NULL", database=name)
                await self.postgres.execute(f"ALTER DATABASE {name} RENAME TO {name}_base")
        await self.postgres.drop_database("monitoring")

    async def _close(self) -> None:
        await self._disconnect()
        for process in self.processes:
            with suppress(TimeoutError):
                await process.kill()
        for each in self.brokers:
            await asyncio.to_thread(each.kill)
        for server in (self.standby, self.postgres):
            if server:
                await server.kill()
        self.watch.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def reset(self) -> None:
        """A world without history: databases from the templates, new topics, all services started and the base story applied everywhere."""
        for process in self.processes:
            await process.kill()
        self.others.clear()
        await self._disconnect()
        await without_topics(self.bootstrap)
        for name in NAMES:
            await self.postgres.drop_database(name)
            await self.postgres.create_database(name, name, f"{name}_base")
        self.runs = 0
        self.log.close()
        self.log = AckedLog(self.folder / "acknowledged.jsonl")
        await self.start_services()
        await self.settled(60)
        self.events_before = sum([(await self.rows(name, "SELECT count(*) FROM outbox"))[0][0] for name in NAMES])
        self.resent_before = 0
        self.known = {name: {row[0] for row in await self.rows(name, "SELECT DISTINCT subject::text FROM outbox")} for name in NAMES}

    # Services

    @property
    def bootstrap(self) -> str:
        return ",".join(each.bootstrap for each in self.brokers)

    @property
    def event_log(self) -> str:
        return f"kafka://{self.bootstrap}?session_timeout_ms={self.spec.session_timeout_ms}"

    @property
    def processes(self) -> list[ServiceProcess]:
        return [*self.services.values(), *self.others]

    def environment(self, name: str) -> dict[str, str]:
        """The settings of a service, as its environment."""
        given = {
            **self._settings,
            "mode": "embedded",
            "database_url": self.postgres.url(name),
            "event_log": self.event_log,
            "public_url": "http://127.0.0.1:9",  # nobody listens there: reconciliation is the checker's
        }
        plain = {key: value for key, value in os.environ.items() if not key.startswith("ENTASKAN_")}
        return plain | {f"ENTASKAN_{key.upper()}": value for key, value in given.items()}

    async def start_services(self, names: Sequence[str] = NAMES) -> None:
        """Start them, supervised, and wait until they are ready."""
        for name in names:
            self.services[name] = ServiceProcess(name, self.environment(name), self.folder, self.watch)
            self.services[name].start()
        for name in names:
            await self.services[name].wait_ready()

    async def stop_services(self) -> None:
        """In order."""
        for process in self.processes:
            await process.terminate()
        self.others.clear()

    async def add(self, name: str, **start: Any) -> ServiceProcess:
        """One more process of a service on the same database, ready; `dismiss` it before the run ends."""
        process = ServiceProcess(name, self.environment(name), self.folder, self.watch, number=2 + len(self.others))
        self.others.append(process)
        process.start(**start)
        await process.wait_ready()
        return process

    async def dismiss(self, process: ServiceProcess) -> None:
        """Stop an additional process in order."""
        await process.terminate()
        self.others.remove(process)

    # Reading

    async def rows(self, database: str, statement: str, *arguments: Any) -> list[Any]:
        """Rows of a query as superuser, on a connection that is kept while it works."""
        connection = self._connections.get(database)
        if connection is None or connection.is_closed():
            connection = self._connections[database] = await asyncpg.connect(
                self.postgres.admin_url(database), timeout=10, server_settings={"application_name": "checker"}
            )
        try:
            return list(await connection.fetch(statement, *arguments, timeout=30))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            connection.terminate()
            self._connections.pop(database, None)
            raise

    async def _disconnect(self) -> None:
        for connection in self._connections.values():
            connection.terminate()
        self._connections.clear()
        if self._ends:
            await self._ends.stop()
        if self._admin:
            await self._admin.close()
        self._ends = self._admin = None

    async def backlog(self) -> Backlog:
        """What is on its way now."""
        backlog = Backlog()
        for name in NAMES:
            backlog.unpublished[name] = (await self.rows(name, "SELECT count(*) FROM outbox WHERE published_at IS NULL"))[0][0]
        if self._ends is None or self._admin is None:
            self._ends = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
            self._admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
            await self._ends.start()
            await self._admin.start()
        partitions = [TopicPartition(topic, number) for topic in TOPICS for number in range(PARTITIONS)]
        ends = await self._ends.end_offsets(partitions)
        for name, (group, topics) in GROUPS.items():
            committed = await self._admin.list_consumer_group_offsets(group)
            read = {tp: committed[tp].offset if tp in committed else 0 for tp in partitions if tp.topic in topics}
            backlog.lag[name] = sum(max(0, ends[tp] - max(0, offset)) for tp, offset in read.items())
        return backlog

    async def settled(self, seconds: float) -> None:
        """Wait until nothing is on its way; `TimeoutError` says what is."""
        backlog = Backlog()

        async def quiet() -> bool:
            nonlocal backlog
            try:
                async with asyncio.timeout(10):
                    backlog = await self.backlog()
                return backlog.empty
            except (OSError, TimeoutError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._disconnect()
                return False

        try:
            await until(quiet, seconds, "unpublished = 0 and lag = 0", every=0.05)
        except TimeoutError:
            raise TimeoutError(f"after {seconds:g} s: unpublished {backlog.unpublished}, lag {backlog.lag}") from None

    # What several faults use

    @asynccontextmanager
    async def relay_held(self, name: str) -> AsyncIterator[None]:
        """Keep a service's relay from working by its own lock, so that a batch piles up."""
        connection = await asyncpg.connect(self.postgres.admin_url(name), timeout=10)
        try:
            await connection.execute(f"SELECT pg_advisory_lock({RELAY_LOCK})")
            yield
        finally:
            await connection.close(timeout=5)

    async def relay_sessions(self, name: str) -> list[Any]:
        """The sessions (pid, client_port) that hold the lock of a service's relay, in a transaction."""
        return await self.rows(
            name,
            f"""SELECT a.pid, a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = $1
              AND a.application_name = 'entaskan' AND l.objid = ({RELAY_LOCK}::bigint & 4294967295)::oid""",
            name,
        )


async def freeze_brokers(brokers: Sequence[Broker], signal_number: int) -> None:
    """Send a signal to every broker's process."""
    for each in brokers:
        assert each.process
        each.process.send_signal(signal_number)
