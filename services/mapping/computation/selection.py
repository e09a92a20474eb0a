"""Choose regions for the largest total score within the quota and the constraints, to proven optimality.

Two independent ways have to agree before a selection is returned: HiGHS solves the integer programme to a zero gap, which proves
the total; a dynamic programme in whole numbers names the one selection every computer must name, where a solver compares totals
with a tolerance and picks any of several equal ones. A budget is beyond the dynamic programme; then further solves settle ties,
and what they name is checked against every rule in whole numbers.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version

from services.mapping.computation.constraints import Budget, Constraints, ProvinceBounds, Quota, broken_rules, options_of, rules_of
from services.mapping.computation.dynamic import best_selection
from services.mapping.computation.errors import ConflictingConstraints, Infeasible, InvalidCandidates, NotProvenOptimal
from services.mapping.computation.infeasibility import conflicts_of, feasible
from services.mapping.computation.many import total_of_many
from services.mapping.computation.phrases import conflict_in_words
from services.mapping.computation.ranking import DECIMALS
from services.mapping.computation.solver import Programme, best_within_budget, solve

__all__ = ["Budget", "Constraints", "ProvinceBounds", "Quota", "Selection", "select", "select_within"]

MANY = 3_000
"""Beyond so many candidates a bound does most of the proof, and HiGHS the rest: villages in seconds, not in minutes."""


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
    by_province = _by_province(scores, region_codes, province_codes)
    _require_feasible({province: len(codes) for province, codes in by_province.items()}, quota)
    return _selected(_points(scores, region_codes), by_province, Constraints(quota), time_limit)


def select_within(
    scores: Sequence[float],
    region_codes: Sequence[str],
    province_codes: Sequence[str],
    constraints: Constraints,
    *,
    names: Mapping[str, str] | None = None,
    time_limit: float = 60.0,
) -> Selection:
    """`select`, under constraints beside the quota; with the quota alone it selects the same.

    ``names`` are those of regions and provinces by code, for the words of a refusal. ``time_limit`` is in seconds, for each of
    the solves that a budget needs. Raises InvalidCandidates, ConflictingConstraints with each minimal contradiction,
    TimeLimitReached or NotProvenOptimal.
    """
    by_province = _by_province(scores, region_codes, province_codes)
    if not feasible(rules_of(constraints), by_province):
        conflicts = conflicts_of(constraints, by_province)
        explanations = [conflict_in_words(conflict, by_province, names or {}) for conflict in conflicts]
        raise ConflictingConstraints(explanations, [tuple(rule.name for rule in conflict.rules) for conflict in conflicts])
    return _selected(_points(scores, region_codes), by_province, constraints, time_limit)


def _by_province(scores: Sequence[float], region_codes: Sequence[str], province_codes: Sequence[str]) -> dict[str, list[str]]:
    if not len(scores) == len(region_codes) == len(province_codes):
        raise InvalidCandidates("Give one score and one province for each region.")
    if len(set(region_codes)) < len(region_codes):
        raise InvalidCandidates("A region is given more than once; give it once.")
    if not all(math.isfinite(score) for score in scores):
        raise InvalidCandidates("A score is not a finite number; leave that region out.")
    by_province: dict[str, list[str]] = {}
    for code, province in sorted(zip(region_codes, province_codes, strict=True)):
        by_province.setdefault(province, []).append(code)
    return by_province


def _points(scores: Sequence[float], region_codes: Sequence[str]) -> dict[str, int]:
    return {code: round(Fraction(score) * 10**DECIMALS) for code, score in zip(region_codes, scores, strict=True)}


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


def _selected(points: Mapping[str, int], by_province: Mapping[str, Sequence[str]], constraints: Constraints, time_limit: float) -> Selection:
    """The best selection, of which there is one, checked against every rule."""
    rules = rules_of(constraints)
    options = options_of(rules, by_province)
    if options is None:
        raise NotProvenOptimal("A selection was found possible and is not; report this.")
    chosen, gap = _best(Programme(points, options, constraints.quota.provinces, constraints.quota.areas, constraints.budget, time_limit))
    province_of = {code: province for province, codes in by_province.items() for code in codes}
    if broken := broken_rules(rules, chosen, province_of):
        raise NotProvenOptimal(f"The selection found does not keep {', '.join(rule.name for rule in broken)}; report this.")
    return Selection(
        region_codes=tuple(sorted(chosen, key=lambda code: (-points[code], code))),
        province_codes=tuple(sorted({province_of[code] for code in chosen})),
        objective=sum(points[code] for code in chosen) / 10**DECIMALS,
        optimal=True,
        gap=gap,
        solver="HiGHS",
        solver_version=version("highspy"),
    )


def _best(programme: Programme) -> tuple[Collection[str], float]:
    """The selection that every computer must name, and the gap to the proven bound of its total."""
    if programme.budget:
        within = best_within_budget(programme)
        return within.chosen, within.gap
    chosen = best_selection(programme.points, programme.options, programme.provinces, programme.areas)
    if chosen is None:
        raise NotProvenOptimal("A selection was found possible and the exact computation finds none; report this.")
    total = programme.worth(chosen)
    proven, gap = _proven_total(programme, total)
    if abs(total - proven) > 1e-6 * sum(abs(programme.points[code]) for code in chosen):
        raise NotProvenOptimal(f"HiGHS proves {proven:g}, the exact total is {total}; report this and use neither.")
    return chosen, gap


def _proven_total(programme: Programme, reached: int) -> tuple[float, float]:
    """The largest total of points and the relative gap to the proven bound, by mixed-integer programming."""
    if len(programme.codes) > MANY:
        return total_of_many(programme, reached)
    solved = solve(programme)
    return solved.total, solved.gap
