"""Enterprises and groups from outside."""

import asyncio
import logging
from typing import Any

import pytest

from services.facilitation.enterprises.tables import enterprises
from shared.security.identity import Role
from shared.telemetry import configure_logging
from tests.facilitation.story import ENTERPRISE, GROUP, LENDER, Story, grant, nik


async def test_an_enterprise_is_registered_and_read_with_its_nik_masked(story: Story) -> None:
    created = await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": nik(), "nib": "9120012345678"})
    assert created.status_code == 201, created.text
    assert created.json()["owner_nik"] == "530499******0001"
    read = await story.served.get(created.headers["location"].removeprefix("/facilitation"), story.regency)
    assert read.json() == created.json()
    assert [row.type.split(".")[2] for row in await story.served.outbox()] == ["EnterpriseRegistered"]


REFUSED_REGISTRATIONS: list[tuple[dict[str, Any], str]] = [
    ({"owner_nik": "53049957088900"}, "nik_malformed"),
    ({"owner_nik": "5304993202890001"}, "nik_birth_date_impossible"),
    ({"owner_nik": "5304995708890000"}, "nik_serial_zero"),
    ({"capital_idr": 1_000_000_001, "annual_sales_idr": 2_000_000_001}, "not_micro"),
    ({"consent_on": "2099-01-01"}, "consent_in_future"),
    ({"nib": "123"}, "validation_failed"),
    ({"status": "active"}, "validation_failed"),
]


async def test_a_registration_is_refused_by_name(story: Story) -> None:
    for given, code in REFUSED_REGISTRATIONS:
        answer = await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": nik()} | given)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await story.served.outbox() == []


