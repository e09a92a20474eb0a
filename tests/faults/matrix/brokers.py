"""Faults 13-17: members of a consumer group that come, go, sleep and dawdle; brokers that are away or die."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import httpx

from tests.faults import load
from tests.faults.client import told
from tests.faults.load import Plan
from tests.faults.processes import ServiceProcess, until
from tests.faults.run import Fault
from tests.faults.state import State
from tests.faults.world import GROUPS, Spec, World

VIEW_GROUP = GROUPS["monitoring"][0]
PUBLISHERS = ("coordination", "mapping", "facilitation")
STEADY = Plan(clients=6, stories=None, kinds=load.EVERYTHING.kinds, pause_between=0.2)


async def metric(process: ServiceProcess, name: str, **labels: str) -> float:
    """The sum of a metric over the label values that are not given; 0 while the process does not answer."""
    url = f"{process.url.rsplit('/', 1)[0]}/metrics"
    with suppress(httpx.TransportError):
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            lines = (await client.get(url)).text.splitlines()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(rf"{name}[ {{]", line) and all(each in line for each in wanted))
    return 0.0


async def alarms(world: World) -> float:
    """How often the services, as they run now, noticed that the log went back."""
    return sum([await metric(process, "entaskan_log_rewound_total") for process in world.processes])


def said(process: ServiceProcess, text: str, since: int = 0) -> int:
    """How often a text is in what a process said after its first `since` bytes."""
    with process.output.open("rb") as file:
        file.seek(since)
        return file.read().count(text.encode())


@asynccontextmanager
async def group_held(world: World) -> AsyncIterator[None]:
    """Keep monitoring from applying anything: every batch waits for this lock."""
    connection = await asyncpg.connect(world.postgres.admin_url("monitoring"), timeout=10)
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", VIEW_GROUP)
        yield
    finally:
        await connection.close(timeout=5)


async def waits_for_group(world: World) -> list[int]:
    """Local ports of the sessions that wait for monitoring's group lock, each with a batch in hand."""
    rows = await world.rows(
        "monitoring",
        """SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND NOT l.granted AND a.datname = 'monitoring' AND a.application_name = 'entaskan'""",
    )
    return [row[0] for row in rows]


# Members of a group


class Members(Fault):
    """Load goes on through all of it; nothing that monitoring does may look like a log that lost records."""

    plan = STEADY
    seeds = 3

    async def heal(self) -> None:
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await self.load.finish()

    async def examine(self, state: State) -> None:
        if false := await alarms(self.world):
            self.violated("I8", f"{false:g} alarms that the log went back, which it did not", count=int(false))


class Rebalances(Members):
    number = 13
    title = "rebalances in the middle of batches"
    how = "a second process of monitoring comes and goes every 3 s, in order or by SIGKILL; for 60 s in every third run, else 30 s"

    async def inject(self) -> None:
        now = asyncio.get_running_loop().time
        ends = now() + (60 if self.seed % 3 == 1 else 30)
        self.measured |= {"members": 0, "applied_by_second": 0}
        while now() < ends:
            second = await self.world.add("monitoring", supervised=False)
            await asyncio.sleep(self.random.uniform(1, 3))
            self.measured["applied_by_second"] += await metric(second, "entaskan_consumed_messages_total", outcome="applied")
            self.measured["members"] += 1
            if self.random.random() < 0.3:
                await second.kill()
                self.world.others.remove(second)
            else:
                await self.world.dismiss(second)
            await asyncio.sleep(self.random.uniform(0, 3))

    async def examine(self, state: State) -> None:
        await super().examine(state)
        if not self.measured["applied_by_second"]:
            self.violated("I8", "no second member ever got a partition: the fault did not happen")


class Zombie(Members):
    number = 14
    title = "a consumer frozen beyond its session, then thawed"
    how = "two processes of monitoring; SIGSTOP to one that has a batch in hand, for 10-20 s with a session of 6 s, then SIGCONT"
    recovers_within = 40.0

    async def warm(self) -> None:
        self.members = [self.world.services["monitoring"], await self.world.add("monitoring")]
        await super().warm()

    async def inject(self) -> None:
        async with group_held(self.world):
            found: list[ServiceProcess] = []

            async def in_hand() -> bool:
                ports = await waits_for_group(self.world)
                found.extend(process for process in self.members for port in ports if process.owns_port(port))
                return bool(found)

            await until(in_hand, 30, "a member has a batch in hand", every=0.02)
            self.zombie = self.random.choice(found)
            self.said = self.zombie.output.stat().st_size
            self.zombie.freeze()
            # Sometimes the lock comes free at once and is the frozen one's; sometimes its session gives up waiting first.
            self.granted = self.random.random() < 0.5
            if not self.granted:
                await asyncio.sleep(6)
        self.note = f"process {self.members.index(self.zombie) + 1}, " + ("its transaction goes on while it sleeps" if self.granted else "its wait ended")

    async def hold(self) -> None:
        await asyncio.sleep(self.random.uniform(10, 20))
        self.other = next(process for process in self.members if process is not self.zombie)
        self.before = await metric(self.other, "entaskan_consumed_messages_total", outcome="applied")

    async def heal(self) -> None:
        self.zombie.thaw()
        await self.load.acked(self.load.count + 30)
        await super().heal()

    async def examine(self, state: State) -> None:
        await super().examine(state)
        self.measured["commits_refused"] = said(self.zombie, "partitions moved to another member", self.said)
        if not self.measured["commits_refused"]:
            self.violated("I8", "the late commit was not refused")
        await self.world.dismiss(self.members[1])


