"""Faults 20-22: the broker's answers to the relay come late, not at all, or say what is not so; the network is slow and loses.

The broker is a real one. A proxy that reads the protocol lets it store what is sent, and keeps back or falsifies its answer.
"""

import asyncio
import struct
from collections import Counter
from io import BytesIO
from typing import Any, ClassVar

from aiokafka.protocol import produce
from aiokafka.record.util import calc_crc32c

from tests.faults import load
from tests.faults.client import told
from tests.faults.load import Plan
from tests.faults.processes import until
from tests.faults.run import Fault
from tests.faults.state import State
from tests.faults.wire import PRODUCE, Frame, aside

TIMED_OUT, OUT_OF_ORDER, INVALID_EPOCH, FENCED = 7, 45, 47, 90
_BASE_SEQUENCE, _CRC, _CHECKED = 53, 17, 21
"""Places in a batch of records."""


def with_error(frame: Frame, code: int) -> bytes:
    """An answer to a produce request in which every partition failed with `code`."""
    kind: Any = getattr(produce, f"ProduceResponse_v{frame.version}")
    answer = kind.decode(BytesIO(frame.body[4:]))
    answer.topics = [(topic, [(number, code, -1, *rest) for number, _, _, *rest in partitions]) for topic, partitions in answer.topics]
    return frame.body[:4] + bytes(answer.encode())


def with_sequences_ahead(frame: Frame) -> bytes:
    """A produce request whose batches claim that some before them are missing; the broker itself finds that out."""
    kind: Any = getattr(produce, f"ProduceRequest_v{frame.version}")
    at = 10 + max(0, struct.unpack_from(">h", frame.body, 8)[0])  # behind the client's id
    request = kind.decode(BytesIO(frame.body[at:]))
    request.topics = [(topic, [(number, _ahead(batch)) for number, batch in partitions]) for topic, partitions in request.topics]
    return frame.body[:at] + bytes(request.encode())


def _ahead(batch: bytes) -> bytes:
    changed = bytearray(batch)
    (sequence,) = struct.unpack_from(">i", changed, _BASE_SEQUENCE)
    struct.pack_into(">i", changed, _BASE_SEQUENCE, sequence + 1000)
    struct.pack_into(">I", changed, _CRC, calc_crc32c(bytes(changed[_CHECKED:])))
    return bytes(changed)


class Falsified:
    """Of the produce requests that follow `arm`, the next ones meet `kinds`, one each."""

    def __init__(self) -> None:
        self.kinds: list[str | int] = []
        self.met: Counter[str | int] = Counter()
        self._by_correlation: dict[bytes, str | int] = {}

    def arm(self, kinds: list[str | int]) -> None:
        self.kinds += kinds

    async def request(self, frame: Frame) -> bytes:
        if frame.key == PRODUCE and self.kinds:
            kind = self.kinds.pop(0)
            self.met[kind] += 1
            if kind == "ahead":
                return with_sequences_ahead(frame)
            self._by_correlation[frame.body[4:8]] = kind
        return frame.body

    async def answer(self, frame: Frame) -> bytes | None:
        if frame.key != PRODUCE or (kind := self._by_correlation.pop(frame.body[:4], None)) is None:
            return frame.body
        if kind == "silence":
            return None
        if kind == "cut":
            raise ConnectionResetError
        assert isinstance(kind, int)
        return with_error(frame, kind)


class Misled(Fault):
    """Coordination's relay gets false answers, in a burst and one by one among right ones."""

    plan = Plan(clients=6, stories=None, pause_between=0.1)
    seeds = 5
    recovers_within = 40.0
    kinds: ClassVar[list[str | int]]
    resends: ClassVar[bool]
    """Whether copies on the log are due: what was stored and not known to be is sent again by a producer that is new."""

    async def warm(self) -> None:
        self.falsified = Falsified()
        await self.stack.enter_async_context(aside(self.world, self.falsified, ("coordination",)))
        await super().warm()

    async def inject(self) -> None:
        self.chosen = [self.random.choice(self.kinds) for _ in range(self.random.randint(2, 4))]
        self.chosen += [kind for kind in self.kinds if kind not in self.chosen]
        self.random.shuffle(self.chosen)
        for kind in self.chosen:
            self.falsified.arm([kind])
            if self.random.random() < 0.5:
                await until(lambda: not self.falsified.kinds, 60, "a produce request met its fault")
                await self.load.acked(self.load.count + self.random.randint(1, 10))

    async def hold(self) -> None:
        await until(lambda: not self.falsified.kinds, 60, "all produce requests met their fault")
        await self.load.acked(self.load.count + 20)

    async def heal(self) -> None:
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await self.load.finish()

    async def examine(self, state: State) -> None:
        self.note = ", ".join(map(str, self.chosen))
        if failures := told(self.load.sent):
            self.violated("I6", f"clients were told of it: {failures[:3]}", count=len(failures))
        resent = len(state.log) - len({(each.source, each.id) for each in state.log}) - self.world.resent_before
        if self.resends and not resent:
            self.violated("I8", "nothing was sent again: the fault did not happen")


