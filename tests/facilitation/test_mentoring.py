"""Mentors and mentoring over HTTP: ceilings, transfer, diagnosis, plan, goals."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from services.facilitation.mentoring import instrument
from services.facilitation.mentoring.handlers import open_goal
from services.facilitation.mentoring.tables import waiting_goals
from services.facilitation.mentors.tables import mentor_caseloads
from shared.security.identity import Role
from tests.facilitation.mentoring_world import EVIDENCE, REGION, MentoringWorld, mentoring_world
from tests.kit import Person


@pytest.fixture
async def world(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> MentoringWorld:
    return await mentoring_world(serving, person, monkeypatch)


async def load_of(world: MentoringWorld, mentor_id: str) -> int:
    items = (await world.ok(await world.served.get("/v1/mentor-caseloads", world.owner)))["items"]
    return int(next(each["enterprises"] for each in items if each["mentor_id"] == mentor_id))


async def test_only_a_verified_competent_mentor_of_the_area_is_offered_an_active_group(world: MentoringWorld) -> None:
    group = await world.group()
    cases = [
        (await world.mentor(verified=False), group, 409, "mentor_not_verified"),
        (await world.mentor(region="53.05"), group, 422, "mentor_outside_area"),
        (await world.mentor(units=["M.70PEN00.009.1"]), group, 422, "competence_missing"),
        (await world.mentor(), await world.group(status="forming"), 422, "group_not_active"),
        (await world.mentor(), await world.group(members=0), 422, "no_enterprises"),
        (str(uuid4()), group, 404, "not_found"),
    ]
    for mentor, asked, status, code in cases:
        answer = await world.offer(mentor, asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    good = await world.mentor()
    assert (await world.offer(good, group, topic_codes=["astrology"])).json()["code"] == "unknown_topic"
    assert (await world.offer(good, group, enterprise_ids=[str(uuid4())])).json()["code"] == "not_of_the_group"
    await world.ok(await world.offer(good, group), 201)
    assert [row.topic for row in await world.events("MentoringOffered")] == ["entaskan.facilitation.mentoring"]


async def test_a_certificate_counts_while_it_is_valid(world: MentoringWorld) -> None:
    mentor, group = await world.mentor(), await world.group()
    world.calendar.today = date(2028, 1, 1)
    assert (await world.offer(mentor, group)).json()["code"] == "competence_missing"


async def test_another_person_verifies_a_mentor_and_a_suspended_one_writes_nothing(world: MentoringWorld) -> None:
    mentor = await world.mentor(verified=False)
    assert (await world.act(f"/v1/mentors/{mentor}", "verify", world.owner)).json()["code"] == "four_eyes"
    await world.ok(await world.act(f"/v1/mentors/{mentor}", "verify", world.other_owner))
    running = await world.mentoring(mentor)
    await world.ok(await world.act(f"/v1/mentors/{mentor}", "suspend", world.owner, {"reason_code": "complaint"}))
    assert (await world.diagnose(running, running["enterprise_ids"][0], 1)).json()["code"] == "mentor_not_verified"
    assert (await world.send(running, world.report(running))).json()["code"] == "mentor_not_verified"
    await world.ok(await world.act(f"/v1/mentors/{mentor}", "reinstate", world.owner))
    await world.ok(await world.diagnose(running, running["enterprise_ids"][0], 1))


async def test_the_ceiling_is_ten_enterprises_or_the_mentors_own_and_ends_give_seats_back(world: MentoringWorld) -> None:
    mentor, own = await world.mentor(), await world.mentor(case_ceiling=4)
    first = await world.ok(await world.offer(mentor, await world.group(6)), 201)
    assert (await world.offer(mentor, await world.group(5))).json()["code"] == "case_ceiling_reached"
    await world.ok(await world.offer(mentor, await world.group(4)), 201)
    assert await load_of(world, mentor) == 10
    await world.ok(await world.mentoring_act(first, "decline", {"reason_code": "too_far"}))
    assert await load_of(world, mentor) == 4
    assert (await world.offer(own, await world.group(5))).json()["code"] == "case_ceiling_reached"
    too_high = {"area_codes": [REGION], "case_ceiling": 21}
    assert (await world.act(f"/v1/mentors/{own}", "set-scope", world.owner, too_high)).json()["code"] == "ceiling_too_high"
    running = await world.mentoring(own, await world.group(4))
    await world.ok(await world.act(f"/v1/mentors/{own}", "set-scope", world.owner, {"area_codes": [REGION], "case_ceiling": 2}))
    assert (await world.offer(own, await world.group(1))).json()["code"] == "case_ceiling_reached"
    await world.ok(await world.mentoring_act(running, "terminate", {"reason_code": "group_dissolved"}, who=world.regency))
    assert await load_of(world, own) == 0
    assert (await world.offer(own, await world.group(3))).json()["code"] == "case_ceiling_reached", "the ceiling of today, not of the last offer"
    await world.ok(await world.act(f"/v1/mentors/{own}", "set-scope", world.owner, {"area_codes": [REGION], "case_ceiling": 6}))
    await world.ok(await world.offer(own, await world.group(6)), 201)


async def test_a_hundred_offers_at_once_stay_below_the_ceiling(world: MentoringWorld) -> None:
    mentor = await world.mentor()
    asked = [await world.group(1 + place % 3) for place in range(100)]
    answers = await asyncio.gather(*(world.offer(mentor, group) for group in asked))
    taken = sum(1 + place % 3 for place, answer in enumerate(answers) if answer.status_code == 201)
    assert {answer.status_code for answer in answers} == {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"case_ceiling_reached"}
    assert 8 < taken <= 10
    assert await load_of(world, mentor) == taken
    made = [answer.json() for answer in answers if answer.status_code == 201]
    # Every offer is accepted, declined and answered late at the same moment, several times over: one answer stands each.
    again = [
        world.mentoring_act(each, verb, body) for each in made for verb, body in (("accept", None), ("decline", {"reason_code": "full"})) for _ in range(10)
    ]
    decided = await asyncio.gather(*again)
    assert sum(answer.status_code == 200 for answer in decided) == len(made)
    async with world.served.runtime.engine.connect() as connection:
        left = await connection.scalar(select(mentor_caseloads.c.enterprises).where(mentor_caseloads.c.mentor_id == UUID(mentor)))
    page = await world.ok(await world.served.get("/v1/mentoring-assignments", world.owner, params={"mentor_id": mentor, "status": "active"}))
    assert left == sum(len(each["enterprise_ids"]) for each in page["items"])


async def test_an_enterprise_has_one_mentor_at_a_time(world: MentoringWorld) -> None:
    group = await world.group(4)
    members, mentors = await world.members(group), [await world.mentor() for _ in range(20)]
    answers = await asyncio.gather(*(world.offer(mentor, group, enterprise_ids=members[:2]) for mentor in mentors))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_mentored"}
    await world.ok(await world.offer(mentors[0], group, enterprise_ids=members[2:]), 201)


async def test_an_offer_that_nobody_answers_lapses_once_and_frees_its_seats(world: MentoringWorld) -> None:
    mentor = await world.mentor()
    offered = await world.ok(await world.offer(mentor, await world.group()), 201)
    assert offered["respond_by"] == "2026-03-09"
    assert await world.pass_days(7) == 0
    world.calendar.today = date(2026, 3, 10)
    assert (await world.mentoring_act(offered, "accept")).json()["code"] == "offer_lapsed"
    world.calendar.today = date(2026, 3, 9)
    assert await world.pass_days(3) == 1
    assert [json.loads(row.data)["reason_code"] for row in await world.events("MentoringDeclined")] == ["no_response"]
    assert await load_of(world, mentor) == 0


async def test_a_transfer_takes_the_pen_from_the_old_mentor_when_the_new_one_accepts(world: MentoringWorld) -> None:
    group, old, new = await world.group(), await world.mentor(), await world.mentor()
    running = await world.mentoring(old, group)
    one = running["enterprise_ids"][0]
    await world.ok(await world.diagnose(running, one, 1))
    goal = {"goal_code": "keep_cash_book", "enterprise_id": one, "due_on": "2026-06-01"}
    await world.ok(await world.mentoring_act(running, "plan", {"goals": [goal]}))
    planned = {"visit_id": str(uuid4()), "assignment_id": running["id"], "planned_on": "2026-03-05"}
    await world.ok(await world.served.post("/v1/mentoring-visits", world.people[old], planned), 201)

    assert (await world.offer(new, group)).json()["code"] == "already_mentored"
    assert (await world.offer(new, group, predecessor_assignment_id=running["id"])).json()["code"] == "hand_over_incomplete"
    hand_over = {"predecessor_assignment_id": running["id"], "hand_over_note_hash": EVIDENCE}
    assert (await world.offer(old, group, **hand_over)).json()["code"] == "hand_over_incomplete"
    offered = await world.ok(await world.offer(new, group, **hand_over), 201)
    assert (await world.offer(await world.mentor(), group, **hand_over)).json()["code"] == "successor_offered"
    await world.ok(await world.diagnose(running, one, 2))  # until the new one accepts, the old one writes
    assert (await load_of(world, old), await load_of(world, new)) == (3, 3)

    taken = await world.ok(await world.mentoring_act(offered, "accept"))
    assert (await load_of(world, old), await load_of(world, new)) == (0, 3)
    for verb, body in (("plan", {"goals": [goal]}), ("pause", {"reason_code": "ill"}), ("complete", {"justification_code": "done"})):
        refused = await world.mentoring_act(running, verb, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
    assert (await world.diagnose(running, one, 3)).status_code == 409
    assert (await world.send(running, world.report(running))).json()["code"] == "mentoring_not_active"
    # Nor does the old mentor reach what is the new one's.
    assert (await world.served.get(f"/v1/mentoring-assignments/{taken['id']}", world.people[old])).status_code == 404
    assert (await world.act(f"/v1/mentoring-assignments/{taken['id']}", "pause", world.people[old], {"reason_code": "ill"})).status_code == 404

    assert [each["points"]["cash_book"] for each in taken["diagnoses"]] == [1, 2]
    assert [each["goal_code"] for each in taken["goals"]] == ["keep_cash_book"]
    await world.ok(await world.diagnose(taken, one, 4))
    visit = await world.ok(await world.served.get(f"/v1/mentoring-visits/{planned['visit_id']}", world.owner))
    assert (visit["status"], visit["reason_code"]) == ("cancelled", "mentoring_transferred")
    assert len(await world.events("MentoringTransferred")) == 1
    assert (await world.offer(await world.mentor(), group)).json()["code"] == "already_mentored"
    await world.ok(await world.mentoring_act(taken, "terminate", {"reason_code": "moved"}, who=world.regency))
    await world.ok(await world.offer(old, group), 201)


async def test_two_answers_to_a_transfer_and_the_end_of_the_predecessor_at_once(world: MentoringWorld) -> None:
    group, old, new = await world.group(), await world.mentor(), await world.mentor()
    running = await world.mentoring(old, group)
    offered = await world.ok(await world.offer(new, group, predecessor_assignment_id=running["id"], hand_over_note_hash=EVIDENCE), 201)
    answers = await asyncio.gather(
        *(world.mentoring_act(offered, "accept") for _ in range(5)),
        *(world.mentoring_act(running, "terminate", {"reason_code": "moved"}, who=world.regency) for _ in range(5)),
    )
    accepted, terminated = (sum(answer.status_code == 200 for answer in part) for part in (answers[:5], answers[5:]))
    assert accepted + terminated == 1
    assert await load_of(world, old) == 0
    assert await load_of(world, new) == 3  # accepted, or still on offer


async def test_change_is_computed_on_the_instrument_of_the_baseline(world: MentoringWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    running = await world.mentoring()
    one, two, _ = running["enterprise_ids"]
    first = instrument.instruments()[1]
    versions = {1: first, 2: replace(first, version=2, items=first.items[:5])}
    monkeypatch.setattr(instrument, "instruments", lambda: versions)
    assert (await world.diagnose(running, one, 1, instrument_version=7)).json()["code"] == "unknown_instrument"
    assert (await world.diagnose(running, str(uuid4()), 1)).json()["code"] == "not_mentored_here"
    assert (await world.diagnose(running, one, 1, points={"cash_book": 1})).json()["code"] == "instrument_items_differ"
    assert (await world.diagnose(running, one, 5)).json()["code"] == "instrument_items_differ"
    assert (await world.diagnose(running, one, 1, visit_id=str(uuid4()))).status_code == 404
    await world.ok(await world.diagnose(running, one, 1))
    assert (await world.ok(await world.served.get(f"/v1/mentoring-assignments/{running['id']}/changes", world.owner)))["items"] == []
    other_version = await world.diagnose(running, one, 1, instrument_version=2, points={item.code: 1 for item in first.items[:5]})
    assert (other_version.status_code, other_version.json()["code"]) == (422, "instrument_version_differs")
    await world.ok(await world.diagnose(running, two, 4))
    visit = await world.ok(await world.send(running, world.report(running)), 201)
    await world.ok(await world.diagnose(running, one, 3, visit_id=visit["id"], points=world.points(3) | {"cash_book": 0}))
    change = await world.ok(await world.served.get(f"/v1/mentoring-assignments/{running['id']}/changes", world.people[running["mentor_id"]]))
    assert [(each["enterprise_id"], each["baseline_band"], each["latest_band"], each["points_change"]) for each in change["items"]] == [
        (one, "starting", "established", 11 * 2 - 1)
    ]
    assert {item["code"]: item["change"] for item in change["items"][0]["items"]} == {i.code: -1 if i.code == "cash_book" else 2 for i in first.items}
    told = [json.loads(row.data)["score_band"] for row in await world.events("BusinessDiagnosisCompleted")]
    assert told == ["starting", "ready_to_scale", "established"]


async def test_mentoring_is_complete_with_its_visits_or_a_reason_and_an_endline(world: MentoringWorld) -> None:
    running = await world.mentoring(planned_visits=1)
    one, two, _ = running["enterprise_ids"]
    done = {"justification_code": None}
    assert (await world.mentoring_act(running, "complete", done)).json()["code"] == "too_few_visits"
    visit = await world.ok(await world.send(running, world.report(running)), 201)
    assert visit["status"] == "submitted"
    assert (await world.mentoring_act(running, "complete", done)).json()["code"] == "too_few_visits", "what is not approved does not count"
    await world.ok(await world.visit_act(visit["id"], "approve", world.regency))
    assert (await world.mentoring_act(running, "complete", done)).json()["code"] == "endline_missing"
    for enterprise, value in ((one, 1), (two, 0), (one, 4)):
        await world.ok(await world.diagnose(running, enterprise, value))
    assert (await world.mentoring_act(running, "complete", done)).json()["code"] == "endline_missing"
    await world.ok(await world.diagnose(running, two, 2))
    goals = [{"goal_code": "keep_cash_book", "due_on": "2026-06-01"}, {"goal_code": "get_nib", "enterprise_id": one, "due_on": "2026-05-01"}]
    planned = await world.ok(await world.mentoring_act(running, "plan", {"goals": goals}))
    evidence = {"goal_id": planned["goals"][0]["id"], "evidence_hashes": [EVIDENCE]}
    await world.ok(await world.mentoring_act(running, "achieve-goal", evidence))
    assert (await world.mentoring_act(running, "achieve-goal", evidence)).json()["code"] == "no_such_goal"
    await world.ok(await world.mentoring_act(running, "complete", done))
    [event] = await world.events("MentoringCompleted")
    told = json.loads(event.data)
    # (12 + 0) of 96 points at first: 12.5 %; (48 + 24) of 96 at last: 75 %.
    expected = {"visits_approved": 1, "baseline_band": "starting", "endline_band": "established", "goals_achieved": 1}
    assert {name: told[name] for name in expected} == expected
    assert await load_of(world, running["mentor_id"]) == 0
    assert (await world.offer(await world.mentor(), running["group_id"])).status_code == 201


async def test_a_plan_replaces_what_was_not_reached_and_refuses_the_impossible(world: MentoringWorld) -> None:
    running = await world.mentoring()
    one = {"goal_code": "keep_cash_book", "due_on": "2026-06-01"}
    for goals, code in (
        ([one, one], "goals_repeat"),
        ([one | {"due_on": "2026-03-02"}], "goal_date_past"),
        ([one | {"enterprise_id": str(uuid4())}], "not_mentored_here"),
    ):
        assert (await world.mentoring_act(running, "plan", {"goals": goals})).json()["code"] == code
    first = await world.ok(await world.mentoring_act(running, "plan", {"goals": [one, one | {"goal_code": "get_nib"}]}))
    await world.ok(await world.mentoring_act(running, "achieve-goal", {"goal_id": first["goals"][0]["id"], "evidence_hashes": [EVIDENCE]}))
    second = await world.ok(await world.mentoring_act(running, "plan", {"goals": [one | {"goal_code": "find_buyers"}]}))
    assert (second["plan_version"], [(goal["goal_code"], goal["plan_version"]) for goal in second["goals"]]) == (2, [("keep_cash_book", 1), ("find_buyers", 2)])


async def test_a_declined_credit_becomes_a_goal_now_or_with_the_next_mentor(world: MentoringWorld) -> None:
    group = await world.group()
    one, two, _ = await world.members(group)
    database = world.served.runtime.database

    async def declined(enterprise: str, origin: UUID) -> None:
        async with database.transaction() as uow:
            await open_goal(
                uow, group_id=UUID(group), enterprise_id=UUID(enterprise), goal_code="keep_cash_book", origin_event_id=origin, on=world.calendar.today
            )

    before, during, paused = uuid4(), uuid4(), uuid4()
    for _ in range(2):
        await declined(one, before)
    waiting = (await world.ok(await world.served.get("/v1/waiting-goals", world.regency)))["items"]
    assert [(each["enterprise_id"], each["origin_event_id"]) for each in waiting] == [(one, str(before))]
    running = await world.mentoring(group_id=group)
    assert [(goal["origin_event_id"], goal["enterprise_id"], goal["due_on"]) for goal in running["goals"]] == [(str(before), one, "2026-05-31")]
    assert (await world.ok(await world.served.get("/v1/waiting-goals", world.regency)))["items"] == []
    for _ in range(2):
        await declined(two, during)
        await declined(one, before)
    await world.ok(await world.mentoring_act(running, "pause", {"reason_code": "harvest_season"}))
    await declined(two, paused)
    resumed = await world.ok(await world.mentoring_act(running, "resume"))
    assert [goal["origin_event_id"] for goal in resumed["goals"]] == [str(before), str(during), str(paused)]
    kept = await world.ok(await world.mentoring_act(running, "plan", {"goals": [{"goal_code": "get_nib", "due_on": "2026-06-01"}]}))
    assert [goal["goal_code"] for goal in kept["goals"]] == ["keep_cash_book"] * 3 + ["get_nib"]
    assert len(await world.events("DevelopmentGoalOpened")) == 3
    await world.ok(await world.mentoring_act(running, "terminate", {"reason_code": "moved"}, who=world.regency))
    next_one = await world.mentoring(group_id=group)
    await declined(one, before)
    assert (await world.ok(await world.served.get(f"/v1/mentoring-assignments/{next_one['id']}", world.regency)))["goals"] == [], "a replay opens nothing"


async def test_a_goal_that_began_to_wait_while_somebody_accepted_is_taken_up_by_the_clock(world: MentoringWorld) -> None:
    running = await world.mentoring()
    goal = {"id": uuid4(), "group_id": UUID(running["group_id"]), "enterprise_id": UUID(running["enterprise_ids"][0]), "goal_code": "get_nib"}
    async with world.served.runtime.engine.begin() as connection:
        await connection.execute(insert(waiting_goals).values(**goal, origin_event_id=uuid4(), opened_on=world.calendar.today))
    assert await world.pass_days(2) == 1
    found = await world.ok(await world.served.get(f"/v1/mentoring-assignments/{running['id']}", world.regency))
    assert [each["goal_code"] for each in found["goals"]] == ["get_nib"]


async def test_no_event_names_a_login_a_note_or_a_document(world: MentoringWorld) -> None:
    """Identifiers, codes, dates and numbers only, over everything that a mentoring can go through."""
    running = await world.mentoring()
    one = running["enterprise_ids"][0]
    for value in (1, 2):
        await world.ok(await world.diagnose(running, one, value))
    await world.ok(await world.send(running, world.report(running, note="Rumah Mama Lodia")), 201)
    await world.ok(await world.mentoring_act(running, "plan", {"goals": [{"goal_code": "get_nib", "due_on": "2026-06-01"}]}))
    hand_over = {"predecessor_assignment_id": running["id"], "hand_over_note_hash": EVIDENCE}
    offered = await world.ok(await world.offer(await world.mentor(), running["group_id"], **hand_over), 201)
    await world.ok(await world.mentoring_act(offered, "accept"))
    await world.ok(await world.mentoring_act(offered, "terminate", {"reason_code": "moved"}, who=world.regency))
    plain = re.compile(r"[a-z0-9_]+|[0-9a-f-]{36}|[0-9]{2}(\.[0-9]{2})?|[0-9]{4}-[0-9]{2}-[0-9]{2}|M\.70PEN00\.[0-9]{3}\.[0-9]")
    told = [(row.type, value) for row in await world.served.outbox() for value in json.loads(row.data).values()]
    texts = [(kind, text) for kind, value in told for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    assert len({kind for kind, _ in told}) > 8
    assert [each for each in texts if not plain.fullmatch(each[1])] == []
    logins = {person.name for person in world.people.values()}
    assert not any(login in row.data for row in await world.served.outbox() for login in logins)


async def test_who_sees_mentors_and_mentoring(world: MentoringWorld, person: Callable[..., Person]) -> None:
    near, far = await world.mentor(), await world.mentor(region="52.01")
    wide = await world.mentor(region="52.01", area_codes=["52.01", "53"])
    running = await world.mentoring(near)
    elsewhere = person(Role.REGENCY, regions=["53.05"])

    async def ids(path: str, who: Person) -> set[str]:
        return {each.get("id") or each["mentor_id"] for each in (await world.ok(await world.served.get(path, who)))["items"]}

    assert await ids("/v1/mentors", world.owner) == {near, far, wide} == await ids("/v1/mentor-caseloads", world.owner)
    assert await ids("/v1/mentors", world.regency) == {near, wide}
    assert await ids("/v1/mentors?serving_region=53.04", world.owner) == {near, wide}
    assert await ids("/v1/mentors?serving_region=52", world.owner) == {far, wide}
    assert await ids("/v1/mentors", elsewhere) == {wide}
    assert await ids("/v1/mentors", world.people[near]) == {near}
    assert await ids("/v1/mentors", person(Role.REGENCY)) == set()
    for mentor, who, status in ((far, world.regency, 404), (wide, world.regency, 200), (far, world.people[near], 404), (near, world.people[near], 200)):
        assert (await world.served.get(f"/v1/mentors/{mentor}", who)).status_code == status
    assert await ids("/v1/mentoring-assignments", world.people[far]) == set()
    assert await ids("/v1/mentoring-assignments", elsewhere) == set()
    for path in (f"/v1/mentoring-assignments/{running['id']}", f"/v1/mentoring-assignments/{running['id']}/changes"):
        for who, status in ((world.people[far], 404), (elsewhere, 404), (world.regency, 200), (world.people[near], 200)):
            assert (await world.served.get(path, who)).status_code == status
