"""Why a region was selected or not, over HTTP and on its page, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from services.mapping.computation.certificate import constraints_of, method_of
from services.mapping.computation.ranking import rank
from services.mapping.computation.selection import select_within
from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import Life
from tests.pages import Page


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


async def explained(life: Life, path: str, code: str, english: bool = True, who: Person | None = None) -> dict[str, Any]:
    answer = await life.served.get(f"{path}/regions/{code}/explanation", who, headers={"Accept-Language": "en" if english else "id"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-language"] == ("en" if english else "id")
    found: dict[str, Any] = answer.json()
    return found


def selected_with(document: dict[str, Any], code: str, criterion: str, value: float | None = None, weights: list[str] | None = None) -> bool:
    """Whether the region is selected with another figure or other weights, by the whole computation of a run."""
    inputs = document["inputs"]
    method = method_of(inputs)
    column = [each.code for each in method.criteria].index(criterion)
    if weights:
        method = replace(method, criteria=tuple(replace(each, weight=Decimal(weight)) for each, weight in zip(method.criteria, weights, strict=True)))
    codes = [each["region_code"] for each in inputs["candidates"]]
    matrix = np.array([each["values"] for each in inputs["candidates"]], np.float64)
    if value is not None:
        matrix[codes.index(code), column] = value
    scores = rank(method, codes, matrix).scores.tolist()
    return code in select_within(scores, codes, [each["province_code"] for each in inputs["candidates"]], constraints_of(inputs)).region_codes


async def test_the_stated_changes_flip_the_real_selection_and_a_percent_less_does_not(life: Life) -> None:
    path = await life.published(await life.programme())
    document = (await life.served.get(f"{path}/result")).json()
    ranked = [row["region_code"] for row in document["result"]["ranking"]]
    chosen = document["result"]["selection"]["region_codes"]
    out = next(code for code in ranked if code not in chosen)
    tried = 0
    for code in (chosen[-1], out):
        said = await explained(life, path, code)
        assert (said["selected"], said["computed"], said["decided"]) == (code in chosen, code in chosen, None)
        assert said["rank"] == ranked.index(code) + 1 and said["candidates"] == len(ranked)
        assert sum(part["contribution"] for part in said["criteria"]) == pytest.approx(said["score"])
        assert said["distance"] == pytest.approx(said["score"] - said["threshold"])
        assert (said["distance"] >= 0) == said["selected"]
        for part in said["criteria"]:
            figure, weight = part["smallest_figure_change"], part["smallest_weight_change"]
            if figure["changed"] is not None:
                tried += 1
                assert selected_with(document, code, part["code"], figure["changed"]) != said["computed"], part
                assert selected_with(document, code, part["code"], figure["stated"] + 0.99 * figure["difference"]) == said["computed"], part
            if weight["changed"] is not None:
                assert selected_with(document, code, part["code"], weights=weight["weights"]) != said["computed"], part
                assert sum(Decimal(each) for each in weight["weights"]) == 1
    assert tried >= 3


async def test_in_plain_indonesian_first_and_in_english_and_by_the_list_in_force(life: Life) -> None:
    programme = await life.programme()
    early = await life.served.get(f"/v1/regions/53.04/explanation?programme_id={programme}")
    assert (early.status_code, early.json()["code"]) == (409, "no_list_in_force")
    path = await life.published(programme)
    run = await life.read(path)
    code = run["region_codes"][0]
    indonesian, english = await explained(life, path, code, english=False), await explained(life, path, code)
    assert "berada di peringkat 1 dari 514 calon dengan skor 0," in indonesian["sentences"][0]
    assert "ranks 1 of 514 candidates with a score of 0." in english["sentences"][0]
    assert len(indonesian["sentences"]) == len(english["sentences"]) >= 5
    assert any(sentence.startswith("Wilayah ini terpilih. Skor yang diperlukan") for sentence in indonesian["sentences"])
    in_force = (await life.served.get(f"/v1/regions/{code}/explanation?programme_id={programme}")).json()
    assert in_force == indonesian
    page = Page((await life.served.get(f"/ranking/{code}?lang=id")).text)
    page.accessible()
    for sentence in indonesian["sentences"]:
        assert " ".join(sentence.split()) in page.said
    assert indonesian["robustness"] is None
    wanted = {"seed": 7, "draws": 400, "weights": {"law": "dirichlet", "size": 200}, "figures": {"margins": {"poverty_rate": 0.05}}}
    made = await life.served.act(path, "certificate", life.analyst, wanted)
    assert made.status_code == 200, made.text
    certified = next(each for each in made.json()["result"]["regions"] if each["region_code"] == code)
    robust = await explained(life, path, code)
    assert robust["robustness"] == {name: certified[name] for name in ("probability", "interval", "standing", "median_rank", "rank_range")} | {"draws": 400}
    assert f"it is selected in {certified['probability'] * 100:.1f} % of them" in robust["sentences"][-1]
    assert (await life.served.get(f"{path}/regions/99.99/explanation")).status_code == 404
    assert (await life.served.get(f"{path}/regions/1111/explanation")).status_code == 422


async def test_the_province_rule_and_what_people_decided_are_named(life: Life, person: Callable[..., Person]) -> None:
    forced = {"forced": [
        {"region_code": "53.04", "force": "include", "reason_code": "border_area", "note": "Wilayah perbatasan."},
        {"region_code": "53.02", "force": "exclude", "reason_code": "own_programme", "note": "Sudah mempunyai program sendiri."},
    ]}  # fmt: skip
    path = await life.reviewed(await life.programme(override_cap=1), forced)
    assert (await life.served.get(f"{path}/regions/53.04/explanation")).status_code == 404, "not public before it is published"
    reader = person(Role.AUDITOR)
    included, excluded = await explained(life, path, "53.04", who=reader), await explained(life, path, "53.02", who=reader)
    assert (included["decided"]["kind"], included["threshold"], included["selected"]) == ("include", None, True)
    assert "It had to be chosen whatever its score (reason: border_area)." in included["sentences"]
    assert (excluded["decided"]["kind"], excluded["selected"]) == ("exclude", False)
    assert {part["smallest_figure_change"]["reason"] for part in excluded["criteria"]} == {"forced"}
    document = (await life.served.get(f"{path}/result", reader)).json()
    chosen, provinces = document["result"]["selection"]["region_codes"], document["result"]["selection"]["province_codes"]
    province_of = {each["region_code"]: each["province_code"] for each in document["inputs"]["candidates"]}
    scores = {row["region_code"]: row["score"] for row in document["result"]["ranking"]}
    beaten = next(code for code in scores if province_of[code] not in provinces and scores[code] > min(scores[each] for each in chosen))
    said = await explained(life, path, beaten, who=reader)
    assert any("only 3 provinces are chosen" in sentence for sentence in said["sentences"]), said["sentences"]

    swap = await life.swap(path)
    await life.ok(path, "override", life.analyst, swap)
    await life.ok(path, "confirm-override", life.coordinator)
    entered = await explained(life, path, swap["region_code"], who=reader)
    left = await explained(life, path, swap["replaced_region_code"], who=reader)
    assert (entered["selected"], entered["computed"]) == (True, False) and "objection_upheld" in " ".join(entered["sentences"])
    assert (left["selected"], left["computed"], left["decided"]["in_place_of"]) == (False, True, swap["replaced_region_code"])
