"""Points of regions from GeoJSON, CSV and XLSX: each mistake has its name, and nothing moves before another person takes them over."""

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from services.mapping.app import SERVICE
from services.mapping.reference import load_reference_tables
from services.mapping.region_points.api import GEOJSON
from services.mapping.region_points.rows import HINTS
from shared.files.receiving import XLSX
from shared.security.identity import Role
from tests.kit import Person, Served


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


def feature(code: Any, coordinates: Any, kind: str = "Point") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"region_code": code}, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more).encode()


async def send(served: Served, who: Person, content: bytes, media: str = GEOJSON) -> Any:
    headers = {"Authorization": f"Bearer {who.token}", "Idempotency-Key": f"p{time.perf_counter_ns()}", "Content-Type": media}
    return await served.client.post("/v1/region-points", params={"source": "Badan Informasi Geospasial 2025"}, content=content, headers=headers)


async def point(served: Served, code: str) -> tuple[float, float]:
    region = (await served.get(f"/v1/regions/{code}")).json()
    return region["latitude"], region["longitude"]


async def test_points_move_when_another_person_takes_them_over(served: Served, person: Callable[..., Person]) -> None:
    sender, other = person(Role.PROGRAMME_OWNER), person(Role.COORDINATOR)
    before = await point(served, "11.01")
    answer = await send(served, sender, collection(feature("11.01", [97.31, 3.12]), feature("11.02", list(reversed(await point(served, "11.02"))))))
    assert answer.status_code == 201, answer.text
    assert answer.json()["counts"] == {"rows": 2, "refused_rows": 0, "moved": 1, "unchanged": 1}
    path = f"/v1/region-points/{answer.json()['id']}"
    assert await point(served, "11.01") == before
    assert (await served.act(path, "commit", sender)).json()["code"] == "four_eyes"
    assert (await served.act(path, "commit", other)).status_code == 200
    assert await point(served, "11.01") == (3.12, 97.31)
    assert (await served.act(path, "discard", other, {"reason_code": "too_late"})).json()["code"] == "illegal_transition"

    book, out = Workbook(), io.BytesIO()
    for row in (["kode", "lintang", "bujur"], ["11.01", 3.2, 97.4]):
        book.active.append(row)
    book.save(out)
    for content, media in ((out.getvalue(), XLSX), (b"kode;lintang;bujur\n11.01;3.2;97.4\n", "text/csv")):
        answer = await send(served, sender, content, media)
        assert (answer.status_code, answer.json()["counts"]["moved"]) == (201, 1), answer.text
        assert (await served.act(f"/v1/region-points/{answer.json()['id']}", "discard", sender, {"reason_code": "a_trial"})).status_code == 200


async def test_each_wrong_point_has_its_own_code(served: Served, person: Callable[..., Person]) -> None:
    sender, other = person(Role.PROGRAMME_OWNER), person(Role.COORDINATOR)
    cases = [
        (feature("11.01", [97.3]), "coordinate_missing"),
        (feature("11.01", [97.3, None]), "coordinate_missing"),
        ({"type": "Feature", "properties": {"region_code": "11.01"}, "geometry": None}, "coordinate_missing"),
        (feature("11.01", [3.1, 97.3]), "coordinates_swapped"),
        (feature("11.01", [2.35, 48.85]), "outside_indonesia"),
        (feature("11.01", [140.7, -2.5]), "far_from_parent"),
        (feature("11.01", [[[97, 3], [98, 3], [98, 4], [97, 3]]], "Polygon"), "not_a_point"),
        (feature("11.01", ["x", "y"]), "not_a_number"),
        (feature("11.1", [97.3, 3.1]), "code_read_as_number"),
        (feature("99.99", [97.3, 3.1]), "unknown_code"),
        (feature(None, [97.3, 3.1]), "code_missing"),
        (feature("11.03", [97.8, 4.9]), "duplicate_row"),
        (feature("11.03", [97.9, 4.9]), "duplicate_row"),
    ]
    answer = await send(served, sender, collection(*(case for case, _ in cases), feature("11.04", [96.8, 4.6])))
    assert answer.json()["counts"]["refused_rows"] == len(cases), answer.text
    path = f"/v1/region-points/{answer.json()['id']}"
    items = (await served.get(f"{path}/refused-rows?limit=100", other)).json()["items"]
    assert [(item["row_number"], item["code"]) for item in items] == [(number, code) for number, (_, code) in enumerate(cases, start=1)]
    assert all(item["hint"] != item["hint_en"] for item in items) and {code for _, code in cases} <= set(HINTS)
    assert (await served.act(path, "commit", other)).json()["code"] == "points_have_refused_rows"
    for content in (b"{}", b"[1]", b"not json", collection(feature("11.01", [97.3, 3.1]), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::23830"}})):
        refused = await send(served, sender, content)
        assert (refused.status_code, refused.json()["code"]) == (422, "points_unreadable"), content
    missing = await send(served, sender, b"kode,lintang\n11.01,3\n", "text/csv")
    assert (missing.status_code, missing.json()["code"]) == (422, "columns_missing")
