"""Visits over HTTP: offline and idempotent, conflicts, checks, review, missed visits."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.facilitation.visits.checks import Other, flags_of
from services.facilitation.visits.report import Position, VisitReport
from services.facilitation.visits.rules import visit_rules_on
from shared.security.identity import Role
from tests.facilitation.mentoring_world import CENTRE, EVIDENCE, MentoringWorld, mentoring_world
from tests.kit import Person

METRE = 1 / 111_195.08
"""A metre to the north, in degrees."""


@pytest.fixture
async def world(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> MentoringWorld:
    world = await mentoring_world(serving, person, monkeypatch)
    await world.place()
    return world


def at(metres_north: float) -> dict[str, Any]:
    return {"longitude": CENTRE[0], "latitude": CENTRE[1] + metres_north * METRE, "accuracy_m": 5}


async def plan(world: MentoringWorld, running: Any, planned_on: str = "2026-03-05", **given: Any) -> Any:
    body = {"visit_id": str(uuid4()), "assignment_id": running["id"], "planned_on": planned_on} | given
    return await world.served.post("/v1/mentoring-visits", world.people[running["mentor_id"]], body)


async def test_the_same_report_is_the_same_result_however_often_it_is_sent(world: MentoringWorld) -> None:
    running = await world.mentoring()
    body = world.report(running)
    answers = await asyncio.gather(*(world.send(running, body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == len({answer.headers["etag"] for answer in answers}) == 1
    assert (await world.send(running, body, key="the-same-key")).text == (await world.send(running, body, key="the-same-key")).text == answers[0].text
    in_another_zone = body | {"started_at": "2026-03-02T08:00:00+07:00", "ended_at": "2026-03-02T02:00:00Z"}
    assert (await world.send(running, in_another_zone)).text == answers[0].text
    assert [len(await world.events(name)) for name in ("VisitPlanned", "VisitReported", "VisitConflictDetected")] == [1, 1, 0]
    listed = await world.ok(await world.served.get("/v1/mentoring-visits", world.people[running["mentor_id"]]))
    assert [each["id"] for each in listed["items"]] == [body["visit_id"]]
    # It is still the same when mentoring is over: nothing is written.
    await world.ok(await world.mentoring_act(running, "terminate", {"reason_code": "moved"}, who=world.regency))
    assert (await world.send(running, body)).text == answers[0].text


async def test_another_content_under_the_same_id_is_a_conflict_with_its_fields(world: MentoringWorld) -> None:
    running = await world.mentoring()
    mentor = world.people[running["mentor_id"]]
    first = world.report(running, note="Buku kas sudah ada")
    second = first | {"attendee_count": 7, "position": at(200), "note": "Buku kas belum ada"}
    await world.ok(await world.send(running, first), 201)
    clash = await world.ok(await world.send(running, second), 201)
    assert clash["status"] == "conflict"
    assert [(each["field_code"], each["first"], each["second"]) for each in clash["differences"]] == [
        ("attendee_count", 3, 7),
        ("position", None, None),
        ("note", None, None),
    ]
    for body in (first, second):
        assert await world.ok(await world.send(running, body), 201) == clash
    third = await world.send(running, first | {"attendee_count": 9})
    assert (third.status_code, third.json()["code"], third.json()["allowed_transitions"]) == (409, "illegal_transition", ["resolve"])
    [told] = await world.events("VisitConflictDetected")
    assert json.loads(told.data) == {"visit_id": first["visit_id"], "conflicting_field_codes": ["attendee_count", "position", "note"]}
    assert (await world.visit_act(first["visit_id"], "approve", world.regency)).status_code == 409
    both = await world.ok(await world.served.get(f"/v1/visit-reports/{first['visit_id']}", world.regency))
    assert (both["first"]["note"], both["second"]["note"]) == ("Buku kas sudah ada", "Buku kas belum ada")

    assert (await world.visit_act(first["visit_id"], "resolve", mentor, {"take": ["topic_codes"]})).json()["code"] == "not_in_conflict"
    merged = await world.ok(await world.visit_act(first["visit_id"], "resolve", mentor, {"take": ["attendee_count"]}))
    assert (merged["status"], merged["attendee_count"], merged["differences"], merged["resolved_by"]) == ("submitted", 7, [], mentor.name)
    [told] = await world.events("VisitConflictResolved")
    assert json.loads(told.data)["resolution_code"] == "merged"
    assert json.loads((await world.events("VisitReported"))[-1].data)["attendee_count"] == 7
    # What was chosen is itself a report: the one before it contradicts.
    assert (await world.ok(await world.send(running, first), 201))["status"] == "conflict"
    kept = await world.ok(await world.visit_act(first["visit_id"], "resolve", world.regency, {"take": []}))
    assert (kept["attendee_count"], kept["resolved_by"]) == (7, "regency-1")
    assert json.loads((await world.events("VisitConflictResolved"))[-1].data)["resolution_code"] == "kept_first"


async def test_two_devices_at_once_leave_one_report_and_one_visible_rival(world: MentoringWorld) -> None:
    running = await world.mentoring()
    first = world.report(running)
    bodies = [first | {"attendee_count": 1 + place % 2} for place in range(10)]
    answers = await asyncio.gather(*(world.send(running, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    stored = await world.ok(await world.served.get(f"/v1/visit-reports/{first['visit_id']}", world.regency))
    assert stored["status"] == "conflict"
    assert {stored["first"]["attendee_count"], stored["second"]["attendee_count"]} == {1, 2}
    assert len(await world.events("VisitConflictDetected")) == 1


async def test_what_was_chosen_from_a_conflict_is_checked_again(world: MentoringWorld) -> None:
    running = await world.mentoring()
    mentor, first = world.people[running["mentor_id"]], world.report(running)
    await world.ok(await world.send(running, first), 201)
    await world.ok(await world.send(running, first | {"position": None, "ended_at": "2026-03-02T09:10:00+08:00"}), 201)
    chosen = await world.ok(await world.visit_act(first["visit_id"], "resolve", mentor, {"take": ["position", "ended_at"]}))
    assert (chosen["status"], chosen["flag_codes"]) == ("flagged", ["no_gps", "too_short"])
    assert json.loads((await world.events("VisitConflictResolved"))[-1].data)["resolution_code"] == "took_second"


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({}, []),
        ({"position": None}, ["no_gps"]),
        ({"position": at(99_000)}, []),
        ({"position": at(101_000)}, ["outside_catchment"]),
        ({"ended_at": "2026-03-02T09:29:59+08:00"}, ["too_short"]),
        ({"ended_at": "2026-03-02T09:30:00+08:00"}, []),
        ({"started_at": "2026-03-02T06:59:00+08:00"}, ["outside_hours"]),
        ({"started_at": "2026-03-02T07:00:00+08:00"}, []),
        ({"started_at": "2026-03-01T17:00:00+08:00", "ended_at": "2026-03-01T18:01:00+08:00"}, ["outside_hours"]),
        ({"started_at": "2026-03-01T17:00:00+08:00", "ended_at": "2026-03-01T18:00:00+08:00"}, []),
        ({"started_at": "2026-03-01T23:50:00+08:00", "ended_at": "2026-03-02T00:05:00+08:00", "position": None}, ["no_gps", "outside_hours", "too_short"]),
    ],
)
async def test_each_check_at_its_boundary(world: MentoringWorld, given: dict[str, Any], flags: list[str]) -> None:
    world.calendar.today = date(2026, 3, 1)
    running = await world.mentoring()
    world.calendar.today = date(2026, 3, 2)
    visit = await world.ok(await world.send(running, world.report(running, **given)), 201)
    assert (visit["flag_codes"], visit["status"]) == (flags, "flagged" if flags else "submitted")
    assert [(json.loads(row.data)["flag_codes"], json.loads(row.data)["rule_version"]) for row in await world.events("VisitFlagged")] == (
        [(flags, 1)] if flags else []
    )


async def test_places_too_near_to_another_groups_and_points_that_repeat(world: MentoringWorld) -> None:
    one, two = await world.mentoring(), await world.mentoring()
    await world.ok(await world.send(one, world.report(one, position=at(0))), 201)
    near = await world.ok(await world.send(two, world.report(two, position=at(9.9))), 201)
    assert near["flag_codes"] == ["near_other_visit"]
    world.calendar.today = date(2026, 3, 3)
    far = await world.ok(await world.send(two, world.report(two, position=at(-10.1))), 201)
    assert far["flag_codes"] == []
    # The same group meets at the same place, but no receiver finds the same point twice.
    again = await world.ok(await world.send(one, world.report(one, position=at(-3))), 201)
    assert again["flag_codes"] == ["near_other_visit"], "7.1 m from the visit to the other group"
    world.calendar.today = date(2026, 3, 4)
    assert (await world.ok(await world.send(two, world.report(two, position=at(-12))), 201))["flag_codes"] == ["near_other_visit"]
    await world.ok(await world.visit_act(again["id"], "reject", world.regency, {"reason_code": "invented"}))
    world.calendar.today = date(2026, 3, 5)
    same_group = await world.ok(await world.send(two, world.report(two, position=at(-13))), 201)
    assert same_group["flag_codes"] == [], "a rejected visit is nobody's neighbour"
    world.calendar.today = date(2026, 3, 6)
    repeated = await world.ok(await world.send(two, world.report(two, position=at(-13))), 201)
    assert repeated["flag_codes"] == ["near_other_visit"]


async def test_doubles_are_the_same_day_the_same_hour_elsewhere_or_the_same_evidence(world: MentoringWorld) -> None:
    mentor = await world.mentor()
    one, two = await world.mentoring(mentor), await world.mentoring(mentor)
    first = world.report(one, position=at(0), evidence_hashes=[EVIDENCE])
    assert (await world.ok(await world.send(one, first), 201))["flag_codes"] == []
    later = {"started_at": "2026-03-02T11:00:00+08:00", "ended_at": "2026-03-02T12:00:00+08:00"}
    same_day = await world.ok(await world.send(one, world.report(one, position=at(300), **later)), 201)
    two_places = await world.ok(await world.send(two, world.report(two, position=at(600))), 201)
    world.calendar.today = date(2026, 3, 20)
    same_photo = await world.ok(await world.send(two, world.report(two, position=at(900), evidence_hashes=["cd" * 32, EVIDENCE])), 201)
    for visit in (same_day, two_places, same_photo):
        assert visit["flag_codes"] == ["duplicate"]
    assert (await world.ok(await world.send(two, world.report(two, position=at(1200))), 201))["flag_codes"] == ["duplicate"], "the same group that day"


async def test_flagged_visits_do_not_count_until_somebody_else_decides(world: MentoringWorld, person: Callable[..., Person]) -> None:
    running = await world.mentoring(planned_visits=1)
    mentor = world.people[running["mentor_id"]]
    visit = await world.ok(await world.send(running, world.report(running, position=None)), 201)
    for enterprise in running["enterprise_ids"][:1]:
        for value in (1, 2):
            await world.ok(await world.diagnose(running, enterprise, value))
    done = {"justification_code": None}
    assert (await world.mentoring_act(running, "complete", done)).json()["code"] == "too_few_visits"
    assert (await world.visit_act(visit["id"], "approve", mentor)).status_code == 403
    in_two_roles = person(Role.REGENCY, name=mentor.name, regions=["53.04"])
    for verb, body in (("approve", None), ("reject", {"reason_code": "invented"})):
        assert (await world.visit_act(visit["id"], verb, in_two_roles, body)).json()["code"] == "four_eyes"
    elsewhere = person(Role.REGENCY, regions=["53.05"])
    assert (await world.visit_act(visit["id"], "approve", elsewhere)).status_code == 404
    approved = await world.ok(await world.visit_act(visit["id"], "approve", world.regency))
    assert (approved["status"], approved["reviewed_by"]) == ("approved", "regency-1")
    [told] = await world.events("VisitVerified")
    assert json.loads(told.data)["flag_codes"] == ["no_gps"]
    late = await world.send(running, world.report(running, visit["id"]))
    assert (late.status_code, late.json()["code"]) == (409, "illegal_transition")
    await world.ok(await world.mentoring_act(running, "complete", done))


async def test_where_the_device_was_is_read_by_reviewers_alone(world: MentoringWorld, person: Callable[..., Person]) -> None:
    running = await world.mentoring()
    body = world.report(running, position={"longitude": 124.123456, "latitude": -9.654321, "accuracy_m": 5}, note="Rumah Mama Lodia")
    visit = await world.ok(await world.send(running, body), 201)
    path = f"/v1/visit-reports/{visit['id']}"
    assert (await world.ok(await world.served.get(path, world.regency)))["first"]["position"] == body["position"]
    for role in (Role.MENTOR, Role.COORDINATOR, Role.PARTNER_MINISTRY, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.LENDER, Role.BUYER):
        assert (await world.served.get(path, person(role, regions=["53.04"]))).status_code == 403
    assert (await world.served.get(path, person(Role.REGENCY, regions=["53.05"]))).status_code == 404
    shown = [
        (await world.served.get(f"/v1/mentoring-visits/{visit['id']}", world.owner)).text,
        (await world.served.get("/v1/mentoring-visits", world.owner)).text,
        (await world.served.get("/v1/visit-alerts", world.owner)).text,
        *(str(row.data) for row in await world.served.outbox()),
    ]
    for text in shown:
        assert "123456" not in text and "654321" not in text and "Lodia" not in text


async def test_a_visit_of_which_nothing_came_is_missed_and_alerts_until_the_mentor_has_been_there(world: MentoringWorld) -> None:
    running = await world.mentoring()
    mentor = world.people[running["mentor_id"]]
    visit = await world.ok(await plan(world, running), 201)
    assert await world.pass_days(6) == 0  # 8 March, the last day of grace
    assert await world.pass_days(1) == 1
    assert await world.pass_days(3) == 0
    assert [json.loads(row.data)["planned_on"] for row in await world.events("VisitMissed")] == ["2026-03-05"]
    for who in (mentor, world.regency):
        assert [each["id"] for each in (await world.ok(await world.served.get("/v1/visit-alerts", who)))["items"]] == [visit["id"]]
    other = world.people[await world.mentor()]
    assert (await world.ok(await world.served.get("/v1/visit-alerts", other)))["items"] == []
    late = await world.send(running, world.report(running, visit["id"]))
    assert (late.status_code, late.json()["code"]) == (409, "illegal_transition")
    await world.ok(await world.send(running, world.report(running)), 201)
    assert (await world.ok(await world.served.get("/v1/visit-alerts", world.regency)))["items"] == []


async def test_a_visit_that_began_and_was_never_reported_alerts_too(world: MentoringWorld) -> None:
    running = await world.mentoring()
    mentor = world.people[running["mentor_id"]]
    visit = await world.ok(await plan(world, running, "2026-03-02"), 201)
    await world.ok(await world.visit_act(visit["id"], "check-in", mentor, {"captured_offline": False}))
    await world.pass_days(3)
    assert (await world.ok(await world.served.get("/v1/visit-alerts", world.regency)))["items"] == []
    await world.pass_days(1)
    alerts = (await world.ok(await world.served.get("/v1/visit-alerts", world.regency)))["items"]
    assert [(each["id"], each["status"]) for each in alerts] == [(visit["id"], "checked_in")]
    day = {"started_at": "2026-03-02T09:00:00+08:00", "ended_at": "2026-03-02T10:00:00+08:00"}
    await world.ok(await world.send(running, world.report(running, visit["id"], **day)), 201)
    assert (await world.ok(await world.served.get("/v1/visit-alerts", world.regency)))["items"] == []


async def test_planned_visits_belong_to_mentoring_under_way_and_to_their_mentor(world: MentoringWorld) -> None:
    running, other = await world.mentoring(), await world.mentoring()
    visit = await world.ok(await plan(world, running), 201)
    assert await world.ok(await plan(world, running, visit_id=visit["id"]), 201) == visit
    assert (await plan(world, running, "2026-03-06", visit_id=visit["id"])).json()["code"] == "visit_id_taken"
    assert (await plan(world, other, visit_id=visit["id"])).json()["code"] == "visit_id_taken"
    assert (await world.send(other, world.report(other, visit["id"]))).json()["code"] == "visit_id_taken"
    assert (await plan(world, running, "2026-03-01")).json()["code"] == "visit_time_impossible"
    intruder = world.people[other["mentor_id"]]
    assert (await world.served.post("/v1/mentoring-visits", intruder, {**visit_plan(running)})).status_code == 404
    assert (await world.served.get(f"/v1/mentoring-visits/{visit['id']}", intruder)).status_code == 404
    mentor = world.people[running["mentor_id"]]
    arrived = await world.ok(await world.visit_act(visit["id"], "check-in", mentor, {"captured_offline": True}))
    assert (arrived["status"], arrived["captured_offline"]) == ("checked_in", True)
    assert (await world.visit_act(visit["id"], "cancel", mentor, {"reason_code": "rain"})).status_code == 409
    reported = await world.ok(await world.send(running, world.report(running, visit["id"])), 201)
    assert (reported["id"], reported["status"]) == (visit["id"], "submitted")
    second = await world.ok(await plan(world, running), 201)
    assert (await world.ok(await world.visit_act(second["id"], "cancel", mentor, {"reason_code": "rain"})))["status"] == "cancelled"
    third = await world.ok(await plan(world, running), 201)
    await world.ok(await world.mentoring_act(running, "pause", {"reason_code": "harvest_season"}))
    assert (await world.ok(await world.served.get(f"/v1/mentoring-visits/{third['id']}", mentor)))["status"] == "cancelled"
    assert (await plan(world, running)).json()["code"] == "mentoring_not_active"


def visit_plan(running: Any) -> dict[str, Any]:
    return {"visit_id": str(uuid4()), "assignment_id": running["id"], "planned_on": "2026-03-05"}


async def test_a_visit_lies_in_the_past_and_within_mentoring(world: MentoringWorld) -> None:
    running = await world.mentoring()
    for times in (
        {"started_at": "2026-03-02T14:00:00+08:00", "ended_at": "2026-03-02T15:00:00+08:00"},
        {"started_at": "2026-03-02T10:00:00+08:00", "ended_at": "2026-03-02T10:00:00+08:00"},
        {"started_at": "2026-03-01T09:00:00+08:00", "ended_at": "2026-03-01T10:00:00+08:00"},
    ):
        assert (await world.send(running, world.report(running, **times))).json()["code"] == "visit_time_impossible"
    world.calendar.today = date(2026, 4, 2)
    day = {"started_at": "2026-03-02T09:00:00+08:00", "ended_at": "2026-03-02T10:00:00+08:00"}
    assert (await world.send(running, world.report(running, **day))).json()["code"] == "visit_time_impossible"
    world.calendar.today = date(2026, 4, 1)
    await world.ok(await world.send(running, world.report(running, **day)), 201)
    assert (await world.send(running, world.report(running, enterprise_ids=[str(uuid4())]))).json()["code"] == "not_mentored_here"


@pytest.mark.parametrize(
    ("metres", "same_group", "limit", "near"),
    [(9.9, False, 0, True), (10.1, False, 0, False), (9.9, True, 0, False), (0, True, 0, True), (9.9, True, 10, True), (10.1, True, 10, False)],
)
def test_how_near_is_too_near_is_a_rule(metres: float, same_group: bool, limit: int, near: bool) -> None:
    start, group, mentor = datetime(2026, 3, 2, 2, tzinfo=UTC), uuid4(), uuid4()

    def report(north: float, day: int, evidence: str) -> VisitReport:
        begin = start + timedelta(days=day)
        place = Position(longitude=CENTRE[0], latitude=CENTRE[1] + north * METRE, accuracy_m=None)
        return VisitReport(
            started_at=begin, ended_at=begin + timedelta(hours=1), topic_codes=["marketing"], attendee_count=1, enterprise_ids=[],
            evidence_hashes=[evidence], position=place, note=None,
        )  # fmt: skip

    other = Other(group_id=group if same_group else uuid4(), mentor_id=mentor, occurred_on=date(2026, 3, 2), report=report(0, 0, "a"))
    rules = replace(visit_rules_on(date(2026, 3, 2)), near_metres_same_group=limit)
    flags = flags_of(report(metres, 5, "b"), rules, region_code="53.04", group_id=group, mentor_id=mentor, centre=None, others=[other])
    assert flags == (["near_other_visit"] if near else [])


@pytest.mark.parametrize(("region", "hour"), [("53.04", 8), ("12.01", 7), ("94.01", 9), ("64.71", 8), ("61.01", 7)])
def test_hours_are_those_of_the_region(region: str, hour: int) -> None:
    """WIB, WITA and WIT: midnight in Greenwich."""
    assert visit_rules_on(date(2026, 3, 2)).local(datetime(2026, 3, 2, tzinfo=UTC), region).hour == hour
