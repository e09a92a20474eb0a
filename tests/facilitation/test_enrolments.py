"""Nominations, seats and the waiting list over HTTP, one at a time and a hundred at once."""

import asyncio
import os
import random
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.security.identity import Role
from tests.facilitation.training_world import TrainingWorld, in_many_processes

ROUNDS = int(os.environ.get("ENTASKAN_RACES", "1"))
"""How often each race is run; a hundred for the figures in the handbook."""


def seats(enrolments: list[dict[str, Any]]) -> list[int]:
    return sorted(each["seat_no"] for each in enrolments if each["seat_no"] is not None)


async def test_a_group_names_several_at_once_and_every_row_is_answered(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(5)
    _, strangers = await teaching.group(1)
    wrong = [ids[0], strangers[0], str(uuid4())]
    answer = await teaching.ok(await teaching.nominate(path, group_id, [*ids, *wrong]), 201)
    assert [(row["row"], row["outcome"], row["seat_no"], row["position"], row["code"]) for row in answer["rows"]] == [
        (1, "enrolled", 1, None, None),
        (2, "enrolled", 2, None, None),
        (3, "enrolled", 3, None, None),
        (4, "waitlisted", None, 1, None),
        (5, "waitlisted", None, 2, None),
        (6, "refused", None, None, "already_nominated"),
        (7, "refused", None, None, "no_active_membership"),
        (8, "refused", None, None, "no_active_membership"),
    ]
    assert all(row["hint"] and row["hint_en"] for row in answer["rows"][5:])
    assert await teaching.ok(await teaching.served.get(f"{path}/nominations/{answer['id']}", teaching.mentor)) == answer
    assert (await teaching.ok(await teaching.served.get(f"{path}/nominations", teaching.mentor)))["items"] == [answer]
    counted = {"enrolled_count": 3, "waitlisted_count": 2, "nominated_count": 0, "refused_count": 3}
    ((_, event),) = await teaching.events("NominationListReceived")
    assert event == {"nomination_id": answer["id"], "training_id": str(teaching.id_of(path)), "group_id": group_id} | counted


async def test_consent_comes_first(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(2)
    late = await teaching.ok(await teaching.nominate(path, group_id, ids[:1], consent_on="2026-07-11"), 201)
    assert [row["code"] for row in late["rows"]] == ["consent_in_future"]
    today = await teaching.ok(await teaching.nominate(path, group_id, ids, consent_on="2026-07-10"), 201)
    assert [row["outcome"] for row in today["rows"]] == ["enrolled", "enrolled"]
    enrolment = await teaching.enrolment(today["rows"][0]["enrolment_id"])
    assert (enrolment["consent_purpose"], enrolment["consent_on"]) == ("training_participation", "2026-07-10")
    missing = {"group_id": group_id, "nominees": [{"enterprise_id": ids[0], "gender": "female", "consent_purpose": "training_participation"}]}
    assert (await teaching.served.post(f"{path}/nominations", teaching.mentor, missing)).status_code == 422


async def test_which_lists_are_refused_as_a_whole(teaching: TrainingWorld) -> None:
    path, unopened = await teaching.training(), await teaching.training(open_=False)
    group_id, ids = await teaching.group(1)
    forming, forming_ids = await teaching.group(1, status="forming")
    cooperative, cooperative_ids = await teaching.group(1, group_type="koperasi")
    away, away_ids = await teaching.group(1, region="53.05")
    cases = [
        (await teaching.nominate(unopened, group_id, ids), 409, "registration_not_open"),
        (await teaching.nominate(path, forming, forming_ids), 422, "group_not_active"),
        (await teaching.nominate(path, cooperative, cooperative_ids), 422, "group_type_not_targeted"),
        (await teaching.nominate(path, away, away_ids), 404, "not_found"),
        (await teaching.nominate(path, group_id, ids, teaching.owner), 403, "forbidden"),
        (await teaching.nominate(path, group_id, []), 422, "validation_failed"),
        (await teaching.nominate(f"/v1/trainings/{uuid4()}", group_id, ids), 404, "not_found"),
        (await teaching.nominate(path, group_id, ids, teaching.story.person(Role.MENTOR, regions=["53.05"])), 404, "not_found"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer, *_ in cases] == [(status, code) for _, status, code in cases]
    assert await teaching.events("ParticipantNominated", "NominationListReceived") == []


async def test_the_same_request_again_takes_no_second_seat(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(2)
    body = {"group_id": group_id, "nominees": [teaching.nominee(id) for id in ids]}
    answers = await asyncio.gather(*(teaching.served.post(f"{path}/nominations", teaching.mentor, body, key="one") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert seats(await teaching.enrolments(path)) == [1, 2]


async def test_a_freed_seat_goes_to_the_first_who_waits(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(6)
    rows = await teaching.nominated(path, group_id, ids)
    enrolment = [f"/v1/enrolments/{row['enrolment_id']}" for row in rows]
    withdrawn = await teaching.act(enrolment[1], "withdraw", {"reason_code": "fell_ill"}, teaching.mentor)
    assert (withdrawn["status"], withdrawn["seat_no"], withdrawn["reason_code"]) == ("withdrawn", None, "fell_ill")
    await teaching.act(enrolment[4], "withdraw", {"reason_code": "moved_away"}, teaching.mentor)
    await teaching.act(enrolment[0], "withdraw", {"reason_code": "fell_ill"}, teaching.mentor)
    assert [(each["status"], each["seat_no"], each["position"]) for each in await teaching.enrolments(path)] == [
        ("withdrawn", None, None), ("withdrawn", None, None), ("enrolled", 3, None), ("enrolled", 2, None), ("withdrawn", None, None), ("enrolled", 1, None)
    ]  # fmt: skip
    assert [name for name, _ in (await teaching.events())[-5:]] == [
        "ParticipantWithdrawn", "ParticipantEnrolled", "ParticipantWithdrawn", "ParticipantWithdrawn", "ParticipantEnrolled"
    ]  # fmt: skip
    assert await teaching.tried(enrolment[0], "withdraw", {"reason_code": "fell_ill"}, teaching.mentor) == (409, "illegal_transition")
    again = await teaching.nominated(path, group_id, ids[:1])
    assert again[0]["code"] == "already_nominated", "one enrolment for each training and enterprise"


async def test_where_the_organiser_selects(teaching: TrainingWorld) -> None:
    path = await teaching.training(selection="by_organiser")
    group_id, ids = await teaching.group(6)
    rows = await teaching.nominated(path, group_id, ids)
    assert {row["outcome"] for row in rows} == {"nominated"}
    enrolment = [f"/v1/enrolments/{row['enrolment_id']}" for row in rows]
    for each in (enrolment[5], enrolment[0], enrolment[2]):
        assert (await teaching.act(each, "enrol"))["status"] == "enrolled"
    assert (await teaching.act(enrolment[3], "enrol"))["position"] == 1
    assert await teaching.tried(enrolment[3], "enrol") == (409, "waits_its_turn")
    assert (await teaching.act(enrolment[4], "reject", {"reason_code": "took_part_before"}))["status"] == "rejected"
    assert await teaching.tried(enrolment[4], "enrol") == (409, "illegal_transition")
    assert await teaching.tried(enrolment[1], "enrol", person=teaching.mentor) == (403, "forbidden")
    teaching.today = teaching.today.replace(month=8, day=3)
    await teaching.act(path, "close-registration")
    await teaching.act(path, "start")
    assert [(each["status"], each["reason_code"]) for each in await teaching.enrolments(path)] == [
        ("enrolled", None), ("rejected", "not_selected"), ("enrolled", None), ("withdrawn", "no_seat"), ("rejected", "took_part_before"), ("enrolled", None)
    ]  # fmt: skip
    assert await teaching.tried(enrolment[1], "enrol") == (409, "illegal_transition")


async def test_cancelling_frees_everybody(teaching: TrainingWorld) -> None:
    path = await teaching.training()
    group_id, ids = await teaching.group(5)
    await teaching.nominated(path, group_id, ids)
    await teaching.act(path, "cancel", {"reason_code": "no_budget"})
    assert {(each["status"], each["reason_code"], each["seat_no"], each["position"]) for each in await teaching.enrolments(path)} == {
        ("withdrawn", "training_cancelled", None, None)
    }
    other = await teaching.training()
    assert [row["outcome"] for row in await teaching.nominated(other, group_id, ids)] == ["enrolled"] * 3 + ["waitlisted"] * 2


async def _open(teaching: TrainingWorld, members: int, quota: int, **given: Any) -> tuple[str, str, list[str]]:
    path = await teaching.training(quota=quota, minimum_participants=1, **given)
    return path, *await teaching.group(members)


def _holds(enrolments: list[dict[str, Any]], quota: int) -> None:
    """What is true of the seats of a training at every moment."""
    taken = seats(enrolments)
    waiting = [each for each in enrolments if each["status"] == "waitlisted"]
    assert len(taken) == len(set(taken)) <= quota, "no seat is given twice, and none that there is not"
    assert all(1 <= seat_no <= quota for seat_no in taken)
    assert not waiting or len(taken) == quota, "nobody waits while a seat is free"
    assert len({each["position"] for each in waiting}) == len(waiting)


@pytest.mark.parametrize(("quota", "processes"), [(1, "one"), (30, "one"), (99, "one"), (30, "many")])
async def test_a_hundred_nominations_at_once_never_oversell(teaching: TrainingWorld, quota: int, processes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if processes == "many":
        in_many_processes(monkeypatch)
    for _ in range(ROUNDS):
        path, group_id, ids = await _open(teaching, 100, quota)
        answers = await asyncio.gather(*(_patiently(teaching, path, group_id, id) for id in ids))
        assert [answer.status_code for answer in answers] == [201] * 100
        enrolments = await teaching.enrolments(path)
        assert seats(enrolments) == list(range(1, quota + 1))
        assert sorted(each["position"] for each in enrolments if each["status"] == "waitlisted") == list(range(1, 101 - quota))
        told = [answer.json()["rows"][0] for answer in answers]
        assert sorted(row["seat_no"] for row in told if row["outcome"] == "enrolled") == list(range(1, quota + 1))


async def _patiently(teaching: TrainingWorld, path: str, group_id: str, id: str) -> httpx.Response:
    """A client who does what a 503 says: the same again, under the same key. A hundred processes with one pool of connections are many."""
    body = {"group_id": group_id, "nominees": [teaching.nominee(id)]}
    while True:
        answer = await teaching.served.post(f"{path}/nominations", teaching.mentor, body, key=id)
        if answer.status_code != 503:
            return answer


async def test_a_hundred_selections_at_once_never_oversell(teaching: TrainingWorld) -> None:
    for _ in range(ROUNDS):
        path, group_id, ids = await _open(teaching, 100, 30, selection="by_organiser")
        rows = await teaching.nominated(path, group_id, ids)
        answers = await asyncio.gather(*(teaching.served.post(f"/v1/enrolments/{row['enrolment_id']}/enrol", teaching.regency, if_match='"1"') for row in rows))
        assert [answer.status_code for answer in answers] == [200] * 100
        assert seats(await teaching.enrolments(path)) == list(range(1, 31))


@pytest.mark.parametrize("processes", ["one", "many"])
async def test_nominations_withdrawals_and_the_end_of_registration_all_at_once(
    teaching: TrainingWorld, processes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if processes == "many":
        in_many_processes(monkeypatch)
    for number in range(ROUNDS):
        path, group_id, ids = await _open(teaching, 100, 20)
        first = await teaching.nominated(path, group_id, ids[:40])
        acts = [teaching.nominate(path, group_id, [id]) for id in ids[40:80]]
        acts += [
            teaching.served.post(f"/v1/enrolments/{row['enrolment_id']}/withdraw", teaching.mentor, {"reason_code": "fell_ill"}, if_match='"2"')
            for row in random.Random(number).sample(first, 25)
        ]
        acts.append(teaching.served.act(path, "close-registration", teaching.regency))
        acts += [teaching.nominate(path, group_id, [id]) for id in ids[80:]]
        answers = await asyncio.gather(*acts)
        assert {answer.status_code for answer in answers} <= {200, 201, 409, 412, 503}, [answer.text for answer in answers if answer.status_code == 500]
        enrolments = await teaching.enrolments(path)
        _holds(enrolments, 20)
        assert [event["enrolled_count"] for _, event in await teaching.told_of(path, "TrainingRegistrationClosed")] in ([], [20])
        await _promoted_in_order(teaching, path)


async def _promoted_in_order(teaching: TrainingWorld, path: str) -> None:
    """Whoever left the waiting list for a seat was then the first on it."""
    waiting: dict[str, int] = {}
    for name, event in await teaching.told_of(path, "ParticipantWaitlisted", "ParticipantEnrolled", "ParticipantWithdrawn"):
        if name == "ParticipantWaitlisted":
            waiting[event["enrolment_id"]] = event["position"]
        elif position := waiting.pop(event["enrolment_id"], None):
            assert name == "ParticipantWithdrawn" or position <= min(waiting.values(), default=position)
