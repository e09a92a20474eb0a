"""Who mentors whom, against trying out every assignment on small instances, and every reason against the constraints it names."""

import random
from dataclasses import replace
from itertools import combinations, product

import pytest

from services.facilitation.mentoring_plans.optimum import LIFTED, Assignment, Candidate, Reason, Seeker, Task, assign

REGIONS = ("53.04", "53.05", "52.01")
UNITS = ("a", "b")


def drawn(seed: int) -> Task:
    """Up to five groups and three mentors, where each constraint bites now and then."""
    draw = random.Random(seed)
    # In every other instance groups are alike, which the code takes together.
    sizes, places = (range(1, 7), REGIONS) if seed % 2 else ((2, 3), REGIONS[:1])
    seekers = [
        Seeker(key=f"g{n}", enterprises=draw.choice(sizes), region_code=draw.choice(places), unit_codes=frozenset(draw.sample(UNITS, draw.randint(0, 2))))
        for n in range(draw.randint(1, 5))
    ]
    candidates = [
        Candidate(
            key=f"m{n}",
            free=draw.randint(0, 10),
            region_code=draw.choice(REGIONS),
            area_codes=tuple(draw.sample(("53", "53.04", "53.05", "52"), draw.randint(1, 2))),
            unit_codes=frozenset(draw.sample(UNITS, draw.randint(0, 2))),
        )
        for n in range(draw.randint(0, 3))
    ]
    metres = {(one, other): 0 if one == other else draw.randint(20, 200) * 1000 for one, other in product(REGIONS, REGIONS)}
    return Task(seekers=seekers, candidates=candidates, metres=metres, max_metres=100_000)


def best(task: Task, lifted_for: str | None = None, lifted: frozenset[Reason] = frozenset()) -> tuple[int, int]:
    """Enterprises and minus metres of the best assignment, by trying out all; constraints are lifted for one group."""
    top = (0, 0)
    for chosen in product([None, *task.candidates], repeat=len(task.seekers)):
        load = {candidate.key: 0 for candidate in task.candidates}
        covered = metres = 0
        allowed = True
        for seeker, candidate in zip(task.seekers, chosen, strict=True):
            if candidate is None:
                continue
            off = lifted if seeker.key == lifted_for else frozenset()
            distance = task.metres[candidate.region_code, seeker.region_code]
            inside = any(seeker.region_code == area or seeker.region_code.startswith(area + ".") for area in candidate.area_codes)
            allowed = allowed and (Reason.AREA in off or inside)
            allowed = allowed and (Reason.COMPETENCE in off or not (seeker.unit_codes - candidate.unit_codes))
            allowed = allowed and (Reason.DISTANCE in off or distance <= task.max_metres)
            load[candidate.key] += 0 if Reason.CEILING in off else seeker.enterprises
            covered += seeker.enterprises
            metres += distance
        if allowed and all(load[candidate.key] <= candidate.free for candidate in task.candidates):
            top = max(top, (covered, -metres))
    return top


def is_possible(task: Task, found: Assignment) -> bool:
    """Whether an assignment keeps every rule, said once more and apart from the code."""
    seekers, candidates = {each.key: each for each in task.seekers}, {each.key: each for each in task.candidates}
    load = dict.fromkeys(candidates, 0)
    for group, mentor in found.mentor_of.items():
        seeker, candidate = seekers[group], candidates[mentor]
        load[mentor] += seeker.enterprises
        if not (seeker.unit_codes <= candidate.unit_codes and task.metres[candidate.region_code, seeker.region_code] <= task.max_metres):
            return False
        if not any(seeker.region_code == area or seeker.region_code.startswith(area + ".") for area in candidate.area_codes):
            return False
    return all(load[key] <= candidates[key].free for key in load)


@pytest.mark.parametrize("hundred", range(2))
def test_two_hundred_small_instances_and_every_reason(hundred: int) -> None:
    met: set[tuple[Reason, ...]] = set()
    for seed in range(hundred * 100, hundred * 100 + 100):
        task = drawn(seed)
        found = assign(task)
        top = best(task)
        assert found.proven
        assert is_possible(task, found), seed
        assert (found.covered, -found.metres) == top, seed
        assert assign(task) == found, "the same task has the same answer"
        assert found.reasons.keys() == {seeker.key for seeker in task.seekers} - found.mentor_of.keys()
        for group, reasons in found.reasons.items():
            met.add(tuple(reasons))
            if reasons == [Reason.NO_MENTOR]:
                assert not task.candidates
                continue
            assert best(task, group, frozenset(reasons))[0] > top[0], f"{seed}: lifting {reasons} for {group} does not help"
            for smaller in (each for count in range(1, len(reasons)) for each in combinations(LIFTED, count)):
                assert best(task, group, frozenset(smaller))[0] == top[0], f"{seed}: {smaller} would have been enough for {group}"
    assert {(Reason.CEILING,), (Reason.AREA,), (Reason.COMPETENCE,), (Reason.DISTANCE,), (Reason.NO_MENTOR,)} <= met
    assert any(len(each) > 1 for each in met)


def test_the_order_in_which_things_are_named_does_not_matter_for_the_total() -> None:
    for seed in range(50):
        task = drawn(seed)
        turned = replace(task, seekers=task.seekers[::-1], candidates=task.candidates[::-1])
        one, other = assign(task), assign(turned)
        assert (one.covered, one.metres) == (other.covered, other.metres)


def test_a_wrong_reason_would_be_noticed() -> None:
    task = Task(
        seekers=[Seeker(key="g", enterprises=3, region_code="53.04", unit_codes=frozenset())],
        candidates=[Candidate(key="m", free=5, region_code="52.01", area_codes=("52",), unit_codes=frozenset())],
        metres={("52.01", "53.04"): 50_000},
        max_metres=100_000,
    )
    assert assign(task).reasons == {"g": [Reason.AREA]}
    assert best(task, "g", frozenset({Reason.AREA}))[0] == 3
    for wrong in (Reason.CEILING, Reason.COMPETENCE, Reason.DISTANCE):
        assert best(task, "g", frozenset({wrong}))[0] == 0
