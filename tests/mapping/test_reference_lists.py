"""Reference lists, the overlap of a selection with one, and the backtest on the 35 regencies of 2021."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from services.mapping.computation.overlap import overlap
from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import Life
from tests.pages import Page

LIST = {"name": "Daftar acuan", "source": "Kepdep PMK 25/2021, lampiran", "year": 2021}


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


def test_errors_have_their_own_denominators_and_none_where_there_is_nothing() -> None:
    found = overlap(["a", "b", "c", "d"], ["c", "d", "e", "e"])
    assert (found.both, found.only_selected, found.only_listed) == (("c", "d"), ("a", "b"), ("e",))
    assert (found.inclusion_error, found.exclusion_error) == (2 / 4, pytest.approx(1 / 3))
    assert (overlap([], ["a"]).inclusion_error, overlap(["a"], []).exclusion_error) == (None, None)


async def test_a_list_is_recorded_in_its_scheme_and_what_is_no_code_of_it_is_refused(life: Life, person: Callable[..., Person]) -> None:
    plain = await life.served.post("/v1/reference-lists", life.analyst, LIST | {"region_codes": ["53.04", "11.09"]})
    assert (plain.status_code, plain.json()["region_codes"], plain.json()["year"]) == (201, ["11.09", "53.04"], 2021)
    # BPS 1101 is Simeulue, which Kemendagri calls 11.09.
    bps = await life.served.post("/v1/reference-lists", life.analyst, LIST | {"scheme": "bps-2021", "region_codes": ["1101"]})
    assert (bps.json()["region_codes"], bps.json()["given_codes"]) == (["11.09"], ["1101"])
    for body, code in (
        (LIST | {"region_codes": ["1101"]}, "reference_code_unknown"),
        (LIST | {"region_codes": ["99.99"]}, "reference_code_unknown"),
        (LIST | {"region_codes": ["11.1"]}, "validation_failed"),
        (LIST | {"region_codes": [11.10]}, "validation_failed"),
        (LIST | {"region_codes": ["53.04", "53.04"]}, "reference_code_twice"),
        (LIST | {"region_codes": []}, "validation_failed"),
        ({"name": "x", "source": "y", "region_codes": ["53.04"]}, "validation_failed"),
    ):
        refused = await life.served.post("/v1/reference-lists", life.analyst, body)
        assert (refused.status_code, refused.json()["code"]) == (422, code), body
    assert (await life.served.post("/v1/reference-lists", person(Role.LENDER), LIST | {"region_codes": ["53.04"]})).status_code == 403
    assert len((await life.served.get("/v1/reference-lists")).json()["items"]) == 2
    assert (await life.served.get(f"/v1/reference-lists/{bps.json()['id']}")).json() == bps.json()


async def test_the_overlap_of_a_run_names_both_sides_and_is_public_once_published(life: Life) -> None:
    programme = await life.programme()
    path = await life.run(programme)
    other = await life.served.post("/v1/reference-lists", life.analyst, LIST | {"region_codes": ["31.71"]})
    early = await life.served.get(f"{path}/overlap", life.analyst, params={"reference": other.json()["id"]})
    assert (early.status_code, early.json()["code"]) == (409, "run_not_computed")
    await life.ok(path, "compute", life.analyst)
    chosen = (await life.read(path))["region_codes"]
    listed = await life.served.post("/v1/reference-lists", life.analyst, LIST | {"region_codes": [*chosen[:2], "31.71", "31.72"]})
    asking = {"params": {"reference": listed.json()["id"]}}
    assert (await life.served.get(f"{path}/overlap", **asking)).status_code == 404
    found = (await life.served.get(f"{path}/overlap", life.analyst, **asking)).json()
    assert (found["selected_count"], found["listed_count"], found["overlap_count"]) == (6, 4, 2)
    assert (found["inclusion_error"], found["exclusion_error"]) == (pytest.approx(4 / 6), 0.5)
    assert [each["region_code"] for each in found["both"]] == sorted(chosen[:2])
    assert {each["region_code"] for each in found["only_selected"]} == set(chosen[2:])
    assert [each["name"] for each in found["only_listed"]] == ["Kota Administrasi Jakarta Pusat", "Kota Administrasi Jakarta Utara"]
    unknown = await life.served.get(f"{path}/overlap", life.analyst, params={"reference": str(uuid4())})
    assert unknown.status_code == 404
    await life.ok(path, "submit-review", life.analyst)
    await life.ok(path, "lock", life.coordinator)
    await life.ok(path, "publish", life.coordinator, {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"})
    assert (await life.served.get(f"{path}/overlap", **asking)).json() == found


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        ("2017", {"product": (19, 15), "rate_alone": (18, 13), "number_alone": (17, 8), "both": (23, 23)}),
        ("2024-S2", {"product": (19, 15), "rate_alone": (18, 13), "number_alone": (18, 8), "both": (23, 23)}),
    ],
)
async def test_the_backtest_on_2021_is_public_with_its_figures_sources_and_method(life: Life, population: str, expected: dict[str, tuple[int, int]]) -> None:
    answer = await life.served.get("/v1/backtests/2021", params={"population_period": population})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {each["rule"]: (each["confined"]["overlap_count"], each["free"]["overlap_count"]) for each in found["trials"]} == expected
    for trial in found["trials"]:
        for side in ("confined", "free"):
            assert (trial[side]["selected_count"], trial[side]["listed_count"]) == (35, 35)
            assert trial[side]["inclusion_error"] == pytest.approx(1 - trial[side]["overlap_count"] / 35)
        assert len(trial["free_province_codes"]) == 7
    assert len(found["official"]) == 35
    assert "tendabesar.id" in found["official_source"]
    assert "bps-p0-2021" in found["figures"][0]["source_codes"]
    assert (found["figures"][1]["indicator_code"], found["figures"][1]["population_period"]) == ("number_of_poor", population)
    assert "kemiskinan ekstrem" in found["method_id"]
    assert (await life.served.get("/v1/backtests/2021", params={"population_period": "1999"})).json()["code"] == "period_unavailable"


async def test_the_page_of_the_backtest_says_what_the_route_says(life: Life) -> None:
    trials = (await life.served.get("/v1/backtests/2021")).json()["trials"]
    for lang, heading in (("id", "Uji balik: 35 kabupaten tahun 2021"), ("en", "Backtest: the 35 regencies of 2021")):
        page = Page((await life.served.get(f"/backtest?lang={lang}")).text)
        page.accessible()
        assert heading in page.said
        for trial in trials:
            free, confined = (f"{trial[where]['overlap_count']} {'dari' if lang == 'id' else 'of'} 35" for where in ("free", "confined"))
            line = page.said[page.said.index(trial[f"label_{lang}"]) :]
            assert 0 < line.index(free) <= line.rindex(confined)
        rows = {str(tr["id"]) for tr in page.all("tr") if str(tr.get("id")).startswith("r-")}
        named = {place["region_code"] for trial in trials for part in ("both", "only_selected", "only_listed") for place in trial["confined"][part]}
        assert rows == {f"r-{code}" for code in named}