class SlowHandler(Members):
    number = 15
    title = "a handler slower than max.poll.interval"
    how = "two processes of monitoring with max_poll_interval_ms=3000; their group's lock held from outside for 8 s, three times"
    recovers_within = 40.0

    async def warm(self) -> None:
        url = f"{self.world.event_log}&max_poll_interval_ms=3000"
        first = self.world.services["monitoring"]
        await first.restart(environment={"ENTASKAN_EVENT_LOG": url})
        self.stack.push_async_callback(first.restart)
        self.members = [first, await self.world.add("monitoring", environment={"ENTASKAN_EVENT_LOG": url})]
        self.since = {process: process.output.stat().st_size for process in self.members}
        await super().warm()

    def _joins(self) -> int:
        return sum(said(process, "(Re-)joining group", since) for process, since in self.since.items())

    async def inject(self) -> None:
        for _ in range(3):
            async with group_held(self.world):
                await asyncio.sleep(8)
            await asyncio.sleep(self.random.uniform(0.5, 2))

    async def heal(self) -> None:
        await super().heal()
        self.joins = self._joins()

    async def quiet(self) -> None:
        self.measured["joins"] = self.joins
        joins = self._joins()
        await asyncio.sleep(10)
        if more := self._joins() - joins:
            self.violated("I8", f"members joined {more} times more though everything was applied: rebalances without end")
        self.measured["alarms"] = await alarms(self.world)
        await self.world.dismiss(self.members[1])


# Brokers


class AllBrokersDown(Fault):
    number = 16
    title = "all brokers down"
    how = "SIGKILL to the broker under load, started again after 60 s in every third run, else after 20 s; load goes on"
    plan = Plan(clients=6, stories=None, kinds=load.EVERYTHING.kinds, pause_between=0.05)
    seeds = 3

    async def inject(self) -> None:
        self.killed_at = asyncio.get_running_loop().time()
        self.first = len(self.load.sent)
        for broker in self.world.brokers:
            await asyncio.to_thread(broker.kill)

    async def hold(self) -> None:
        await asyncio.sleep(60 if self.seed % 3 == 1 else 20)
        waiting = [(await self.world.rows(name, "SELECT count(*) FROM outbox WHERE published_at IS NULL"))[0][0] for name in PUBLISHERS]
        self.measured["waiting"] = sum(waiting)
        self.measured["events_per_second"] = sum(waiting) / (asyncio.get_running_loop().time() - self.killed_at)

    async def heal(self) -> None:
        await self.world._start_brokers()
        back = self.measured["healed_at"] = asyncio.get_running_loop().time()
        self.last = len(self.load.sent)
        last = {name: (await self.world.rows(name, "SELECT max(position) FROM outbox"))[0][0] or 0 for name in PUBLISHERS}

        async def published() -> bool:
            statement = "SELECT 1 FROM outbox WHERE published_at IS NULL AND position <= $1 LIMIT 1"
            return not any([await self.world.rows(name, statement, position) for name, position in last.items()])

        await until(published, 30, "what waited is published, with the load going on", every=0.1)
        self.measured["published_seconds"] = asyncio.get_running_loop().time() - back
        await self.load.finish()

    async def examine(self, state: State) -> None:
        if failures := told(self.load.sent[self.first : self.last]):
            self.violated("I6", f"clients were told of it: {failures[:3]}", count=len(failures))
        if state.allowed.log_may_lack or await alarms(self.world):
            self.violated("I8", "an alarm that the log went back, which it did not")


class LeaderKilled(Fault):
    number = 17
    title = "one of three brokers killed, its partitions led by others"
    how = "SIGKILL to one of three brokers under load; producing must go on without it; started again after 15-25 s"
    spec = Spec(brokers=3)
    plan = STEADY
    seeds = 3
    recovers_within = 60.0

    async def inject(self) -> None:
        self.broker = self.random.choice(self.world.brokers)
        self.first = len(self.load.sent)
        await asyncio.to_thread(self.broker.kill)
        killed = asyncio.get_running_loop().time()
        await asyncio.sleep(1)
        # Of what was committed when the broker was dead already, everything must get to the log without it.
        last = {name: (await self.world.rows(name, "SELECT max(position) FROM outbox"))[0][0] or 0 for name in PUBLISHERS}

        async def published() -> bool:
            statement = "SELECT 1 FROM outbox WHERE published_at IS NULL AND position <= $1 LIMIT 1"
            return not any([await self.world.rows(name, statement, position) for name, position in last.items()])

        await until(published, 45, "events are published with one broker dead", every=0.05)
        self.measured["producing_gap"] = asyncio.get_running_loop().time() - killed

    async def hold(self) -> None:
        await asyncio.sleep(self.random.uniform(5, 15))
        rows = await self.world.rows("coordination", "SELECT count(*) FROM outbox WHERE published_at > now() - interval '5 s'")
        self.measured["published_per_second_without"] = rows[0][0] / 5
        if not rows[0][0]:
            self.violated("I7", "nothing was published with one broker dead")

    async def heal(self) -> None:
        await asyncio.to_thread(self.broker.start)
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await self.load.finish()

    async def examine(self, state: State) -> None:
        self.note = f"node {self.broker.node_id}"
        if failures := told(self.load.sent[self.first :]):
            self.violated("I6", f"clients were told of it: {failures[:3]}", count=len(failures))
        if await alarms(self.world):
            self.violated("I8", "an alarm that the log went back, which it did not")


# Logs that lost records
