"""The smallest change that flips a region's outcome: on 1,000 random instances it does, and one per cent less does not."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from services.mapping.computation.constraints import Constraints, ProvinceBounds, Quota
from services.mapping.computation.counterfactual import Change, rescaled, smallest_changes
from services.mapping.computation.errors import InvalidCandidates, PrioritisationError, RankingError
from services.mapping.computation.ranking import Criterion, Method, rank
from services.mapping.computation.result import Candidate, Provenance, compute

METHODS = [
    *(("min_max", "saw"), ("vector", "saw"), ("max", "saw"), ("rank", "saw")),
    *(("vector", "topsis"), ("min_max", "vikor"), ("max", "wpm"), ("min_max", "promethee")),
]


def method_for(weights: Sequence[Decimal], normalisation: str, aggregation: str, directions: Sequence[str]) -> Method:
    criteria = tuple(
        Criterion(f"c{n}", weight, direction, "poverty" if n % 2 else "potential")  # type: ignore[arg-type]
        for n, (weight, direction) in enumerate(zip(weights, directions, strict=True))
    )
    return Method(criteria, normalisation, aggregation)  # type: ignore[arg-type]


def document_of(method: Method, figures: Mapping[str, tuple[float, ...]], province_of: Mapping[str, str], constraints: Constraints) -> dict[str, Any]:
    provenance = {criterion.code: Provenance("persons", "made up", "2024") for criterion in method.criteria}
    candidates = [Candidate(code, province_of[code], values) for code, values in figures.items()]
    return compute(method, provenance, candidates, constraints.quota, constraints)


def best_by_trying_all(method: Method, figures: Mapping[str, tuple[float, ...]], province_of: Mapping[str, str], constraints: Constraints) -> set[str]:
    """The best of all selections there are, ties to the lowest codes; shares nothing with the product but the ranking."""
    codes = sorted(figures)
    scores = rank(method, codes, np.array([figures[code] for code in codes])).scores.tolist()
    points = {code: round(score * 10**12) for code, score in zip(codes, scores, strict=True)}
    most = {bounds.province_code: bounds.most for bounds in constraints.provinces}
    possible = [
        chosen
        for chosen in itertools.combinations(codes, constraints.quota.areas)
        if len(counts := Counter(province_of[code] for code in chosen)) == constraints.quota.provinces
        and all(most.get(province) is None or count <= most[province] for province, count in counts.items())
        and set(constraints.include) <= set(chosen)
        and not set(constraints.exclude) & set(chosen)
    ]
    top = max(sum(points[code] for code in chosen) for chosen in possible)
    return set(min(chosen for chosen in possible if sum(points[code] for code in chosen) == top))


def instance(random: np.random.Generator) -> tuple[Method, dict[str, tuple[float, ...]], dict[str, str], Constraints]:
    normalisation, aggregation = METHODS[random.integers(len(METHODS))]
    criteria, regions, provinces = int(random.integers(2, 5)), int(random.integers(8, 13)), int(random.integers(3, 5))
    parts = random.integers(1, 20, criteria)
    weights = [Decimal(int(part)) / 1000 for part in parts]
    weights[0] += 1 - sum(weights)
    directions = random.choice(["benefit", "cost"], criteria).tolist()
    codes = [f"{10 + place % provinces}.{place:02d}" for place in range(1, regions + 1)]
    figures = {code: tuple(round(float(each), 3) for each in random.lognormal(2, 1, criteria)) for code in codes}
    province_of = {code: code[:2] for code in codes}
    beyond: dict[str, Any] = {}
    if random.random() < 0.3:
        beyond["provinces"] = (ProvinceBounds("10", most=1),)
    if random.random() < 0.3:
        beyond["exclude"] = (codes[int(random.integers(regions))],)
    return method_for(weights, normalisation, aggregation, directions), figures, province_of, Constraints(Quota(int(random.integers(2, 5)), 2), **beyond)


def flips(change: Change, share: float, case: tuple[Method, dict[str, tuple[float, ...]], dict[str, str], Constraints], code: str, before: bool) -> bool:
    """Whether so large a share of the change swaps the region in or out."""
    method, figures, province_of, constraints = case
    assert change.changed is not None
    value = change.stated + (change.changed - change.stated) * share
    column = [criterion.code for criterion in method.criteria].index(change.criterion_code)
    if change.kind == "figure":
        figures = figures | {code: (*figures[code][:column], value, *figures[code][column + 1 :])}
    else:
        weights = change.weights if share == 1 else rescaled(method, column, value)
        assert sum(weights) == 1
        method = replace(method, criteria=tuple(replace(each, weight=weight) for each, weight in zip(method.criteria, weights, strict=True)))
    try:
        return (code in best_by_trying_all(method, figures, province_of, constraints)) != before
    except RankingError:  # the change made a criterion equal everywhere
        return False


@pytest.mark.parametrize("part", range(10))
def test_of_1000_random_instances_every_stated_change_flips_and_one_per_cent_less_does_not(part: int) -> None:
    random = np.random.default_rng(20240 + part)
    found, instances = Counter[str](), 0
    while instances < 100:
        case = instance(random)
        try:
            document = document_of(*case)
        except PrioritisationError:  # the draw admits no selection
            continue
        instances += 1
        code = sorted(case[1])[int(random.integers(len(case[1])))]
        answer = smallest_changes(document, code)
        assert answer.selected == (code in best_by_trying_all(*case))
        for change in (*answer.figures, *answer.weights):
            if change.changed is None:
                assert change.reason in ("out_of_range", "forced")
                continue
            found[change.kind] += 1
            assert flips(change, 1, case, code, answer.selected), (part, instances, code, change)
            assert not flips(change, 0.99, case, code, answer.selected), (part, instances, code, change)
    assert found["figure"] > 50 and found["weight"] > 20


def test_a_case_by_hand() -> None:
    # Scores by min-max: A 1, B 0.5, C 0.4, D 0. One place: B needs all of A's score, which is 20; then A is at (20 - 0) / 20 = 1 too
    # and the lower code keeps the place, so B needs a little more than 20.
    method = method_for([Decimal("0.5"), Decimal("0.5")], "min_max", "saw", ["benefit", "benefit"])
    figures = {"11.01": (20.0, 20.0), "11.02": (10.0, 10.0), "11.03": (8.0, 8.0), "11.04": (0.0, 0.0)}
    document = document_of(method, figures, dict.fromkeys(figures, "11"), Constraints(Quota(1, 1)))
    answer = smallest_changes(document, "11.02")
    assert (answer.selected, answer.score, answer.threshold) == (False, 0.5, 1.0)
    # With x instead of 10 in one criterion, x > 20: B has (1 + 0.5) / 2 = 0.75, A has (20 / x + 1) / 2, so x has to pass 40.
    assert [change.changed for change in answer.figures] == [pytest.approx(40, rel=1e-5)] * 2
    assert [(change.changed, change.reason) for change in answer.weights] == [(None, "out_of_range")] * 2
    first = smallest_changes(document, "11.01")
    # A leaves when (x / 20 + 1) / 2 < 0.5: never while x is 0 or more; but with x below 10 the range is B's 0..10: (x / 10 + 1) / 2 < 0.75 below 5.
    assert first.selected and [change.changed for change in first.figures] == [pytest.approx(5, rel=1e-5)] * 2
    assert first.threshold == 0.5


def test_what_is_forced_has_no_smallest_change_and_an_unknown_region_none_at_all() -> None:
    method = method_for([Decimal("0.5"), Decimal("0.5")], "min_max", "saw", ["benefit", "cost"])
    figures = {f"11.0{n}": (float(n), float(n * n)) for n in range(1, 6)}
    document = document_of(method, figures, dict.fromkeys(figures, "11"), Constraints(Quota(2, 1), include=("11.05",), exclude=("11.01",)))
    for code in ("11.05", "11.01"):
        answer = smallest_changes(document, code)
        assert answer.threshold is None
        assert {(change.changed, change.reason) for change in (*answer.figures, *answer.weights)} == {(None, "forced")}
    with pytest.raises(InvalidCandidates, match=r"99\.99 is not ranked"):
        smallest_changes(document, "99.99")


def test_weights_keep_their_proportions_and_their_sum() -> None:
    method = method_for([Decimal("0.5"), Decimal("0.3"), Decimal("0.2")], "min_max", "saw", ["benefit"] * 3)
    assert rescaled(method, 0, 0.75) == (Decimal("0.75"), Decimal("0.15"), Decimal("0.1"))
    thirds = rescaled(method, 1, 1 / 3)
    assert sum(thirds) == 1 and float(thirds[0] / thirds[2]) == pytest.approx(2.5)
