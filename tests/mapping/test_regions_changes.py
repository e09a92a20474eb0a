"""Changes of the register by decree: one person writes them down, another confirms them, and the crosswalk follows."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.reference import load_reference_tables
from services.mapping.region_changes.domain import ChangeType, RegionChange
from services.mapping.regions.domain import Region, RegionStatus
from shared.clock import today
from shared.security.identity import Role
from tests.kit import Person, Served

DECREE = {"effective_from": "2026-01-01", "decree_ref": "UU 1/2026", "reason": "Pemekaran."}
NEW_PROVINCE = DECREE | {
    "change_type": "register", "region_code": "97", "region_kind": "provinsi", "name": "Papua Utara", "latitude": -1.2, "longitude": 136.1,
    "bps_code_2024": "98",
}  # fmt: skip


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


@pytest.fixture
def author(person: Callable[..., Person]) -> Person:
    return person(Role.PROGRAMME_OWNER)


@pytest.fixture
def coordinator(person: Callable[..., Person]) -> Person:
    return person(Role.COORDINATOR)


@pytest.fixture
def change(served: Served, author: Person, coordinator: Person) -> Callable[..., Any]:
    """Draft a change and have it confirmed."""

    async def confirmed(change_type: str, region_code: str, **given: Any) -> dict[str, Any]:
        body = DECREE | {"change_type": change_type, "region_code": region_code} | given
        drafted = await served.post("/v1/region-changes", author, body)
        assert drafted.status_code == 201, drafted.text
        answer = await served.act(f"/v1/region-changes/{drafted.json()['id']}", "confirm", coordinator)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    return confirmed


async def recorded(served: Served) -> list[tuple[str, dict[str, Any]]]:
    """Events after the reference tables."""
    return [(row.type.split(".")[2], json.loads(row.data)) for row in (await served.outbox())[552:]]


async def region(served: Served, code: str) -> dict[str, Any]:
    document: dict[str, Any] = (await served.get(f"/v1/regions/{code}")).json()
    return document


async def resolved(served: Served, code: str, on: str | None = None) -> str:
    answer = (await served.get("/v1/regions/resolve", params={"code": code, "scheme": "kemendagri"} | ({"on": on} if on else {}))).json()
    return str(answer.get("region_code") or answer["code"])


async def test_a_division_from_its_first_day_to_the_figures(served: Served, change: Callable[..., Any]) -> None:
    """A new province is registered, takes a part of the old one, and a regency comes to it under a new code."""
    await change("register", "97", **{name: NEW_PROVINCE[name] for name in ("region_kind", "name", "latitude", "longitude", "bps_code_2024")})
    await change("split", "91", successors=[{"region_code": "91", "share": "0.7"}, {"region_code": "97", "share": "0.3"}])
    await change("recode", "91.06", new_region_code="97.01")
    assert [name for name, _ in await recorded(served)] == [
        "RegionChangeDrafted", "RegionChangeConfirmed", "RegionRegistered", "RegionChangeDrafted", "RegionChangeConfirmed", "RegionSplit",
        "RegionChangeDrafted", "RegionChangeConfirmed", "RegionRecoded", "RegionRegistered",
    ]  # fmt: skip
    events = dict(await recorded(served))
    assert events["RegionSplit"] == {
        "region_code": "91", "successor_region_codes": ["91", "97"], "population_shares": ["0.7", "0.3"], "effective_from": "2026-01-01",
        "source_ref": "UU 1/2026",
    }  # fmt: skip
    papua, biak = await region(served, "91"), await region(served, "97.01")
    assert (papua["status"], papua["children_count"]) == ("active", 8)
    assert (biak["name"], biak["parent_region_code"], biak["valid_from"], biak["province_code_2021"]) == ("Kabupaten Biak Numfor", "97", "2026-01-01", "91")
    old = await region(served, "91.06")
    assert (old["status"], old["valid_to"]) == ("recoded", "2025-12-31")
    assert await resolved(served, "91.06", "2025-12-31") == "97.01"
    assert await resolved(served, "91.06") == "unknown_code"
    assert await resolved(served, "97.01") == "97.01"
    assert await resolved(served, "91", "2025-12-31") == "ambiguous_code"
    assert await resolved(served, "91") == "91"
    by_bps = (await served.get("/v1/regions/resolve", params={"code": "9409", "scheme": "bps-2021", "on": "2021-03-01"})).json()
    assert (by_bps["region_code"], by_bps["how"], by_bps["since"]) == ("97.01", "recode", "2026-01-01")
    four = (await served.get("/v1/regions/resolve", params={"code": "94", "scheme": "bps-2021"})).json()
    assert four["candidates"] == ["91", "93", "94", "95", "97"]
    of_today = [item["region_code"] for item in (await served.get("/v1/regions", params={"parent": "91"})).json()["items"]]
    assert "91.06" not in of_today
    also_ended = [item["region_code"] for item in (await served.get("/v1/regions", params={"parent": "91", "ended": "true"})).json()["items"]]
    assert "91.06" in also_ended


async def test_a_split_without_the_old_code_ends_it(served: Served, change: Callable[..., Any]) -> None:
    for code, name in (("34.05", "Kabupaten Utara"), ("34.06", "Kabupaten Selatan")):
        await change("register", code, region_kind="kabupaten", name=name, latitude=-7.9, longitude=110.4)
    await change("split", "34.03", successors=[{"region_code": "34.05", "share": "0.5"}, {"region_code": "34.06", "share": "0.5"}])
    assert (await region(served, "34.03"))["status"] == "split"
    assert await resolved(served, "34.03", "2020-01-01") == "ambiguous_code"


async def test_a_merge_and_a_deletion(served: Served, change: Callable[..., Any]) -> None:
    await change("merge", "34.01", successor_region_code="34.02")
    assert await resolved(served, "34.01", "2020-01-01") == "34.02"
    assert (await region(served, "34.02"))["crosswalk"][0]["kind"] == "merge"
    await change("deactivate", "34.04")
    ended = await region(served, "34.04")
    assert (ended["status"], ended["valid_to"]) == ("inactive", "2025-12-31")
    assert await resolved(served, "34.04") == "unknown_code"
    names = [name for name, _ in await recorded(served)]
    assert names.count("RegionMerged") == names.count("RegionDeactivated") == 1


async def test_a_name_by_decree_is_followed_and_a_misspelling_is_only_mended(served: Served, change: Callable[..., Any]) -> None:
    await change("rename", "53.04", name="Kabupaten Timor")
    renamed = await region(served, "53.04")
    assert (renamed["name"], renamed["crosswalk"][0]["from_name"]) == ("Kabupaten Timor", renamed["former_name"])
    await change("correct", "92.03", name="Kabupaten Fakfak", area_km2="9776.5")
    mended = await region(served, "92.03")
    assert (mended["name"], mended["former_name"], mended["crosswalk"], mended["area_km2"]) == ("Kabupaten Fakfak", None, [], "9776.5")
    changed = [data["changed_fields"] for name, data in await recorded(served) if name == "RegionCorrected"]
    assert changed == [["former_name", "name"], ["area_km2", "name"]]


async def test_the_author_does_not_confirm_and_readers_do_neither(served: Served, person: Callable[..., Person], author: Person) -> None:
    drafted = await served.post("/v1/region-changes", author, NEW_PROVINCE)
    path = f"/v1/region-changes/{drafted.json()['id']}"
    same = person(Role.COORDINATOR, name=author.name)
    assert (await served.act(path, "confirm", same)).json()["code"] == "four_eyes"
    for role in (Role.PROGRAMME_OWNER, Role.AUDITOR, Role.PROVINCE):
        assert (await served.act(path, "confirm", person(role))).status_code == 403
    assert (await served.post("/v1/region-changes", person(Role.COORDINATOR), NEW_PROVINCE)).status_code == 403
    assert (await served.get(path)).status_code == 401
    assert (await served.get("/v1/regions/97")).status_code == 404
    assert (await served.get(path, person(Role.AUDITOR))).json()["status"] == "draft"


async def test_a_rejected_change_stays_one(served: Served, author: Person, coordinator: Person) -> None:
    path = f"/v1/region-changes/{(await served.post('/v1/region-changes', author, NEW_PROVINCE)).json()['id']}"
    assert (await served.act(path, "reject", coordinator, {"reason_code": "decree_not_in_force"})).json()["reason_code"] == "decree_not_in_force"
    refused = (await served.act(path, "confirm", coordinator)).json()
    assert (refused["code"], refused["allowed_transitions"]) == ("illegal_transition", [])
    listed = (await served.get("/v1/region-changes", coordinator, params={"status": "rejected"})).json()["items"]
    assert [item["id"] for item in listed] == [path.rpartition("/")[2]]


NOT_ALLOWED: list[tuple[str, str, dict[str, Any], str]] = [
    ("rename", "98", {"name": "Entah"}, "region_unknown"),
    ("rename", "98.01", {"name": "Entah"}, "region_unknown"),
    ("recode", "91.06", {"new_region_code": "98.01"}, "successor_not_active"),
    ("recode", "91.06", {"new_region_code": "91.05"}, "region_code_taken"),
    ("recode", "91.06", {"new_region_code": "91.01"}, "region_code_taken"),
    ("recode", "91", {"new_region_code": "98"}, "children_active"),
    ("merge", "91.06", {"successor_region_code": "91.99"}, "successor_not_active"),
    ("deactivate", "91", {}, "children_active"),
    ("split", "91", {"successors": [{"region_code": "91", "share": "0.7"}, {"region_code": "93", "share": "0.2"}]}, "shares_not_whole"),
    ("split", "91", {"successors": [{"region_code": "91", "share": "0.7"}, {"region_code": "98", "share": "0.3"}]}, "successor_not_active"),
    ("split", "91", {"successors": [{"region_code": "91", "share": "0.7"}, {"region_code": "91", "share": "0.3"}]}, "validation_failed"),
    ("split", "91", {"successors": [{"region_code": "91", "share": "1"}]}, "validation_failed"),
    ("rename", "11.01.01", {"name": "Entah"}, "validation_failed"),
    ("register", "97", {"region_kind": "kota", "name": "x", "latitude": 0, "longitude": 120}, "validation_failed"),
    ("register", "97", {"region_kind": "provinsi", "name": "x", "latitude": 120, "longitude": 0}, "validation_failed"),
    ("register", "98.01", {"region_kind": "kabupaten", "name": "x", "latitude": 0, "longitude": 120}, "successor_not_active"),
    ("register", "91", {"region_kind": "provinsi", "name": "x", "latitude": 0, "longitude": 120}, "region_code_taken"),
    ("rename", "93", {"name": "Entah", "effective_from": "2022-07-24"}, "before_region_began"),
    ("dissolve", "91", {}, "validation_failed"),
]


async def test_what_the_register_does_not_allow_is_said_at_once(served: Served, author: Person) -> None:
    for change_type, code, given, problem in NOT_ALLOWED:
        answer = await served.post("/v1/region-changes", author, DECREE | {"change_type": change_type, "region_code": code} | given)
        assert (answer.status_code in (409, 422), answer.json()["code"]) == (True, problem), (change_type, code, given, answer.text)
    assert await recorded(served) == []


NOT_CONFIRMED: list[tuple[str, dict[str, Any], str]] = [
    ("merge", {"successor_region_code": "34"}, "level_differs"),
    ("merge", {"successor_region_code": "34.01"}, "level_differs"),
    ("correct", {}, "nothing_to_correct"),
    ("rename", {"name": "Kabupaten Kulon Progo"}, "nothing_to_correct"),
    ("recode", {"new_region_code": "97"}, "level_differs"),
]


async def test_what_only_the_region_knows_is_said_when_it_is_confirmed(served: Served, author: Person, coordinator: Person) -> None:
    for change_type, given, problem in NOT_CONFIRMED:
        drafted = await served.post("/v1/region-changes", author, DECREE | {"change_type": change_type, "region_code": "34.01"} | given)
        assert drafted.status_code == 201, drafted.text
        answer = await served.act(f"/v1/region-changes/{drafted.json()['id']}", "confirm", coordinator)
        assert answer.json()["code"] == problem
    assert {name for name, _ in await recorded(served)} == {"RegionChangeDrafted"}


async def test_a_change_waits_for_its_day(served: Served, author: Person, coordinator: Person) -> None:
    later = (today() + timedelta(days=30)).isoformat()
    path = f"/v1/region-changes/{(await served.post('/v1/region-changes', author, NEW_PROVINCE | {'effective_from': later})).json()['id']}"
    refused = await served.act(path, "confirm", coordinator)
    assert (refused.status_code, refused.json()["code"], refused.json()["effective_from"]) == (409, "effective_in_future", later)


async def test_a_priority_location_is_not_deleted(served: Served, author: Person) -> None:
    async with served.runtime.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO programmes (programme_id, code, area_quota, province_quota, valid_from, valid_to) "
                "VALUES (gen_random_uuid(), 'P', 1, 1, '2024-01-01', '2099-12-31')"
            )
        )
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(
            text(
                "INSERT INTO priority_locations (location_priority_id, programme_id, run_id, region_code, province_code, rank, score, poverty_score, "
                "potential_score, effective_from) SELECT gen_random_uuid(), programme_id, gen_random_uuid(), '34.01', '34', 1, 1, 1, 1, '2024-01-01' "
                "FROM programmes"
            )
        )
    answer = await served.post("/v1/region-changes", author, DECREE | {"change_type": "deactivate", "region_code": "34.01"})
    assert (answer.status_code, answer.json()["code"]) == (409, "programme_running")


async def test_two_confirmations_at_once_change_it_once(served: Served, author: Person, person: Callable[..., Person]) -> None:
    path = f"/v1/region-changes/{(await served.post('/v1/region-changes', author, NEW_PROVINCE)).json()['id']}"
    answers = await asyncio.gather(*(served.act(path, "confirm", person(Role.COORDINATOR)) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers).count(200) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    assert [name for name, _ in await recorded(served)].count("RegionRegistered") == 1


async def test_two_drafts_of_one_code_register_it_once(served: Served, author: Person, coordinator: Person) -> None:
    paths = [f"/v1/region-changes/{(await served.post('/v1/region-changes', author, NEW_PROVINCE)).json()['id']}" for _ in range(2)]
    first, second = await asyncio.gather(*(served.act(path, "confirm", coordinator) for path in paths))
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    assert {first.json().get("code"), second.json().get("code")} >= {"region_code_taken"}


async def test_a_region_that_ended_allows_nothing_more(served: Served, change: Callable[..., Any], author: Person) -> None:
    await change("deactivate", "34.04")
    ended = DECREE | {"region_code": "34.04"}
    for body in (
        {"change_type": "rename", "name": "x"},
        {"change_type": "correct", "name": "x"},
        {"change_type": "recode", "new_region_code": "34.09"},
        {"change_type": "merge", "successor_region_code": "34.01"},
        {"change_type": "deactivate"},
        {"change_type": "split", "successors": [{"region_code": "34.01", "share": "0.5"}, {"region_code": "34.02", "share": "0.5"}]},
    ):
        answer = await served.post("/v1/region-changes", author, ended | body)
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "illegal_transition", "inactive"), body


def test_every_transition_of_a_region_is_a_kind_of_change() -> None:
    allowed = Region.TRANSITIONS[RegionStatus.ACTIVE]
    assert {kind.value for kind in ChangeType} == allowed | {"register"}
    assert RegionChange.TRANSITIONS.keys() == {"draft", "confirmed", "rejected"}
