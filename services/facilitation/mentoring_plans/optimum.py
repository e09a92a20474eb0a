"""Who mentors whom, as an integer programme for HiGHS: as many enterprises as possible, and of those ways the one with the least travel.

A group goes to one mentor as a whole. What is left unassigned gets the smallest set of constraints which, lifted for that group
alone, lets more enterprises be mentored: then the group is in every best assignment.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import highspy
import numpy as np


class Reason(StrEnum):
    """What stands in a group's way; several codes stand in its way together."""

    CEILING = "ceiling"
    AREA = "area"
    COMPETENCE = "competence"
    DISTANCE = "distance"
    NO_MENTOR = "no_mentor"


LIFTED = (Reason.CEILING, Reason.AREA, Reason.COMPETENCE, Reason.DISTANCE)
"""In this order a reason is looked for; sets of one before sets of two."""
_NOTHING: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """A group that seeks a mentor: so many enterprises in a region, who need a mentor with these units of competence."""

    key: str
    enterprises: int
    region_code: str
    unit_codes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mentor with so many free seats, an office, an area, and valid units of competence."""

    key: str
    free: int
    region_code: str
    area_codes: tuple[str, ...]
    unit_codes: frozenset[str]

    def serves(self, region_code: str) -> bool:
        """Whether a region lies in the area."""
        return any(region_code == own or region_code.startswith(f"{own}.") for own in self.area_codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be solved; metres between the regions of a mentor and of a group, and the most that is acceptable."""

    seekers: Sequence[Seeker]
    candidates: Sequence[Candidate]
    metres: Mapping[tuple[str, str], int]
    max_metres: int

    def suits(self, seeker: Seeker, candidate: Candidate, lifted: Collection[Reason] = _NOTHING) -> bool:
        """Whether a mentor may accompany a group, apart from free seats."""
        return (
            (Reason.AREA in lifted or candidate.serves(seeker.region_code))
            and (Reason.COMPETENCE in lifted or seeker.unit_codes <= candidate.unit_codes)
            and (Reason.DISTANCE in lifted or self.metres[candidate.region_code, seeker.region_code] <= self.max_metres)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """By the key of each assigned group its mentor's; reasons by the key of each other group; `proven` says that nothing is better."""

    mentor_of: Mapping[str, str]
    reasons: Mapping[str, list[Reason]]
    covered: int
    metres: int
    proven: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    """Groups that differ in nothing that matters here: one of them, how many there are, and what is lifted for them."""

    seeker: Seeker
    count: int
    lifted: frozenset[Reason] = frozenset()


_Numbers = dict[tuple[int, int], int]
"""How many groups of a kind (its place) go to a mentor (its place)."""


@dataclass(frozen=True, slots=True)
class _Found:
    numbers: _Numbers
    proven: bool


def assign(task: Task, *, seconds: float = 30.0) -> Assignment:
    """The best assignment and the reasons; within about so many seconds, the second half of which are for the reasons."""
    ends = time.monotonic() + seconds
    alike: dict[tuple[int, str, frozenset[str]], list[Seeker]] = {}
    for seeker in task.seekers:
        alike.setdefault((seeker.enterprises, seeker.region_code, seeker.unit_codes), []).append(seeker)
    kinds = [_Kind(each[0], len(each)) for each in alike.values()]
    most = _solve(task, kinds, seconds / 4)
    covered = _covered(kinds, most.numbers)
    nearest = _solve(task, kinds, seconds / 4, start=most.numbers)
    numbers = nearest.numbers if _covered(kinds, nearest.numbers) == covered else most.numbers
    # What is not proven the most may be exceeded without lifting anything, so then a second solution shows nothing.
    deadline = ends if most.proven else 0.0
    left = [candidate.free for candidate in task.candidates]
    mentor_of, reasons = {}, {}
    for k, members in enumerate(alike.values()):
        waiting = iter(members)
        for c, candidate in enumerate(task.candidates):
            for _ in range(numbers.get((k, c), 0)):
                mentor_of[next(waiting).key] = candidate.key
                left[c] -= kinds[k].seeker.enterprises
        reasons[k] = [seeker.key for seeker in waiting]
    return Assignment(
        mentor_of=mentor_of,
        reasons={key: why for k, keys in reasons.items() if keys for why in (_reason(task, kinds, k, left, covered, deadline),) for key in keys},
        covered=covered,
        metres=sum(n * _metres(task, kinds[k].seeker, c) for (k, c), n in numbers.items()),
        proven=most.proven and nearest.proven,
    )


def _covered(kinds: Sequence[_Kind], numbers: _Numbers) -> int:
    return sum(n * kinds[k].seeker.enterprises for (k, _), n in numbers.items())


def _metres(task: Task, seeker: Seeker, candidate: int) -> int:
    return task.metres[task.candidates[candidate].region_code, seeker.region_code]


def _solve(task: Task, kinds: Sequence[_Kind], seconds: float, *, start: _Numbers | None = None) -> _Found:
    """The numbers that cover the most enterprises; given numbers to start from, those that cover as many with the least distance."""
    pairs = [
        (k, c)
        for k, kind in enumerate(kinds)
        for c, candidate in enumerate(task.candidates)
        if kind.count and kind.seeker.enterprises <= candidate.free and task.suits(kind.seeker, candidate, kind.lifted)
    ]
    if not pairs:
        return _Found({}, True)
    sizes = np.array([kinds[k].seeker.enterprises for k, _ in pairs], np.float64)
    rows: dict[tuple[bool, int], list[int]] = {}
    for place, (k, c) in enumerate(pairs):
        rows.setdefault((False, k), []).append(place)
        rows.setdefault((True, c), []).append(place)
    indices = [np.array(places, np.int32) for places in rows.values()]
    values = [sizes[places] if is_mentor else np.ones(len(places)) for (is_mentor, _), places in rows.items()]
    upper = [float(task.candidates[which].free if is_mentor else kinds[which].count) for is_mentor, which in rows]
    lower = [-highspy.kHighsInf] * len(upper)
    costs = sizes
    if start is not None:
        indices.append(np.arange(len(pairs), dtype=np.int32))
        values.append(sizes)
        lower.append(float(_covered(kinds, start)))
        upper.append(highspy.kHighsInf)
        costs = np.array([_metres(task, kinds[k].seeker, c) for k, c in pairs], np.float64)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(pairs), len(upper)
    model.col_cost_, model.col_lower_ = costs, np.zeros(len(pairs))
    model.col_upper_ = np.array([min(kinds[k].count, task.candidates[c].free // kinds[k].seeker.enterprises) for k, c in pairs], np.float64)
    model.row_lower_, model.row_upper_ = np.array(lower), np.array(upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(each) for each in indices])])
    model.a_matrix_.index_, model.a_matrix_.value_ = np.concatenate(indices), np.concatenate(values)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(pairs)
    model.sense_ = highspy.ObjSense.kMaximize if start is None else highspy.ObjSense.kMinimize
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    # One thread and a fixed seed: the same task has the same answer. Totals are whole numbers, so a gap below one is none.
    for option, value in {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "time_limit": max(seconds, 0.1)}.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = [float(start.get(pair, 0)) for pair in pairs]
        solver.setSolution(known)
    solver.run()
    found = solver.getSolution().col_value if solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible else []
    return _Found(
        {pair: round(value) for pair, value in zip(pairs, found, strict=False) if value > 0.5}, solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    )


def _reason(task: Task, kinds: Sequence[_Kind], k: int, left: Sequence[int], covered: int, deadline: float) -> list[Reason]:
    """The same for all groups of a kind that are left over."""
    for count in range(1, len(LIFTED) + 1):
        for lifted in combinations(LIFTED, count):
            if _helps(task, kinds, k, frozenset(lifted), left, covered, deadline):
                return list(lifted)
    return [Reason.NO_MENTOR]


def _helps(task: Task, kinds: Sequence[_Kind], k: int, lifted: frozenset[Reason], left: Sequence[int], covered: int, deadline: float) -> bool:
    """Whether more enterprises could be mentored if these constraints were lifted for one group of a kind alone."""
    seeker = kinds[k].seeker
    suiting = [c for c, candidate in enumerate(task.candidates) if task.suits(seeker, candidate, lifted)]
    if Reason.CEILING in lifted:
        return bool(suiting)  # it takes nobody else's seat
    if any(seeker.enterprises <= left[c] for c in suiting):
        return True
    possible = any(seeker.enterprises <= task.candidates[c].free for c in suiting)
    if not possible or sum(left) == 0 or time.monotonic() > deadline:
        return False
    others = [replace(kind, count=kind.count - 1) if place == k else kind for place, kind in enumerate(kinds)]
    wider = [*others, _Kind(seeker, 1, lifted)]
    return _covered(wider, _solve(task, wider, min(5.0, deadline - time.monotonic())).numbers) > covered
