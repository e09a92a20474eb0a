"""Rankings as files, the annex as PDF, maps and pages: what they hold, who may see them, and that they say the same."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.publication.classes import class_of, upper_bounds
from services.mapping.publication.files import to_csv
from services.mapping.reference import load_reference_tables
from shared.clock import new_id
from shared.contracts.coordination import ProgrammeActivated
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.mapping.life import WAIVER, Life, make_current
from tests.messages import record
from tests.pages import Page

MODEL: dict[str, Any] = json.loads((Path(__file__).parents[2] / "services/mapping/models/default_model.json").read_text(encoding="utf-8"))


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


@pytest.fixture
async def run(served: Served, person: Callable[..., Person], eventually: Callable[..., Any]) -> Callable[..., Any]:
    """`path = await run(published=True)`: a run of the shipped model for 12 areas in 4 provinces."""

    async def made(published: bool = True, computed: bool = True) -> str:
        analyst, coordinator, programme_id = person(Role.PROGRAMME_OWNER), person(Role.COORDINATOR), new_id()
        event = ProgrammeActivated(
            programme_id=programme_id, programme_code=f"PKE-{programme_id.hex[-6:]}", area_quota=12, province_quota=4,
            valid_from=date(2024, 1, 1), valid_to=date(2027, 12, 31), legal_basis_ref="Inpres 4/2022",
        )  # fmt: skip
        await served.runtime.event_log.append([record(event, subject=programme_id, sequence=1)])

        async def known() -> bool:
            async with served.runtime.engine.connect() as connection:
                return bool(await connection.scalar(text("SELECT count(*) FROM programmes WHERE programme_id = :id"), {"id": programme_id}))

        await eventually(known)
        drafted = await served.post("/v1/prioritisation-models", analyst, MODEL | {"code": f"model_{programme_id.hex[-6:]}"})
        await make_current(served, drafted.json()["id"], analyst, coordinator)
        created = await served.post("/v1/prioritisation-runs", analyst, {"programme_id": str(programme_id), "model_id": drafted.json()["id"]})
        path = f"/v1/prioritisation-runs/{created.json()['id']}"
        steps = [("waive-assessments", analyst, WAIVER), ("compute", analyst, None)] if computed else []
        if published:
            steps += [
                ("submit-review", analyst, None),
                ("lock", coordinator, None),
                ("publish", coordinator, {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"}),
            ]
        for verb, who, body in steps:
            answer = await served.act(path, verb, who, body) if body else await served.act(path, verb, who)
            assert answer.status_code == 200, answer.text
        return path

    return made


async def test_all_forms_say_the_same_as_the_result(served: Served, run: Callable[..., Any]) -> None:
    path = await run()
    result = (await served.get(f"{path}/result")).json()
    ranked = result["result"]["ranking"]
    chosen = set(result["result"]["selection"]["region_codes"])
    plain = (await served.get(f"{path}/ranking")).json()
    assert [item["region_code"] for item in plain["items"]] == [row["region_code"] for row in ranked]
    assert [item["contributions"] for item in plain["items"]] == [row["contributions"] for row in ranked]
    assert {item["region_code"] for item in plain["items"] if item["selected"]} == chosen
    assert plain["result_hash"] == result["result_hash"]
    assert plain["cut"] == min(row["score"] for row in ranked if row["region_code"] in chosen)
    for item in plain["items"]:
        assert item["distance_to_cut"] == pytest.approx(item["score"] - plain["cut"])

    answer = await served.get(f"{path}/ranking", headers={"Accept": "text/csv"})
    assert answer.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["region_code"] for row in rows] == [row["region_code"] for row in ranked]
    assert {row["region_code"] for row in rows if row["selected"] == "true"} == chosen
    assert [float(row["score"]) for row in rows] == pytest.approx([row["score"] for row in ranked], abs=5e-7)

    collection = (await served.get(f"{path}/ranking", headers={"Accept": "application/geo+json"})).json()
    assert collection["type"] == "FeatureCollection"
    assert {each["id"] for each in collection["features"] if each["properties"]["selected"]} == chosen
    assert all(94 < each["geometry"]["coordinates"][0] < 142 and -12 < each["geometry"]["coordinates"][1] < 7 for each in collection["features"])
    assert {each["properties"]["class"] for each in collection["features"]} == {1, 2, 3, 4}


async def test_the_workbook_opens_and_holds_text_as_text(served: Served, run: Callable[..., Any]) -> None:
    path = await run()
    ranked = (await served.get(f"{path}/ranking")).json()["items"]
    answer = await served.get(f"{path}/ranking?format=xlsx", headers={"Accept-Language": "en"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert book.testzip() is None
        space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
        strings = ["".join(node.itertext()) for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", space)]
        rows = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).findall(".//m:row", space)
        cells = [[(cell.get("t"), cell.findtext("m:v", "", space)) for cell in row] for row in rows]
        assert not ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).findall(".//m:f", space)
    assert len(rows) == len(ranked) + 1
    assert strings[int(cells[0][0][1])] == "Rank"
    for cell, item in zip(cells[1:], ranked, strict=True):
        assert cell[1][0] == "s" and strings[int(cell[1][1])] == item["region_code"]  # 11.10 stays 11.10
        assert float(cell[6][1]) == pytest.approx(item["score"], abs=5e-7)


async def test_the_annex_is_the_same_file_each_time_and_names_every_location(served: Served, run: Callable[..., Any]) -> None:
    path = await run()
    first, again = [await served.get(f"{path}/decree-annex") for _ in range(2)]
    assert first.content == again.content
    assert first.content.startswith(b"%PDF-") and first.headers["content-language"] == "id"
    english = await served.get(f"{path}/decree-annex?lang=en")
    assert english.headers["content-language"] == "en" and english.content != first.content
    said = words_of(first.content)
    for item in (await served.get(f"{path}/ranking")).json()["items"][:3]:
        assert item["name"].replace(" ", "") in said
    assert "Kepdep" in said and (await served.get(path, None)).status_code == 401


async def test_the_annex_lists_what_was_decided_otherwise(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> None:
    life = await Life.begin(serving, person, eventually)
    forced = {"forced": [{"region_code": "53.04", "force": "include", "reason_code": "border_area", "note": "Wilayah perbatasan."}]}
    path = await life.reviewed(await life.programme(override_cap=1), forced)
    plain = words_of((await life.served.get(f"{path}/decree-annex?lang=en", life.coordinator)).content)
    assert "Belu" in plain and "hadtobechosen(reason:border_area)" in plain and "inplaceof" not in plain
    assert "candidateswererankedwithoutvalidated,currentassessments" in plain and "(reason:first_year)" in plain
    swap = await life.swap(path)
    await life.ok(path, "override", life.analyst, swap)
    await life.ok(path, "confirm-override", life.coordinator)
    said = words_of((await life.served.get(f"{path}/decree-annex?lang=en", life.coordinator)).content)
    names = {item["region_code"]: item["name"].replace(" ", "") for item in (await life.served.get(f"{path}/ranking", life.coordinator)).json()["items"]}
    assert f"{names[swap['region_code']]}inplaceof{names[swap['replaced_region_code']]}(reason:objection_upheld)" in said


def words_of(pdf: bytes) -> str:
    """What a reader of the PDF would copy out of it, without blanks (these are positions in a PDF, not characters)."""
    from pypdf import PdfReader

    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_before_publication_only_those_who_work_on_it_see_a_run(served: Served, run: Callable[..., Any], person: Callable[..., Person]) -> None:
    path = await run(published=False)
    for what in ("ranking", "ranking?format=csv", "decree-annex"):
        assert (await served.get(f"{path}/{what}")).status_code == 404
        assert (await served.get(f"{path}/{what}", person(Role.AUDITOR))).status_code == 200
    assert "Belum ada penetapan yang diterbitkan." in Page((await served.get("/ranking")).text).said
    assert (await served.get(f"/ranking?run_id={path.rsplit('/', 1)[1]}")).status_code == 404


async def test_what_cannot_be_served_is_refused_by_name(served: Served, run: Callable[..., Any], person: Callable[..., Person]) -> None:
    path = await run(published=False, computed=False)
    refused = await served.get(f"{path}/ranking", person(Role.AUDITOR))
    assert (refused.status_code, refused.json()["code"]) == (409, "run_not_computed")
    assert (await served.get(f"/v1/prioritisation-runs/{uuid4()}/ranking")).status_code == 404
    strange = await served.get(f"{path}/ranking", person(Role.AUDITOR), headers={"Accept": "image/png"})
    assert (strange.status_code, strange.json()["code"]) == (406, "format_not_available")
    assert "text/csv" in strange.json()["action"]
    assert (await served.get("/v1/indicators/nothing_such/map")).status_code == 404
    period = await served.get("/v1/indicators/poverty_rate/map?period=1999")
    assert (period.status_code, period.json()["code"]) == (422, "period_unavailable")


async def test_maps_are_by_head_and_by_class(served: Served) -> None:
    plain = (await served.get("/v1/indicators/number_of_poor/map")).json()
    per_head = (await served.get("/v1/indicators/number_of_poor/map?per=1000_inhabitants&classes=5&classing=jenks")).json()
    rate = {item["region_code"]: item["value"] for item in (await served.get("/v1/indicators/poverty_rate/values")).json()["items"]}
    assert (plain["classes"], per_head["classes"]) == (4, 5)
    for feature in per_head["features"]:
        # The number was the rate times the population: by head it is the rate again, up to the rounding to whole persons.
        assert feature["properties"]["value"] == pytest.approx(float(rate[feature["id"]]) * 10, abs=0.05)
    shown = {feature["id"] for feature in plain["features"]}
    assert shown | set(plain["without_figure"]) == set(rate) and not shown & set(plain["without_figure"])
    sizes = np.bincount([feature["properties"]["class"] for feature in plain["features"]])[1:]
    assert sizes.max() - sizes.min() <= 1


def test_natural_breaks_are_those_of_the_published_case() -> None:
    # Jenks on three obvious groups; and the sum of squared deviations is never above that of quantiles.
    values = [1.0, 2.0, 4.0, 5.0, 7.0, 9.0, 10.0, 20.0, 21.0, 22.0]
    assert upper_bounds(values, 3, "jenks") == [5.0, 10.0, 22.0]


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=1, max_size=60), st.integers(2, 9), st.sampled_from(["quantile", "jenks"]))
def test_every_figure_has_a_class_and_more_is_never_lower(values: list[float], classes: int, classing: Any) -> None:
    bounds = upper_bounds(values, classes, classing)
    assert bounds == sorted(set(bounds)) and 1 <= len(bounds) <= classes and bounds[-1] == max(values)
    found = [class_of(value, bounds) for value in sorted(values)]
    assert found == sorted(found) and set(found) <= set(range(1, len(bounds) + 1))


async def test_the_pages_in_both_languages(served: Served, run: Callable[..., Any]) -> None:
    path = await run()
    ranking = (await served.get(f"{path}/ranking")).json()
    best = ranking["items"][0]
    for lang, heading in (("id", "Daftar lokasi prioritas"), ("en", "List of priority locations")):
        page = Page((await served.get(f"/ranking?lang={lang}")).text)
        assert page.all("html")[0]["lang"] == lang and heading in page.said
        assert len([a for a in page.all("tr") if (a.get("id") or "").startswith("r-")]) == 12
        assert ranking["result_hash"] in page.said
        everyone = Page((await served.get(f"/ranking?lang={lang}&show=all")).text)
        assert len([a for a in everyone.all("tr") if (a.get("id") or "").startswith("r-")]) == len(ranking["items"])
        one = Page((await served.get(f"/ranking/{best['region_code']}?lang={lang}")).text)
        assert best["name"] in one.said and ("Mengapa" in one.said or "Why" in one.said)
        figures = Page((await served.get(f"/map?lang={lang}&indicator=number_of_poor&per=1000_inhabitants&classing=jenks")).text)
        assert ("Peta indikator" if lang == "id" else "Map of an indicator") + " · Entaskan" in figures.said
        assert len(figures.all("circle")) == len(figures.all("tr")) - 1 + 5
    assert (await served.get("/ranking/99.99")).status_code == 404
    province = best["province_code"]
    some = Page((await served.get(f"/ranking?province={province}")).text)
    wanted = {item["region_code"] for item in ranking["items"] if item["selected"] and item["province_code"] == province}
    assert {str(tr["id"])[2:] for tr in some.all("tr") if tr.get("id")} == wanted


async def test_pages_can_be_read_aloud_and_run_no_script(served: Served, run: Callable[..., Any]) -> None:
    await run()
    for path in ("/ranking?show=all", "/ranking/53.01", "/map"):
        answer = await served.get(path)
        if answer.status_code == 404:
            continue
        page = Page(answer.text)
        page.accessible()
        assert "script-src" not in answer.headers["content-security-policy"] and "default-src 'none'" in answer.headers["content-security-policy"]


def test_no_cell_of_the_csv_starts_a_formula() -> None:
    from services.mapping.publication.domain import Place, Sheet, SheetRow

    place = Place(name='=HYPERLINK("http://x")', province_code="11", province_name="+1", latitude=0, longitude=100)
    row = SheetRow(
        rank=1, region_code="11.01", place=place, selected=True, score=0.5, poverty_score=None, potential_score=None, values=(), normalised=(), contributions=()
    )  # fmt: skip
    empty: dict[str, Any] = dict.fromkeys(("programme_id", "model_code", "status", "decree_ref", "effective_from", "normalisation", "aggregation"))
    sheet = Sheet(
        run_id=uuid4(), model_version=1, area_quota=1, province_quota=1, input_hash="", result_hash="", criteria=(), rows=(row,),
        excluded_region_codes=(), **empty,
    )  # fmt: skip
    line = list(csv.reader(io.StringIO(to_csv(sheet).decode())))[1]
    assert line[2].startswith("'=") and line[4] == "'+1" and line[7] == ""
