"""Models over HTTP: every transition of their life, weights that are computed, the preview, and the comparison of methods."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from services.mapping.models.domain import PrioritisationModel
from services.mapping.models.handlers import activate_due
from services.mapping.models.state import ModelStatus
from shared.clock import today
from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import MODEL, Life
from tests.pages import Page

LATER = today() + timedelta(days=30)
BODIES: dict[str, Any] = {"schedule": {"effective_from": LATER.isoformat()}, "retire": {"reason_code": "policy_changed"}}
UNWEIGHED = [{name: value for name, value in criterion.items() if name != "weight"} for criterion in MODEL["criteria"]]
CODES = [criterion["indicator_code"] for criterion in UNWEIGHED]


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


async def drafted(life: Life, **changed: Any) -> str:
    answer = await life.served.post("/v1/prioritisation-models", life.analyst, MODEL | changed)
    assert answer.status_code == 201, answer.text
    return f"/v1/prioritisation-models/{answer.json()['id']}"


async def do(life: Life, path: str, verb: str) -> Any:
    who = life.analyst if verb == "submit" else life.coordinator
    return await life.served.act(path, verb, who, BODIES.get(verb))


async def test_every_transition_of_the_table_and_no_other(life: Life) -> None:
    done: set[tuple[ModelStatus, str]] = set()
    verbs = sorted({verb for verbs in PrioritisationModel.TRANSITIONS.values() for verb in verbs})
    for ways in (["submit", "approve", "activate", "retire"], ["submit", "approve", "schedule"]):
        path = await drafted(life, code="walked")
        for step in [*ways, None]:
            before = (await life.read(path))["status"]
            allowed = PrioritisationModel.TRANSITIONS[ModelStatus(before)]
            for verb in verbs:
                if verb not in allowed:
                    answer = await do(life, path, verb)
                    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), (before, verb, answer.text)
                    assert answer.json()["allowed_transitions"] == sorted(allowed)
            if step:
                answer = await do(life, path, step)
                assert answer.status_code == 200, answer.text
                done.add((ModelStatus(before), step))
    early = await do(life, path, "activate")
    assert (early.status_code, early.json()["code"]) == (422, "model_not_due")
    assert await activate_due(life.served.runtime.database, today()) == 0
    assert await activate_due(life.served.runtime.database, LATER) == 1
    assert (await life.read(path))["status"] == "current" and (await life.read(path))["effective_from"] == LATER.isoformat()
    done.add((ModelStatus.SCHEDULED, "activate"))
    assert done == {(state, verb) for state, verbs in PrioritisationModel.TRANSITIONS.items() for verb in verbs}
    past = await drafted(life, code="walked")
    await do(life, past, "submit")
    await do(life, past, "approve")
    refused = await life.served.act(past, "schedule", life.coordinator, {"effective_from": today().isoformat()})
    assert (refused.status_code, refused.json()["code"]) == (422, "date_not_in_future")


async def test_one_version_is_current_and_its_successor_retires_it(life: Life) -> None:
    second = await drafted(life)
    for verb in ("submit", "approve", "activate"):
        assert (await do(life, second, verb)).status_code == 200
    first = await life.read(f"/v1/prioritisation-models/{life.model_id}")
    assert (first["status"], first["retired_reason_code"]) == ("retired", "superseded")
    refused = await life.served.post("/v1/prioritisation-runs", life.analyst, {"programme_id": await life.programme(), "model_id": life.model_id})
    assert (refused.status_code, refused.json()["code"]) == (409, "model_not_current")

    paths = [await drafted(life) for _ in range(6)]
    for path in paths:
        await do(life, path, "submit")
        await do(life, path, "approve")
    answers = await asyncio.gather(*(do(life, path, "activate") for path in paths))
    assert {answer.status_code for answer in answers} <= {200, 409} and any(answer.status_code == 200 for answer in answers)
    async with life.served.runtime.engine.connect() as connection:
        assert (
            await connection.scalar(text("SELECT count(*) FROM prioritisation_models WHERE code = :code AND status = 'current'"), {"code": MODEL["code"]}) == 1
        )


async def weighed(life: Life, criteria: list[dict[str, Any]], weighting: dict[str, Any]) -> Any:
    return await life.served.post("/v1/weightings", life.analyst, {"criteria": criteria, "weighting": weighting})


def leaves(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code} for code in codes]


async def test_pairwise_judgements_of_a_tree_become_weights_with_their_consistency(life: Life) -> None:
    # Poverty against potential 7 to 3; within poverty the published 3 x 3 case, within potential equal shares that are given.
    tree = {
        "code": "all",
        "judgements": [["1", "2"], ["1/2", "1"]],
        "children": [
            {"code": "poverty", "children": leaves(*CODES[:3]), "judgements": [["1", "3", "5"], ["1/3", "1", "3"], ["1/5", "1/3", "1"]]},
            {"code": "potential", "children": [{"code": code, "share": "0.5"} for code in CODES[3:]]},
        ],
    }
    answer = await weighed(life, UNWEIGHED, {"kind": "tree", "tree": tree})
    assert answer.status_code == 200, answer.text
    weights = [Decimal(criterion["weight"]) for criterion in answer.json()["criteria"]]
    assert sum(weights) == 1
    # Saaty's example: 0.637, 0.258, 0.105 with CR 0.033; two thirds of it, and a sixth for each of potential.
    assert [float(weight) for weight in weights] == pytest.approx([2 / 3 * 0.63699, 2 / 3 * 0.25828, 2 / 3 * 0.10473, 1 / 6, 1 / 6], abs=2e-5)
    groups = {each["group_code"]: each for each in answer.json()["weighting"]["consistency"]}
    assert set(groups) == {"all", "poverty"}
    assert groups["poverty"]["lambda_max"] == pytest.approx(3.0385, abs=1e-4)
    assert groups["poverty"]["consistency_ratio"] == pytest.approx(0.0332, abs=1e-4)

    model = await life.served.post("/v1/prioritisation-models", life.analyst, MODEL | {"criteria": UNWEIGHED, "weighting": {"kind": "tree", "tree": tree}})
    assert [criterion["weight"] for criterion in model.json()["criteria"]] == [criterion["weight"] for criterion in answer.json()["criteria"]]
    assert model.json()["weighting"]["tree"]["children"][0]["judgements"][0] == ["1", "3", "5"]
    assert model.json()["tie_break"] == "lower_region_code"


async def test_saatys_drinks(life: Life) -> None:
    """Saaty 2008, the published weights .177 .019 .042 .116 .190 .129 .327, as 7 criteria of one group."""
    upper = [
        ["9", "5", "2", "1", "1", "1/2"],
        ["1/3", "1/9", "1/9", "1/9", "1/9"],
        ["1/3", "1/4", "1/3", "1/9"],
        ["1/2", "1", "1/3"],
        ["2", "1/2"],
        ["1/3"],
        [],
    ]

    def inverse(judgement: str) -> str:
        return judgement[2:] if "/" in judgement else f"1/{judgement}" if judgement != "1" else "1"

    def judgement(row: int, column: int) -> str:
        if column == row:
            return "1"
        return upper[row][column - row - 1] if column > row else inverse(upper[column][row - column - 1])

    rows = [[judgement(row, column) for column in range(7)] for row in range(7)]
    indicators = [each["indicator_code"] for each in (await life.served.get("/v1/indicators")).json()["items"]][:7]
    criteria = [{"indicator_code": code, "direction": "benefit", "dimension": "poverty"} for code in indicators]
    answer = await weighed(life, criteria, {"kind": "tree", "tree": {"code": "drinks", "children": leaves(*indicators), "judgements": rows}})
    assert answer.status_code == 200, answer.text
    weights = [float(criterion["weight"]) for criterion in answer.json()["criteria"]]
    assert weights == pytest.approx([0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], abs=6e-4)
    (said,) = answer.json()["weighting"]["consistency"]
    assert (said["lambda_max"], said["consistency_ratio"]) == (pytest.approx(7.1766, abs=1e-3), pytest.approx(0.022, abs=5e-4))


@pytest.mark.parametrize("kind", ["entropy", "critic"])
async def test_weights_read_off_the_figures_are_decimals_that_sum_to_one(life: Life, kind: str) -> None:
    answer = await weighed(life, UNWEIGHED, {"kind": kind})
    assert answer.status_code == 200, answer.text
    weights = {criterion["indicator_code"]: Decimal(criterion["weight"]) for criterion in answer.json()["criteria"]}
    assert sum(weights.values()) == 1 and all(weight > 0 for weight in weights.values())
    said = answer.json()["weighting"]
    assert said["region_count"] == 514 and said["periods"]["poverty_rate"] == "2021-03"
    if kind == "entropy":
        # Numbers of poor and GRDP a head are skewed, participation is nearly the same everywhere.
        assert min(weights, key=lambda code: weights[code]) in ("labour_force_participation", "human_development_index")


async def test_bad_input_has_a_name_and_says_what_to_do(life: Life) -> None:
    def judged(*rows: list[str], **more: Any) -> dict[str, Any]:
        return {"kind": "tree", "tree": {"code": "all", "children": leaves(*CODES[: len(rows)]), "judgements": list(rows), **more}}

    wild = [["1", "9", "1/9"], ["1/9", "1", "9"], ["9", "1/9", "1"]]
    cases: list[tuple[list[dict[str, Any]], dict[str, Any], str]] = [
        (MODEL["criteria"][:2], {"kind": "entropy"}, "weights_twice"),
        (UNWEIGHED[:2], {"kind": "given"}, "weights_missing"),
        (UNWEIGHED[:3], judged(["1", "2"], ["1/2", "1"]), "tree_does_not_match"),
        (UNWEIGHED[:2], judged(["1", "2"], ["2", "1"]), "weights.not_reciprocal"),
        (UNWEIGHED[:2], judged(["1", "0"], ["0", "1"]), "weights.not_positive"),
        (UNWEIGHED[:2], judged(["1", "2"], ["1/2"]), "weights.missing_judgement"),
        (UNWEIGHED[:3], judged(*wild), "weights.inconsistent_judgements"),
        (UNWEIGHED[:2], {"kind": "tree", "tree": {"code": "all", "children": leaves(*CODES[:2])}}, "shares_or_judgements"),
        ([*UNWEIGHED[:1], {**UNWEIGHED[1], "indicator_code": "no_such_figure"}], {"kind": "critic"}, "unknown_indicator"),
    ]
    for criteria, weighting, code in cases:
        answer = await weighed(life, criteria, weighting)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert answer.json()["action"]
    waived = await weighed(life, UNWEIGHED[:3], judged(*wild, waiver_reason="Rapat 3 Maret menerima ketidakkonsistenan ini."))
    assert waived.status_code == 200
    (said,) = waived.json()["weighting"]["consistency"]
    assert said["consistency_ratio"] > 0.10 and said["waiver_reason"]

    uneven = [{**criterion, "weight": "0.30"} for criterion in MODEL["criteria"]]
    answer = await life.served.post("/v1/prioritisation-models", life.analyst, MODEL | {"criteria": uneven})
    assert (answer.status_code, answer.json()["code"]) == (422, "ranking.invalid_weights")


async def test_a_model_that_cannot_rank_the_figures_of_now_is_not_submitted(life: Life) -> None:
    holes = [*MODEL["criteria"][:4], {**MODEL["criteria"][4], "indicator_code": "mean_years_of_schooling"}]
    path = await drafted(life, criteria=holes, normalisation="max")
    async with life.served.runtime.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE indicator_values SET value = NULL, missing_reason = 'not published' "
                "WHERE indicator_code = 'mean_years_of_schooling' AND region_code = '53.04'"
            )
        )
    refused = await do(life, path, "submit")
    assert (refused.status_code, refused.json()["code"]) == (422, "ranking.missing_values"), refused.text
    assert "53.04" in refused.json()["explanation"]
    assert (await life.read(path))["status"] == "draft"


async def test_a_preview_is_what_a_run_would_select_and_stores_nothing(life: Life, person: Callable[..., Person]) -> None:
    programme = await life.programme()
    path = await drafted(life, aggregation="topsis", normalisation="vector")
    quota = {"area_quota": 6, "province_quota": 3, "programme_id": programme}
    first = await life.served.post(f"{path}/preview", life.analyst, quota)
    assert first.status_code == 200, first.text
    assert (len(first.json()["selected"]), first.json()["compared_with_run_id"], first.json()["enters"], first.json()["leaves"]) == (6, None, [], [])
    run = await life.published(programme)
    before = await life.served.outbox()
    second = (await life.served.post(f"{path}/preview", life.analyst, quota)).json()
    assert second["result_hash"] == first.json()["result_hash"]
    listed, previewed = set((await life.read(run))["region_codes"]), {location["region_code"] for location in second["selected"]}
    assert (set(second["enters"]), set(second["leaves"])) == (previewed - listed, listed - previewed)
    assert second["enters"], "another method names others here"
    assert set(second["names"]) == previewed | set(second["leaves"])
    assert len(await life.served.outbox()) == len(before) and (await life.read(path))["status"] == "draft"
    for verb in ("submit", "approve", "activate"):
        await do(life, path, verb)
    life.model_id = path.rsplit("/", 1)[1]
    computed = await life.run(programme)
    await life.ok(computed, "compute", life.analyst)
    assert (await life.read(computed))["result_hash"] == second["result_hash"]
    impossible = await life.served.post(f"{path}/preview", life.analyst, {"area_quota": 2, "province_quota": 3})
    assert (impossible.status_code, impossible.json()["code"]) == (422, "selection.infeasible")
    assert (await life.served.post(f"{path}/preview", None, quota)).status_code == 401


async def test_every_method_is_compared_with_the_runs_own(life: Life, person: Callable[..., Person]) -> None:
    path = await life.reviewed(await life.programme())
    assert (await life.served.get(f"{path}/comparison")).status_code == 404
    said = (await life.served.get(f"{path}/comparison", person(Role.AUDITOR))).json()
    document = (await life.served.get(f"{path}/result", life.coordinator)).json()
    (own,) = [each for each in said["methods"] if each["own"]]
    assert (own["aggregation"], own["normalisation"]) == ("saw", "min_max")
    assert own["region_codes"] == document["result"]["selection"]["region_codes"]
    assert (own["overlap_count"], own["spearman"], own["kendall"], own["enters"], own["leaves"]) == (6, 1.0, 1.0, [], [])
    assert said["method_count"] == len([each for each in said["methods"] if each["refused"] is None]) >= 8
    topsis = next(each for each in said["methods"] if (each["aggregation"], each["normalisation"]) == ("topsis", "vector"))
    assert topsis["region_codes"] != own["region_codes"] and topsis["overlap_count"] == 6 - len(topsis["enters"]) == 6 - len(topsis["leaves"])
    assert -1 <= topsis["kendall"] <= topsis["spearman"] < 1
    counts = {each["region_code"]: each["methods"] for each in said["regions"]}
    assert sum(counts.values()) == 6 * said["method_count"] and max(counts.values()) <= said["method_count"]


async def test_the_page_compares_the_methods_of_a_published_run(life: Life) -> None:
    assert (await life.served.get("/comparison")).status_code == 404
    path = await life.published(await life.programme())
    said = (await life.served.get(f"{path}/comparison")).json()
    for lang, heading in (("id", "Perbandingan metode"), ("en", "Comparison of methods")):
        page = Page((await life.served.get(f"/comparison?lang={lang}")).text)
        page.accessible()
        assert heading in page.said
        for each in said["regions"]:
            assert each["name"] in page.said
        assert page.said.count("of 6" if lang == "en" else "dari 6") >= said["method_count"]
