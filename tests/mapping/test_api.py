"""Mapping from outside: reference tables, and the path from a drafted model to published priority locations."""

import json
import runpy
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.reference import load_reference_tables
from shared.clock import new_id
from shared.contracts.coordination import ProgrammeActivated, ProgrammeAmended
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.mapping.life import WAIVER, make_current
from tests.messages import record

SCRIPT = Path(__file__).with_name("independent_recompute.py")
MODEL: dict[str, Any] = json.loads((Path(__file__).parents[2] / "services/mapping/models/default_model.json").read_text(encoding="utf-8"))
DECREE = {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"}


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


@pytest.fixture
def analyst(person: Callable[..., Person]) -> Person:
    return person(Role.PROGRAMME_OWNER)


@pytest.fixture
def coordinator(person: Callable[..., Person]) -> Person:
    return person(Role.COORDINATOR)


@pytest.fixture
def activate(served: Served, eventually: Callable[..., Any]) -> Callable[..., Any]:
    """An active programme, as coordination would tell it."""

    async def activated(area_quota: int = 48, province_quota: int = 8) -> str:
        programme_id = new_id()
        event = ProgrammeActivated(
            programme_id=programme_id,
            programme_code="PKE-2024",
            area_quota=area_quota,
            province_quota=province_quota,
            valid_from=date(2024, 1, 1),
            valid_to=date(2027, 12, 31),
            legal_basis_ref="Inpres 4/2022",
        )
        await served.runtime.event_log.append([record(event, subject=programme_id, sequence=1)])

        async def known() -> bool:
            async with served.runtime.engine.connect() as connection:
                return bool(await connection.scalar(text("SELECT count(*) FROM programmes WHERE programme_id = :id"), {"id": programme_id}))

        await eventually(known)
        return str(programme_id)

    return activated


async def approved_model(served: Served, analyst: Person, coordinator: Person, **changed: Any) -> str:
    drafted = await served.post("/v1/prioritisation-models", analyst, MODEL | changed)
    assert drafted.status_code == 201, drafted.text
    await make_current(served, drafted.json()["id"], analyst, coordinator)
    return str(drafted.json()["id"])


async def run_of(served: Served, analyst: Person, programme_id: str, model_id: str) -> str:
    created = await served.post("/v1/prioritisation-runs", analyst, {"programme_id": programme_id, "model_id": model_id})
    assert created.status_code == 201, created.text
    path = f"/v1/prioritisation-runs/{created.json()['id']}"
    assert (await served.act(path, "waive-assessments", analyst, WAIVER)).status_code == 200
    return path


async def locked_run(served: Served, analyst: Person, coordinator: Person, programme_id: str, model_id: str) -> str:
    path = await run_of(served, analyst, programme_id, model_id)
    for verb, who in (("compute", analyst), ("submit-review", analyst), ("lock", coordinator)):
        answer = await served.act(path, verb, who)
        assert answer.status_code == 200, answer.text
    return path


async def names(served: Served) -> Counter[str]:
    return Counter(row.type.split(".")[2] for row in await served.outbox())


async def test_reference_tables_load_once(served: Served) -> None:
    before = await served.outbox()
    assert Counter(row.type.split(".")[2] for row in before) == {"RegionRegistered": 552}
    await load_reference_tables(served.runtime.database)
    assert len(await served.outbox()) == 552
    bireuen = next(data for row in before if (data := json.loads(row.data))["region_code"] == "11.11")
    assert bireuen["region_level"] == "regency"
    assert bireuen["parent_region_code"] == "11"
    assert isinstance(bireuen["bps_code"], str)


async def test_the_reference_tables_follow_the_shipped_files(served: Served) -> None:
    async with served.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE indicator_values SET value = 1 WHERE indicator_code = 'poverty_rate' AND region_code = '11.01'"))
    await load_reference_tables(served.runtime.database)
    values = (await served.get("/v1/indicators/poverty_rate/values")).json()["items"]
    assert values[0] == {"region_code": "11.01", "value": "13.18", "missing_reason": None}


async def test_regions_are_public_and_their_codes_stay_text(served: Served) -> None:
    one = await served.get("/v1/regions/11.10")
    assert (one.status_code, one.json()["region_code"]) == (200, "11.10")
    assert one.json()["parent_region_code"] == "11"
    assert "kemendagri-2025" in one.json()["source_codes"]
    provinces = (await served.get("/v1/regions", params={"level": "province", "limit": 200})).json()
    assert (len(provinces["items"]), provinces["next_cursor"]) == (38, None)
    page, seen = await served.get("/v1/regions", params={"level": "regency", "limit": 200}), []
    while True:
        seen += [item["region_code"] for item in page.json()["items"]]
        if not (cursor := page.json()["next_cursor"]):
            break
        page = await served.get("/v1/regions", params={"level": "regency", "limit": 200, "cursor": cursor})
    assert len(seen) == len(set(seen)) == 514
    assert "11.10" in seen


async def test_a_bps_code_needs_the_year_of_its_table(served: Served) -> None:
    found = {
        scheme: (await served.get("/v1/regions", params={"bps_code": "94", "scheme": scheme})).json()["items"][0]["name"] for scheme in ("bps_2021", "bps_2024")
    }
    assert found == {"bps_2021": "Papua", "bps_2024": "Papua"}
    assert (await served.get("/v1/regions/94")).json()["name"] == "Papua Tengah"
    simeulue = (await served.get("/v1/regions", params={"bps_code": "1101", "scheme": "bps_2024"})).json()["items"]
    assert [item["region_code"] for item in simeulue] == ["11.09"]
    assert (await served.get("/v1/regions", params={"bps_code": "1101"})).json()["code"] == "bps_scheme_missing"


async def test_indicator_values_are_as_published_and_missing_ones_say_why(served: Served) -> None:
    rate = (await served.get("/v1/indicators/poverty_rate/values", params={"period": "2021-03", "province_code": "11"})).json()
    assert (rate["unit"], rate["derived"], rate["source_codes"], rate["population_period"]) == ("percent", False, ["bps-p0-2021"], None)
    assert {item["region_code"][:3] for item in rate["items"]} == {"11."}
    life = (await served.get("/v1/indicators/life_expectancy/values")).json()["items"]
    assert life[0]["value"] == "64.40"
    water = {item["region_code"]: item for item in (await served.get("/v1/indicators/drinking_water_access/values")).json()["items"]}
    assert water["95.05"] == {"region_code": "95.05", "value": None, "missing_reason": "not available: the republished table shows 0"}
    refused = await served.get("/v1/indicators/poverty_rate/values", params={"period": "1999"})
    assert (refused.status_code, refused.json()["code"], refused.json()["available_periods"]) == (422, "period_unavailable", ["2021-03"])
    assert (await served.get("/v1/indicators/happiness/values")).status_code == 404


async def test_derived_figures_name_their_population(served: Served) -> None:
    poor = (await served.get("/v1/indicators/number_of_poor/values", params={"population_period": "2017"})).json()
    assert (poor["derived"], poor["period"], poor["population_period"]) == (True, "2021-03", "2017")
    assert poor["source_codes"] == ["bps-p0-2021", "bps-population-2017"]
    assert poor["items"][0] == {"region_code": "11.01", "value": "30563", "missing_reason": None}  # 13.18 % of 231,890
    head = (await served.get("/v1/indicators/grdp_per_head_constant_2010/values", params={"population_period": "2017"})).json()
    assert head["items"][0]["value"] == "18741"  # 4,345,784 million rupiah over 231,890
    listed = {item["indicator_code"]: item for item in (await served.get("/v1/indicators")).json()["items"]}
    assert len(listed) == 13
    assert (listed["number_of_poor"]["derived"], listed["number_of_poor"]["periods"]) == (True, ["2021-03"])
    assert listed["population"]["periods"] == ["2017", "2024-S2"]
    assert len((await served.get("/v1/sources", params={"limit": 200})).json()["items"]) == 21


async def test_from_a_drafted_model_to_48_published_locations_in_8_provinces(
    served: Served, analyst: Person, coordinator: Person, activate: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programme_id = await activate()
    path = await locked_run(served, analyst, coordinator, programme_id, await approved_model(served, analyst, coordinator))
    run = (await served.get(path, analyst)).json()
    assert (len(run["region_codes"]), len(run["province_codes"]), run["candidate_count"]) == (48, 8, 514)
    assert (await served.get(f"{path}/result")).status_code == 404  # not public yet
    assert (await served.get(f"{path}/result", coordinator)).status_code == 200
    assert (await served.get("/v1/priority-locations")).json()["items"] == []

    published = await served.act(path, "publish", coordinator, DECREE)
    assert (published.status_code, published.json()["status"]) == (200, "published")
    run_id = UUID(run["id"])
    events = [row for row in await served.outbox() if row.subject == run_id]
    assert [row.sequence for row in events] == list(range(1, 55))
    assert [row.type.split(".")[2] for row in events[:6]] == [
        "PrioritisationRunCreated",
        "PrioritisationAssessmentsWaived",
        "PrioritisationComputed",
        "PrioritisationRunSubmitted",
        "PrioritisationRunLocked",
        "PrioritisationRunPublished",
    ]
    assert {row.type.split(".")[2] for row in events[6:]} == {"LocationPrioritised"}
    assert len({row.time for row in events[5:]}) == 1  # one statement
    data = [json.loads(row.data) for row in events[6:]]
    assert [each["region_code"] for each in data] == run["region_codes"]
    assert {each["location_priority_id"] for each in data} == {str(uuid5(run_id, each["region_code"])) for each in data}
    assert all(isinstance(each["score"], str) and len(each["score"]) == 8 for each in data)

    locations = (await served.get("/v1/priority-locations", params={"programme_id": programme_id, "limit": 200})).json()["items"]
    assert [each["region_code"] for each in locations] == run["region_codes"]
    assert {each["province_code"] for each in locations} == set(run["province_codes"])
    assert {each["score"] for each in locations} == {each["score"] for each in data}
    first = (await served.get("/v1/priority-locations", params={"limit": 30})).json()
    second = (await served.get("/v1/priority-locations", params={"limit": 30, "cursor": first["next_cursor"]})).json()
    assert first["items"] + second["items"] == locations
    totals = (await served.get("/v1/totals", params={"programme_id": programme_id})).json()["items"]
    assert [each["region_code"] for each in totals] == sorted(run["region_codes"])

    exported = await served.get(f"{path}/result")
    assert exported.status_code == 200
    assert (await served.get(f"{path}/result")).content == exported.content
    assert exported.headers["etag"] == f'"{run["result_hash"]}"'
    (tmp_path / "result.json").write_bytes(exported.content)
    assert runpy.run_path(str(SCRIPT))["main"](str(tmp_path / "result.json")) == 0
    assert "ranks equal: 514/514, selection equal: 48/48, hash equal: yes" in capsys.readouterr().out


async def test_neither_author_nor_analyst_decides(served: Served, analyst: Person, coordinator: Person, activate: Callable[..., Any]) -> None:
    drafted = await served.post("/v1/prioritisation-models", analyst, MODEL)
    path = f"/v1/prioritisation-models/{drafted.json()['id']}"
    assert (await served.act(path, "submit", analyst)).status_code == 200
    refused = await served.act(path, "approve", analyst)
    assert (refused.status_code, refused.json()["code"]) == (409, "four_eyes")
    early = await served.post("/v1/prioritisation-runs", analyst, {"programme_id": await activate(), "model_id": drafted.json()["id"]})
    assert (early.status_code, early.json()["code"]) == (409, "model_not_current")
    await served.act(path, "approve", coordinator)
    assert (await served.act(path, "activate", coordinator)).status_code == 200
    run = await run_of(served, analyst, await activate(), drafted.json()["id"])
    await served.act(run, "compute", analyst)
    await served.act(run, "submit-review", analyst)
    assert (await served.act(run, "lock", analyst)).json()["code"] == "four_eyes"


async def test_a_programme_has_one_published_run(served: Served, analyst: Person, coordinator: Person, activate: Callable[..., Any]) -> None:
    programme_id, model_id = await activate(), await approved_model(served, analyst, coordinator)
    first = await locked_run(served, analyst, coordinator, programme_id, model_id)
    second = await locked_run(served, analyst, coordinator, programme_id, model_id)
    assert (await served.act(first, "publish", coordinator, DECREE)).status_code == 200
    refused = await served.act(second, "publish", coordinator, DECREE)
    assert (refused.status_code, refused.json()["code"]) == (409, "run_already_published")
    assert (await names(served))["LocationPrioritised"] == 48
    assert len((await served.get("/v1/priority-locations", params={"limit": 200})).json()["items"]) == 48


async def test_computing_again_emits_nothing_and_a_tampered_result_is_not_locked(
    served: Served, analyst: Person, coordinator: Person, activate: Callable[..., Any]
) -> None:
    path = await run_of(served, analyst, await activate(), await approved_model(served, analyst, coordinator))
    once = await served.act(path, "compute", analyst)
    again = await served.act(path, "compute", analyst)
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, once.json(), once.headers["etag"])
    assert (await names(served))["PrioritisationComputed"] == 1
    async with served.runtime.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE prioritisation_results SET document = replace(document, '\"rank\":1,', '\"rank\":2,')")
    assert (await served.act(path, "submit-review", analyst)).json()["code"] == "result_changed"
    assert (await served.act(path, "compute", analyst)).status_code == 200
    assert (await served.act(path, "submit-review", analyst)).status_code == 200
    assert (await served.act(path, "lock", coordinator)).status_code == 200


async def test_a_run_needs_a_programme_that_coordination_activated(served: Served, analyst: Person, coordinator: Person) -> None:
    body = {"programme_id": str(new_id()), "model_id": await approved_model(served, analyst, coordinator)}
    refused = await served.post("/v1/prioritisation-runs", analyst, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "programme_not_active")


async def test_an_amended_programme_s_new_quota_counts_for_runs_that_begin_later(
    served: Served, analyst: Person, coordinator: Person, activate: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    programme_id, model = await activate(48, 39), await approved_model(served, analyst, coordinator)
    amended = ProgrammeAmended(
        programme_id=UUID(programme_id),
        programme_version=2,
        changed_fields=["province_quota"],
        effective_from=date(2024, 2, 1),
        change_request_id=new_id(),
        area_quota=48,
        province_quota=8,
        valid_to=date(2028, 12, 31),
        funding_sources=["apbn"],
    )
    await served.runtime.event_log.append([record(amended, subject=UUID(programme_id), sequence=2)])

    async def taken_over() -> bool:
        async with served.runtime.engine.connect() as connection:
            known = await connection.execute(text("SELECT province_quota, valid_to FROM programmes WHERE programme_id = :id"), {"id": programme_id})
            return tuple(known.one()) == (8, date(2028, 12, 31))

    await eventually(taken_over)
    run = await run_of(served, analyst, programme_id, model)
    assert (await served.act(run, "compute", analyst)).status_code == 200


async def test_a_quota_that_cannot_be_kept_and_missing_figures_are_explained(
    served: Served, analyst: Person, coordinator: Person, activate: Callable[..., Any]
) -> None:
    run = await run_of(served, analyst, await activate(48, 39), await approved_model(served, analyst, coordinator))
    refused = await served.act(run, "compute", analyst)
    assert (refused.status_code, refused.json()["code"]) == (422, "selection.infeasible")
    water = {"indicator_code": "drinking_water_access", "weight": "0.30", "direction": "cost", "dimension": "poverty"}
    gaps = await served.post("/v1/prioritisation-models", analyst, MODEL | {"criteria": [water, *MODEL["criteria"][1:]]})
    refused = await served.act(f"/v1/prioritisation-models/{gaps.json()['id']}", "submit", analyst)
    assert (refused.status_code, refused.json()["code"]) == (422, "ranking.missing_values")
    assert "95.05: drinking_water_access" in refused.json()["explanation"]


def with_criterion(**changed: Any) -> dict[str, Any]:
    return MODEL | {"criteria": [MODEL["criteria"][0] | changed, *MODEL["criteria"][1:]]}


async def test_what_is_no_model_is_refused_by_name(served: Served, analyst: Person) -> None:
    for body, code in (
        (with_criterion(weight="0.31"), "ranking.invalid_weights"),
        (with_criterion(weight="0.000"), "ranking.invalid_weights"),
        (with_criterion(weight=0.3), "validation_failed"),
        (with_criterion(weight="1e-1"), "validation_failed"),
        (with_criterion(indicator_code="happiness"), "unknown_indicator"),
        (with_criterion(indicator_code="number_of_poor"), "ranking.duplicate_code"),
        (with_criterion(direction="up"), "validation_failed"),
        (with_criterion(approved=True), "validation_failed"),
        (MODEL | {"status": "approved"}, "validation_failed"),
        (MODEL | {"title": "a\x00b"}, "validation_failed"),
        (MODEL | {"code": "a\x00b"}, "validation_failed"),
        (MODEL | {"aggregation": "wpm"}, "ranking.incompatible_method"),
        (MODEL | {"criteria": [criterion | {"dimension": "poverty"} for criterion in MODEL["criteria"]]}, "dimension_missing"),
    ):
        refused = await served.post("/v1/prioritisation-models", analyst, body)
        assert (refused.status_code, refused.json()["code"]) == (422, code), body
    english = await served.post("/v1/prioritisation-models", analyst, with_criterion(weight="0.31"), headers={"Accept-Language": "en"})
    assert english.json()["detail"] == "Each weight must be above 0 and all must sum to exactly 1."
    assert (await names(served)).keys() == {"RegionRegistered"}


async def test_unreadable_parameters_are_422(serving: Callable[..., Any], analyst: Person) -> None:
    served: Served = await serving(SERVICE)
    for path in (
        "/v1/regions/11%00",
        "/v1/regions/1110",
        "/v1/regions?bps_code=%00&scheme=bps_2021",
        "/v1/regions?province_code=1%00",
        "/v1/indicators/%00/values",
        "/v1/indicators/poverty_rate/values?period=%00",
        "/v1/priority-locations?province_code=%00",
        "/v1/prioritisation-models?code=%00",
        "/v1/totals",
    ):
        assert (await served.get(path, analyst)).status_code == 422, path


async def test_roles(served: Served, person: Callable[..., Person], coordinator: Person) -> None:
    for role in Role:
        caller = person(role, regions=["53"])
        draft = await served.post("/v1/prioritisation-models", caller, MODEL)
        assert draft.status_code == (201 if role is Role.PROGRAMME_OWNER else 403), role
        read = await served.get("/v1/prioritisation-runs", caller)
        assert read.status_code == (403 if role in (Role.PUBLIC, Role.SYSTEM_ADMIN) else 200), role
        assert (await served.get("/v1/priority-locations", caller)).status_code == 200
    assert (await served.get("/v1/prioritisation-models")).status_code == 401


async def test_versions_of_a_model_count_up(served: Served, analyst: Person) -> None:
    versions = [(await served.post("/v1/prioritisation-models", analyst, MODEL)).json()["model_version"] for _ in range(3)]
    assert versions == [1, 2, 3]
    listed = (await served.get("/v1/prioritisation-models", analyst, params={"code": MODEL["code"]})).json()["items"]
    assert [item["model_version"] for item in listed] == [1, 2, 3]
    assert listed[0]["criteria"] == MODEL["criteria"]


async def test_every_operation_is_described(served: Served) -> None:
    document = (await served.get("/openapi.json")).json()
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert all(operation.get("operationId") and " / " in operation["summary"] and operation.get("description") for operation in operations)
