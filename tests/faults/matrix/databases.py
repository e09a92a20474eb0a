"""Faults 26-28, 45 and 49: the database is cut off, replaced, wiped, or kept busy."""

import asyncio
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from shared.eventlog import PARTITIONS
from shared.security.identity import Role
from tests.faults import load
from tests.faults.client import Person
from tests.faults.invariants import Violation, check, no_event_lost
from tests.faults.load import Plan
from tests.faults.postgres import Server
from tests.faults.processes import ROOT, until
from tests.faults.run import Fault
from tests.faults.state import State, read_log
from tests.faults.world import GROUPS, Spec, World


class PowerCut(Fault):
    number = 26
    title = "PostgreSQL killed outright"
    how = "SIGKILL to the postmaster under load, fsync on; started again, it recovers from its log"
    plan = load.EVERYTHING
    seeds = 10
    short = True

    async def inject(self) -> None:
        await self.load.acked(self.random.randint(10, 60))
        await self.world.postgres.kill()

    async def hold(self) -> None:
        await asyncio.sleep(self.random.uniform(0, 3))

    async def heal(self) -> None:
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await self.world.postgres.start()


class Proxy:
    """The address that services know, leading to whichever server it is pointed at."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def lead_to(self, port: int) -> None:
        """From now on."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            self._tasks.add(task)
            try:
                there = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))
            except OSError:
                writer.close()
            except asyncio.CancelledError:
                return
            finally:
                self._tasks.discard(task)

        self._server = await asyncio.start_server(connected, "127.0.0.1", self._port)

    async def close(self) -> None:
        """The address answers no more."""
        if self._server:
            self._server.close()
            for task in self._tasks:
                task.cancel()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


class Failover(Fault):
    number = 27
    title = "PostgreSQL failover to a synchronous standby"
    how = "SIGKILL to the primary (fenced: it never comes back), the standby promoted, the address that services know led to it"
    plan = Plan(clients=6, stories=4, kinds=("commitment", "group", "programme"))
    spec = Spec(standby=True)
    fresh = True
    seeds = 5
    synchronous: ClassVar[bool] = True
    _proxies: ClassVar[list[Proxy]] = []

    async def warm(self) -> None:
        # Services of a fresh world know the server itself; the addresses of earlier runs are of no use any more.
        while self._proxies:
            await self._proxies.pop().close()
        world = self.world
        if world.standby is None:
            folder = world.folder / f"standby-{world.postgres.port}"
            world.standby = await world.postgres.standby(folder, "standby")
        await world.postgres.follow_synchronously("FIRST 1 (standby)" if self.synchronous else "")
        await super().warm()

    async def inject(self) -> None:
        await self.load.acked(self.random.randint(20, 60))
        self.cut_at = asyncio.get_running_loop().time()
        await self.world.postgres.kill()
        self.acked_at_cut = self.load.count

    async def hold(self) -> None:
        # As long as a watchdog would take to be sure.
        await asyncio.sleep(self.random.uniform(1, 4))
        self.acked_at_cut = self.load.count

    async def heal(self) -> None:
        world = self.world
        assert world.standby
        await world.standby.promote()
        proxy = Proxy(world.postgres.port)
        self._proxies.append(proxy)
        await proxy.lead_to(world.standby.port)
        world.postgres, world.standby = world.standby, None
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await until(lambda: self.load.count > self.acked_at_cut, 30, "a write was acknowledged after the failover", every=0.02)
        self.measured["write_gap"] = asyncio.get_running_loop().time() - self.cut_at


