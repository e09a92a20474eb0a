"""Plans of who mentors whom over HTTP, from the register to the offers."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.clock import new_id
from shared.contracts.mapping import RegionRegistered
from shared.security.identity import Role
from tests.facilitation.mentoring_world import MentoringWorld, mentoring_world
from tests.kit import Person
from tests.messages import record


@pytest.fixture
async def world(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> MentoringWorld:
    world = await mentoring_world(serving, person, monkeypatch)
    # Two regencies 55.6 km apart, and a third one 222 km to the north of the first.
    for region, latitude in (("53.04", -9.0), ("53.05", -9.5), ("53.06", -7.0)):
        await world.place(region, 124.0, latitude)
    return world


async def compute(world: MentoringWorld, who: Person | None = None, **given: Any) -> Any:
    return await world.served.post("/v1/mentoring-plans", who or world.owner, {"region_code": "53", "topic_codes": ["business_plan"]} | given)


async def test_a_plan_covers_the_most_enterprises_and_its_proposals_can_be_offered(world: MentoringWorld) -> None:
    near, wide = await world.mentor(region="53.04"), await world.mentor(region="53.05", area_codes=["53"])
    big, small, third = await world.group(8), await world.group(4), await world.group(9)
    plan = await world.ok(await compute(world), 201)
    # 10 seats each: nine and eight; the group of four finds no room beside either.
    assert {each["group_id"]: each["enterprises"] for each in plan["proposed"]} == {big: 8, third: 9}
    assert {each["mentor_id"] for each in plan["proposed"]} == {near, wide}
    assert plan["unassigned"] == [{"group_id": small, "enterprises": 4, "reason_codes": ["ceiling"]}]
    assert (plan["covered_enterprises"], plan["total_distance_m"], plan["proven"]) == (17, 55_598, True)
    assert await world.ok(await world.served.get(f"/v1/mentoring-plans/{plan['id']}", world.owner)) == plan
    [told] = await world.events("MentorAssignmentPlanComputed")
    assert json.loads(told.data) == {
        "mentoring_plan_id": plan["id"], "region_code": "53", "group_count": 3, "assigned_group_count": 2, "covered_enterprise_count": 17,
        "plan_hash": plan["plan_hash"],
    }  # fmt: skip
    assert (await world.ok(await compute(world), 201))["plan_hash"] == plan["plan_hash"], "the same register, the same plan"
    for each in plan["proposed"]:
        await world.ok(await world.offer(each["mentor_id"], each["group_id"]), 201)
    again = await world.ok(await compute(world), 201)
    assert (again["proposed"], [each["group_id"] for each in again["unassigned"]]) == ([], [small])


async def test_each_reason_is_true_when_what_it_names_is_lifted(world: MentoringWorld) -> None:
    beginner = await world.mentor(region="53.04", area_codes=["53.04"], units=["M.70PEN00.009.1"])
    far = await world.mentor(region="53.06", area_codes=["53"])
    untaught, outside = await world.group(3, region="53.04"), await world.group(3, region="53.05")
    needs = [{"group_id": outside, "topic_codes": ["marketing"]}]
    plan = await world.ok(await compute(world, needs=needs), 201)
    assert plan["proposed"] == []
    assert {each["group_id"]: each["reason_codes"] for each in plan["unassigned"]} == {untaught: ["competence"], outside: ["area"]}
    # Competence: the same group asks for what the beginner can. Area: the beginner's is widened. Distance: farther is allowed.
    lifted = await world.ok(await compute(world, needs=[*needs, {"group_id": untaught, "topic_codes": ["marketing"]}]), 201)
    assert [(each["group_id"], each["mentor_id"]) for each in lifted["proposed"]] == [(untaught, beginner)]
    await world.ok(await world.act(f"/v1/mentors/{beginner}", "set-scope", world.owner, {"area_codes": ["53"], "case_ceiling": None}))
    widened = await world.ok(await compute(world, needs=needs), 201)
    assert [(each["group_id"], each["mentor_id"]) for each in widened["proposed"]] == [(outside, beginner)]
    await world.ok(await world.act(f"/v1/mentors/{beginner}", "suspend", world.owner, {"reason_code": "leave"}))
    too_far = await world.ok(await compute(world), 201)
    assert {tuple(each["reason_codes"]) for each in too_far["unassigned"]} == {("distance",)}
    allowed = await world.ok(await compute(world, max_distance_km=300), 201)
    assert {(each["group_id"], each["mentor_id"]) for each in allowed["proposed"]} == {(untaught, far), (outside, far)}
    await world.ok(await world.act(f"/v1/mentors/{far}", "suspend", world.owner, {"reason_code": "leave"}))
    assert {tuple(each["reason_codes"]) for each in (await world.ok(await compute(world), 201))["unassigned"]} == {("no_mentor",)}


async def test_points_come_from_mapping_or_with_the_request(world: MentoringWorld, eventually: Callable[..., Any]) -> None:
    mentor, group = await world.mentor(region="53.07"), await world.group(region="53.07")
    refused = await compute(world)
    assert (refused.status_code, refused.json()["code"], refused.json()["region_codes"]) == (422, "region_point_unknown", ["53.07"])
    given = await world.ok(await compute(world, points=[{"region_code": "53.07", "longitude": 124.0, "latitude": -9.0}]), 201)
    assert [(each["group_id"], each["mentor_id"]) for each in given["proposed"]] == [(group, mentor)]
    registered = RegionRegistered(
        region_code="53.07", bps_code=None, region_level="regency", parent_region_code="53", name="Kabupaten", latitude=-9.0, longitude=124.0, valid_from=None
    )
    runtime = world.served.runtime
    await runtime.event_log.start(runtime.topics)
    await runtime.event_log.append([record(registered, subject=new_id(), sequence=1)])

    async def computed() -> bool:
        return bool((await compute(world)).status_code == 201)

    await eventually(computed)


async def test_who_computes_and_reads_which_plan(world: MentoringWorld, person: Callable[..., Person]) -> None:
    assert (await compute(world, world.regency)).status_code == 404, "a province is more than the regency's own"
    own = await world.ok(await compute(world, world.regency, region_code="53.04"), 201)
    assert (await compute(world, person(Role.MENTOR, regions=["53"]))).status_code == 403
    elsewhere = person(Role.REGENCY, regions=["53.05"])
    assert (await world.served.get(f"/v1/mentoring-plans/{own['id']}", elsewhere)).status_code == 404
    assert (await world.ok(await world.served.get("/v1/mentoring-plans", elsewhere)))["items"] == []
    assert [each["id"] for each in (await world.ok(await world.served.get("/v1/mentoring-plans", world.regency)))["items"]] == [own["id"]]
    stranger = [{"group_id": str(uuid4()), "topic_codes": ["marketing"]}]
    assert (await compute(world, needs=stranger)).json()["code"] == "group_not_seeking"
