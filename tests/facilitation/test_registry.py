"""The register from outside: lives, waivers, eligibility, ladder, timelines, search (FC-1 to FC-5, SD-1)."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.facilitation.clock import pass_day
from shared.clock import today
from shared.contracts.registry import event_type_of
from shared.security.identity import Role
from tests.facilitation.story import ENTERPRISE, REGION, Story, nik
from tests.kit import Person

HASH = "9f" * 32


async def change(story: Story, path: str, verb: str, person: Person, body: Any = None, status: int = 200) -> dict[str, Any]:
    answer = await story.served.act(path, verb, person, body)
    assert answer.status_code == status, answer.text
    answered: dict[str, Any] = answer.json()
    return answered


async def read(story: Story, path: str, person: Person | None = None, **params: Any) -> Any:
    answer = await story.served.get(path, person or story.regency, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def at(enterprise_id: str) -> str:
    return f"/v1/enterprises/{enterprise_id}"


async def activated(story: Story) -> tuple[str, str]:
    """A group and one of its members, both active."""
    group_id, members = await story.active_group()
    await change(story, at(members[0]), "verify", story.regency, {"method": "field_visit"})
    assert (await change(story, at(members[0]), "activate", story.regency))["status"] == "active"
    return group_id, members[0]


async def test_an_enterprise_from_its_registration_to_its_exit(prioritised: Story) -> None:
    story = prioritised
    group_id, enterprise_id = await activated(story)
    path = at(enterprise_id)
    await change(story, path, "household", story.mentor, {"source_code": "dtsen", "source_version": "2025-03", "welfare_decile": 1})
    nib = await change(story, path, "legality", story.mentor, {"legality_type": "nib", "nib": "9120012345678", "risk_level": "low"})
    assert (nib["nib"], nib["legality"][0]["risk_level"], nib["household"]["welfare_decile"]) == ("9120012345678", "low", 1)
    hidden = await read(story, path, story.person(Role.COORDINATOR))
    assert (hidden["owner_name"], hidden["owner_nik"], hidden["household"]) == (None, None, None)
    assert (await change(story, path, "pause", story.regency, {"reason_code": "harvest"}))["reason_code"] == "harvest"
    body = {"service_code": "financing", "programme_id": story.programme_id}
    assert (await change(story, path, "assess-eligibility", story.mentor, body))["status"] == "paused", "a deliberate pause survives an assessment"
    await change(story, path, "activate", story.regency)
    drafted = await story.draft(enterprise_id)
    open_ = await change(story, path, "exit", story.regency, {"reason_code": "moved_away"}, 409)
    assert (open_["code"], open_["count"]) == ("open_financing", 1)
    await story.act(drafted.json()["id"], "withdraw", story.mentor, {"reason_code": "no_longer_needed"})
    assert (await change(story, path, "exit", story.regency, {"reason_code": "moved_away"}))["status"] == "exited"
    members = await read(story, f"/v1/groups/{group_id}/members")
    assert [item["reason_code"] for item in members["items"] if item["enterprise_id"] == enterprise_id] == ["exited"]
    refused = await change(story, path, "pause", story.regency, {"reason_code": "x1"}, 409)
    assert (refused["code"], refused["allowed_transitions"]) == ("illegal_transition", [])


async def test_nik_and_nib_belong_to_one_enterprise_however_many_ask_at_once(story: Story) -> None:
    bodies = [ENTERPRISE | {"owner_nik": nik(7), "nib": f"91200123456{n:02d}"} for n in range(20)]
    bodies += [ENTERPRISE | {"owner_nik": nik(100 + n), "nib": "8120012345678"} for n in range(20)]
    answers = await asyncio.gather(*(story.served.insist("/v1/enterprises", story.mentor, body) for body in bodies))
    for part, code in ((answers[:20], "nik_already_registered"), (answers[20:], "nib_already_registered")):
        assert sorted(answer.status_code for answer in part) == [201] + [409] * 19
        assert {answer.json()["code"] for answer in part if answer.status_code == 409} == {code}


async def test_what_is_odd_about_a_nik_is_a_warning_and_what_cannot_be_is_an_error(story: Story) -> None:
    odd = await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": "9904995708890001", "owner_sex": "male"})
    assert (odd.status_code, odd.json()["warnings"]) == (201, ["nik_province_unknown", "nik_sex_differs"])
    child = await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": "5304991708200001"})
    assert child.json()["warnings"] == ["nik_age_unlikely"]
    wrong = await story.served.post("/v1/enterprises", story.mentor, ENTERPRISE | {"owner_nik": nik(3), "kbli_code": "01111"})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["section"]) == (422, "kbli_outside_section", "A")


async def test_activation_needs_a_group_and_a_place(story: Story, eventually: Callable[..., Any]) -> None:
    enterprise_id = await story.enterprise()
    own = await change(story, at(enterprise_id), "verify", story.mentor, {"method": "registry_check"}, 409)
    assert own["code"] == "registrar_verifies"
    await change(story, at(enterprise_id), "verify", story.regency, {"method": "registry_check"})
    assert (await change(story, at(enterprise_id), "activate", story.regency, status=422))["code"] == "no_active_membership"


async def test_a_waiver_opens_a_place_for_its_time(story: Story, person: Callable[..., Person]) -> None:
    members = [await story.enterprise(serial) for serial in (1, 2, 3)]
    group_id = await story.group()
    for position, member in enumerate(members):
        await story.join(group_id, member, "member" if position else "head")
    await story.verify(group_id)
    assert (await story.activate(group_id)).json()["code"] == "not_prioritised_location"
    asked = {
        "programme_id": story.programme_id,
        "region_code": REGION,
        "group_id": group_id,
        "reason_code": "natural_disaster",
        "valid_from": str(today()),
        "valid_to": str(today() + timedelta(days=90)),
    }
    for wrong in ({"valid_to": str(today() - timedelta(days=1))}, {"valid_to": str(today() + timedelta(days=400))}):
        refused = await story.served.post("/v1/waivers", story.regency, asked | wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "waiver_dates")
    elsewhere = await story.served.post("/v1/waivers", story.regency, asked | {"region_code": "53.05"})
    assert elsewhere.status_code == 404
    waiver = (await story.served.post("/v1/waivers", story.regency, asked)).json()
    path = f"/v1/waivers/{waiver['id']}"
    assert (await story.served.act(path, "grant", story.regency)).status_code == 403
    assert (await story.activate(group_id)).json()["code"] == "not_prioritised_location", "asking is not enough"
    signed = await change(story, path, "grant", story.owner)
    assert (signed["status"], signed["signed_by"]) == ("granted", "owner-1")
    assert (await story.activate(group_id)).json()["status"] == "active"
    await change(story, at(members[0]), "verify", story.regency, {"method": "field_visit"})
    await change(story, at(members[0]), "activate", story.regency)
    event = next(row for row in await story.served.outbox() if row.type.endswith("EnterpriseActivated.v1"))
    assert waiver["id"] in event.data
    await change(story, path, "revoke", story.owner, {"reason_code": "disaster_over"})
    assert (await change(story, at(members[1]), "verify", story.regency, {"method": "field_visit"}))["status"] == "verified"
    assert (await change(story, at(members[1]), "activate", story.regency, status=422))["code"] == "not_prioritised_location"
    assert [item["status"] for item in (await read(story, "/v1/waivers", programme_id=story.programme_id))["items"]] == ["revoked"]


async def test_eligibility_is_kept_with_rule_inputs_and_reasons(prioritised: Story) -> None:
    story = prioritised
    _, enterprise_id = await activated(story)
    path = at(enterprise_id)
    for service in ("mentoring", "financing"):
        await change(story, path, "assess-eligibility", story.mentor, {"service_code": service, "programme_id": story.programme_id})
    await change(story, path, "assess-eligibility", story.mentor, {"service_code": "training", "programme_id": str(uuid4())})
    await change(story, path, "legality", story.mentor, {"legality_type": "nib", "nib": "9120012345678"})
    await change(story, path, "assess-eligibility", story.mentor, {"service_code": "financing", "programme_id": story.programme_id})
    kept = (await read(story, f"{path}/eligibility"))["items"]
    assert [(item["service_code"], item["outcome"], item["reason_codes"]) for item in kept] == [
        ("mentoring", "eligible", []),
        ("financing", "not_compliant", ["nib_recorded"]),
        ("training", "not_eligible", ["location_prioritised"]),
        ("financing", "eligible", []),
    ]
    assert kept[0]["inputs_hash"] == kept[1]["inputs_hash"] != kept[3]["inputs_hash"], "the same facts have the same hash"
    assert "OSS" in kept[1]["next_steps"][0][0]
    assert all(item["rule_version"] == 1 for item in kept)


async def test_the_ladder_says_what_is_missing_and_is_climbed_step_by_step(prioritised: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story = prioritised
    _, enterprise_id = await activated(story)
    path = at(enterprise_id)
    assert (await change(story, path, "climb", story.regency))["ladder_step"] == "grouped"
    unmet = await change(story, path, "climb", story.regency, status=422)
    assert (unmet["code"], unmet["unmet_criteria"]) == ("criteria_not_met", ["nib_recorded"])
    await change(story, path, "legality", story.mentor, {"legality_type": "nib", "nib": "9120012345678"})
    assert (await change(story, path, "climb", story.regency))["ladder_step"] == "legal"
    ladder = await read(story, f"{path}/ladder")
    assert (ladder["step"], ladder["days_in_step"], ladder["criteria_version"]) == ("legal", 0, 1)
    steps = {step["code"]: step for step in ladder["steps"]}
    assert [steps[code]["reached"] for code in ("registered", "grouped", "legal", "assisted")] == [True, True, True, False]
    assert steps["assisted"]["criteria"][0] | {"any_of": 0} == {"code": "events", "at_least": 1, "any_of": 0, "actual": 0, "met": False}
    assert (await change(story, path, "graduate", story.regency, status=422))["unmet_criteria"] == ["last_step"]


async def test_a_timeline_tells_everything_about_an_enterprise_and_its_group(prioritised: Story) -> None:
    story = prioritised
    group_id, enterprise_id = await activated(story)
    application = await story.forwarded(enterprise_id)
    assert application
    items = (await read(story, f"{at(enterprise_id)}/timeline", limit=200))["items"]
    names = [item["type"].split(".")[2] for item in items]
    assert [name for name in names if not name.startswith("Duplicate")] == [
        "EnterpriseRegistered",
        "GroupMemberJoined",
        "EnterpriseVerified",
        "EnterpriseActivated",
        "FinancingApplicationDrafted",
        "FinancingApplied",
    ], "in order, whatever its subject"
    assert next(item for item in items if item["type"].endswith("GroupMemberJoined.v1"))["data"]["group_id"] == group_id
    assert all(indonesian and english for indonesian, english in (item["text"] for item in items))
    first = await read(story, f"{at(enterprise_id)}/timeline", limit=4)
    rest = await read(story, f"{at(enterprise_id)}/timeline", limit=4, cursor=first["next_cursor"])
    assert [item["event_id"] for item in first["items"] + rest["items"]] == [item["event_id"] for item in items]
    of_group = [item["type"].split(".")[2] for item in (await read(story, f"/v1/groups/{group_id}/timeline"))["items"]]
    assert of_group[:6] == ["GroupFormed", "GroupMemberJoined", "GroupMemberJoined", "GroupMemberJoined", "GroupVerified", "GroupActivated"]
    assert "FinancingApplied" in of_group
    assert (await story.served.get(f"{at(str(uuid4()))}/timeline", story.regency)).status_code == 404
    stranger = story.person(Role.REGENCY, regions=["11.01"])
    assert (await story.served.get(f"{at(enterprise_id)}/timeline", stranger)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"owner_nik": nik(1)}, 1),
        ({"owner_nik": nik(9)}, 0),
        ({"nib": "9120012345678"}, 1),
        ({"name": "Moh. Soekarno"}, 1),
        ({"name": "H. Muhammad Sukarno, S.Pd."}, 1),
        ({"name": "Sukarno"}, 1),
        ({"name": "tenun ikat"}, 2),
        ({"name": "Muhamad Sukarna"}, 1),
        ({"name": "Budi Santoso"}, 0),
        ({"name": "Sukarno", "region_code": "53.05"}, 0),
    ],
)
async def test_search_finds_by_number_and_by_sound(story: Story, asked: dict[str, Any], found: int) -> None:
    await story.enterprise(1, owner_name="Muhammad Sukarno", nib="9120012345678")
    await story.enterprise(2, owner_name="Lodia Nenohai")
    answer = await story.served.post("/v1/enterprises/search", story.mentor, asked)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == found
    outside = await story.served.post("/v1/enterprises/search", story.person(Role.REGENCY, regions=["11.01"]), asked)
    assert outside.json()["items"] == []


async def test_a_search_is_for_one_thing(story: Story) -> None:
    for wrong in ({}, {"name": "x", "nib": "9120012345678"}, {"owner_nik": "12"}):
        assert (await story.served.post("/v1/enterprises/search", story.mentor, wrong)).status_code == 422
    assert (await story.served.post("/v1/enterprises/search", story.person(Role.COORDINATOR), {"name": "Lodia"})).status_code == 403


async def test_groups_split_merge_and_end_and_every_member_has_a_place(prioritised: Story) -> None:
    story = prioritised
    group_id, members = await story.active_group()
    path = f"/v1/groups/{group_id}"
    head = await change(story, path, "change-head", story.mentor, {"enterprise_id": members[1], "minutes_hash": HASH})
    assert head["status"] == "active"
    assert (await change(story, path, "change-head", story.mentor, {"enterprise_id": members[1], "minutes_hash": HASH}, 409))["code"] == "already_head"
    roles = {item["enterprise_id"]: item["member_role"] for item in (await read(story, f"{path}/members"))["items"]}
    assert (roles[members[0]], roles[members[1]]) == ("member", "head")
    incomplete = {"successors": [{"name": "Satu", "enterprise_ids": [members[0]]}, {"name": "Dua", "enterprise_ids": [members[1]]}]}
    assert (await change(story, path, "split", story.regency, incomplete, 422))["code"] == "members_not_placed"
    twice = {"successors": [{"name": "Satu", "enterprise_ids": members}, {"name": "Dua", "enterprise_ids": members[:1]}]}
    assert (await change(story, path, "split", story.regency, twice, 422))["code"] == "members_not_placed"
    whole = {"successors": [{"name": "Satu", "enterprise_ids": members[:2]}, {"name": "Dua", "enterprise_ids": members[2:]}]}
    split = await change(story, path, "split", story.regency, whole)
    assert (split["status"], split["member_count"], len(split["successor_group_ids"])) == ("split", 0, 2)
    one, other = split["successor_group_ids"]
    counts = [(await read(story, f"/v1/groups/{id}"))["member_count"] for id in (one, other)]
    assert counts == [2, 1]
    assert (await story.join(one, members[2])).json()["code"] == "already_member"
    transfer = {"to_group_id": one, "minutes_hash": HASH, "other_minutes_hash": HASH}
    early = await change(story, f"/v1/groups/{other}", f"members/{members[2]}/transfer", story.regency, transfer, 409)
    assert early["code"] == "illegal_transition"
    dissolved = await change(story, f"/v1/groups/{other}", "dissolve", story.regency, {"reason_code": "too_small"})
    assert (dissolved["status"], dissolved["member_count"]) == ("dissolved", 0)
    assert (await story.join(one, members[2])).status_code == 200
    await story.verify(one)
    assert (await story.activate(one)).json()["status"] == "active"
    totals = (await story.served.get("/v1/totals", params={"programme_id": story.programme_id})).json()["items"]
    assert [(item["groups"], item["active_groups"]) for item in totals if item["region_code"] == REGION] == [(3, 1)]


async def test_a_transfer_and_a_merger_move_members_between_groups(prioritised: Story) -> None:
    story = prioritised
    first, members = await story.active_group()
    second = await story.group(name="Kelompok Kedua")
    for serial, role in ((11, "head"), (12, "member"), (13, "member")):
        await story.join(second, await story.enterprise(serial), role)
    await story.verify(second)
    await story.activate(second)
    body = {"to_group_id": second, "minutes_hash": HASH, "other_minutes_hash": HASH}
    moved = await change(story, f"/v1/groups/{first}", f"members/{members[2]}/transfer", story.regency, body)
    assert moved["member_count"] == 2
    assert (await change(story, f"/v1/groups/{first}", "merge", story.regency, {"surviving_group_id": first}, 422))["code"] == "groups_differ"
    merged = await change(story, f"/v1/groups/{first}", "merge", story.regency, {"surviving_group_id": second})
    assert (merged["status"], merged["surviving_group_id"]) == ("merged", second)
    assert (await read(story, f"/v1/groups/{second}"))["member_count"] == 6
    open_ = (await read(story, f"/v1/groups/{first}/members"))["items"]
    assert all(item["left_on"] for item in open_)
    rows = [row for row in await story.served.outbox() if str(row.subject) in (first, second)]
    by_subject = {subject: [row.sequence for row in rows if str(row.subject) == subject] for subject in (first, second)}
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_subject.values())


async def test_credit_under_way_keeps_a_group_from_ending(prioritised: Story) -> None:
    story = prioritised
    group_id, members = await story.active_group()
    await story.draft(members[0])
    for verb, body in (("dissolve", {"reason_code": "too_small"}), ("merge", {"surviving_group_id": await story.group(name="Lain")})):
        refused = await change(story, f"/v1/groups/{group_id}", verb, story.regency, body, 409)
        assert (refused["code"], refused["count"]) == ("open_group_financing", 1)


async def test_a_silent_group_becomes_dormant_once_and_wakes(prioritised: Story) -> None:
    story = prioritised
    group_id, members = await story.active_group()
    database = story.served.runtime.database
    later = date(today().year + 1, today().month, min(today().day, 28)) + timedelta(days=4)
    assert await pass_day(database, today()) == 0
    assert await pass_day(database, later) == 1
    assert await pass_day(database, later) == 0
    found = await read(story, f"/v1/groups/{group_id}")
    assert (found["status"], found["reason_code"]) == ("dormant", "inactive")
    assert (await story.join(group_id, members[0])).json()["code"] == "illegal_transition"
    assert (await story.activate(group_id)).json()["status"] == "active"
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE outbox SET time = time - interval '2 years' WHERE subject <> :other"), {"other": uuid4()})
    await change(story, at(members[0]), "verify", story.regency, {"method": "field_visit"})
    await change(story, at(members[0]), "activate", story.regency)
    assert await pass_day(database, today()) == 0, "what mentions the group is a sign of life"


async def test_no_event_of_the_register_tells_who_somebody_is(prioritised: Story) -> None:
    story = prioritised
    await activated(story)
    for row in await story.served.outbox():
        assert event_type_of
        for secret in ("Lodia", "Nenohai", "Tenun Ikat", nik(1), nik(1)[:12], "9120012345678"):
            assert secret not in row.data
