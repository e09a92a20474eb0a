"""Selection against SciPy's solver and against trying everything; ties, quotas and refusals."""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from services.mapping.computation import errors
from services.mapping.computation.selection import Constraints, Quota, select, select_within


def by_scipy(scores: Sequence[float], provinces: Sequence[str], quota: Quota) -> float:
    """The largest total by another formulation (no row per region and province) and another solver front end."""
    names = sorted(set(provinces))
    n, m = len(scores), len(names)
    member = np.array([[float(province == name) for province in provinces] for name in names])
    most = quota.per_province_max or quota.areas
    rows = [
        LinearConstraint(np.concatenate([np.ones(n), np.zeros(m)]), quota.areas, quota.areas),
        LinearConstraint(np.concatenate([np.zeros(n), np.ones(m)]), quota.provinces, quota.provinces),
        LinearConstraint(np.hstack([member, -max(1, quota.per_province_min) * np.eye(m)]), 0, np.inf),
        LinearConstraint(np.hstack([member, -most * np.eye(m)]), -np.inf, 0),
    ]
    worth = np.concatenate([-np.array(scores) * 1e6, np.zeros(m)])  # the solver stops within 1e-6 of the optimum
    solved = milp(worth, integrality=1, bounds=Bounds(0, 1), constraints=rows, options={"mip_rel_gap": 0})
    assert solved.status == 0
    return float(np.array(scores)[solved.x[:n] > 0.5].sum())


def by_trying_everything(scores: Sequence[float], regions: Sequence[str], provinces: Sequence[str], quota: Quota) -> set[str] | None:
    score, province = dict(zip(regions, scores, strict=True)), dict(zip(regions, provinces, strict=True))

    def allowed(chosen: tuple[str, ...]) -> bool:
        counts = Counter(province[code] for code in chosen).values()
        return len(counts) == quota.provinces and min(counts) >= quota.per_province_min and max(counts) <= (quota.per_province_max or quota.areas)

    # Combinations come in code order and max keeps the first of equals: the lowest codes.
    options = [chosen for chosen in itertools.combinations(sorted(regions), quota.areas) if allowed(chosen)]
    return set(max(options, key=lambda chosen: round(sum(score[code] for code in chosen), 9))) if options else None


def instance(seed: int, n: int, m: int, decimals: int) -> tuple[list[float], list[str], list[str]]:
    random = np.random.default_rng(seed)
    provinces = [f"{int(p):02d}" for p in np.concatenate([np.arange(m), random.integers(0, m, n - m)])]
    return np.round(random.random(n), decimals).tolist(), [f"{i:03d}" for i in random.permutation(n)], provinces


@pytest.mark.parametrize("seed", range(30))
def test_total_equals_that_of_scipy(seed: int) -> None:
    scores, regions, provinces = instance(seed, n=120, m=15, decimals=12)
    quota = (Quota(20, 6), Quota(20, 6, 2, 5), Quota(20, 5, 4, 4))[seed % 3]
    selection = select(scores, regions, provinces, quota)
    assert selection.objective == pytest.approx(by_scipy(scores, provinces, quota), abs=1e-9)
    assert (selection.optimal, selection.gap, selection.solver) == (True, 0.0, "HiGHS")
    counts = Counter(dict(zip(regions, provinces, strict=True))[code] for code in selection.region_codes)
    assert sum(counts.values()) == 20
    assert tuple(sorted(counts)) == selection.province_codes
    assert len(counts) == quota.provinces
    assert min(counts.values()) >= quota.per_province_min
    assert max(counts.values()) <= (quota.per_province_max or 20)


@pytest.mark.parametrize("decimals", [12, 1, 0])
@pytest.mark.parametrize("seed", range(20))
def test_selection_equals_trying_everything_with_and_without_ties(seed: int, decimals: int) -> None:
    scores, regions, provinces = instance(seed, n=12, m=4, decimals=decimals)
    for quota in (Quota(5, 3), Quota(4, 2, 2, 2), Quota(6, 3, 1, 3), Quota(3, 3), Quota(4, 4, 1, 2)):
        expected = by_trying_everything(scores, regions, provinces, quota)
        if expected is None:
            with pytest.raises(errors.Infeasible):
                select(scores, regions, provinces, quota)
        else:
            assert set(select(scores, regions, provinces, quota).region_codes) == expected


def test_ministry_figure_of_48_in_8_leaves_no_doubt() -> None:
    scores, regions, provinces = instance(5, n=514, m=38, decimals=12)
    selection = select(scores, regions, provinces, Quota(48, 8))
    assert (len(selection.region_codes), len(selection.province_codes)) == (48, 8)
    assert selection.objective == pytest.approx(by_scipy(scores, provinces, Quota(48, 8)), abs=1e-9)


def test_exactly_the_provinces_of_the_quota_even_where_fewer_would_score_more() -> None:
    selection = select([9.0, 8, 7, 1], ["a", "b", "c", "d"], ["11", "11", "11", "12"], Quota(2, 2))
    assert selection.region_codes == ("a", "d")


def test_codes_come_best_first_and_equal_scores_by_code() -> None:
    selection = select([0.1, 0.5, 0.5, 0.9], ["a", "c", "b", "d"], ["2", "1", "2", "1"], Quota(4, 2))
    assert selection.region_codes == ("d", "b", "c", "a")
    assert selection.province_codes == ("1", "2")