class StoredYetTimedOut(Misled):
    number = 20
    title = "produce times out though it was stored"
    how = "the answer to the relay kept back for ever, its connection cut, or turned into REQUEST_TIMED_OUT, after the broker has stored the batch"
    kinds: ClassVar[list[str | int]] = ["silence", "cut", TIMED_OUT]
    resends = True
    recovers_within = 60.0


class FencedProducer(Misled):
    number = 21
    title = "the producer is out of order or fenced"
    how = "sequence numbers changed on the way (refused by the broker with 45), and 45, 47 and 90 answered to what it has stored"
    kinds: ClassVar[list[str | int]] = ["ahead", OUT_OF_ORDER, INVALID_EPOCH, FENCED]
    resends = True


class Slow:
    """200 ms each way; what is lost is repeated later, and now and then a connection is given up."""

    def __init__(self, random: Any) -> None:
        self.on = False
        self.lost = self.cut = 0
        self._random = random

    async def _way(self, body: bytes) -> bytes:
        if self.on:
            await asyncio.sleep(0.2)
            if self._random.random() < 0.05:
                self.lost += 1
                await asyncio.sleep(self._random.uniform(0.2, 1))
            if self._random.random() < 0.002:
                self.cut += 1
                raise ConnectionResetError
        return body

    async def request(self, frame: Frame) -> bytes:
        return await self._way(frame.body)

    async def answer(self, frame: Frame) -> bytes | None:
        return await self._way(frame.body)


class SlowBroker(Fault):
    number = 22
    title = "the way to the broker slow and lossy"
    how = "all services by a proxy: 200 ms each way, 5 % of what passes comes up to 1 s later still, one in 500 cuts its connection, for 20 s"
    plan = Plan(clients=6, stories=None, kinds=load.EVERYTHING.kinds, pause_between=0.1)
    seeds = 3
    lasts: ClassVar[float] = 20.0

    async def warm(self) -> None:
        self.slow = Slow(self.random)
        await self.stack.enter_async_context(aside(self.world, self.slow))
        await super().warm()
        await asyncio.sleep(5)
        self.measured["published_per_second_before"] = await self._published(5)
        self.measured["until_published_before"] = await self._wait()

    async def _published(self, seconds: float) -> float:
        return float((await self._ask("count(*)", seconds))[0] / seconds)

    async def _wait(self) -> float:
        """The median time in seconds that events waited in the outbox lately."""
        return float((await self._ask("percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM published_at - time))", 5))[0] or 0)

    async def _ask(self, what: str, seconds: float) -> Any:
        statement = f"SELECT {what} FROM outbox WHERE published_at > now() - make_interval(secs => $1)"
        return (await self.world.rows("coordination", statement, seconds))[0]

    async def inject(self) -> None:
        self.slow.on = True
        self.before = len(self.load.sent)

    async def hold(self) -> None:
        await asyncio.sleep(self.lasts)
        self.measured["published_per_second"] = await self._published(10)
        self.measured["until_published"] = await self._wait()
        self.measured["late"], self.measured["cuts"] = self.slow.lost, self.slow.cut

    async def heal(self) -> None:
        self.slow.on = False
        self.measured["healed_at"] = asyncio.get_running_loop().time()
        await self.load.finish()

    async def examine(self, state: State) -> None:
        if failures := told(self.load.sent[self.before :]):
            self.violated("I6", f"clients were told of it: {failures[:3]}", count=len(failures))
        # `published_at` is when the round began, so one way of two is seen.
        if self.measured["until_published"] < self.measured["until_published_before"] + 0.15:
            self.violated("I8", "the way was not slow: the fault did not happen")
