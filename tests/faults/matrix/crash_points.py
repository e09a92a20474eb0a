"""Faults 1-7 and 10-12: a service is killed outright at a named point; the container engine starts it again."""

import asyncio
from typing import ClassVar

from tests.faults import load
from tests.faults.load import Plan
from tests.faults.processes import until
from tests.faults.run import Fault
from tests.faults.state import State


class CrashPoint(Fault):
    """Start `service` so that it dies at `point` for the n-th time, n drawn from the seed; then have load on it."""

    service: ClassVar[str] = "coordination"
    point: ClassVar[str]
    latest: ClassVar[int] = 25
    """The last n: the load comes so far in every run."""
    repeats: ClassVar[int] = 1
    dies_within: ClassVar[float] = 40.0

    async def warm(self) -> None:
        self.n = self.random.randint(1, self.latest)
        self.note = f"n={self.n}"
        self.process = self.world.services[self.service]
        await self.process.restart(crash_at=f"{self.point}:{self.n}")
        self.deaths = len(self.process.deaths)

    async def inject(self) -> None:
        self.load.start()

    async def hold(self) -> None:
        await until(self.process.died.is_set, self.dies_within, f"{self.service} died at {self.point}:{self.n}")

    async def heal(self) -> None:
        self.measured["healed_at"] = self.process.deaths[-1]
        await self.process.wait_ready()

    async def examine(self, state: State) -> None:
        if len(self.process.deaths) != self.deaths + 1:
            self.violated("I8", f"{self.service} died {len(self.process.deaths) - self.deaths} times, not once: {self.process.tail()[-500:]}")


class BeforeCommit(CrashPoint):
    number = 1
    title = "API killed before commit"
    how = "crash point api.before_commit in coordination"
    point = "api.before_commit"


class AfterCommit(CrashPoint):
    number = 2
    title = "API killed after commit, before the answer"
    how = "crash point api.after_commit in coordination"
    point = "api.after_commit"
    short = True

    async def examine(self, state: State) -> None:
        await super().examine(state)
        # The command under way was committed: its client can have its answer only by replay.
        if not any(sent.replayed for sent in self.load.sent):
            self.violated("I6", "no command was answered from the stored answer")


class MidTransaction(CrashPoint):
    number = 3
    title = "API killed inside a transaction of several statements"
    how = "crash point api.mid_tx in facilitation, between a group's events and its membership"
    service = "facilitation"
    point = "api.mid_tx"
    plan = load.FACILITATION
    latest = 20


class RelayAfterSelect(CrashPoint):
    number = 4
    title = "relay killed after select; another process takes over"
    how = "crash point relay.after_select in one of two processes of coordination"
    point = "relay.after_select"
    latest = 3
    takes_over_within: ClassVar[float] = 4.0
    """Seconds, on a machine that is busy with everything at once."""

    async def warm(self) -> None:
        await super().warm()
        self.second = await self.world.add("coordination")

    async def inject(self) -> None:
        # Let work wait for whichever relay is first; the one to die is woken by every later command as well, the other only polls.
        async with self.world.relay_held("coordination"):
            self.load.start()
            await self.load.acked(10)

    async def hold(self) -> None:
        await super().hold()
        clock = asyncio.get_running_loop().time
        pending = {row[0] for row in await self.world.rows("coordination", "SELECT id FROM outbox WHERE published_at IS NULL")}

        async def published() -> bool:
            return not await self.world.rows("coordination", "SELECT 1 FROM outbox WHERE published_at IS NULL AND id = ANY($1)", list(pending))

        await until(published, self.takes_over_within, "the other relay took over", every=0.01)
        self.measured["takeover_seconds"] = clock() - self.process.deaths[-1]

    async def examine(self, state: State) -> None:
        await super().examine(state)
        await self.world.dismiss(self.second)


class RelayWithBatch(CrashPoint):
    """Half of the runs let a batch pile up first, so that the relay dies with much in hand."""

    latest = 8

    async def inject(self) -> None:
        if self.random.random() < 0.5:
            self.note += ", batch held back"
            self.n = self._in_one_batch()
            await self.process.restart(crash_at=f"{self.point}:{self.n}")
            async with self.world.relay_held(self.service):
                self.load.start()
                await self.load.acked(30)
        else:
            self.load.start()

    def _in_one_batch(self) -> int:
        """The n that falls within the first batch."""
        self.note += " (n=1)"
        return 1


class RelayAfterSend(RelayWithBatch):
    number = 5
    title = "relay killed after send, with one record acknowledged"
    how = "crash point relay.after_send in coordination"
    point = "relay.after_send"
    short = True


class RelayAfterAck(RelayWithBatch):
    number = 6
    title = "relay killed after acknowledgement, before the mark"
    how = "crash point relay.after_ack in coordination"
    point = "relay.after_ack"


class RelayMidBatch(CrashPoint):
    number = 7
    title = "relay killed in the middle of a batch"
    how = "crash point relay.mid_batch:n in coordination, with a batch that piled up"
    point = "relay.mid_batch"
    latest = 30
    short = True

    async def inject(self) -> None:
        async with self.world.relay_held(self.service):
            self.load.start()
            await self.load.acked(35)


class ConsumerCrash(CrashPoint):
    service = "monitoring"
    latest = 10
    plan = Plan(clients=6, stories=2, kinds=("commitment", "programme"))


class ConsumerBeforeEffect(ConsumerCrash):
    number = 10
    title = "consumer killed before the effect"
    how = "crash point consumer.before_tx in monitoring"
    point = "consumer.before_tx"


class ConsumerAfterEffect(ConsumerCrash):
    number = 11
    title = "consumer killed after the database commit, before the offset's"
    how = "crash point consumer.after_tx in monitoring"
    point = "consumer.after_tx"
    short = True


class ConsumerMidTransaction(ConsumerCrash):
    number = 12
    title = "consumer killed inside its transaction"
    how = "crash point consumer.mid_tx in monitoring"
    point = "consumer.mid_tx"
