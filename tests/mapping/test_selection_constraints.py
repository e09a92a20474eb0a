"""Selection under every kind of constraint, against trying everything and against another dynamic programme; contradictions."""

import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import pytest

from services.mapping.computation import errors
from services.mapping.computation.constraints import Budget, Constraints, ProvinceBounds, Quota, Rule, broken_rules, options_of, rules_of
from services.mapping.computation.infeasibility import conflicts_of, feasible
from services.mapping.computation.phrases import conflict_in_words
from services.mapping.computation.selection import select, select_within
from services.mapping.computation.solver import SOLVER_SCALE, Programme, model_of


@dataclass
class Instance:
    scores: list[float]
    regions: list[str]
    provinces: list[str]
    constraints: Constraints

    @property
    def by_province(self) -> dict[str, list[str]]:
        names = sorted(set(self.provinces))
        return {name: sorted(r for r, p in zip(self.regions, self.provinces, strict=True) if p == name) for name in names}


def instance(seed: int, *, n: int = 11, m: int = 4, decimals: int = 12, unit: int = 1_000_000) -> Instance:
    """Random, each kind of constraint there or not, so that a part of them contradict themselves."""
    random = np.random.default_rng(seed)
    provinces = [str(11 + int(p)) for p in [*range(m), *random.integers(0, m, n - m)]]
    regions = [f"{province}.{i:02d}" for i, province in zip(random.permutation(n), provinces, strict=True)]
    areas = int(random.integers(2, n // 2 + 1))
    fewest = int(random.integers(0, 3)) if random.random() < 0.5 else 0
    quota = Quota(areas, int(random.integers(1, min(m, areas) + 1)), fewest, int(random.integers(max(1, fewest), 5)) if random.random() < 0.5 else None)
    bounds = tuple(
        ProvinceBounds(name, *(int(random.integers(0, 3)) if random.random() < 0.5 else None for _ in range(2)))
        for name in sorted(set(provinces))
        if random.random() < 0.2
    )
    forced = random.permutation(regions).tolist()
    include = tuple(forced[: int(random.integers(0, 3))])
    exclude = tuple(forced[-int(random.integers(1, 3)) :]) if random.random() < 0.5 else ()
    budget = None
    if random.random() < 0.6:
        costs = {code: int(random.integers(1, 10)) * unit for code in regions if random.random() < 0.8}
        budget = Budget(int(areas * random.integers(3, 7)) * unit, 5 * unit, costs)
    return Instance(np.round(random.random(n), decimals).tolist(), regions, provinces, Constraints(quota, bounds, include, exclude, budget))


def kept(rules: Iterable[Rule], chosen: Sequence[str]) -> bool:
    """Each rule as a sentence would say it, written once more."""
    provinces = [code[:2] for code in chosen]
    count = {province: provinces.count(province) for province in provinces}
    for rule in rules:
        bounded = [count.get(rule.subject, 0)] if rule.subject else [c for province, c in count.items() if province not in rule.exempt]
        ok = {
            "areas": len(chosen) == rule.bound,
            "provinces": len(count) == rule.bound,
            "province_min": not bounded or min(bounded) >= rule.bound,
            "province_max": not bounded or max(bounded) <= rule.bound,
            "include": rule.subject in chosen,
            "exclude": rule.subject not in chosen,
            "budget": rule.costs is None or sum(rule.costs.costs_idr.get(code, rule.costs.cost_per_area_idr) for code in chosen) <= rule.bound,
        }
        if not ok[rule.kind]:
            return False
    return True


def subsets(regions: Sequence[str], sizes: Iterable[int] | None = None) -> Iterable[tuple[str, ...]]:
    for size in sizes if sizes is not None else range(len(regions) + 1):
        yield from itertools.combinations(sorted(regions), size)


def by_trying_everything(given: Instance) -> tuple[str, ...] | None:
    points = {code: round(score * 10**12) for code, score in zip(given.regions, given.scores, strict=True)}
    rules = rules_of(given.constraints)
    possible = [chosen for chosen in subsets(given.regions, [given.constraints.quota.areas]) if kept(rules, chosen)]
    # Combinations come in code order and max keeps the first of equals: the lowest codes.
    return max(possible, key=lambda chosen: sum(points[code] for code in chosen), default=None)


def selected(given: Instance) -> Any:
    return select_within(given.scores, given.regions, given.provinces, given.constraints)


@pytest.mark.parametrize("decimals", [12, 1])
@pytest.mark.parametrize("seed", range(100))
def test_selection_equals_trying_everything_under_all_kinds_of_constraints(seed: int, decimals: int) -> None:
    given = instance(seed, decimals=decimals)
    expected = by_trying_everything(given)
    if expected is None:
        with pytest.raises(errors.ConflictingConstraints):
            selected(given)
    else:
        assert tuple(sorted(selected(given).region_codes)) == expected


def test_the_instances_are_of_all_kinds_and_of_both_outcomes() -> None:
    found = [instance(seed) for seed in range(100)]
    possible = [given for given in found if by_trying_everything(given)]
    assert 30 < len(possible) < 80
    for kind in ("province_min", "province_max", "include", "exclude", "budget"):
        assert sum(any(rule.kind == kind for rule in rules_of(given.constraints)) for given in possible) >= 10


def best_total(given: Instance) -> int | None:
    """The largest total by a dynamic programme region by region, whose states know what was spent."""
    points = {code: round(score * 10**12) for code, score in zip(given.regions, given.scores, strict=True)}
    budget, unit = given.constraints.budget, 1_000_000
    bounds = {b.province_code: b for b in given.constraints.provinces}
    best: dict[tuple[int, int, int], int] = {(0, 0, 0): 0}
    for province, codes in given.by_province.items():
        own = bounds.get(province, ProvinceBounds(province))
        inside: dict[tuple[int, int, int, int], int] = {(*state, 0): total for state, total in best.items()}
        for code in codes:
            cost = budget.cost(code) // unit if budget else 0
            options = [taken for taken in (0, 1) if (taken or code not in given.constraints.include) and not (taken and code in given.constraints.exclude)]
            extended: dict[tuple[int, int, int, int], int] = {}
            for (k, areas, spent, here), total in inside.items():
                for taken in options:
                    reached = (k, areas + taken, spent + taken * cost, here + taken)
                    if reached[1] <= given.constraints.quota.areas and (budget is None or reached[2] * unit <= budget.limit_idr):
                        extended[reached] = max(extended.get(reached, -1), total + taken * points[code])
            inside = extended
        best = {}
        for (k, areas, spent, here), total in inside.items():
            fewest = given.constraints.quota.per_province_min if own.fewest is None else own.fewest
            most = given.constraints.quota.per_province_max if own.most is None else own.most
            if (here or not own.fewest) and (here == 0 or here >= fewest) and (most is None or here <= most):
                state = (k + (here > 0), areas, spent)
                best[state] = max(best.get(state, -1), total)
    totals = [total for (k, areas, _), total in best.items() if (k, areas) == (given.constraints.quota.provinces, given.constraints.quota.areas)]
    return max(totals, default=None)


@pytest.mark.parametrize("seed", range(50))
def test_the_optimum_is_confirmed_by_another_dynamic_programme(seed: int) -> None:
    given = instance(1000 + seed, n=36, m=6)
    quota = Quota(8, 3, min(given.constraints.quota.per_province_min, 2), max(given.constraints.quota.per_province_max or 5, 3))
    budget = given.constraints.budget
    given = replace(given, constraints=replace(given.constraints, quota=quota, budget=budget and replace(budget, limit_idr=30_000_000)))
    expected = best_total(given)
    if expected is None:
        with pytest.raises(errors.ConflictingConstraints):
            selected(given)
    else:
        assert round(selected(given).objective * 10**12) == pytest.approx(expected, abs=10)


def test_with_a_budget_a_difference_a_solver_overlooks_still_decides() -> None:
    budget = Constraints(Quota(1, 1), budget=Budget(2, 1, {"c": 3}))
    assert select_within([0.5, 0.500000000001, 0.9], ["a", "b", "c"], ["1", "1", "1"], budget).region_codes == ("b",)


def test_with_a_budget_equal_totals_go_to_the_lowest_codes() -> None:
    regions = [f"{i:03d}" for i in range(60)]
    dear = dict.fromkeys(regions[:10], 2)
    budget = Constraints(Quota(9, 3), budget=Budget(12, 1, dear))
    selection = select_within([0.5] * 60, regions, [f"{i % 6}" for i in range(60)], budget)
    assert selection.region_codes == ("000", "001", "002", "012", "013", "014", "018", "019", "020")
    assert sum(dear.get(code, 1) for code in selection.region_codes) == 12


@pytest.mark.parametrize("unit", [1, 1_000_000, 123_457])
def test_the_unit_of_money_does_not_matter(unit: int) -> None:
    for seed in (3, 8, 13):
        given = instance(seed, unit=unit)
        plain = instance(seed, unit=1_000)
        assert (by_trying_everything(given) is None) == (by_trying_everything(plain) is None)
        if by_trying_everything(given):
            assert selected(given).region_codes == selected(plain).region_codes


def test_a_provinces_own_bounds_stand_in_place_of_the_quotas() -> None:
    scores, regions = [0.9, 0.8, 0.7, 0.6, 0.1], ["11.01", "11.02", "11.03", "11.04", "12.01"]
    provinces = ["11"] * 4 + ["12"]
    quota = Quota(5, 2, 0, 2)
    with pytest.raises(errors.ConflictingConstraints):
        select_within(scores, regions, provinces, Constraints(quota))
    own = Constraints(quota, (ProvinceBounds("11", None, 4),))
    assert len(select_within(scores, regions, provinces, own).region_codes) == 5


def test_a_minimum_of_a_province_makes_it_a_chosen_one() -> None:
    scores, regions, provinces = [0.9, 0.8, 0.1, 0.2], ["11.01", "12.01", "13.01", "13.02"], ["11", "12", "13", "13"]
    assert select(scores, regions, provinces, Quota(2, 2)).province_codes == ("11", "12")
    own = Constraints(Quota(2, 2), (ProvinceBounds("13", 1),))
    assert select_within(scores, regions, provinces, own).region_codes == ("11.01", "13.02")
    none = Constraints(Quota(2, 2), (ProvinceBounds("11", None, 0),))
    assert select_within(scores, regions, provinces, none).province_codes == ("12", "13")


def contradictions(count: int) -> list[Instance]:
    found, seed = [], 5000
    while len(found) < count:
        given = instance(seed, n=9)
        if conflicts_of(given.constraints, given.by_province):
            found.append(given)
        seed += 1
    return found


def test_100_contradictions_are_minimal_and_their_remedies_help() -> None:
    checked = 0
    for given in contradictions(100):
        everything = rules_of(given.constraints)
        options = list(subsets(given.regions))
        assert not any(kept(everything, chosen) for chosen in options)
        conflicts = conflicts_of(given.constraints, given.by_province)
        for conflict in conflicts:
            assert not any(kept(conflict.rules, chosen) for chosen in options)
            for rule in conflict.rules:
                others = [other for other in conflict.rules if other != rule]
                assert any(kept(others, chosen) for chosen in options), "one rule of it could be spared"
            for remedy in conflict.remedies:
                changed = [] if remedy.bound is None else [replace(remedy.rule, bound=remedy.bound)]
                context = everything if remedy.enough else conflict.rules
                rules = [*(other for other in context if other != remedy.rule), *changed]
                assert any(kept(rules, chosen) for chosen in options)
                checked += 1
        rest = [rule for rule in everything if not any(rule in conflict.rules for conflict in conflicts)]
        assert any(kept(rest, chosen) for chosen in options)
    assert checked > 100


@pytest.mark.parametrize("seed", range(60))
def test_feasibility_equals_trying_everything_for_any_part_of_the_rules(seed: int) -> None:
    given = instance(seed, n=8)
    random = np.random.default_rng(seed)
    rules = [rule for rule in rules_of(given.constraints) if random.random() < 0.7]
    assert feasible(rules, given.by_province) == any(kept(rules, chosen) for chosen in subsets(given.regions))
    for chosen in list(subsets(given.regions))[::7]:
        assert (not broken_rules(rules, chosen, {code: code[:2] for code in given.regions})) == kept(rules, chosen)


def test_a_contradiction_is_said_in_both_languages_with_what_would_help() -> None:
    by_province = {"53": ["53.01", "53.02", "53.03"], "62": ["62.01", "62.02"]}
    names = {"53": "Nusa Tenggara Timur", "53.01": "Kabupaten Kupang"}
    constraints = Constraints(Quota(4, 2), (ProvinceBounds("53", 5),), include=("53.01",))
    (conflict,) = conflicts_of(constraints, by_province)
    indonesian, english = conflict_in_words(conflict, by_province, names)
    assert indonesian == (
        "Provinsi 53 Nusa Tenggara Timur minimum 5 wilayah (menawarkan 3 calon) tidak dapat dipenuhi."
        " Yang membantu: minimum provinsi 53 Nusa Tenggara Timur menjadi 3."
    )
    assert english == (
        "Province 53 Nusa Tenggara Timur at least 5 regions (it offers 3 candidates) cannot be kept."
        " What would help: a minimum of 3 for province 53 Nusa Tenggara Timur."
    )


def test_too_small_a_budget_says_how_much_would_do() -> None:
    by_province = {"53": ["53.01", "53.02"], "62": ["62.01"]}
    constraints = Constraints(Quota(2, 2), include=("53.02",), budget=Budget(9_000_000, 4_000_000, {"53.02": 7_500_000}))
    (conflict,) = conflicts_of(constraints, by_province)
    assert [rule.name for rule in conflict.rules] == ["areas", "include:53.02", "budget"]
    assert {remedy.rule.name: (remedy.bound, remedy.enough) for remedy in conflict.remedies} == {
        "areas": (1, False),
        "include:53.02": (None, True),
        "budget": (11_500_000, True),
    }
    assert "a budget of Rp11.500.000" in conflict_in_words(conflict, by_province, {})[1]


def test_two_contradictions_that_share_nothing_are_both_told() -> None:
    by_province = {"53": ["53.01", "53.02", "53.03"], "62": ["62.01"]}
    constraints = Constraints(Quota(2, 2), (ProvinceBounds("62", 2),), include=("53.01", "99.01"), exclude=("53.01",))
    conflicts = conflicts_of(constraints, by_province)
    assert {frozenset(rule.name for rule in conflict.rules) for conflict in conflicts} == {
        frozenset({"province_min:62"}),
        frozenset({"include:53.01", "exclude:53.01"}),
        frozenset({"include:99.01"}),
    }
    assert all(not remedy.enough for conflict in conflicts for remedy in conflict.remedies)


def test_amounts_beyond_64_bits_are_computed_rightly() -> None:
    dear = 2**53 - 1
    by_province = {"1": [f"{i:04d}" for i in range(1200)]}
    rules = rules_of(Constraints(Quota(1100, 1), budget=Budget(1100 * dear, dear, {})))
    assert feasible(rules, by_province)
    assert not feasible([*rules[:-1], replace(rules[-1], bound=1100 * dear - 1)], by_province)


def test_constraints_without_meaning_are_refused() -> None:
    for make in (
        lambda: ProvinceBounds("53", -1),
        lambda: Budget(-1, 0, {}),
        lambda: Budget(1, 0, {"53.01": -5}),
        lambda: Constraints(Quota(1, 1), (ProvinceBounds("53", 1), ProvinceBounds("53", 2))),
    ):
        with pytest.raises(errors.InvalidConstraints):
            make()


def test_options_say_what_is_left_of_a_province() -> None:
    rules = rules_of(Constraints(Quota(4, 2, 2, 3), (ProvinceBounds("62", None, 1),), include=("53.02",), exclude=("53.03",)))
    options = options_of(rules, {"53": ["53.01", "53.02", "53.03"], "62": ["62.01", "62.02"]})
    assert options is not None
    assert (options["53"].none, options["53"].fewest, options["53"].most, options["53"].required) == (False, 2, 2, ("53.02",))
    assert options["62"].fewest > options["62"].most


def test_a_refusal_carries_its_sentences_and_the_names_of_the_constraints() -> None:
    constraints = Constraints(Quota(2, 1), include=("53.01", "62.01"))
    with pytest.raises(errors.ConflictingConstraints) as refusal:
        select_within([0.1, 0.2, 0.3, 0.4], ["53.01", "53.02", "62.01", "62.02"], ["53", "53", "62", "62"], constraints, names={"62": "Kalimantan Tengah"})
    assert refusal.value.constraints == (("provinces", "include:53.01", "include:62.01"),)
    ((indonesian, english),) = refusal.value.explanations
    assert indonesian.startswith("Tepat 1 provinsi (ada calon di 2 provinsi); 53.01 wajib terpilih (di provinsi 53); 62.01 wajib terpilih")
    assert "tidak dapat dipenuhi bersama. Yang membantu: kuota 2 provinsi atau" in indonesian
    assert "62.01 must be chosen (in province 62 Kalimantan Tengah) cannot hold together." in english
    assert str(refusal.value) == english


@pytest.mark.parametrize("seed", range(10))
def test_the_quota_alone_selects_what_it_selected_before(seed: int) -> None:
    given = instance(seed, n=40, m=6, decimals=2)
    quota = Quota(12, 4)
    assert select_within(given.scores, given.regions, given.provinces, Constraints(quota)) == select(given.scores, given.regions, given.provinces, quota)


def test_48_of_514_beside_a_bare_solver_call() -> None:
    """Both on the same model; the ratio is printed, for it depends on the machine."""
    ours, bare = [], []
    select([0.5], ["11.01"], ["11"], Quota(1, 1))  # warms up
    for seed in range(4):
        random = np.random.default_rng(seed)
        provinces = [str(11 + int(p)) for p in [*range(38), *random.integers(0, 38, 514 - 38)]]
        regions = [f"{province}.{i:03d}" for i, province in enumerate(provinces)]
        scores = np.round(random.random(514), 12).tolist()
        started = time.perf_counter()
        selection = select(scores, regions, provinces, Quota(48, 8))
        ours.append(time.perf_counter() - started)
        by_province = {name: [r for r, p in zip(regions, provinces, strict=True) if p == name] for name in sorted(set(provinces))}
        options = options_of(rules_of(Constraints(Quota(48, 8))), by_province)
        assert options is not None
        points = {code: round(score * 10**12) for code, score in zip(regions, scores, strict=True)}
        model = model_of(Programme(points, options, 8, 48, None, 60.0), SOLVER_SCALE / 10**12)
        solver = highspy.Highs()
        solver.silent()
        for option, value in {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}.items():
            solver.setOptionValue(option, value)
        started = time.perf_counter()
        solver.passModel(model)
        solver.run()
        bare.append(time.perf_counter() - started)
        assert solver.getInfo().objective_function_value / SOLVER_SCALE == pytest.approx(selection.objective, abs=1e-9)
        assert len(selection.region_codes) == 48
    print(f"\n48 of 514 in 8 provinces: {sum(ours) / 4:.3f} s, a bare call {sum(bare) / 4:.3f} s, ratio {sum(ours) / sum(bare):.2f}")
