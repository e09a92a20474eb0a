"""Objections: by the region itself, within the window, decided once by somebody else and before the list is locked."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import Life

OBJECTION = {"region_code": "53.03", "grounds_code": "data_wrong", "note": "Angka yang dipakai bukan angka resmi terakhir."}
DECISION = {"decision_code": "rejected", "reason_code": "figures_confirmed", "note": "Angka telah dicocokkan."}


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


@pytest.fixture
def regency(person: Callable[..., Person]) -> Person:
    return person(Role.REGENCY, name="regency", regions=["53.03"])


async def opened(life: Life, days: int = 14) -> str:
    path = await life.reviewed(await life.programme(answer_days=10))
    await life.ok(path, "open-objections", life.coordinator, {"days": days})
    return path


async def events(life: Life, name: str) -> list[dict[str, Any]]:
    return [json.loads(row.data) for row in await life.served.outbox() if row.type.split(".")[2] == name]


async def test_a_region_objects_for_itself_once_on_each_ground(life: Life, regency: Person, person: Callable[..., Person]) -> None:
    path = await opened(life)
    filed = await life.served.post(f"{path}/objections", regency, OBJECTION)
    assert (filed.status_code, filed.json()["status"]) == (201, "filed")
    assert date.fromisoformat(filed.json()["answer_by"]) - date.fromisoformat(filed.json()["filed_on"]) == timedelta(days=10)
    for who, body, expected in (
        (regency, OBJECTION, (409, "objection_exists")),
        (regency, OBJECTION | {"region_code": "53.04"}, (404, "not_found")),
        (person(Role.REGENCY, regions=["53.04"]), OBJECTION, (404, "not_found")),
        (life.coordinator, OBJECTION, (403, "forbidden")),
        (regency, OBJECTION | {"grounds_code": "unfair"}, (422, "validation_failed")),
    ):
        refused = await life.served.post(f"{path}/objections", who, body)
        assert (refused.status_code, refused.json()["code"]) == expected, body
    assert (await life.served.post(f"{path}/objections", regency, OBJECTION | {"grounds_code": "data_outdated"})).status_code == 201
    told = await events(life, "LocationObjectionFiled")
    assert [each["grounds_code"] for each in told] == ["data_wrong", "data_outdated"]
    assert "Angka" not in json.dumps(told)
    other = person(Role.REGENCY, regions=["53.04"])
    assert (await life.served.get(f"/v1/objections/{filed.json()['id']}", other)).status_code == 404
    assert (await life.served.get(f"/v1/objections/{filed.json()['id']}", regency)).json()["note"] == OBJECTION["note"]


async def test_after_the_window_nothing_is_filed(life: Life, regency: Person) -> None:
    path = await opened(life)
    await life.window_passes(path)
    refused = await life.served.post(f"{path}/objections", regency, OBJECTION)
    assert (refused.status_code, refused.json()["code"]) == (409, "objection_window_closed")


async def test_nothing_is_locked_before_every_objection_has_its_dated_answer(life: Life, regency: Person) -> None:
    path = await opened(life)
    objection = f"/v1/objections/{(await life.served.post(f'{path}/objections', regency, OBJECTION)).json()['id']}"
    await life.window_passes(path)
    refused = await life.served.act(path, "lock", life.coordinator)
    assert (refused.status_code, refused.json()["code"], refused.json()["undecided_region_codes"]) == (409, "objections_undecided", ["53.03"])
    assert (await life.served.act(objection, "decide", life.analyst, DECISION)).json()["code"] == "four_eyes"
    assert (await life.served.act(objection, "decide", regency, DECISION)).status_code == 403
    decided = await life.ok(objection, "decide", life.coordinator, DECISION)
    assert (decided["status"], decided["decision_code"], decided["decided_on"] is not None) == ("decided", "rejected", True)
    again = await life.served.act(objection, "decide", life.coordinator, DECISION | {"decision_code": "upheld"})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    await life.ok(path, "lock", life.coordinator)
    assert (await life.served.get(f"{path}/objections")).status_code == 404  # not public yet
    await life.ok(path, "publish", life.coordinator, {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"})
    (listed,) = (await life.served.get(f"{path}/objections")).json()["items"]
    assert (listed["decision_code"], listed["reason_code"], listed["decided_on"]) == ("rejected", "figures_confirmed", decided["decided_on"])
    assert not {"note", "decision_note", "filed_by", "decided_by"} & listed.keys()


async def test_of_twenty_parallel_decisions_one_wins_and_is_told_once(life: Life, regency: Person, person: Callable[..., Person]) -> None:
    path = await opened(life)
    objection = f"/v1/objections/{(await life.served.post(f'{path}/objections', regency, OBJECTION)).json()['id']}"
    deciders = [person(Role.COORDINATOR) for _ in range(20)]
    decisions = [DECISION | {"decision_code": ("upheld", "rejected")[n % 2]} for n in range(20)]
    etag = (await life.served.get(objection, life.coordinator)).headers["etag"]
    answers = await asyncio.gather(*(life.served.post(f"{objection}/decide", who, body, if_match=etag) for who, body in zip(deciders, decisions, strict=True)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {(answer.status_code, answer.json()["code"]) for answer in answers if answer not in won} <= {
        (409, "illegal_transition"),
        (409, "concurrent_change"),
        (412, "stale_precondition"),
        (503, "database_unavailable"),  # turned away on a crowded machine
    }
    told = await events(life, "LocationObjectionDecided")
    assert [each["decision_code"] for each in told] == [won[0].json()["decision_code"]]
    assert (await life.served.get(objection, life.coordinator)).json()["decision_code"] == told[0]["decision_code"]
