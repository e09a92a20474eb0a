"""A state machine over the embedded system: random commands, crashes, restarts, duplicates and reorderings.

Each example starts from a kept state, takes steps in any order, and ends with everything that is on its way arriving: then the
view equals the sums of the services' own tables.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvloop
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from services.coordination.commitments.domain import Commitment
from services.coordination.programmes.domain import Programme
from services.embedded.postgres import EmbeddedPostgres
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.groups.domain import Group
from tests.properties import sums
from tests.properties.play import PRODUCTS, REGIONS, Mishap, Play
from tests.properties.system import PUBLISHERS, ConsumerFault, RelayFault, System

BARE, ACTIVE, SELECTED, PRIORITISED, FACILITATED = "bare", "active", "selected", "prioritised", "facilitated"
MAX_REBUILDS = 1
MAX_UNFINISHED = 2

any_one = st.integers(0, 5)
few = st.sampled_from((500, 1, 2, 3, 5))
nth = st.integers(1, 3)
amounts = st.integers(0, 10**13)
regions = st.sampled_from(REGIONS)
publishers = st.sampled_from(PUBLISHERS)


def mostly_none(faults: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    """Every other time nothing goes wrong."""
    return st.one_of(st.none(), st.sampled_from(faults))


mishap = mostly_none(Mishap.ALL)


@dataclass(frozen=True)
class Step:
    """A method of `Steps` and what it is given."""

    name: str
    how: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.how.items())})"


def step(name: str, /, **how: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.fixed_dictionaries(how).map(lambda drawn: Step(name, drawn))


def commands() -> list[st.SearchStrategy[Step]]:
    """What people do; whether it is legal is for the services to say."""
    return [
        step("register_institution", code=st.sampled_from((4, 5, 6, 1)), mishap=mishap),
        step("draft_programme", institution=any_one, regions=st.sets(regions, min_size=1).map(sorted).map(tuple), mishap=mishap),
        step("advance_programme", programme=any_one, by=st.sampled_from(("approver", "author")), mishap=mishap),
        step("prioritise", programme=any_one, mishap=mishap),
        step("invite", programme=any_one, institution=any_one, accept=st.booleans(), mishap=mishap),
        step("pledge", programme=any_one, institution=any_one, region=regions, amount_idr=amounts, mishap=mishap),
        step("report", commitment=any_one, percent=st.integers(0, 120), mishap=mishap),
        step("verify", commitment=any_one, report=any_one, mishap=mishap),
        step("fulfil", commitment=any_one, well=st.booleans(), mishap=mishap),
        step("register_enterprise", serial=st.integers(1, 12), region=regions, mishap=mishap),
        step("form_group", region=regions, mishap=mishap),
        step("join", group=any_one, enterprise=any_one, mishap=mishap),
        step("leave", group=any_one, enterprise=any_one, mishap=mishap),
        step("verify_group", group=any_one, mishap=mishap),
        step("dissolve_group", group=any_one, mishap=mishap),
        step("activate_group", group=any_one, programme=any_one, mishap=mishap),
        step("apply", programme=any_one, enterprise=any_one, product=st.sampled_from(sorted(PRODUCTS)), share=st.integers(1, 100), mishap=mishap),
        step("advance_application", application=any_one, well=st.booleans(), amount_idr=st.integers(1, 10_000_000), mishap=mishap),
        step("advance_application", application=any_one, well=st.just(True), amount_idr=st.integers(1, 10_000_000), mishap=st.none()),
        step("start_slowly", region=st.one_of(st.none(), regions)),
        step("start_slowly", region=regions),
        step("end_slowly", n=st.integers(0, MAX_UNFINISHED - 1), commit=st.booleans()),
    ]


def ways_of_events() -> list[st.SearchStrategy[Step]]:
    """How events get from the tables to the view, or do not for a while."""
    dying = st.sampled_from(ConsumerFault.ALL)
    return [
        step("relay", name=publishers, rows=few),
        step("relay_everything", names=st.permutations(PUBLISHERS)),
        step("relay", name=publishers, rows=few, fault=st.sampled_from(RelayFault.ALL), part=st.integers(0, 6)),
        step("fill_the_view", records=few, backwards=st.booleans()),
        step("fill_the_view", records=few, backwards=st.booleans(), fault=dying, nth=nth),
        step("react", name=publishers, records=few, backwards=st.booleans()),
        step("react", name=publishers, records=few, backwards=st.booleans(), fault=dying, nth=nth),
        step("append_again", at=st.integers(0, 200), count=st.integers(1, 8), backwards=st.booleans()),
        step("append_early", name=publishers, at=st.integers(0, 20), count=st.integers(1, 4)),
    ]


def rare_events() -> list[st.SearchStrategy[Step]]:
    return [
        step("settle"),
        step("restart"),
        step("rebuild_view", fault=mostly_none((ConsumerFault.BEFORE, ConsumerFault.CLAIMED)), nth=nth, traffic=st.booleans()),
    ]


# One strategy and not a rule for each: Hypothesis leaves a random half of a machine's rules out of every example, and what needs
# a command, its relay and its consumers would seldom happen.
steps = st.one_of(*ways_of_events(), *commands(), *ways_of_events(), *rare_events())

NEEDS: dict[str, tuple[type[Any], ...]] = {
    "advance_programme": (Programme,),
    "prioritise": (Programme,),
    "invite": (Programme,),
    "pledge": (Programme,),
    "report": (Commitment,),
    "verify": (Commitment,),
    "fulfil": (Commitment,),
    "join": (Group, Enterprise),
    "leave": (Group, Enterprise),
    "verify_group": (Group,),
    "dissolve_group": (Group,),
    "activate_group": (Group, Programme),
    "apply": (Group, Enterprise, Programme),
    "advance_application": (FinancingApplication,),
}
COMMANDS = {*NEEDS, "register_institution", "draft_programme", "register_enterprise", "form_group"}


class Machine(RuleBasedStateMachine):
    """`play`, `runner` and `seen` are given by `staged`; `seen` counts over all examples what became of commands and where deaths were."""

    play: Play
    runner: asyncio.Runner
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.rebuilds = 0

    @initialize(state=st.sampled_from((FACILITATED, ACTIVE, PRIORITISED, SELECTED, BARE)), view_caught_up=st.booleans())
    def begin(self, state: str, view_caught_up: bool) -> None:
        self.runner.run(self.play.begin(state))
        if view_caught_up:
            self.runner.run(self.play.system.consume("monitoring"))

    @rule(step=steps)
    def then(self, step: Step) -> None:
        if all(self.play.known.things.get(kind) for kind in NEEDS.get(step.name, ())):
            method = getattr(self, step.name, None) or getattr(self.play, step.name, None) or getattr(self.play.system, step.name)
            answer = self.runner.run(method(**step.how))
            if step.name in COMMANDS:
                self.seen[f"{step.name} {'done' if answer else 'refused'}"] += 1
        deaths = self.play.system.faults.deaths
        while deaths:
            self.seen[f"died at {deaths.pop()}"] += 1

    async def start_slowly(self, region: str | None) -> None:
        if len(self.play.unfinished) < MAX_UNFINISHED:
            await self.play.start_slowly(region)

    async def end_slowly(self, n: int, commit: bool) -> None:
        if self.play.unfinished:
            await self.play.finish(n, commit=commit)

    async def relay_everything(self, names: list[str]) -> None:
        for name in names:
            await self.play.system.relay(name)

    async def fill_the_view(self, **how: Any) -> None:
        await self.play.system.consume("monitoring", **how)
        await sums.the_view_promises_nothing_that_is_not_there(self.play.system)

    async def react(self, name: str, **how: Any) -> None:
        await self.play.system.consume(name, **how)

    async def rebuild_view(self, **how: Any) -> None:
        if self.rebuilds < MAX_REBUILDS:
            self.rebuilds += 1
            await self.play.system.rebuild_view(**how)
            await sums.the_view_promises_nothing_that_is_not_there(self.play.system)

    def teardown(self) -> None:
        self.runner.run(self._end())

    async def _end(self) -> None:
        while self.play.unfinished:
            await self.play.finish(commit=True)
        await self.play.system.settle()
        await sums.the_view_equals_the_sums(self.play.system)
        await sums.nothing_is_on_its_way(self.play.system)
        for service in PUBLISHERS:
            await self.play.every_key_had_one_effect(service)


async def _prologue(play: Play) -> None:
    """The states from which examples start."""
    system = play.system
    await play.register_regions()
    await play.approve_model()
    for code in range(1, 4):
        await play.register_institution(code)
    await play.keep(BARE)
    await play.draft_programme(0, REGIONS[:3])
    await play.advance_programme(0)
    await play.advance_programme(0)
    for _ in range(2):
        await play.invite(0, 0)
    for _ in range(2):
        for name in PUBLISHERS:
            await system.relay(name)
            await system.consume(name)
    await play.keep(ACTIVE)
    assert await play.prioritise(0)
    await play.keep(SELECTED)
    for _ in range(2):
        for name in PUBLISHERS:
            await system.relay(name)
            await system.consume(name)
    await play.keep(PRIORITISED)
    assert await play.pledge(0, 0, "53.04", 1_000_000)
    assert await play.report(0, 60)
    for serial in range(20, 28):
        await play.register_enterprise(serial, "53.04")
    for group in range(2):
        await play.form_group("53.04")
        for _ in range(3):
            assert await play.join(group, 0)
        if group == 0:
            assert await play.verify_group(0)
            assert await play.activate_group(0, 0)
    assert await play.apply(0, 0, "umi", 50)
    for _ in range(4):
        assert await play.advance_application(0, True, 1)
    assert await play.apply(0, 1, "umi", 50)
    await play.keep(FACILITATED)


@contextmanager
def staged(cluster: EmbeddedPostgres) -> Iterator[type[Machine]]:
    """The machine on a system with its starting states."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as made:
        system = System(cluster)
        made.run(system.start())
        try:
            of_this_system = Play(system)
            made.run(_prologue(of_this_system))

            class Staged(Machine):
                play = of_this_system
                runner = made
                seen: Counter[str] = Counter()

            yield Staged
        finally:
            made.run(system.close())
