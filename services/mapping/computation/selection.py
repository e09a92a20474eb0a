"""Choose regions for the largest total score within the quota: exactly so many regions in exactly so many provinces.

Two independent ways have to agree before a selection is returned. HiGHS (Huangfu & Hall, 2018) solves the integer programme to a
zero gap, which proves the total. A dynamic programme over the provinces, in whole numbers, then names the one selection every
computer must name: a solver compares totals with a tolerance and picks any of several equal ones.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from itertools import accumulate

import highspy

from services.mapping.computation.errors import Infeasible, InvalidCandidates, InvalidQuota, NotProvenOptimal, TimeLimitReached
from services.mapping.computation.ranking import DECIMALS

SOLVER_SCALE = 1e6
"""Largest score as HiGHS sees it, which overlooks improvements of its objective below 1e-6."""


@dataclass(frozen=True)
class Quota:
    """Exactly ``areas`` regions in exactly ``provinces`` provinces, not fewer: each chosen province gets at least one region.

    ``per_province_min`` and ``per_province_max`` bound the regions of a *chosen* province. Raises InvalidQuota.
    """

    areas: int
    provinces: int
    per_province_min: int = 0
    per_province_max: int | None = None

    def __post_init__(self) -> None:
        if self.areas < 1 or self.provinces < 1 or self.per_province_min < 0:
            raise InvalidQuota("Ask for at least 1 region in at least 1 province, and for no negative minimum.")
        if self.per_province_max is not None and self.per_province_max < self.fewest:
            raise InvalidQuota(f"At most {self.per_province_max} a province is below the minimum of {self.fewest}; raise it.")

    @property
    def fewest(self) -> int:
        """Regions a chosen province gets at least."""
        return max(1, self.per_province_min)

    def most(self, candidates: int) -> int:
        """Regions a chosen province with so many candidates can get."""
        return min(candidates, self.areas if self.per_province_max is None else self.per_province_max)


@dataclass(frozen=True)
class Selection:
    """The chosen regions, best score first (equal scores: lower code first), and their provinces in code order.

    ``objective`` is the total of their scores. ``gap`` is the relative distance to the proven bound and is 0: a selection that
    is not proven optimal is an error.
    """

    region_codes: tuple[str, ...]
    province_codes: tuple[str, ...]
    objective: float
    optimal: bool
    gap: float
    solver: str
    solver_version: str


def select(scores: Sequence[float], region_codes: Sequence[str], province_codes: Sequence[str], quota: Quota, *, time_limit: float = 60.0) -> Selection:
    """Select for the largest total score; the three sequences run in parallel, one entry a candidate, in any order.

    Scores count to 12 decimals, as they are ranked. Of several selections with the same total the one with the lowest region
    codes wins: compare their sorted codes, the first difference decides. ``time_limit`` is in seconds.

    Raises InvalidCandidates, Infeasible with every constraint that cannot hold, TimeLimitReached or NotProvenOptimal.
    """
    if not len(scores) == len(region_codes) == len(province_codes):
        raise InvalidCandidates("Give one score and one province for each region.")
    if len(set(region_codes)) < len(region_codes):
        raise InvalidCandidates("A region is given more than once; give it once.")
    if not all(math.isfinite(score) for score in scores):
        raise InvalidCandidates("A score is not a finite number; leave that region out.")
    points = {code: round(Fraction(score) * 10**DECIMALS) for code, score in zip(region_codes, scores, strict=True)}
    by_province: dict[str, list[str]] = {}
    for code, province in sorted(zip(region_codes, province_codes, strict=True)):
        by_province.setdefault(province, []).append(code)
    _require_feasible({province: len(codes) for province, codes in by_province.items()}, quota)

    proven, gap = _proven_total(points, by_province, quota, time_limit)
    chosen = _best_selection(points, by_province, quota)
    total = sum(points[code] for code in chosen)
    if abs(total - proven) > 1e-6 * sum(abs(points[code]) for code in chosen):
        raise NotProvenOptimal(f"HiGHS proves {proven:g}, the exact total is {total}; report this and use neither.")
    return Selection(
        region_codes=tuple(sorted(chosen, key=lambda code: (-points[code], code))),
        province_codes=tuple(province for province in sorted(by_province) if chosen.intersection(by_province[province])),
        objective=total / 10**DECIMALS,
        optimal=True,
        gap=gap,
        solver="HiGHS",
        solver_version=version("highspy"),
    )


def _require_feasible(candidates: Mapping[str, int], quota: Quota) -> None:
    """Quotas and candidates a province fit together if and only if none of these reasons applies."""
    able = sorted((quota.most(count) for count in candidates.values() if count >= quota.fewest), reverse=True)
    room = sum(able[: quota.provinces])
    reasons = []
    if sum(candidates.values()) < quota.areas:
        reasons.append(f"There are {sum(candidates.values())} candidates for {quota.areas} places.")
    if len(able) < quota.provinces:
        reasons.append(f"{len(able)} provinces have {quota.fewest} candidates or more, but {quota.provinces} must be chosen.")
    if quota.provinces * quota.fewest > quota.areas:
        reasons.append(f"{quota.provinces} provinces with at least {quota.fewest} regions each need more than {quota.areas} places.")
    if len(able) >= quota.provinces and room < quota.areas:
        reasons.append(f"The {quota.provinces} roomiest provinces can take {room} regions together, not {quota.areas}.")
    if reasons:
        raise Infeasible(reasons)


def _proven_total(points: Mapping[str, int], by_province: Mapping[str, list[str]], quota: Quota, time_limit: float) -> tuple[float, float]:
    """The largest total of points and the relative gap to the proven bound, by mixed-integer programming."""
    scale = SOLVER_SCALE / (max(map(abs, points.values())) or 1)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    options = {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "time_limit": time_limit}
    for option, value in options.items():
        solver.setOptionValue(option, value)
    place = {code: solver.addBinary(obj=points[code] * scale) for code in sorted(points)}
    open_to = {province: solver.addBinary() for province in by_province}
    solver.addConstr(solver.qsum(place.values()) == quota.areas)
    solver.addConstr(solver.qsum(open_to.values()) == quota.provinces)
    for province, codes in by_province.items():
        placed = solver.qsum(place[code] for code in codes)
        solver.addConstr(placed >= quota.fewest * open_to[province])
        solver.addConstr(placed <= quota.most(len(codes)) * open_to[province])
        for code in codes:
            # Implied by the row above, but without these rows the relaxation is loose and the search long.
            solver.addConstr(place[code] <= open_to[province])
    solver.maximize()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise TimeLimitReached(f"No proof of the optimum within {time_limit} s; allow more time.")
    info = solver.getInfo()
    if status != highspy.HighsModelStatus.kOptimal or info.mip_gap > 0:
        raise NotProvenOptimal(f"HiGHS ended with {solver.modelStatusToString(status)}, gap {info.mip_gap}; report this.")
    return info.objective_function_value / scale, info.mip_gap


def _best_selection(points: Mapping[str, int], by_province: Mapping[str, list[str]], quota: Quota) -> set[str]:
    """The selection of the largest total and, among equals, of the lowest codes, by dynamic programming over the provinces."""
    codes = sorted(points)
    # One bit a region, the lowest code highest, below its points: sums compare first by total and then by lowest codes, and
    # no two selections are equal.
    bit = {code: 1 << place for place, code in enumerate(reversed(codes))}
    best = {(0, 0): 0}
    for members in by_province.values():
        worth = sorted(((points[code] << len(codes)) + bit[code] for code in members), reverse=True)
        extended = dict(best)
        value_of = [0, *accumulate(worth)]
        for (provinces, areas), total in best.items():
            if provinces == quota.provinces:
                continue
            for count in range(quota.fewest, min(quota.most(len(members)), quota.areas - areas) + 1):
                reached = (provinces + 1, areas + count)
                if reached not in extended or total + value_of[count] > extended[reached]:
                    extended[reached] = total + value_of[count]
        best = extended
    optimum = best[quota.provinces, quota.areas]
    return {code for code in codes if optimum & bit[code]}