class LossyFailover(Failover):
    """Acknowledged commands are lost: that is what an asynchronous standby means. What must hold is that the loss does not pass unseen.

    The checker sees it in the log, which holds events that no outbox has (I2), and in the acknowledged commands (I6). The product sees it
    as soon as a subject's second history comes to a number that was applied: it parks the event as `sequence_conflict`.
    """

    number = 28
    title = "PostgreSQL failover to an asynchronous standby that lost the tail"
    how = "the standby cut off while load goes on, the primary killed, the standby promoted; then a change of what lost its last events, a rebuild of the view"
    synchronous = False
    plan = Plan(clients=8, stories=None, kinds=("commitment",), pause_between=0.2)
    may_refuse = True
    seeds = 3

    async def inject(self) -> None:
        await self.load.acked(60)
        standby = self.world.standby
        assert standby
        (conninfo,) = (await standby.execute("SELECT current_setting('primary_conninfo')"))[0]
        # What is lost has to have begun on the standby, or no second history of it can be: cut again until an invitation waits there.
        for _ in range(40):
            await self._lead(standby, "")
            await until(self._apart, 20, "the standby is cut off")
            if await standby.execute("SELECT 1 FROM participations WHERE status = 'invited'", database="coordination"):
                break
            await self._lead(standby, conninfo)
            await until(self._together, 20, "the standby follows again")
        else:
            raise AssertionError("no invitation ever waited on the standby")
        await self.load.acked(self.load.count + 60)
        self.cut_at = asyncio.get_running_loop().time()
        await self.world.postgres.kill()
        self.acked_at_cut = self.load.count

    async def _lead(self, standby: Server, conninfo: str) -> None:
        await standby.execute("ALTER SYSTEM SET primary_conninfo = '" + conninfo.replace("'", "''") + "'")
        await standby.execute("SELECT pg_reload_conf()")

    async def _apart(self) -> bool:
        return not await self._together()

    async def _together(self) -> bool:
        return bool(await self.world.postgres.execute("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"))

    async def heal(self) -> None:
        await super().heal()
        await self.load.finish()
        await self.world.settled(30)
        there: dict[str, int] = defaultdict(int)
        for each in (await read_log(self.world.bootstrap))[0]:
            there[each.subject] = max(there[each.subject], each.sequence)
        rows = await self.world.rows("coordination", "SELECT id::text, institution_id::text, version FROM participations WHERE status = 'invited'")
        # Those whose acceptance only the log knows accept again: that event takes a number that is taken.
        for row in rows:
            if there[row[0]] > row[2]:
                await self._accept(*row)
        await self.world.settled(30)
        self.allowed = replace(self.allowed, parked=None)
        await self._recover()

    async def _accept(self, id: str, institution: str, version: int) -> None:
        ministry = Person(self.world.issuer, "ministry-after", Role.PARTNER_MINISTRY, institution)
        headers = ministry.headers | {"If-Match": f'"{version}"', "Idempotency-Key": f"{self.random.getrandbits(128):032x}"}
        async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
            answer = await client.post(f"{self.world.services['coordination'].url}/v1/participations/{id}/accept", headers=headers)
            assert answer.is_success, answer.text

    async def _recover(self) -> None:
        """As an operator would: the groups back to the beginning, since their databases went back too; the view anew from the log."""
        reacting = [name for name in GROUPS if name != "monitoring"]
        for name in reacting:
            await self.world.services[name].kill()
        for name in reacting:
            group, topics = GROUPS[name]
            consumer = AIOKafkaConsumer(bootstrap_servers=self.world.bootstrap, group_id=group, enable_auto_commit=False)
            await consumer.start()
            try:
                places = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
                consumer.assign(places)
                await until(lambda: _committed(consumer, places), 30, f"{group} is empty", every=0.5)
            finally:
                await consumer.stop()
        await self.world.start_services(reacting)
        await rebuilt(self.world)

    def expects(self, violation: Violation) -> bool:
        """What shows the loss: events without an outbox row, their effects in the view, and acknowledged commands that are gone."""
        told = (
            "on the log, in no outbox",
            "the view applied events more often",
            "applied what was never recorded",
            "totals differ",
            "acknowledged, but not there",
        )
        return any(text in violation.message for text in told)

    async def examine(self, state: State) -> None:
        recorded = {(row.source, row.id): row for rows in state.outbox.values() for row in rows}
        phantoms = [each for each in state.log if (each.source, each.id) not in recorded]
        taken = {(each.subject, each.sequence) for each in phantoms}
        shadowed = [row for row in recorded.values() if (row.subject, row.sequence) in taken]
        parked = {(subject, sequence) for subject, sequence, reason in state.parked["monitoring"] if reason == "sequence_conflict"}
        unseen = [row for row in shadowed if (row.subject, row.sequence) not in parked]
        if unseen:
            self.violated("I2", f"{len(unseen)} events of a second history were dropped in silence, the first: {unseen[0]}")
        state.allowed = replace(state.allowed, parked=frozenset(subject for subject, _ in parked))
        found = check(state)
        lost = sum(each.count for each in found if each.message.startswith("acknowledged, but not there"))
        self.measured |= {"phantoms": len(phantoms), "acked_and_lost": lost, "conflicts_parked": len(parked)}
        self.note = f"{len(phantoms)} events that no outbox has; {len(parked)} new ones under a number of theirs, parked"
        if not phantoms or not shadowed or not lost:
            self.violated("I2", "the standby had lost nothing that mattered: the fault did not happen")
        # The order on the log is not that of one history any more.
        self.violations += no_event_lost(state)
        state.allowed = replace(state.allowed, log_may_lack=True)


