"""Courses and trainings over HTTP: who may, what is refused with code and next step, and what the calendar does."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.facilitation.trainings.clock import pass_day
from services.facilitation.trainings.rules import months_after, rules_on
from shared.contracts.coordination import InstitutionMerged, InstitutionReinstated, InstitutionRetired, InstitutionSuspended
from shared.security.identity import Role
from tests.facilitation.training_world import SCHEDULE, START, TERMS, TrainingWorld


async def test_a_course_has_dated_versions_and_a_training_keeps_the_one_of_its_day(teaching: TrainingWorld) -> None:
    course = await teaching.offer()
    assert [version["course_version"] for version in course["versions"]] == [1]
    revised = await teaching.ok(
        await teaching.served.act(f"/v1/courses/{course['id']}", "revise", teaching.ministry, TERMS | {"valid_from": "2026-07-05", "pass_mark": 80})
    )
    assert [(version["course_version"], version["pass_mark"]) for version in revised["versions"]] == [(1, 70), (2, 80)]
    before = await teaching.ok(await teaching.draft(), 201)
    teaching.today = date(2026, 7, 5)
    after = await teaching.ok(await teaching.draft(), 201)
    assert [(each["course_version"], each["pass_mark"]) for each in (before, after)] == [(1, 70), (2, 80)]
    await teaching.ok(await teaching.served.act(f"/v1/courses/{course['id']}", "retire", teaching.owner, {"reason_code": "replaced"}))
    refused = await teaching.draft()
    assert (refused.status_code, refused.json()["code"]) == (422, "course_not_current")


async def test_what_the_catalogue_refuses(teaching: TrainingWorld) -> None:
    course = await teaching.offer()
    body = {"course_code": teaching.course_code, "title": "T", "provider_institution_id": str(teaching.provider), "terms": TERMS}
    stranger = teaching.story.person(Role.PARTNER_MINISTRY, institution_id=uuid4())
    path = f"/v1/courses/{course['id']}"
    cases = [
        (await teaching.served.post("/v1/courses", teaching.ministry, body), 409, "course_code_taken"),
        (await teaching.served.post("/v1/courses", stranger, body | {"course_code": "lain"}), 403, "not_the_provider"),
        (await teaching.served.act(path, "revise", stranger, TERMS), 403, "not_the_provider"),
        (await teaching.served.act(path, "revise", teaching.ministry, TERMS | {"valid_from": "2026-06-30"}), 422, "course_version_in_past"),
        (await teaching.served.post("/v1/courses", teaching.mentor, body), 403, "forbidden"),
        (await teaching.served.act(path, "revise", teaching.ministry, TERMS | {"attendance_percent": 101}), 422, "validation_failed"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer, *_ in cases] == [(status, code) for _, status, code in cases]


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"opens_on": "2026-08-01"}, ["registration_ends_before_it_begins"]),
        ({"closes_on": "2026-08-04"}, ["registration_ends_after_first_session"]),
        ({"sessions": [{"on": "2026-08-04", "hours": 8}, {"on": "2026-08-03", "hours": 8}]}, ["sessions_out_of_order"]),
        ({"sessions": [{"on": "2026-08-03", "hours": 8}, {"on": "2026-08-04", "hours": 7}]}, ["hours_below_course"]),
        ({"quota": 1}, ["minimum_above_quota"]),
        ({"quota": 1, "opens_on": "2026-08-01"}, ["registration_ends_before_it_begins", "minimum_above_quota"]),
    ],
)
async def test_a_schedule_that_contradicts_itself_says_how(teaching: TrainingWorld, given: dict[str, Any], broken: list[str]) -> None:
    await teaching.offer()
    refused = await teaching.draft(**given)
    assert (refused.status_code, refused.json()["code"], refused.json()["broken"]) == (422, "schedule_impossible", broken)


async def test_trainings_are_held_where_the_programme_is(teaching: TrainingWorld) -> None:
    await teaching.offer()
    province = teaching.story.person(Role.PROVINCE, regions=["53"])
    elsewhere = {"programme_id": teaching.story.programme_id, "course_id": teaching.course_id, "region_code": "53.05", "venue": "V", "schedule": SCHEDULE}
    outside = await teaching.served.post("/v1/trainings", province, elsewhere)
    assert (outside.status_code, outside.json()["code"]) == (422, "not_prioritised_location")
    assert (await teaching.served.post("/v1/trainings", teaching.regency, elsewhere)).status_code == 404
    path = await teaching.training(open_=False)
    neighbour = teaching.story.person(Role.REGENCY, regions=["53.05"])
    assert (await teaching.served.get(path, neighbour)).status_code == 404
    assert await teaching.tried(path, "postpone", {"reason_code": "other"}, neighbour) == (404, "not_found")
    assert (await teaching.served.get("/v1/trainings", neighbour)).json()["items"] == []
    assert len((await teaching.served.get("/v1/trainings", province, params={"region_code": "53.04", "status": "published"})).json()["items"]) == 1
    other = teaching.story.person(Role.PARTNER_MINISTRY, institution_id=uuid4())
    assert await teaching.tried(path, "cancel", {"reason_code": "other"}, other) == (403, "not_the_provider")
    assert (await teaching.act(path, "cancel", {"reason_code": "other"}, teaching.ministry))["status"] == "cancelled"


async def test_registration_opens_and_closes_by_the_calendar(teaching: TrainingWorld) -> None:
    path = await teaching.training(open_=False)
    assert await teaching.tried(path, "open-registration") == (422, "training_not_yet")
    await teaching.pass_days_to(date(2026, 7, 9))
    assert (await teaching.ok(await teaching.served.get(path, teaching.regency)))["status"] == "published"
    await teaching.pass_days_to(date(2026, 7, 10))
    assert (await teaching.ok(await teaching.served.get(path, teaching.regency)))["status"] == "registration_open"
    assert await teaching.tried(path, "close-registration") == (422, "training_not_yet")
    await teaching.pass_days_to(date(2026, 7, 31))
    assert (await teaching.ok(await teaching.served.get(path, teaching.regency)))["status"] == "registration_open", "the last day counts"
    await teaching.pass_days_to(date(2026, 8, 1))
    assert (await teaching.ok(await teaching.served.get(path, teaching.regency)))["status"] == "registration_closed"
    assert await teaching.events("TrainingRegistrationClosed") == [
        ("TrainingRegistrationClosed", {"training_id": str(teaching.id_of(path)), "enrolled_count": 0, "waitlisted_count": 0})
    ]
    recorded = len(await teaching.events())
    assert await pass_day(teaching.served.runtime.database, teaching.today) == 0, "repeating a day changes nothing"
    assert len(await teaching.events()) == recorded


async def test_a_full_training_may_be_closed_early(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(3)
    await teaching.nominated(path, group_id, ids[:2])
    assert await teaching.tried(path, "close-registration") == (422, "training_not_yet")
    await teaching.nominated(path, group_id, ids[2:])
    assert (await teaching.act(path, "close-registration"))["status"] == "registration_closed"


async def test_a_training_begins_on_its_day_with_enough_participants(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(1)
    await teaching.nominated(path, group_id, ids)
    await teaching.pass_days_to(date(2026, 8, 2))
    assert await teaching.tried(path, "start") == (422, "training_not_yet")
    await teaching.pass_days_to(date(2026, 8, 3))
    assert await teaching.tried(path, "start") == (422, "too_few_participants")
    assert await teaching.tried(path, "cancel", {"reason_code": "other"}) == (409, "illegal_transition")
    await teaching.act(path, "postpone", {"reason_code": "too_few"})
    assert (await teaching.act(path, "cancel", {"reason_code": "too_few"}))["status"] == "cancelled"
    assert [(each["status"], each["reason_code"]) for each in await teaching.enrolments(path)] == [("withdrawn", "training_cancelled")]


async def test_postponed_and_rescheduled_with_seats_kept_and_a_larger_quota_given_to_who_waits(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(5)
    rows = await teaching.nominated(path, group_id, ids)
    assert [row["outcome"] for row in rows] == ["enrolled"] * 3 + ["waitlisted"] * 2
    await teaching.act(path, "postpone", {"reason_code": "trainer_unavailable"})
    assert await teaching.tried(path, "reschedule", SCHEDULE | {"quota": 2}) == (422, "quota_below_seats")
    teaching.today = date(2026, 8, 5)
    assert await teaching.tried(path, "publish") == (422, "training_dates_passed")
    later = {"opens_on": "2026-08-05", "closes_on": "2026-08-20", "sessions": [{"on": "2026-09-01", "hours": 16}], "quota": 4}
    await teaching.act(path, "reschedule", SCHEDULE | later)
    await teaching.act(path, "publish")
    await teaching.act(path, "open-registration")
    assert [(each["status"], each["seat_no"], each["position"]) for each in await teaching.enrolments(path)] == [
        ("enrolled", 1, None), ("enrolled", 2, None), ("enrolled", 3, None), ("enrolled", 4, None), ("waitlisted", None, 2)
    ]  # fmt: skip


async def test_a_change_needs_the_version_that_was_seen(teaching: TrainingWorld) -> None:
    path = await teaching.training(open_=False)
    body = {"reason_code": "other"}
    assert (await teaching.served.post(f"{path}/postpone", teaching.regency, body)).status_code == 428
    assert (await teaching.served.post(f"{path}/postpone", teaching.regency, body, if_match='"1"')).status_code == 412
    first = await teaching.served.act(path, "postpone", teaching.regency, body, key="once")
    again = await teaching.served.post(f"{path}/postpone", teaching.regency, body, if_match='"2"', key="once")
    assert (first.status_code, again.status_code, again.headers.get("idempotency-replayed"), again.json()) == (200, 200, "true", first.json())


async def test_the_rules_say_where_they_come_from(teaching: TrainingWorld) -> None:
    rules = await teaching.ok(await teaching.served.get("/v1/training-rules"))
    assert (rules["tracer_months"], bool(rules["source"])) == ([3, 6, 12], True)
    with pytest.raises(LookupError):
        rules_on(date(2020, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), 12, date(2027, 1, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_months_after_a_day(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_months_after_never_runs_backwards() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(800)]
    moved = [months_after(day, 3) for day in days]
    assert moved == sorted(moved)


@pytest.mark.parametrize(
    ("lost", "status", "regained"),
    [
        (lambda id: InstitutionSuspended(institution_id=id, reason_code="audit"), "suspended", True),
        (lambda id: InstitutionRetired(institution_id=id, effective_from=START), "retired", False),
        (lambda id: InstitutionMerged(institution_id=id, merged_into_institution_id=uuid4(), effective_from=START, moved_commitment_count=0), "merged", False),
    ],
)
async def test_a_provider_is_verified(
    teaching: TrainingWorld, eventually: Callable[..., Any], lost: Callable[[UUID], Any], status: str, regained: bool
) -> None:
    await teaching.offer()
    earlier = (await teaching.ok(await teaching.draft(), 201))["id"]
    await teaching.announce(lost(teaching.provider), 2)
    await eventually(lambda: teaching.knows_provider(status))
    refused = await teaching.draft()
    assert (refused.status_code, refused.json()["code"]) == (422, "provider_not_verified")
    assert (await teaching.act(f"/v1/trainings/{earlier}", "publish"))["status"] == "published", "what is under way goes on"
    if regained:
        await teaching.announce(InstitutionReinstated(institution_id=teaching.provider, reason_code="cleared"), 3)
        await eventually(teaching.knows_provider)
        await teaching.ok(await teaching.draft(), 201)


async def test_nobody_knows_an_institution_that_coordination_did_not_verify(teaching: TrainingWorld) -> None:
    teaching.provider = uuid4()
    teaching.ministry = teaching.story.person(Role.PARTNER_MINISTRY, institution_id=teaching.provider)
    await teaching.offer()
    refused = await teaching.draft()
    assert (refused.status_code, refused.json()["code"]) == (422, "provider_not_verified")
