"""Duplicates: found by sound and birth, decided by two people, merged and reversed; nothing stops meanwhile (SD-2, SD-3, SD-4)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from shared.security.identity import Role
from tests.facilitation.story import REGION, Story, nik
from tests.facilitation.test_registry import at, change, read


async def pair(story: Story, **given: Any) -> tuple[str, str]:
    """Two that look alike: two NIKs of one birth, one name in two spellings."""
    one = await story.enterprise(1, owner_name="H. Moh. Soekarno", name="Warung Berkah")
    other = await story.enterprise(2, **{"owner_name": "Muhammad Sukarno, S.E.", "name": "Kios Barokah"} | given)
    return one, other


async def candidates(story: Story, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await read(story, "/v1/duplicate-candidates", **params))["items"]
    return items


async def test_a_look_alike_is_registered_and_two_people_are_asked(story: Story) -> None:
    one, other = await pair(story)
    (found,) = await candidates(story)
    assert {found["enterprise_id"], found["other_enterprise_id"]} == {one, other}
    assert (found["status"], found["score"]) == ("open", 85)
    assert found["matched_field_codes"] == ["owner_name", "owner_birth", "region"]
    assert "tanggal lahir" in found["why"][0]
    registered = [row for row in await story.served.outbox() if row.type.endswith("EnterpriseRegistered.v1")]
    assert ['"duplicate_candidate_count":1' in row.data.replace(" ", "") for row in registered] == [False, True]


@pytest.mark.parametrize(
    ("given", "born", "flagged"),
    [
        ({}, "570889", True),
        ({"region_code": "53.05"}, "570889", True),  # the same person in two regencies
        ({"owner_name": "Muhammad Sutrisno"}, "570889", False),
        ({}, "580889", False),  # another birth, another business
        ({"name": "Warung Berkah"}, "580889", True),  # name, business and place agree
        ({"owner_name": "Sukarno"}, "570889", False),
    ],
)
async def test_what_looks_alike_and_what_does_not(story: Story, given: dict[str, Any], born: str, flagged: bool) -> None:
    story.mentor = story.person(Role.MENTOR, regions=["53"])
    story.regency = story.person(Role.REGENCY, regions=["53"])
    await pair(story, owner_nik=nik(2, born=born), **given)
    assert bool(await candidates(story)) is flagged


async def test_a_name_of_one_word_needs_more_than_the_birth(story: Story) -> None:
    await story.enterprise(1, owner_name="Sumarni", name="Warung A")
    await story.enterprise(2, owner_name="Hj. Sumarni", name="Kios B")
    assert await candidates(story) == []
    await story.enterprise(3, owner_name="Sumarni", name="Warung A")
    assert len(await candidates(story)) == 1


async def test_two_people_decide_and_facilitation_goes_on_meanwhile(prioritised: Story) -> None:
    story = prioritised
    one, other = await pair(story)
    group_id = await story.group()
    for enterprise_id, role in ((one, "head"), (await story.enterprise(4, owner_name="Yohana Bria"), "member"), (other, "member")):
        assert (await story.join(group_id, enterprise_id, role)).status_code == 200, "nothing is held back"
    (found,) = await candidates(story, enterprise_id=one)
    path = f"/v1/duplicate-candidates/{found['id']}"
    wrong = await change(story, path, "propose", story.regency, {"decision": "same"}, 422)
    assert wrong["code"] == "survivor_unknown"
    await change(story, path, "propose", story.regency, {"decision": "same", "surviving_enterprise_id": one})
    assert (await change(story, path, "agree", story.regency, status=409))["code"] == "four_eyes"
    second = story.person(Role.PROVINCE, regions=["53"])
    assert (await change(story, path, "disagree", second))["status"] == "open"
    await change(story, path, "propose", second, {"decision": "same", "surviving_enterprise_id": one})
    assert (await change(story, path, "agree", story.regency))["status"] == "merged"
    gone = await read(story, at(other), as_recorded=True)
    assert (gone["status"], gone["merged_into"]) == ("merged", one)
    redirected = await story.served.get(at(other), story.regency)
    assert (redirected.status_code, redirected.headers["location"].endswith(f"/v1/enterprises/{one}")) == (307, True)
    assert (await read(story, f"/v1/groups/{group_id}"))["member_count"] == 2


async def test_a_merge_is_reversed_and_the_member_is_back(prioritised: Story) -> None:
    story = prioritised
    one, other = await pair(story)
    group_id = await story.group()
    assert (await story.join(group_id, other, "head")).status_code == 200
    (found,) = await candidates(story)
    path = f"/v1/duplicate-candidates/{found['id']}"
    second = story.person(Role.PROVINCE, regions=["53"])
    await change(story, path, "propose", story.regency, {"decision": "same", "surviving_enterprise_id": one})
    await change(story, path, "agree", second)
    members = [item for item in (await read(story, f"/v1/groups/{group_id}/members"))["items"] if item["left_on"] is None]
    assert [(item["enterprise_id"], item["member_role"]) for item in members] == [(one, "head")], "the survivor takes the place"
    version = (await story.served.get(at(other), story.regency, params={"as_recorded": True})).headers["etag"]
    by_decider = await story.served.post(f"{at(other)}/unmerge", second, if_match=version)
    assert by_decider.json()["code"] == "decider_reverses"
    undone = await story.served.post(f"{at(other)}/unmerge", story.regency, if_match=version)
    assert (undone.status_code, undone.json()["status"], undone.json()["merged_into"]) == (200, "registered", None)
    assert (await story.served.get(at(other), story.regency)).status_code == 200
    assert [item["status"] for item in await candidates(story)] == ["distinct"]
    assert {item["enterprise_id"] for item in (await read(story, f"/v1/groups/{group_id}/members"))["items"] if item["left_on"] is None} == {one, other}


async def test_a_run_flags_what_came_at_once_and_clears_what_no_longer_holds(story: Story) -> None:
    await asyncio.gather(
        *(story.enterprise(serial, owner_name="Muhammad Sukarno", name=f"Warung {serial}") for serial in range(1, 5)),
    )
    first = (await story.served.post("/v1/duplicate-runs", story.regency, {"region_code": REGION})).json()
    assert first["open"] == 6, "every pair, whichever registration saw which"
    again = (await story.served.post("/v1/duplicate-runs", story.regency, {"region_code": REGION})).json()
    assert (again["flagged"], again["cleared"], again["open"]) == (0, 0, 6)
    async with story.served.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE enterprises SET owner_keys = ARRAY['other', 'somebody'] WHERE owner_nik_masked LIKE '%0001'"))
    cleared = (await story.served.post("/v1/duplicate-runs", story.regency, {"region_code": REGION})).json()
    assert (cleared["flagged"], cleared["cleared"], cleared["open"]) == (0, 3, 3)
    async with story.served.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE enterprises SET owner_keys = ARRAY['muhamad', 'sukarno']"))
    back = (await story.served.post("/v1/duplicate-runs", story.regency, {"region_code": REGION})).json()
    assert (back["flagged"], back["open"]) == (3, 6)
    assert {item["status"] for item in await candidates(story)} == {"open"}
    stranger = story.person(Role.REGENCY, regions=["11.01"])
    assert (await story.served.post("/v1/duplicate-runs", stranger, {"region_code": REGION})).status_code == 404
