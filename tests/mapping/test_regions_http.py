"""Regions from outside: reading them, and finding the region of today from a code of another table or year."""

from collections.abc import Callable
from typing import Any

import pytest

from services.mapping.app import SERVICE
from services.mapping.reference import load_reference_tables
from tests.kit import Served


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


async def resolve(served: Served, **params: str) -> dict[str, Any]:
    answer = await served.get("/v1/regions/resolve", params=params)
    document: dict[str, Any] = answer.json()
    assert answer.status_code == (422 if "code" in document else 200), answer.text
    return document


async def test_a_figure_of_2021_lands_on_the_region_of_today(served: Served) -> None:
    nabire = await resolve(served, code="9404", scheme="bps-2021", on="2021-12-31")
    assert nabire == {
        "region_code": "94.01",
        "region_code_then": "91.04",
        "level": "regency",
        "name": "Kabupaten Nabire",
        "scheme": "bps-2021",
        "how": "code_table",
        "since": "2022-07-25",
        "changes": [],
    }
    recoded = await resolve(served, code="91.04", scheme="kemendagri", on="2021-12-31")
    assert (recoded["region_code"], recoded["how"]) == ("94.01", "recode")
    assert [change["decree_ref"] for change in recoded["changes"]] == ["UU 15/2022"]
    toba = await resolve(served, code="1212", scheme="kemendagri", on="2019-01-01")
    assert (toba["name"], toba["how"], toba["changes"][0]["from_name"]) == ("Kabupaten Toba", "rename", "Kabupaten Toba Samosir")


UNTOLD: list[tuple[dict[str, str], str, dict[str, Any]]] = [
    ({"code": "11.01"}, "scheme_missing", {}),
    ({"code": "99.99", "scheme": "kemendagri"}, "unknown_code", {"scheme": "kemendagri"}),
    ({"code": "94.01", "scheme": "kemendagri", "on": "2021-12-31"}, "unknown_code", {"valid_from": "2022-07-25"}),
    ({"code": "11.01", "scheme": "bps-2024"}, "code_of_another_scheme", {"found_in_schemes": ["kemendagri"]}),
    ({"code": "94", "scheme": "kemendagri", "on": "2021-12-31"}, "code_of_another_scheme", {"found_in_schemes": ["bps-2021", "bps-2024"]}),
    ({"code": "11.1", "scheme": "kemendagri"}, "code_read_as_number", {"candidates": ["11.10"]}),
    ({"code": "94", "scheme": "bps-2021"}, "ambiguous_code", {"candidates": ["91", "93", "94", "95"]}),
]


async def test_what_cannot_be_told_is_named(served: Served) -> None:
    for params, code, fact in UNTOLD:
        found = await resolve(served, **params)
        assert found["code"] == code
        assert {name: found[name] for name in fact} == fact
        assert found["detail"]
        assert found["action"]


async def test_nothing_that_was_sent_comes_back(served: Served) -> None:
    answer = await served.get("/v1/regions/resolve", params={"code": "<script>9", "scheme": "kemendagri"})
    assert answer.json()["code"] == "unknown_code"
    assert "script" not in answer.text
    assert (await served.get("/v1/regions/resolve", params={"code": "9" * 41, "scheme": "kemendagri"})).status_code == 422
    assert (await served.get("/v1/regions/resolve", params={"code": "11", "scheme": "mendagri"})).json()["code"] == "validation_failed"


async def test_the_shares_of_a_division_are_those_of_the_population(served: Served) -> None:
    """Recomputed from the figures that the service itself gives for 2017."""
    people = {
        item["region_code"]: int(item["value"]) for item in (await served.get("/v1/indicators/population/values", params={"period": "2017"})).json()["items"]
    }
    for parent, day in (("91", "2022-07-25"), ("92", "2022-12-08")):
        rows = [row for row in (await served.get(f"/v1/regions/{parent}")).json()["crosswalk"] if row["kind"] == "split"]
        assert {row["on"] for row in rows} == {day}
        inside = {row["to_code"]: sum(count for code, count in people.items() if code.startswith(row["to_code"] + ".")) for row in rows}
        whole = sum(inside.values())
        assert sum(round(float(row["share"]) * 1e6) for row in rows) == 1_000_000
        for row in rows:
            assert float(row["share"]) == pytest.approx(inside[row["to_code"]] / whole, abs=2e-6)


async def test_a_region_tells_what_lies_in_it_and_what_became_of_it(served: Served) -> None:
    papua = (await served.get("/v1/regions/91")).json()
    assert (papua["name"], papua["children_count"], papua["status"], papua["valid_to"]) == ("Papua", 9, "active", None)
    assert [(row["to_code"], row["kind"]) for row in papua["crosswalk"]] == [("91", "split"), ("93", "split"), ("94", "split"), ("95", "split")]
    merauke = (await served.get("/v1/regions/93.01")).json()
    assert [(row["from_code"], row["decree_ref"]) for row in merauke["crosswalk"]] == [("91.01", "UU 14/2022")]
    assert (await served.get("/v1/regions/91.01")).status_code == 404
    assert (await served.get("/v1/regions/11.01.01")).status_code == 404
    assert (await served.get("/v1/regions/11.1")).status_code == 422


async def test_lists_by_parent_and_by_text(served: Served) -> None:
    inside = (await served.get("/v1/regions", params={"parent": "34"})).json()["items"]
    assert [item["region_code"] for item in inside] == ["34.01", "34.02", "34.03", "34.04", "34.71"]
    named = (await served.get("/v1/regions", params={"q": "nabire"})).json()["items"]
    assert [item["region_code"] for item in named] == ["94.01"]
    begun = (await served.get("/v1/regions", params={"q": "34.0", "level": "regency"})).json()["items"]
    assert len(begun) == 4
    assert (await served.get("/v1/regions", params={"q": "%%"})).json()["items"] == []
    assert (await served.get("/v1/regions", params={"q": "__"})).json()["items"] == []
    pages, cursor = [], None
    while True:
        page = (await served.get("/v1/regions", params={"parent": "35", "limit": 10} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append([item["region_code"] for item in page["items"]])
        if not (cursor := page["next_cursor"]):
            break
    assert [len(page) for page in pages] == [10, 10, 10, 8]
    assert len({code for page in pages for code in page}) == 38


async def test_a_bps_code_of_the_list_is_never_read_as_kemendagri(served: Served) -> None:
    answer = await served.get("/v1/regions", params={"bps_code": "1101", "scheme": "kemendagri"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bps_scheme_missing")
    both = [(await served.get("/v1/regions", params={"bps_code": "1101", "scheme": scheme})).json()["items"] for scheme in ("bps-2024", "bps_2024")]
    assert both[0] == both[1]
    assert both[0][0]["name"] == "Kabupaten Simeulue"


async def test_the_crosswalk_loads_once(served: Served) -> None:
    before = (await served.get("/v1/regions/12.12")).json()
    await load_reference_tables(served.runtime.database)
    assert (await served.get("/v1/regions/12.12")).json() == before