async def _committed(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> bool:
    try:
        await consumer.commit(dict.fromkeys(places, 0))
    except KafkaError:
        return False
    return True


async def rebuilt(world: World) -> None:
    """Rebuild the view through the API, and wait for its end."""
    operator = Person(world.issuer, "operator", Role.SYSTEM_ADMIN)
    url = f"{world.services['monitoring'].url}/v1/rebuilds"
    async with httpx.AsyncClient(timeout=30, trust_env=False, headers=operator.headers) as client:
        answer = await client.post(url)
        assert answer.status_code == 202, answer.text
        place = f"{url}/{answer.json()['id']}"
        ended: dict[str, Any] = {}

        async def done() -> bool:
            nonlocal ended
            ended = (await client.get(place)).json()
            return ended["state"] != "running"

        await until(done, 120, "the view is rebuilt", every=0.1)
        assert ended["state"] == "done", ended


async def view_of(world: World) -> dict[str, list[str]]:
    """Every row of the view and of its inbox as text, by table; all but what waited for an operator or for its turn."""
    names = await world.rows("monitoring", "SELECT tablename FROM pg_tables WHERE schemaname = 'view' AND tablename <> 'parked_messages' ORDER BY 1")
    return {row[0]: [each[0] for each in await world.rows("monitoring", f"SELECT t::text FROM view.{row[0]} t ORDER BY 1")] for row in names}


class Wiped(Fault):
    number = 45
    title = "monitoring's database wiped"
    how = "dropped and made anew by `entaskan migrate` while its offsets stay committed; the view rebuilt through the API, compared row by row with what it was"
    plan = load.EVERYTHING
    recovers_within = 60.0
    seeds = 3

    async def inject(self) -> None:
        await self.load.complete()
        await self.world.settled(30)
        self.before = await view_of(self.world)
        monitoring = self.world.services["monitoring"]
        await monitoring.kill()
        await self.world.postgres.drop_database("monitoring")
        await self.world.postgres.create_database("monitoring", "monitoring")
        command = [sys.executable, "-m", "services.cli", "migrate", "monitoring"]
        migrate = await asyncio.create_subprocess_exec(*command, env=self.world.environment("monitoring"), cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)
        assert await migrate.wait() == 0, "entaskan migrate failed"
        await self.world.start_services(["monitoring"])

    async def hold(self) -> None:
        empty = await view_of(self.world)
        if any(rows for rows in empty.values()):
            self.violated("I8", "the view was not empty after the wipe")

    async def heal(self) -> None:
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await rebuilt(self.world)
        self.measured["rebuild_seconds"] = asyncio.get_running_loop().time() - self.measured["healed_at"]
        after = await view_of(self.world)
        self.measured["rows_compared"] = sum(map(len, after.values()))
        for table in sorted(self.before.keys() | after.keys()):
            if self.before.get(table) != after.get(table):
                differing = set(self.before.get(table, [])) ^ set(after.get(table, []))
                self.violated("I5", f"view.{table} differs in {len(differing)} rows: {sorted(differing)[:4]}", count=len(differing))


class LongTransaction(Fault):
    number = 49
    title = "a transaction that stays open"
    how = "in coordination's database, with a transaction id, a snapshot and a row of its own, from before the load until everything has drained"
    plan = load.EVERYTHING
    seeds = 3

    async def warm(self) -> None:
        self.session = await asyncpg.connect(self.world.postgres.admin_url("coordination"), timeout=10)
        self.stack.push_async_callback(self.session.close, timeout=5)
        await self.session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        # A position is drawn from the outbox's sequence and never committed, as a slow command's would be.
        self.xid = await self.session.fetchval("SELECT pg_current_xact_id()::text")
        await self.session.fetchval("SELECT nextval(pg_get_serial_sequence('outbox', 'position'))")
        await self.session.fetchval("SELECT count(*) FROM outbox")
        self.began = asyncio.get_running_loop().time()
        await super().warm()

    async def inject(self) -> None:
        """It is there from the beginning."""

    async def hold(self) -> None:
        await self.load.complete()
        await self.world.settled(10)
        rows = await self.world.rows("coordination", "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xid::text = $1", self.xid)
        if not rows:
            self.violated("I8", "the transaction did not stay open")
        self.measured["open_seconds"] = asyncio.get_running_loop().time() - self.began

    async def quiet(self) -> None:
        await self.session.execute("ROLLBACK")
