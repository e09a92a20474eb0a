"""Attendance and scores by list and by CSV, results, and who never came."""

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.facilitation.training_lists.domain import FileNotUtf8, HeadingsMissing, ListKind, ListRow, presence, score, sort_out
from services.facilitation.training_lists.files import read
from shared.security.identity import Role
from tests.facilitation.training_world import TrainingWorld, in_many_processes

CSV = {"content-type": "text/csv"}


async def send(teaching: TrainingWorld, path: str, body: str | bytes, *, key: str | None = None, **params: Any) -> Any:
    content = body.encode() if isinstance(body, str) else body
    headers = {"Authorization": f"Bearer {teaching.regency.token}", "Idempotency-Key": key or uuid4().hex} | CSV
    return await teaching.served.client.post(f"{path}/list-files", params=params, content=content, headers=headers)


async def statuses(teaching: TrainingWorld, path: str) -> list[str]:
    return [each["status"] for each in await teaching.enrolments(path)]


async def test_a_session_is_held_once_its_attendance_is_complete(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    part = await teaching.ok(await teaching.attend(path, 1, {ids[0]: True, ids[1]: False}), 201)
    assert (part["accepted_count"], part["missing"]) == (2, [ids[2]])
    assert await statuses(teaching, path) == ["attending", "enrolled", "enrolled"]
    assert await teaching.events("TrainingSessionHeld") == []
    rest = await teaching.ok(await teaching.attend(path, 1, {ids[2]: True}), 201)
    assert rest["missing"] == []
    told = {"training_id": str(teaching.id_of(path)), "session_no": 1, "held_on": "2026-08-03", "present_count": 2}
    assert await teaching.events("TrainingSessionHeld") == [("TrainingSessionHeld", told)]
    training = await teaching.ok(await teaching.served.get(path, teaching.regency))
    assert [(each["held_on"], each["present_count"]) for each in training["sessions"]] == [("2026-08-03", 2), (None, None)]
    await teaching.ok(await teaching.attend(path, 1, {ids[1]: True}), 201)
    assert [event["present_count"] for _, event in await teaching.events("TrainingSessionHeld")] == [2, 3], "a corrected list says it again"
    attended = await teaching.events("ParticipantAttended")
    await teaching.ok(await teaching.attend(path, 2, dict.fromkeys(ids, True)), 201)
    assert await teaching.events("ParticipantAttended") == attended, "the first attendance counts once"
    listed = (await teaching.ok(await teaching.served.get(f"{path}/lists", teaching.regency)))["items"]
    assert listed[0] == part
    assert await teaching.ok(await teaching.served.get(f"{path}/lists/{part['id']}", teaching.mentor)) == part


async def test_the_only_attendance_is_not_taken_away(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    await teaching.ok(await teaching.attend(path, 1, dict.fromkeys(ids, True)), 201)
    undone = await teaching.ok(await teaching.attend(path, 1, {ids[0]: False, ids[1]: True}), 201)
    assert [(row["row"], row["code"]) for row in undone["refused"]] == [(1, "was_present_only_here")]
    await teaching.ok(await teaching.attend(path, 2, dict.fromkeys(ids, True)), 201)
    corrected = await teaching.ok(await teaching.attend(path, 1, {ids[0]: False}), 201)
    assert (corrected["accepted_count"], corrected["refused"]) == (1, [])


async def test_a_csv_file_keeps_its_good_rows_and_answers_the_others(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    stranger = str(uuid4())
    file = "\ufeffNama;enrolment_id;Hadir\n" + "\n".join(
        [
            f"Lodia;{ids[0]};hadir",
            f"Mama;{ids[1].upper()};TIDAK",
            f"Anis;{ids[2]};mungkin",
            "",
            f"Beny;{stranger};hadir",
            "Cory;bukan-uuid;hadir",
            f"Dua;{ids[0]};hadir",
        ]
    )
    answer = await send(teaching, path, file, list_kind="attendance", session_no=1)
    received = await teaching.ok(answer, 201)
    assert (received["accepted_count"], received["missing"]) == (2, [ids[2]])
    assert [(row["row"], row["enrolment_id"], row["value"], row["code"]) for row in received["refused"]] == [
        (4, ids[2], "mungkin", "presence_unreadable"),
        (6, stranger, "hadir", "no_participant"),
        (7, "bukan-uuid", "hadir", "id_unreadable"),
        (8, ids[0], "hadir", "twice_in_list"),
    ]
    assert all(row["hint"] and row["hint_en"] for row in received["refused"])
    location = answer.headers["location"].removeprefix("/facilitation")
    assert await teaching.ok(await teaching.served.get(location, teaching.regency)) == received
    assert await statuses(teaching, path) == ["attending", "enrolled", "enrolled"]
    again = await send(teaching, path, f"enrolment_id,present\n{ids[2]},1\n", list_kind="attendance", session_no=1)
    assert (await teaching.ok(again, 201))["missing"] == []


async def test_the_same_file_under_the_same_key_counts_once(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    file = f"enrolment_id,nilai\n{ids[0]},80\n"
    first = await send(teaching, path, file, key="once", list_kind="pre_test")
    again = await send(teaching, path, file, key="once", list_kind="pre_test")
    other = await send(teaching, path, file.replace("80", "90"), key="once", list_kind="pre_test")
    assert (first.json(), first.headers["location"]) == (again.json(), again.headers["location"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_what_files_and_lists_are_refused_as_a_whole(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    row = f"enrolment_id,hadir\n{ids[0]},hadir\n"
    one = {"list_kind": "attendance", "session_no": 1}
    post = teaching.served.post
    early = await teaching.training(open_=False, opens_on="2026-08-04", closes_on="2026-08-04", sessions=[{"on": "2026-08-04", "hours": 16}])
    mixed = {"list_kind": "post_test", "attendance": [{"enrolment_id": ids[0], "present": True}]}
    teaching.today = date(2026, 8, 3)
    cases = [
        (await send(teaching, path, b"enrolment_id,hadir\n\xff\xfe", **one), 422, "file_not_utf8"),
        (await send(teaching, path, "id,hadir\n", **one), 422, "headings_missing"),
        (await send(teaching, path, "", **one), 422, "headings_missing"),
        (await send(teaching, path, "enrolment_id,hadir\n", **one), 422, "rows_out_of_bounds"),
        (await send(teaching, path, "enrolment_id,hadir\n" + "x,y\n" * 1001, **one), 422, "rows_out_of_bounds"),
        (await send(teaching, path, row, list_kind="attendance", session_no=3), 422, "no_such_session"),
        (await send(teaching, path, row, list_kind="attendance"), 422, "no_such_session"),
        (await send(teaching, path, row, list_kind="attendance", session_no=2), 422, "session_in_future"),
        (await post(f"{path}/lists", teaching.regency, mixed), 422, "validation_failed"),
        (await post(f"{path}/lists", teaching.regency, {"list_kind": "post_test"}), 422, "validation_failed"),
        (await post(f"{path}/lists", teaching.regency, {"list_kind": "attendance", "attendance": mixed["attendance"]}), 422, "validation_failed"),
        (await post(f"{path}/lists", teaching.mentor, {"list_kind": "post_test"}), 403, "forbidden"),
        (await teaching.attend(early, 1, {ids[0]: True}), 409, "training_not_running"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer, *_ in cases] == [(status, code) for _, status, code in cases]
    assert await teaching.events("TrainingListReceived") == []


async def test_attendance_and_test_decide(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running(6)
    first = dict.fromkeys(ids, True) | {ids[5]: False, ids[1]: False}
    second = dict.fromkeys(ids, True) | {ids[5]: False}
    await teaching.ok(await teaching.attend(path, 1, first), 201)
    assert await teaching.tried(path, "complete", {"cost_idr": 1}) == (422, "sessions_not_held")
    await teaching.ok(await teaching.attend(path, 2, second), 201)
    assert await teaching.tried(path, "complete", {"cost_idr": 1}) == (422, "results_missing")
    await teaching.ok(await teaching.score(path, dict.fromkeys(ids, 40), "pre_test"), 201)
    assert await teaching.tried(path, "complete", {"cost_idr": 1}) == (422, "results_missing"), "the test before says nothing of the end"
    scores = dict(zip(ids, (70, 100, 69, 100, 85, 90), strict=True))
    assert (await teaching.ok(await teaching.score(path, scores), 201))["accepted_count"] == 6
    completed = await teaching.act(path, "complete", {"cost_idr": 12_500_000})
    results = ("status", "reason_code", "attendance_percent", "pre_score", "post_score")
    assert [tuple(each[name] for name in results) for each in await teaching.enrolments(path)] == [
        ("completed", None, 100, 40, 70),
        ("failed", "attendance_below_rule", 50, 40, 100),
        ("failed", "score_below_pass_mark", 100, 40, 69),
        ("completed", None, 100, 40, 100),
        ("completed", None, 100, 40, 85),
        ("no_show", None, None, None, None),
    ]
    assert (completed["status"], completed["participant_count"], completed["passed_count"], completed["completed_on"]) == ("completed", 5, 3, "2026-08-04")
    ((_, event),) = await teaching.events("TrainingCompleted")
    course = {"course_code": teaching.course_code, "region_code": "53.04"}
    counts = {"participant_count": 5, "passed_count": 3, "female_count": 5, "cost_idr": 12_500_000}
    assert event == {"training_id": str(teaching.id_of(path))} | course | counts
    assert [event["attendance_percent"] for _, event in await teaching.events("TrainingPassed")] == [100, 100, 100]
    assert len(await teaching.events("CertificateIssued")) == 3
    assert await teaching.tried(path, "complete", {"cost_idr": 1}) == (409, "illegal_transition")


async def test_a_longer_session_weighs_more(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running(2, sessions=[{"on": "2026-08-03", "hours": 12}, {"on": "2026-08-04", "hours": 4}])
    await teaching.ok(await teaching.attend(path, 1, {ids[0]: True, ids[1]: False}), 201)
    await teaching.ok(await teaching.attend(path, 2, {ids[0]: False, ids[1]: True}), 201)
    await teaching.ok(await teaching.score(path, dict.fromkeys(ids, 100)), 201)
    await teaching.act(path, "complete", {"cost_idr": 0})
    assert [(each["status"], each["attendance_percent"]) for each in await teaching.enrolments(path)] == [("completed", 75), ("failed", 25)]


async def test_whoever_never_came_is_a_no_show_after_the_days_of_grace(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    await teaching.ok(await teaching.attend(path, 1, {ids[0]: True}), 201)
    await teaching.pass_days_to(date(2026, 8, 11))
    assert await statuses(teaching, path) == ["attending", "enrolled", "enrolled"], "seven days of grace after the last session"
    await teaching.ok(await teaching.attend(path, 2, {ids[1]: True}), 201)
    await teaching.pass_days_to(date(2026, 8, 12))
    assert await statuses(teaching, path) == ["attending", "attending", "no_show"]
    assert [event["enrolment_id"] for _, event in await teaching.events("ParticipantNoShowRecorded")] == [ids[2]]
    turns = await teaching.turns(path)
    await teaching.pass_days_to(date(2026, 8, 14))
    assert await teaching.turns(path) == turns, "looking again leaves no trace"
    late = await teaching.ok(await teaching.attend(path, 2, {ids[2]: True}), 201)
    assert [row["code"] for row in late["refused"]] == ["no_participant"]


@pytest.mark.parametrize("processes", ["one", "many"])
async def test_parts_of_a_list_at_the_same_moment_make_a_whole(teaching: TrainingWorld, processes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if processes == "many":
        in_many_processes(monkeypatch)
    path, ids = await teaching.running(20)
    await asyncio.gather(*(teaching.attend(path, 1, {id: True}) for id in ids))
    assert await teaching.events("TrainingSessionHeld") == [
        ("TrainingSessionHeld", {"training_id": str(teaching.id_of(path)), "session_no": 1, "held_on": "2026-08-03", "present_count": 20})
    ]


async def test_lists_are_seen_in_the_region_only(teaching: TrainingWorld) -> None:
    path, ids = await teaching.running()
    received = await teaching.ok(await teaching.attend(path, 1, {ids[0]: True}), 201)
    neighbour = teaching.story.person(Role.REGENCY, regions=["53.05"])
    assert (await teaching.served.get(f"{path}/lists/{received['id']}", neighbour)).status_code == 404
    assert (await teaching.served.get(f"{path}/lists", neighbour)).json()["items"] == []
    assert (await teaching.served.get(f"/v1/enrolments/{ids[0]}", neighbour)).status_code == 404
    assert (await teaching.served.get("/v1/enrolments", neighbour)).json()["items"] == []
    assert await teaching.tried(path, "complete", {"cost_idr": 0}, neighbour) == (404, "not_found")


@pytest.mark.parametrize(
    ("said", "meant"), [("Hadir", True), (" ya ", True), ("1", True), ("tidak", False), ("SAKIT", False), ("0", False), ("", None), ("2", None)]
)
def test_what_a_cell_says_about_presence(said: str, meant: bool | None) -> None:
    assert presence(said) is meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("0", 0), ("100", 100), (" 85 ", 85), ("101", None), ("-1", None), ("87,5", None), ("87.5", None), ("", None), ("²", None), ("0085", None)],
)
def test_what_a_cell_says_about_a_score(said: str, meant: int | None) -> None:
    assert score(said) == meant


def test_no_row_of_a_list_is_lost() -> None:
    known = [uuid4() for _ in range(3)]
    said = [(str(known[0]), "1"), (str(known[1]), "x"), ("?", "1"), (str(uuid4()), "1"), (str(known[0]), "0")]
    rows = [ListRow(row=number, enrolment_id=id, value=value) for number, (id, value) in enumerate(said, 2)]
    counted, refused = sort_out(ListKind.ATTENDANCE, rows, known)
    assert (counted, sorted([2, *(each.row for each in refused)])) == ({known[0]: 1}, [row.row for row in rows])


@pytest.mark.parametrize(
    "text", ["enrolment_id,nilai\na,1\n", "nilai\tenrolment_id\r\n1\ta\r\n", '"enrolment_id";"nilai"\n"a";"1"\n\n', "ENROLMENT_ID,Score\na,1"]
)
def test_files_as_spreadsheets_write_them(text: str) -> None:
    assert read(text.encode(), ListKind.POST_TEST) == [ListRow(row=2, enrolment_id="a", value="1")]


def test_a_short_line_is_a_row_without_a_value() -> None:
    assert read(b"enrolment_id,hadir\na\n", ListKind.ATTENDANCE) == [ListRow(row=2, enrolment_id="a", value="")]


@pytest.mark.parametrize(("body", "problem"), [(b"\xff", FileNotUtf8), (b"enrolment_id,hadir\x00\n", FileNotUtf8), (b"hadir\n", HeadingsMissing)])
def test_what_is_no_list(body: bytes, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        read(body, ListKind.ATTENDANCE)