async def test_one_owner_has_one_enterprise_however_many_ask_at_once(story: Story) -> None:
    bodies = [ENTERPRISE | {"owner_nik": nik(), "name": f"Usaha {n}"} for n in range(5)]
    answers = await asyncio.gather(*(story.served.post("/v1/enterprises", story.mentor, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"nik_already_registered"}
    assert len(await story.served.outbox()) == 1


async def test_a_repeated_registration_is_answered_from_memory(story: Story) -> None:
    body = ENTERPRISE | {"owner_nik": nik()}
    first, again = [await story.served.post("/v1/enterprises", story.mentor, body, key="k-1") for _ in range(2)]
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    assert len(await story.served.outbox()) == 1


async def test_callers_see_their_own_regions_only(story: Story) -> None:
    ours = await story.enterprise(1)
    mentors = {code: story.person(Role.MENTOR, regions=[code]) for code in ("53.05", "53.0", "5", "53.04.01")}
    for mentor in mentors.values():
        assert (await story.served.get(f"/v1/enterprises/{ours}", mentor)).status_code == 404
        assert (await story.served.get("/v1/enterprises", mentor)).json()["items"] == []
        assert (await story.served.post("/v1/enterprises", mentor, ENTERPRISE | {"owner_nik": nik(9)})).status_code == 404
    nowhere = story.person(Role.MENTOR)
    assert (await story.served.get("/v1/enterprises", nowhere)).json()["items"] == []
    for reader in (story.person(Role.PROVINCE, regions=["53"]), story.person(Role.AUDITOR), story.owner):
        assert [item["id"] for item in (await story.served.get("/v1/enterprises", reader)).json()["items"]] == [ours]
        assert (await story.served.get(f"/v1/enterprises/{ours}", reader)).status_code == 200
    group_id = await story.group()
    assert (await story.served.get(f"/v1/groups/{group_id}", mentors["53.05"])).status_code == 404
    assert (await story.served.get(f"/v1/groups/{group_id}/members", mentors["53.05"])).json()["items"] == []
    stranger = await story.served.post(f"/v1/groups/{group_id}/members", mentors["53.05"], {"enterprise_id": ours, "member_role": "member"}, if_match='"1"')
    assert stranger.status_code == 404


async def test_the_coordinator_sees_enterprises_but_not_their_owners(story: Story) -> None:
    ours = await story.enterprise()
    answer = await story.served.get(f"/v1/enterprises/{ours}", story.person(Role.COORDINATOR))
    assert (answer.json()["name"], answer.json()["owner_name"], answer.json()["owner_nik"]) == (ENTERPRISE["name"], None, None)


async def test_only_who_is_near_registers(story: Story) -> None:
    for role in set(Role) - {Role.MENTOR, Role.REGENCY, Role.PROVINCE}:
        caller = story.person(role, institution_id=LENDER)
        assert (await story.served.post("/v1/enterprises", caller, ENTERPRISE | {"owner_nik": nik()})).status_code == 403
        assert (await story.served.post("/v1/groups", caller, GROUP)).status_code == 403


async def test_lists_are_paged_and_filtered(story: Story) -> None:
    ids = [await story.enterprise(serial) for serial in (1, 2, 3)]
    first = (await story.served.get("/v1/enterprises", story.mentor, params={"limit": 2, "region_code": "53"})).json()
    rest = (await story.served.get("/v1/enterprises", story.mentor, params={"region_code": "53", "cursor": first["next_cursor"]})).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    assert (await story.served.get("/v1/enterprises", story.mentor, params={"region_code": "53.05"})).json()["items"] == []


async def test_a_group_becomes_active_in_a_priority_location_with_enough_members(prioritised: Story) -> None:
    story = prioritised
    members = [await story.enterprise(serial) for serial in (1, 2, 3)]
    group_id = await story.group()
    for member in members[:2]:
        await story.join(group_id, member)
    few = await story.verify(group_id)
    assert (few.status_code, few.json()["code"], few.json()["minimum"]) == (422, "too_few_members", 3)
    await story.join(group_id, members[2], "head")
    early = await story.activate(group_id)
    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    assert "verify" in early.json()["allowed_transitions"]
    assert (await story.verify(group_id)).json()["status"] == "verified"
    done = await story.activate(group_id)
    assert (done.status_code, done.json()["status"], done.json()["member_count"]) == (200, "active", 3)
    listed = (await story.served.get("/v1/groups", story.owner, params={"status": "active"})).json()["items"]
    assert [item["id"] for item in listed] == [group_id]
    subjects = {str(row.subject) for row in await story.served.outbox() if ".Group" in row.type}
    assert subjects == {group_id}


async def test_a_group_elsewhere_is_not_activated(story: Story) -> None:
    group_id = await story.group()
    for serial, role in ((1, "head"), (2, "member"), (3, "member")):
        await story.join(group_id, await story.enterprise(serial), role)
    await story.verify(group_id)
    answer = await story.activate(group_id)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_prioritised_location")


async def test_an_enterprise_is_in_one_group_at_a_time(story: Story) -> None:
    enterprise = await story.enterprise()
    first, second = await story.group(), await story.group(name="Kelompok Lain")
    both = await asyncio.gather(story.join(first, enterprise), story.join(second, enterprise))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert [answer.json()["code"] for answer in both if answer.status_code == 409] == ["already_member"]
    joined = first if both[0].status_code == 200 else second
    other = second if joined == first else first
    left = await story.served.act(f"/v1/groups/{joined}", f"members/{enterprise}/leave", story.mentor, {"reason_code": "moved_away"})
    # `act` reads the ETag at the group and posts below it.
    assert (left.status_code, left.json()["member_count"]) == (200, 0)
    assert (await story.join(other, enterprise)).status_code == 200
    [past] = (await story.served.get(f"/v1/groups/{joined}/members", story.mentor)).json()["items"]
    assert (past["left_on"] is not None, past["reason_code"]) == (True, "moved_away")
    names = [row.type.split(".")[2] for row in await story.served.outbox()]
    assert names.count("GroupMemberJoined") == 2


async def test_a_group_has_one_head_and_only_members_leave(story: Story) -> None:
    group_id, one, two = await story.group(), await story.enterprise(1), await story.enterprise(2)
    assert (await story.join(group_id, one, "head")).status_code == 200
    second = await story.join(group_id, two, "head")
    assert (second.status_code, second.json()["code"]) == (409, "head_already_named")
    gone = await story.served.act(f"/v1/groups/{group_id}", f"members/{two}/leave", story.mentor, {"reason_code": "moved_away"})
    assert (gone.status_code, gone.json()["code"]) == (409, "not_a_member")


async def test_joining_twice_with_one_key_joins_once(story: Story) -> None:
    group_id, enterprise = await story.group(), await story.enterprise()
    body = {"enterprise_id": enterprise, "member_role": "member"}
    path = f"/v1/groups/{group_id}/members"
    first, again = [await story.served.post(path, story.mentor, body, key="j-1", if_match='"1"') for _ in range(2)]
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (200, first.content, "true")
    assert first.json()["member_count"] == 1


async def test_a_group_name_is_unique_in_its_region(story: Story) -> None:
    await story.group()
    again = await story.served.post("/v1/groups", story.mentor, GROUP)
    assert (again.status_code, again.json()["code"]) == (409, "group_name_taken")


async def test_no_nik_or_name_appears_in_any_answer_event_or_log_line(prioritised: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story, handlers, level = prioritised, logging.getLogger().handlers[:], logging.getLogger().level
    configure_logging("DEBUG")
    try:
        said = await _everything(story)
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
    events = "".join(row.data for row in await story.served.outbox())
    lines = capsys.readouterr().out
    assert "entaskan.facilitation.FinancingGranted.v1" in {row.type for row in await story.served.outbox()}
    assert lines.count('"event": "request"') > 10
    for text in (said, events, lines):
        for serial in (1, 2, 3, 7):
            assert nik(serial) not in text
    for text in (events, lines):
        assert "Lodia" not in text
        assert "Amanuban" not in text


async def _everything(story: Story) -> str:
    answers = [await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": nik(7)}) for _ in range(2)]
    answers.append(await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": nik(7), "nib": nik(7), nik(7): 1}))
    answers.append(await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": int(nik(7))}))
    _, (enterprise, *_) = await story.active_group()
    application = await story.forwarded(enterprise)
    answers.append(await story.act(application, "grant", story.lender, grant()))
    for path in ("enterprises", "groups", "financing-applications", f"enterprises/{enterprise}", "totals"):
        answers.append(await story.served.get(f"/v1/{path}", story.owner, params={"programme_id": story.programme_id}))
    return "".join(answer.text for answer in answers)


async def test_the_stored_nik_is_sealed(story: Story) -> None:
    id = await story.enterprise()
    async with story.served.runtime.engine.connect() as connection:
        row = (await connection.execute(enterprises.select())).one()
    assert nik().encode() not in row.owner_nik
    assert story.served.app.state.vault.decrypt(row.owner_nik, f"enterprises.owner_nik:{id}") == nik()
    assert nik() not in str(row._mapping)
