"""Constraints of a run over HTTP: the selection keeps them, its proof is in the result, and contradictions are named."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from services.mapping.computation.constraints import Constraints, Quota
from services.mapping.computation.ranking import Criterion, Method
from services.mapping.computation.result import Candidate, Provenance, compute
from tests.kit import Person
from tests.mapping.life import Life


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


async def computed(life: Life, programme: str, constraints: dict[str, Any]) -> dict[str, Any]:
    path = await life.run(programme)
    await life.ok(path, "constrain", life.analyst, constraints)
    await life.ok(path, "compute", life.analyst)
    document: dict[str, Any] = (await life.served.get(f"{path}/result", life.coordinator)).json()
    return document


async def test_bounds_forced_regions_and_a_budget_are_kept_and_the_optimum_is_proven(life: Life) -> None:
    programme = await life.programme()
    plain = await computed(life, programme, {})
    best = plain["result"]["selection"]["region_codes"]
    document = await computed(
        life,
        programme,
        {
            "per_province_min": 2,
            "per_province_max": 2,
            "provinces": [{"province_code": "53", "fewest": 2}, {"province_code": best[0][:2], "most": 2}],
            "forced": [
                {"region_code": "53.04", "force": "include", "reason_code": "border_area", "note": "Perbatasan."},
                {"region_code": best[1], "force": "exclude", "reason_code": "graduated", "note": "Telah keluar."},
            ],
            "budget_idr": 6_500_000_000,
            "cost_per_area_idr": 1_000_000_000,
            "costs_idr": {"53.04": 1_500_000_000},
        },
    )
    chosen = document["result"]["selection"]["region_codes"]
    assert set(Counter(code[:2] for code in chosen).values()) == {2}
    assert "53.04" in chosen
    assert best[1] not in chosen
    budget = {"limit_idr": 6_500_000_000, "cost_per_area_idr": 1_000_000_000, "costs_idr": {"53.04": 1_500_000_000}}
    assert document["inputs"]["constraints"]["budget"] == budget
    assert document["inputs"]["constraints"]["include"] == ["53.04"]
    proof = document["proof"]
    assert (proof["gap"], proof["bound"], proof["solver"]) == (0, document["result"]["selection"]["objective"], "HiGHS")
    assert proof["solver_version"]
    assert proof["objective"] < plain["proof"]["objective"]


async def test_a_budget_decides_and_a_plain_run_says_nothing_of_constraints(life: Life) -> None:
    programme = await life.programme()
    plain = await computed(life, programme, {})
    assert "constraints" not in plain["inputs"]
    path = await life.run(programme)
    assert (await life.ok(path, "compute", life.analyst))["result_hash"] == plain["result_hash"]
    dear = plain["result"]["selection"]["region_codes"][0]
    held = await computed(life, programme, {"budget_idr": 6, "cost_per_area_idr": 1, "costs_idr": {dear: 2}})
    assert dear not in held["result"]["selection"]["region_codes"]


async def test_what_contradicts_itself_is_named_in_both_languages_and_nothing_else_is(life: Life) -> None:
    path = await life.run(await life.programme())
    await life.ok(
        path,
        "constrain",
        life.analyst,
        {
            "provinces": [{"province_code": "53", "fewest": 5}, {"province_code": "11", "most": 9}, {"province_code": "62", "fewest": 2}],
            "budget_idr": 100,
            "cost_per_area_idr": 1,
        },
    )
    refused = await life.served.act(path, "compute", life.analyst)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "selection.infeasible")
    assert [sorted(conflict) for conflict in problem["contradicting"]] == [["areas", "province_min:53", "provinces"]]
    (indonesian,), (english,) = problem["conflicts_id"], problem["conflicts_en"]
    assert "tidak dapat dipenuhi bersama" in indonesian
    assert "Nusa Tenggara Timur" in indonesian
    assert "cannot hold together" in english
    assert "kuota 8 wilayah" in indonesian  # 5 in 53, 2 in 62 and 1 elsewhere
    assert "a quota of 8 regions" in english
    assert (await life.read(path))["status"] == "draft"
    await life.ok(path, "constrain", life.analyst, {"provinces": [{"province_code": "53", "fewest": 3}, {"province_code": "62", "fewest": 2}]})
    await life.ok(path, "compute", life.analyst)


async def test_what_means_nothing_is_refused_by_name(life: Life) -> None:
    path = await life.run(await life.programme())
    forced = {"region_code": "53.04", "force": "include", "reason_code": "x1", "note": "n"}
    for body, code in (
        ({"provinces": [{"province_code": "10", "fewest": 1}]}, "constraint_code_unknown"),
        ({"forced": [forced | {"region_code": "53.99"}]}, "constraint_code_unknown"),
        ({"forced": [forced, forced]}, "constraint_given_twice"),
        ({"provinces": [{"province_code": "53"}, {"province_code": "53"}]}, "constraint_given_twice"),
        ({"budget_idr": 5}, "constraint_cost_missing"),
        ({"costs_idr": {"53.04": 5}}, "constraint_cost_missing"),
        ({"budget_idr": 0.5, "cost_per_area_idr": 1}, "validation_failed"),
        ({"budget_idr": -1, "cost_per_area_idr": 1}, "validation_failed"),
        ({"forced": [{name: forced[name] for name in ("region_code", "force", "note")}]}, "validation_failed"),
    ):
        refused = await life.served.act(path, "constrain", life.analyst, body)
        assert (refused.status_code, refused.json()["code"]) == (422, code), body
    contradicting = [forced, forced | {"force": "exclude"}]
    await life.ok(path, "constrain", life.analyst, {"forced": contradicting})
    refused = await life.served.act(path, "compute", life.analyst)
    assert refused.json()["contradicting"] == [["include:53.04", "exclude:53.04"]]


def test_the_hashes_of_plain_runs_are_those_of_before_there_were_constraints() -> None:
    method = Method(
        (Criterion("poverty_rate", Decimal("0.6"), "benefit", "poverty"), Criterion("income", Decimal("0.4"), "cost", "potential")), "min_max", "saw"
    )
    provenance = {code: Provenance("percent", "synthetic", "2021") for code in ("poverty_rate", "income")}
    candidates = [Candidate(f"{11 + n % 5}.{n // 5 + 1:02d}", str(11 + n % 5), (float((n * 7) % 101 + 1), float((n * 13) % 103 + 1))) for n in range(60)]
    quota = Quota(8, 3)
    plain = compute(method, provenance, candidates, quota)
    assert plain["result_hash"] == "93f0629fd52f3831445e50f0e1f0b9a017bee25617eb32232153a60a944687e5"
    assert compute(method, provenance, candidates, quota, Constraints(quota))["result_hash"] == plain["result_hash"]
    assert compute(method, provenance, candidates, quota, Constraints(quota, exclude=("11.01",)))["result_hash"] != plain["result_hash"]
