"""Who mentors whom, as an integer programme for HiGHS: as many enterprises as possible, and of those ways the one with the least travel.

A group goes to one mentor as a whole. What is left unassigned gets the smallest set of constraints which, lifted for that group
alone, lets more enterprises be mentored: then the group is in every best assignment.
"""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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


_Pairs = list[tuple[int, int]]
"""Places of a group and of a mentor."""


@dataclass(frozen=True, slots=True)
class _Found:
    pairs: _Pairs
    proven: bool


def assign(task: Task, *, seconds: float = 30.0) -> Assignment:
    """The best assignment and the reasons; within about so many seconds, the second half of which are for the reasons."""
    deadline = time.monotonic() + seconds
    pairs = _pairs(task)
    most = _solve(task, pairs, seconds / 4)
    covered = _covered(task, most.pairs)
    nearest = _solve(task, pairs, seconds / 4, at_least=covered, start=most.pairs)
    chosen = nearest.pairs if _covered(task, nearest.pairs) == covered else most.pairs
    mentor_of = {task.seekers[s].key: task.candidates[c].key for s, c in chosen}
    return Assignment(
        mentor_of=mentor_of,
        reasons=_reasons(task, chosen, pairs, covered, deadline),
        covered=covered,
        metres=sum(_metres(task, s, c) for s, c in chosen),
        proven=most.proven and nearest.proven,
    )


def _pairs(task: Task) -> _Pairs:
    return [
        (s, c)
        for s, seeker in enumerate(task.seekers)
        for c, each in enumerate(task.candidates)
        if seeker.enterprises <= each.free and task.suits(seeker, each)
    ]


def _covered(task: Task, pairs: _Pairs) -> int:
    return sum(task.seekers[s].enterprises for s, _ in pairs)


def _metres(task: Task, seeker: int, candidate: int) -> int:
    return task.metres[task.candidates[candidate].region_code, task.seekers[seeker].region_code]


def _solve(task: Task, pairs: _Pairs, seconds: float, *, at_least: int | None = None, start: _Pairs | None = None) -> _Found:
    """The pairs that cover the most enterprises; given `at_least`, those that cover so many with the least distance."""
    if not pairs:
        return _Found([], True)
    sizes = np.array([task.seekers[s].enterprises for s, _ in pairs], np.float64)
    rows: dict[tuple[str, int], list[int]] = {}
    for place, (s, c) in enumerate(pairs):
        rows.setdefault(("seeker", s), []).append(place)
        rows.setdefault(("candidate", c), []).append(place)
    indices, values, starts, upper = [], [], [0], []
    for (kind, which), places in rows.items():
        indices.append(np.array(places, np.int32))
        values.append(sizes[places] if kind == "candidate" else np.ones(len(places)))
        starts.append(starts[-1] + len(places))
        upper.append(float(task.candidates[which].free) if kind == "candidate" else 1.0)
    lower = [-highspy.kHighsInf] * len(upper)
    if at_least is not None:
        indices.append(np.arange(len(pairs), dtype=np.int32))
        values.append(sizes)
        starts.append(starts[-1] + len(pairs))
        lower.append(float(at_least))
        upper.append(highspy.kHighsInf)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(pairs), len(upper)
    model.col_cost_ = sizes if at_least is None else np.array([_metres(task, s, c) for s, c in pairs], np.float64)
    model.col_lower_, model.col_upper_ = np.zeros(len(pairs)), np.ones(len(pairs))
    model.row_lower_, model.row_upper_ = np.array(lower), np.array(upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = np.array(starts), np.concatenate(indices), np.concatenate(values)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(pairs)
    model.sense_ = highspy.ObjSense.kMaximize if at_least is None else highspy.ObjSense.kMinimize
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    # One thread and a fixed seed: the same task has the same answer. Totals are whole numbers, so a gap below one is none.
    for option, value in {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "time_limit": max(seconds, 0.1)}.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    if start:
        known = highspy.HighsSolution()
        taken = set(start)
        known.col_value = [float(pair in taken) for pair in pairs]
        solver.setSolution(known)
    solver.run()
    solution = solver.getSolution().col_value
    found = [pair for pair, value in zip(pairs, solution, strict=False) if value > 0.5] if solver.getInfo().primal_solution_status == 2 else []
    return _Found(found, solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _reasons(task: Task, chosen: _Pairs, pairs: _Pairs, covered: int, deadline: float) -> dict[str, list[Reason]]:
    """For each unassigned group; groups of the same size, region and needs have the same reasons."""
    load = Counter[int]()
    for s, c in chosen:
        load[c] += task.seekers[s].enterprises
    left = [candidate.free - load[c] for c, candidate in enumerate(task.candidates)]
    assigned = {s for s, _ in chosen}
    known: dict[tuple[int, str, frozenset[str]], list[Reason]] = {}
    reasons = {}
    for s, seeker in enumerate(task.seekers):
        if s not in assigned:
            alike = seeker.enterprises, seeker.region_code, seeker.unit_codes
            if alike not in known:
                known[alike] = _reason(task, s, pairs, left, covered, deadline)
            reasons[seeker.key] = known[alike]
    return reasons


def _reason(task: Task, s: int, pairs: _Pairs, left: list[int], covered: int, deadline: float) -> list[Reason]:
    for count in range(1, len(LIFTED) + 1):
        for lifted in combinations(LIFTED, count):
            if _helps(task, s, frozenset(lifted), pairs, left, covered, deadline):
                return list(lifted)
    return [Reason.NO_MENTOR]


def _helps(task: Task, s: int, lifted: frozenset[Reason], pairs: _Pairs, left: list[int], covered: int, deadline: float) -> bool:
    """Whether more enterprises could be mentored if these constraints were lifted for one group alone."""
    seeker = task.seekers[s]
    suiting = [c for c, candidate in enumerate(task.candidates) if task.suits(seeker, candidate, lifted)]
    if Reason.CEILING in lifted:
        return bool(suiting)  # it takes nobody else's seat
    possible = [c for c in suiting if seeker.enterprises <= task.candidates[c].free]
    if any(seeker.enterprises <= left[c] for c in possible):
        return True
    if not possible or sum(left) == 0 or time.monotonic() > deadline:
        return False
    known = set(pairs)
    wider = _solve(task, [*pairs, *((s, c) for c in possible if (s, c) not in known)], min(5.0, deadline - time.monotonic()))
    return _covered(task, wider.pairs) > covered
