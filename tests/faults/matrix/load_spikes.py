"""Faults 40-42: too many at once."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import httpx

from shared.security.identity import Role
from tests.faults.client import AckedLog, Client, GivenUp, Mark, Person, Sent
from tests.faults.load import Load, Plan
from tests.faults.processes import ServiceProcess
from tests.faults.run import Fault
from tests.faults.state import State


def percentile(values: list[float], share: float) -> float:
    """By rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def resident(process: ServiceProcess) -> float:
    """Megabytes of memory that a process holds."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096 / 1e6


class Burst(Fault):
    number = 40
    title = "ten times the load for a while"
    how = "8 clients with pauses, then 80 without any for 20 s; every command ends within its client's patience, processes keep their size"
    plan = Plan(clients=8, stories=None, kinds=("commitment", "group", "programme"), pause_between=1.0)
    recovers_within = 60.0
    seeds = 3
    clients: ClassVar[int] = 80
    lasts: ClassVar[float] = 20.0
    P99_SECONDS: ClassVar[float] = 10.0

    async def warm(self) -> None:
        await super().warm()
        await asyncio.sleep(4)
        self.calm = len(self.load.sent)
        self.measured["calm_p99"] = percentile([sent.seconds for sent in self.load.sent], 0.99)
        self.size = {process.name: resident(process) for process in self.world.processes}

    async def inject(self) -> None:
        world = self.world
        plan = Plan(clients=self.clients, stories=None, kinds=self.plan.kinds)
        self.burst = Load(plan, self.seed, 10_000 + world.runs, world.story, world.issuer, world.log, lambda name: world.services[name].url)
        started, before = asyncio.get_running_loop().time(), len(world.log.sent)
        self.burst.start()
        await asyncio.sleep(self.lasts)
        self.measured["answers_per_second"] = (len(world.log.sent) - before) / (asyncio.get_running_loop().time() - started)
        self.measured["waiting_events"] = sum((await world.backlog()).unpublished.values())

    async def heal(self) -> None:
        """The burst's clients end what they are at; recovery is what is left to drain then."""
        await self.burst.finish()

    async def examine(self, state: State) -> None:
        self.sent = self.burst.sent
        failures = Counter(failure for sent in self.sent for failure in sent.failures)
        shed = sum(n for failure, n in failures.items() if failure.startswith(("503", "429")))
        self.measured |= {"p99": percentile([sent.seconds for sent in self.sent], 0.99), "shed": shed}
        if failures:
            self.note = str(dict(failures.most_common(4)))
        if self.measured["p99"] > self.P99_SECONDS:
            self.violated("I7", f"p99 of {self.measured['p99']:.1f} s in the burst")
        if given_up := [sent for sent in self.sent if sent.outcome == "unknown"]:
            self.violated("I7", f"{len(given_up)} commands without an answer")
        growth = {process.name: resident(process) - self.size.get(process.name, 0) for process in self.world.processes}
        self.measured["growth_mb"] = max(growth.values())
        if self.measured["growth_mb"] > 120:
            self.violated("I7", f"processes grew by {growth} MB")


