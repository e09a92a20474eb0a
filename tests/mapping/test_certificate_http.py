"""Certificates over HTTP: made by the programme owner, tied to the result, public with the run and unchanged from then on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.mapping.computation.certificate import certify
from services.mapping.computation.draws import FigureSpread, WeightSpread
from services.mapping.computation.result import sha256
from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import AREAS, Life

ASKED: dict[str, Any] = {
    "seed": 2024,
    "draws": 400,
    "weights": {"law": "dirichlet", "size": 100},
    "figures": {"law": "normal", "margins": {"poverty_rate": 0.05}},
}


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


async def test_a_certificate_is_what_anyone_computes_from_the_downloaded_result(life: Life) -> None:
    path = await life.reviewed(await life.programme())
    before = await life.names(path)
    made = await life.served.post(f"{path}/certificate", life.analyst, ASKED)
    assert made.status_code == 200, made.text
    certificate = made.json()
    document = (await life.served.get(f"{path}/result", life.coordinator)).json()
    again = certify(document, seed=2024, draws=400, weights=WeightSpread("dirichlet", 100), figures=FigureSpread("normal", {"poverty_rate": 0.05}))
    assert certificate == again
    run = await life.read(path)
    assert (certificate["inputs"]["input_hash"], certificate["inputs"]["result_hash"]) == (run["input_hash"], run["result_hash"])
    assert certificate["certificate_hash"] == sha256({"inputs": certificate["inputs"], "result": certificate["result"]})
    assert sum(region["times_selected"] for region in certificate["result"]["regions"]) == 400 * AREAS
    read = await life.served.get(f"{path}/certificate", life.coordinator)
    assert (read.content, read.headers["etag"], read.headers["cache-control"]) == (made.content, made.headers["etag"], "private, no-cache")
    assert (await life.served.get(f"{path}/certificate", life.coordinator, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    assert (await life.served.post(f"{path}/certificate", life.analyst, ASKED)).content == made.content
    assert await life.names(path) == before  # nothing is told


async def test_who_may_make_one_and_who_may_read_it(life: Life, person: Callable[..., Person]) -> None:
    path = await life.reviewed(await life.programme())
    assert (await life.served.get(f"{path}/certificate", life.coordinator)).status_code == 404  # none was made
    for role, expected in ((Role.COORDINATOR, 403), (Role.AUDITOR, 403), (Role.REGENCY, 403)):
        assert (await life.served.post(f"{path}/certificate", person(role, regions=["53.04"]), ASKED)).status_code == expected, role
    assert (await life.served.post(f"{path}/certificate", None, ASKED)).status_code == 401
    assert (await life.served.post(f"{path}/certificate", life.analyst, ASKED)).status_code == 200
    assert (await life.served.get(f"{path}/certificate", person(Role.AUDITOR))).status_code == 200
    assert (await life.served.get(f"{path}/certificate")).status_code == 404  # not public yet
    assert (await life.served.get(f"/v1/prioritisation-runs/{UUID(int=5)}/certificate", life.coordinator)).status_code == 404


async def test_a_run_that_was_computed_anew_has_a_stale_certificate(life: Life) -> None:
    path = await life.run(await life.programme())
    refused = await life.served.post(f"{path}/certificate", life.analyst, ASKED)
    assert (refused.status_code, refused.json()["code"]) == (409, "run_not_computed")
    await life.ok(path, "compute", life.analyst)
    assert (await life.served.post(f"{path}/certificate", life.analyst, ASKED)).status_code == 200
    async with life.served.runtime.engine.begin() as connection:  # a figure of an indicator was corrected
        changed = await connection.execute(
            text("UPDATE indicator_values SET value = value * 1.5 WHERE region_code = '53.04' AND indicator_code = 'poverty_rate' AND value IS NOT NULL")
        )
        assert changed.rowcount
    await life.ok(path, "compute", life.analyst)
    stale = await life.served.get(f"{path}/certificate", life.coordinator)
    assert (stale.status_code, stale.json()["code"]) == (409, "certificate_stale")
    anew = (await life.served.post(f"{path}/certificate", life.analyst, ASKED)).json()
    assert anew["inputs"]["result_hash"] == (await life.read(path))["result_hash"]
    assert (await life.served.get(f"{path}/certificate", life.coordinator)).json() == anew


async def test_with_the_run_it_becomes_public_and_is_then_replaced_by_none(life: Life) -> None:
    path = await life.published(await life.programme())
    assert (await life.served.get(f"{path}/certificate")).status_code == 404
    made = await life.served.post(f"{path}/certificate", life.analyst, ASKED)
    assert made.status_code == 200  # a first one may still be made
    public = await life.served.get(f"{path}/certificate")
    assert (public.content, public.headers["cache-control"]) == (made.content, "public, no-cache")
    refused = await life.served.post(f"{path}/certificate", life.analyst, ASKED | {"seed": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate_published")
    assert (await life.served.post(f"{path}/certificate", life.analyst, ASKED)).status_code == 200
    assert (await life.served.get(f"{path}/certificate")).content == made.content


async def test_a_result_that_was_tampered_with_gets_no_certificate(life: Life) -> None:
    path = await life.reviewed(await life.programme())
    async with life.served.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE prioritisation_results SET document = replace(document, 'saw', 'wpm')"))
    refused = await life.served.post(f"{path}/certificate", life.analyst, ASKED)
    assert (refused.status_code, refused.json()["code"]) == (409, "result_changed")


async def test_what_means_nothing_is_refused_by_name(life: Life) -> None:
    path = await life.reviewed(await life.programme())
    for change, code in (
        ({"seed": -1}, "validation_failed"),
        ({"seed": 2**32}, "validation_failed"),
        ({"draws": 0}, "validation_failed"),
        ({"draws": 100_001}, "validation_failed"),
        ({"weights": {"law": "cauchy", "size": 1}}, "validation_failed"),
        ({"weights": {"law": "uniform", "size": 1.5}}, "certificate.invalid_spread"),
        ({"weights": {"law": "dirichlet", "size": 0.5}}, "certificate.invalid_spread"),
        ({"figures": {"law": "uniform", "margins": {"literacy": 0.1}}}, "certificate.invalid_spread"),
        ({"figures": {"law": "uniform", "margins": {"poverty_rate": 1}}}, "validation_failed"),
    ):
        refused = await life.served.post(f"{path}/certificate", life.analyst, ASKED | change)
        assert (refused.status_code, refused.json()["code"]) == (422, code), change
    assert (await life.served.get(f"{path}/certificate", life.coordinator)).status_code == 404
