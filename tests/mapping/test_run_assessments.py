"""A region is ranked once both its poverty and its local potential are assessed, or a waiver names it."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import WAIVER, Life
from tests.mapping.test_assessments_http import POTENTIAL, POVERTY, REGION, World


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


async def test_without_assessments_or_waiver_nothing_is_ranked(life: Life, person: Callable[..., Person]) -> None:
    programme = await life.programme()
    created = await life.served.post("/v1/prioritisation-runs", life.analyst, {"programme_id": programme, "model_id": life.model_id})
    path = f"/v1/prioritisation-runs/{created.json()['id']}"
    refused = await life.served.act(path, "compute", life.analyst)
    assert (refused.status_code, refused.json()["code"]) == (409, "assessments_lacking")
    lacking = refused.json()["lacking_count"]
    assert lacking > 480 and len(refused.json()["region_codes"]) == 20
    assert (await life.read(path))["status"] == "draft"

    unknown = await life.served.act(path, "waive-assessments", life.analyst, WAIVER | {"region_codes": ["99.99"]})
    assert (unknown.status_code, unknown.json()["unknown_codes"]) == (422, ["99.99"])
    regencies = await life.served.get("/v1/regions?level=regency&limit=200")
    codes: list[str] = []
    while True:
        codes += [item["region_code"] for item in regencies.json()["items"]]
        if not (cursor := regencies.json()["next_cursor"]):
            break
        regencies = await life.served.get(f"/v1/regions?level=regency&limit=200&cursor={cursor}")
    await life.ok(path, "waive-assessments", life.analyst, WAIVER | {"region_codes": sorted(set(codes) - {REGION})})
    refused = await life.served.act(path, "compute", life.analyst)
    assert (refused.json()["code"], refused.json()["region_codes"]) == ("assessments_lacking", [REGION])

    world = World(life.served, person(Role.REGENCY, regions=[REGION]), person(Role.COORDINATOR))
    await world.validated(POVERTY)
    refused = await life.served.act(path, "compute", life.analyst)
    assert refused.json()["region_codes"] == [REGION], "one dimension is not enough"
    potential = await world.validated(POTENTIAL, kind="local_potential")
    computed = await life.ok(path, "compute", life.analyst)
    assert len(computed["waived_region_codes"]) == lacking - 1 and REGION not in computed["waived_region_codes"]

    for verb, who, body in (
        ("submit-review", life.analyst, None),
        ("lock", life.coordinator, None),
        ("publish", life.coordinator, {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"}),
    ):
        await life.ok(path, verb, who, body)
    kept = await life.served.act(potential, "withdraw", world.author, {"reason_code": "wrong_region"})
    assert (kept.status_code, kept.json()["code"]) == (409, "used_by_published_run")