class RetryStorm(Fault):
    number = 41
    title = "200 clients that retry at once with the same keys"
    how = "coordination frozen for 5 s; 200 clients give up after 1.5 s and send the same again at once, without jitter; each key is used by two of them"
    plan = Plan(clients=1, stories=1)
    recovers_within = 60.0
    seeds = 3
    clients: ClassVar[int] = 200

    async def inject(self) -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=1.5, trust_env=False, limits=limits) as http:
            # What the service does unhindered: as many commands, all at once, with the same patience; once before, to be warm.
            await self._together("before", await self._clients("before", http))
            calm = await self._together("calm", await self._clients("calm", http))
            clients = await self._clients("storm", http)
            process = self.world.services["coordination"]
            process.freeze()
            storm = asyncio.create_task(self._together("storm", clients))
            await asyncio.sleep(5)
            process.thaw()
            thawed = asyncio.get_running_loop().time()
            await storm
        self.measured["storm_seconds"] = asyncio.get_running_loop().time() - thawed
        self.measured["calm_seconds"] = calm
        # Useful answers a second, beside those without a storm.
        self.measured["goodput"] = calm / self.measured["storm_seconds"]

    async def _clients(self, name: str, http: httpx.AsyncClient) -> list[Client]:
        """Two by two they draw the same keys; what the second of a pair is told is compared, and not checked again."""
        self.twins = AckedLog()
        clients = []
        for number in range(self.clients):
            pair, second = divmod(number, 2)
            random = Random(f"{self.seed}-{self.world.runs}-{name}-{pair}")
            log = self.twins if second else self.world.log
            clients.append(Client(log, lambda service: self.world.services[service].url, random, patience=60, pause=0))
            await clients[-1].close()
            clients[-1]._http = http
        return clients

    async def _together(self, name: str, clients: list[Client]) -> float:
        """Everybody registers an institution, two by two the same one. How long until all have their answer."""
        owner = Person(self.world.issuer, "load-owner", Role.PROGRAMME_OWNER)
        before = len(self.world.log.sent)
        started = time.monotonic()

        async def one(number: int, client: Client) -> None:
            code = f"{name}_{self.world.runs}_{number // 2}"
            body = {"code": code, "name": f"Lembaga {code}", "institution_type": "ministry", "sector_code": None}
            with suppress(GivenUp):
                await client.create("coordination", "institutions", owner, body, Mark("coordination", "institutions", "code", code))

        await asyncio.gather(*(one(number, client) for number, client in enumerate(clients)))
        seconds = time.monotonic() - started
        sent = self.world.log.sent[before:] + self.twins.sent
        self._compare(name, [each for each in sent if each.path == "institutions" and each.body["code"].startswith(f"{name}_")])
        return seconds

    def _compare(self, name: str, sent: list[Sent]) -> None:
        ids: dict[str, set[Any]] = {}
        for each in sent:
            ids.setdefault(each.key, set()).add(each.id)
        wrong = {key: found for key, found in ids.items() if len(found) != 1 or None in found}
        if wrong or len(sent) != self.clients:
            self.violated("I6", f"{name}: twins were told different things: {dict(list(wrong.items())[:3])} of {len(sent)}", "doubled", len(wrong))
        self.measured[f"{name}_attempts"] = sum(each.attempts for each in sent)
        if failures := Counter(failure for each in sent for failure in each.failures):
            self.note += f"{name}: {dict(failures.most_common(4))} "

    async def examine(self, state: State) -> None:
        # The clients themselves need a core, so that the figure is rough; what must not happen is a collapse that feeds itself.
        if self.measured["goodput"] < 0.25:
            self.violated("I7", f"goodput {self.measured['goodput']:.2f}")


class Thunder(Fault):
    number = 42
    title = "all consumers restarted together"
    how = "12 processes of monitoring and one of each other service, all killed with events on their way, all started at once"
    plan = Plan(clients=6, stories=3, kinds=("commitment", "group", "programme"))
    recovers_within = 60.0
    seeds = 3
    members: ClassVar[int] = 12

    async def warm(self) -> None:
        while len(self.world.others) < self.members - 1:
            await asyncio.gather(*(self.world.add("monitoring") for _ in range(3)))
        self.added = list(self.world.others)
        await super().warm()

    async def inject(self) -> None:
        await self.load.acked(self.random.randint(20, 60))
        await asyncio.gather(*(process.kill() for process in self.world.processes))

    async def heal(self) -> None:
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        for process in self.world.processes:
            process.start()
        await asyncio.gather(*(process.wait_ready(60) for process in self.world.processes))
        self.measured["ready_seconds"] = asyncio.get_running_loop().time() - self.measured["healed_at"]

    async def examine(self, state: State) -> None:
        for process in self.added:
            await self.world.dismiss(process)
