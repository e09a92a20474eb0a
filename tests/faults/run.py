"""A fault and how it is run: warm, inject, hold, heal, quiet; then the invariants are checked.

A new fault is a subclass of `Fault` in a module of `tests/faults/matrix`; being there is all the registration it needs.
"""

import asyncio
import importlib
import pkgutil
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any, ClassVar

from tests.faults import load as loads
from tests.faults import matrix
from tests.faults.invariants import Counts, Violation, check, counts
from tests.faults.load import Load, Plan
from tests.faults.state import Allowed, State, read
from tests.faults.world import Spec, World

FAULTS: dict[int, type["Fault"]] = {}


@dataclass
class Row:
    """One run in the table."""

    fault: int
    title: str
    seed: int
    acked: int = 0
    unknown: int = 0
    events: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    resent: int = 0
    other: int = 0
    recovery_seconds: float = 0.0
    seconds: float = 0.0
    note: str = ""
    violations: list[str] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)
    """Further figures of a fault, by name."""


class Fault:
    """Phases are methods; most faults override `inject` and perhaps `heal`. `self.random` is seeded, `self.world` is running."""

    number: ClassVar[int]
    title: ClassVar[str]
    how: ClassVar[str]
    spec: ClassVar[Spec] = Spec()
    plan: ClassVar[Plan] = loads.COORDINATION
    fresh: ClassVar[bool] = False
    """Begin with a world without history; otherwise runs of one fault follow each other in one world."""
    recovers_within: ClassVar[float] = 30.0
    """Seconds from heal until nothing is on its way (I7)."""
    seeds: ClassVar[int] = 20
    """Runs in the full set."""
    may_refuse: ClassVar[bool] = False
    """Whether a command of the load may be refused (4xx): all of them are legitimate, so by default none may."""
    short: ClassVar[bool] = False
    """Whether the short set runs it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seed = seed
        self.random = Random(f"{self.number}-{seed}")
        self.allowed = Allowed()
        self.note = ""
        self.measured: dict[str, float] = {}
        self.violations: list[Violation] = []
        self.load = Load(self.plan, seed, world.runs, world.story, world.issuer, world.log, lambda name: world.services[name].url)
        self.stack = AsyncExitStack()
        """What must be undone whatever happens: `await self.stack.enter_async_context(…)`, `self.stack.callback(…)`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "number" in cls.__dict__:
            if (other := FAULTS.get(cls.number)) and other.__qualname__ != cls.__qualname__:
                raise TypeError(f"fault {cls.number} is declared twice: {cls.__name__} and {other.__name__}")
            FAULTS[cls.number] = cls

    async def warm(self) -> None:
        """Before the fault: some load was answered."""
        self.load.start()
        await self.load.acked(8)

    async def inject(self) -> None:
        """Break something."""
        raise NotImplementedError

    async def hold(self) -> None:
        """While it is broken."""

    async def heal(self) -> None:
        """Mend it."""

    async def quiet(self) -> None:
        """After the last command was answered."""

    async def examine(self, state: State) -> None:
        """Further checks of this fault: call `self.violated`."""

    def expects(self, violation: Violation) -> bool:
        """Whether this fault is there to show the violation: it counts in the columns and is no failure."""
        return False

    def violated(self, invariant: str, message: str, kind: str = "other", count: int = 1) -> None:
        """Say that something does not hold."""
        self.violations.append(Violation(invariant, kind, count, message))  # type: ignore[arg-type]


async def run(fault: type[Fault], seed: int, world: World) -> Row:
    """One run. Never raises for what the product does wrong: that is in the row's violations."""
    now = asyncio.get_running_loop().time
    started = now()
    if fault.fresh or world.runs == 0:
        await world.reset()
    world.runs += 1
    this = fault(world, seed)
    row = Row(fault.number, fault.title, seed)
    try:
        async with this.stack:
            try:
                await _phases(this, row)
            finally:
                await this.load.finish()
        state = await read(world, world.log.sent, this.allowed)
        await this.examine(state)
        this.violations += check(state)
        for sent in [] if this.may_refuse else this.load.sent:
            if sent.outcome == "refused":
                this.violated("I6", f"a legitimate command was refused: {sent.path} {sent.status} {sent.code}, attempt {sent.attempts}")
    except Exception as error:
        # A phase that could not be told, a bound that was not kept: the fault's own failure, with what the services last said.
        state = State()
        this.violated("I7", f"{type(error).__name__}: {error}")
        row.note = await _post_mortem(world)
    figures: Counts = counts(state, this.violations)
    for name, value in asdict(figures).items():
        setattr(row, name, value)
    if state.log:  # the columns are of this run, the evidence is of all runs in this world
        row.events, world.events_before = figures.events - world.events_before, figures.events
        row.resent, world.resent_before = figures.resent - world.resent_before, figures.resent
    row.acked = this.load.count
    row.unknown = sum(sent.outcome == "unknown" for sent in this.load.sent)
    row.violations = [str(violation) for violation in this.violations if not this.expects(violation)]
    row.note = row.note or this.note
    row.measured = {name: round(value, 3) for name, value in this.measured.items()}
    row.seconds = round(now() - started, 1)
    if row.violations:
        world.runs = 0  # what is wrong now would be wrong in the next run as well
    return row


async def _phases(this: Fault, row: Row) -> None:
    now = asyncio.get_running_loop().time
    await this.warm()
    await this.inject()
    await this.hold()
    await this.heal()
    healed = this.measured.pop("healed_at", now())
    await this.world.settled(this.recovers_within)
    row.recovery_seconds = round(now() - healed, 2)
    await this.load.complete()
    await this.quiet()
    await this.world.settled(this.recovers_within)


async def _post_mortem(world: World) -> str:
    said = []
    for process in world.processes:
        said.append(f"--- {process.name} (running: {process.running})\n{process.tail()[-800:]}" if process.output.exists() else process.name)
    return "\n".join(said)


def discover() -> dict[int, type[Fault]]:
    """Every fault of the matrix, by number."""
    for module in pkgutil.iter_modules(matrix.__path__):
        importlib.import_module(f"{matrix.__name__}.{module.name}")
    return dict(sorted(FAULTS.items()))
