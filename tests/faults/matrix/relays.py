"""Faults 8 and 9: the relay's lock."""

import asyncio
import signal

from tests.faults.load import Plan
from tests.faults.processes import ServiceProcess, until
from tests.faults.run import Fault
from tests.faults.state import State
from tests.faults.world import freeze_brokers

IDLE_TIMEOUT = 10.0
"""After so many seconds the database ends a session that idles in its transaction."""


class FrozenRelay(Fault):
    number = 8
    title = "two relays at once, the one at work frozen"
    how = "two processes of coordination; SIGSTOP to the one that holds the lock in the middle of sending, SIGCONT after the other took over"
    plan = Plan(clients=4, stories=None, pause_between=0.3)
    recovers_within = 20.0
    seeds = 10

    async def warm(self) -> None:
        self.others = [self.world.services["coordination"], await self.world.add("coordination")]
        await super().warm()

    async def inject(self) -> None:
        # Only a relay that waits for the broker stays in its transaction long enough to be met there.
        brokers = self.world.brokers
        await freeze_brokers(brokers, signal.SIGSTOP)
        try:
            self.holder = await self._holder()
            self.holder.freeze()
        finally:
            await freeze_brokers(brokers, signal.SIGCONT)
        self.frozen_at = asyncio.get_running_loop().time()
        self.note = f"holder: process {self.others.index(self.holder) + 1}"
        # Clients go to whom a health check would leave in service.
        healthy = next(process for process in self.others if process is not self.holder)
        self.original = self.world.services["coordination"]
        self.world.services["coordination"] = healthy
        self.world.others = [self.holder]

    async def _holder(self) -> ServiceProcess:
        found: list[ServiceProcess] = []

        async def holds() -> bool:
            for session in await self.world.relay_sessions("coordination"):
                found.extend(process for process in self.others if process.owns_port(session["client_port"]))
            return bool(found)

        await until(holds, 20, "a relay holds the lock", every=0.01)
        return found[0]

    async def hold(self) -> None:
        async def taken_over() -> bool:
            rows = await self.world.rows("coordination", "SELECT count(*) FROM outbox WHERE published_at IS NULL")
            return bool(rows[0][0] == 0)

        await until(taken_over, IDLE_TIMEOUT + 5, "the other relay took over", every=0.02)
        self.measured["takeover_seconds"] = asyncio.get_running_loop().time() - self.frozen_at
        await asyncio.sleep(self.random.uniform(0, 3))  # the moment of the thaw is part of what is tried

    async def heal(self) -> None:
        self.holder.thaw()
        await self.holder.wait_ready()

    async def quiet(self) -> None:
        await until(lambda: not self.load.running, 60, "the load ended")

    async def examine(self, state: State) -> None:
        if any(process.deaths[-1:] and process.deaths[-1] > self.frozen_at for process in self.others):
            self.violated("I8", "a process ended; it should have gone on")
        self.world.services["coordination"] = self.others[0]
        self.world.others = [self.others[1]]
        await self.world.dismiss(self.others[1])


class RelaySessionEnded(Fault):
    number = 9
    title = "the relay's database session ended while it holds the lock"
    how = "pg_terminate_backend on the session that holds the relay's lock, in the middle of sending"
    recovers_within = 20.0
    plan = Plan(clients=6, stories=3)

    async def inject(self) -> None:
        process = self.world.services["coordination"]
        deaths = len(process.deaths)
        await freeze_brokers(self.world.brokers, signal.SIGSTOP)
        try:
            sessions: list[int] = []

            async def held() -> bool:
                sessions.extend(session["pid"] for session in await self.world.relay_sessions("coordination"))
                return bool(sessions)

            await until(held, 20, "a relay holds the lock", every=0.01)
            await self.world.rows("coordination", "SELECT pg_terminate_backend($1)", sessions[0])
            await asyncio.sleep(self.random.uniform(0, 1))  # the moment at which the log answers again is part of what is tried
        finally:
            await freeze_brokers(self.world.brokers, signal.SIGCONT)
        self.deaths = deaths

    async def examine(self, state: State) -> None:
        if len(self.world.services["coordination"].deaths) != self.deaths:
            self.violated("I8", "the process ended; it should have gone on")