def test_of_two_regions_with_equal_scores_the_lower_code_is_chosen() -> None:
    for regions in (["b", "a", "c"], ["a", "b", "c"]):
        assert select([0.5, 0.5, 0.9], regions, ["1", "1", "1"], Quota(2, 1)).region_codes == ("c", "a")


def test_of_two_equally_good_province_sets_the_one_with_the_lowest_regions_is_chosen() -> None:
    scores, regions = [0.4, 0.3, 0.3, 0.4, 0.7], ["11.02", "11.01", "12.01", "12.02", "13.01"]
    provinces = ["11", "11", "12", "12", "13"]
    for order in itertools.permutations(range(5)):
        selection = select([scores[i] for i in order], [regions[i] for i in order], [provinces[i] for i in order], Quota(3, 2))
        assert selection.region_codes == ("13.01", "11.02", "11.01")


def test_everything_equal_gives_the_lowest_codes_that_fit() -> None:
    regions = [f"{i:03d}" for i in range(200)]
    selection = select([0.5] * 200, regions, [f"{i % 10}" for i in range(200)], Quota(12, 4))
    assert selection.province_codes == ("0", "1", "2", "3")
    assert selection.region_codes == tuple(code for code in regions if int(code) % 10 < 4)[:12]


def test_a_difference_a_solver_overlooks_still_decides() -> None:
    scores = [0.5, 0.500000000001, 0.5]
    assert select(scores, ["a", "b", "c"], ["1", "2", "3"], Quota(1, 1)).region_codes == ("b",)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_unit_of_the_scores_does_not_matter(scale: float) -> None:
    scores, regions, provinces = instance(3, n=60, m=8, decimals=3)
    plain = select(scores, regions, provinces, Quota(12, 4))
    assert select([score * scale for score in scores], regions, provinces, Quota(12, 4)).region_codes == plain.region_codes


@pytest.mark.parametrize(
    ("quota", "reason"),
    [
        (Quota(7, 2), "There are 6 candidates for 7 places"),
        (Quota(4, 4), "3 provinces have 1 candidates or more, but 4 must be chosen"),
        (Quota(5, 2, 3), "1 provinces have 3 candidates or more, but 2 must be chosen"),
        (Quota(3, 2, 2), "2 provinces with at least 2 regions each need more than 3 places"),
        (Quota(5, 3, 0, 1), "The 3 roomiest provinces can take 3 regions together, not 5"),
        (Quota(4, 1), "The 1 roomiest provinces can take 3 regions together, not 4"),
    ],
)
def test_a_quota_that_cannot_hold_names_the_reason(quota: Quota, reason: str) -> None:
    with pytest.raises(errors.Infeasible) as refusal:
        select([1.0] * 6, list("abcdef"), ["1", "1", "1", "2", "2", "3"], quota)
    assert reason in str(refusal.value)
    assert any(reason in stated for stated in refusal.value.reasons)


def test_all_reasons_are_named_at_once() -> None:
    with pytest.raises(errors.Infeasible) as refusal:
        select([1.0, 1.0], ["a", "b"], ["1", "1"], Quota(3, 2))
    assert len(refusal.value.reasons) == 2


def test_no_time_to_prove_the_optimum_is_an_error() -> None:
    scores, regions, provinces = instance(1, n=514, m=38, decimals=12)
    with pytest.raises(errors.TimeLimitReached):
        select(scores, regions, provinces, Quota(48, 8), time_limit=0.0)


def test_a_solver_that_disagrees_with_the_exact_total_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.mapping.computation.selection._proven_total", lambda *_: (1.9e12, 0.0))
    with pytest.raises(errors.NotProvenOptimal, match="the exact total is 1500000000000"):
        select([1.0, 0.5, 0.2], ["a", "b", "c"], ["1", "1", "1"], Quota(2, 1))


def test_quotas_without_meaning_are_refused() -> None:
    for figures in ((0, 1), (1, 0), (1, 1, -1), (5, 2, 3, 2), (5, 2, 0, 0)):
        with pytest.raises(errors.InvalidQuota):
            Quota(*figures)


def test_candidates_without_meaning_are_refused() -> None:
    for scores, regions, provinces in (
        ([1.0], ["a", "b"], ["1", "1"]),
        ([1.0, 2.0], ["a", "a"], ["1", "1"]),
        ([1.0, float("nan")], ["a", "b"], ["1", "1"]),
    ):
        with pytest.raises(errors.InvalidCandidates):
            select(scores, regions, provinces, Quota(1, 1))


@pytest.mark.parametrize("seed", range(40))
def test_many_candidates_are_proven_by_a_bound_and_numbers_a_province(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scores, codes, provinces = instance(seed, n=120, m=15, decimals=(12, 2)[seed % 2])
    quota = (Quota(20, 6), Quota(20, 6, 2, 5), Quota(20, 5, 4, 4))[seed % 3]
    constraints = Constraints(quota, include=tuple(codes[:2]), exclude=tuple(codes[2:5]))
    one_by_one = select(scores, codes, provinces, quota), select_within(scores, codes, provinces, constraints)
    monkeypatch.setattr("services.mapping.computation.selection.MANY", 0)
    monkeypatch.delattr("services.mapping.computation.selection.solve")
    assert (select(scores, codes, provinces, quota), select_within(scores, codes, provinces, constraints)) == one_by_one
