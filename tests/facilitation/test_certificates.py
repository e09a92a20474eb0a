"""Certificates that anybody verifies and nobody guesses, courses as preconditions, and what became of a training."""

import io
import json
import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from services.facilitation.certificates.domain import CertificateState, Validity, normalised
from services.facilitation.certificates.queries import has_passed
from services.facilitation.trainings.clock import pass_day
from shared.security.identity import Role
from tests.facilitation.training_world import START, TERMS, TrainingWorld

PERSONAL = ("Lodia", "Nenohai", "Tenun Mama", "530499", "enterprise", "group", "enrolment", "gender", "score", "53.04", "region")


async def test_anybody_verifies_a_certificate_and_learns_nothing_of_whose_it_is(teaching: TrainingWorld) -> None:
    _, ids = await teaching.passed(2)
    mine, other = [await teaching.enrolment(id) for id in ids]
    answer = await teaching.served.get(f"/v1/certificates/{mine['certificate_code']}")
    assert await teaching.ok(answer) == {
        "certificate_number": mine["certificate_number"],
        "state": "valid",
        "course_code": teaching.course_code,
        "title": "Pembukuan sederhana",
        "course_version": 1,
        "competence_unit_codes": TERMS["competence_unit_codes"],
        "provider_institution_id": str(teaching.provider),
        "issued_on": "2026-08-04",
        "valid_until": "2029-08-04",
        "revoked_on": None,
    }
    assert not [word for word in (*PERSONAL, *ids, mine["enterprise_id"], mine["group_id"], mine["training_id"]) if word in answer.text]
    assert mine["certificate_number"] != other["certificate_number"]
    typed = mine["certificate_code"].lower().replace("-", "").replace("0", "o").replace("1", "l")
    assert (await teaching.served.get(f"/v1/certificates/{typed}")).json() == answer.json(), "as somebody types it from paper"


async def test_what_a_certificate_is_worth_changes_with_the_days(teaching: TrainingWorld) -> None:
    _, (id, _) = await teaching.passed(2)
    code = (await teaching.enrolment(id))["certificate_code"]

    async def state() -> str:
        return str((await teaching.ok(await teaching.served.get(f"/v1/certificates/{code}")))["state"])

    teaching.today = date(2029, 8, 4)
    assert await state() == "valid", "the last day counts"
    teaching.today = date(2029, 8, 5)
    assert await state() == "expired"
    teaching.today = date(2027, 1, 1)
    path = f"/v1/enrolments/{id}"
    assert await teaching.tried(path, "revoke-certificate", {"reason_code": "issued_in_error"}, teaching.mentor) == (403, "forbidden")
    await teaching.act(path, "revoke-certificate", {"reason_code": "issued_in_error"})
    assert await state() == "revoked"
    assert await teaching.tried(path, "revoke-certificate", {"reason_code": "issued_in_error"}) == (409, "no_certificate")
    assert (await teaching.served.get(f"{path}/certificate", teaching.mentor)).status_code == 404


async def test_a_code_is_not_guessed(teaching: TrainingWorld) -> None:
    _, ids = await teaching.passed(30)
    certificates = [await teaching.enrolment(id) for id in ids]
    codes = {each["certificate_code"] for each in certificates}
    assert len(codes) == 30
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", code) for code in codes), "a hundred bits"
    numbers = sorted(each["certificate_number"] for each in certificates)
    assert len(set(numbers)) == 30
    for wrong in (numbers[0], ids[0], "0", "AAAAA-AAAAA-AAAAA-AAAAA", "%25", "x" * 40, next(iter(codes))[:-1]):
        answer = await teaching.served.get(f"/v1/certificates/{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    events = json.dumps(await teaching.events())
    assert not [secret for secret in (*codes, *numbers) if secret in events], "neither code nor number travels in events"


async def test_the_certificate_on_paper(teaching: TrainingWorld) -> None:
    _, (id,) = await teaching.passed(1)
    path = f"/v1/enrolments/{id}/certificate"
    answer = await teaching.served.get(path, teaching.mentor)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert (await teaching.served.get(path, teaching.mentor)).content == answer.content
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    enrolment = await teaching.enrolment(id)
    for printed in (
        "Lodia Nenohai",
        "Tenun Mama Lodia",
        "Pembukuan sederhana",
        "M.70PEN00.009.1",
        enrolment["certificate_number"],
        enrolment["certificate_code"],
    ):
        assert printed in text
    assert (await teaching.served.get(path, teaching.story.person(Role.MENTOR, regions=["53.05"]))).status_code == 404
    assert (await teaching.served.get(path)).status_code == 401


async def test_whoever_did_not_pass_has_no_certificate(teaching: TrainingWorld) -> None:
    path, (id, _) = await teaching.running(2)
    assert (await teaching.served.get(f"/v1/enrolments/{id}/certificate", teaching.mentor)).status_code == 404
    for session_no in (1, 2):
        await teaching.ok(await teaching.attend(path, session_no, {id: True, _: True}), 201)
    await teaching.ok(await teaching.score(path, {id: 69, _: 70}), 201)
    await teaching.act(path, "complete", {"cost_idr": 0})
    failed = await teaching.enrolment(id)
    assert (failed["status"], failed["certificate_number"], failed["certificate_code"]) == ("failed", None, None)
    assert await teaching.tried(f"/v1/enrolments/{id}", "revoke-certificate", {"reason_code": "issued_in_error"}) == (409, "illegal_transition")


async def test_a_course_as_the_precondition_of_a_product(teaching: TrainingWorld) -> None:
    _, (id, other) = await teaching.passed(2)
    enterprise_id = UUID((await teaching.enrolment(id))["enterprise_id"])

    async def passed(on: date, course_code: str = teaching.course_code, who: UUID = enterprise_id) -> bool:
        async with teaching.served.runtime.database.reading() as connection:
            return await has_passed(connection, who, course_code, on)

    issued, until = date(2026, 8, 4), date(2029, 8, 4)
    assert [await passed(day) for day in (issued - timedelta(1), issued, until, until + timedelta(1))] == [False, True, True, False]
    assert not await passed(issued, "kursus_lain")
    assert not await passed(issued, who=uuid4())
    teaching.today = date(2027, 1, 1)
    await teaching.act(f"/v1/enrolments/{id}", "revoke-certificate", {"reason_code": "issued_in_error"})
    assert [await passed(day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [True, False]
    assert await passed(date(2027, 1, 1), who=UUID((await teaching.enrolment(other))["enterprise_id"]))


async def test_a_certificate_without_an_end(teaching: TrainingWorld) -> None:
    await teaching.offer(certificate_months=None)
    _, (id,) = await teaching.passed(1)
    enrolment = await teaching.enrolment(id)
    assert enrolment["certificate_valid_until"] is None
    teaching.today = date(2099, 1, 1)
    assert (await teaching.served.get(f"/v1/certificates/{enrolment['certificate_code']}")).json()["state"] == "valid"


async def tracers(teaching: TrainingWorld, **params: Any) -> list[tuple[int, str, str]]:
    found = (await teaching.ok(await teaching.served.get("/v1/training-tracers", teaching.mentor, params=params)))["items"]
    return [(each["months_after"], each["due_on"], each["state"]) for each in found]


async def test_tracers_are_scheduled_fall_due_and_overdue_by_themselves(teaching: TrainingWorld) -> None:
    path, (id,) = await teaching.passed(1)
    assert await tracers(teaching) == [(3, "2026-11-04", "scheduled"), (6, "2027-02-04", "scheduled"), (12, "2027-08-04", "scheduled")]
    enrolment = f"/v1/enrolments/{id}"
    answer = {"months_after": 3, "applied_skill_code": "bookkeeping", "turnover_band": "up_to_5_million"}
    assert await teaching.tried(enrolment, "trace", answer, teaching.mentor) == (422, "tracer_too_early")
    await teaching.pass_days_to(date(2026, 11, 3))
    assert await teaching.events("TrainingTracerDueReached", "TrainingTracerFellOverdue") == []
    await teaching.pass_days_to(date(2026, 11, 4))
    told = {"enrolment_id": id, "training_id": str(teaching.id_of(path)), "months_after": 3, "due_on": "2026-11-04"}
    assert await teaching.events("TrainingTracerDueReached") == [("TrainingTracerDueReached", told)]
    await teaching.pass_days_to(date(2026, 12, 4))
    assert await tracers(teaching, state="overdue") == []
    await teaching.pass_days_to(date(2026, 12, 6))
    assert await tracers(teaching, state="overdue") == [(3, "2026-11-04", "overdue")]
    assert await teaching.events("TrainingTracerFellOverdue") == [("TrainingTracerFellOverdue", told)], "said once"
    await teaching.act(enrolment, "trace", answer, teaching.mentor)
    recorded = {"enrolment_id": id, "months_after": 3, "applied_skill_code": "bookkeeping", "turnover_band": "up_to_5_million"}
    assert await teaching.events("TrainingTracerRecorded") == [("TrainingTracerRecorded", recorded)]
    assert await tracers(teaching) == [(3, "2026-11-04", "recorded"), (6, "2027-02-04", "scheduled"), (12, "2027-08-04", "scheduled")]
    assert await teaching.tried(enrolment, "trace", answer, teaching.mentor) == (422, "no_such_tracer"), "recorded once"
    assert await pass_day(teaching.served.runtime.database, teaching.today) == 0


async def test_what_a_tracer_refuses(teaching: TrainingWorld) -> None:
    path, (id, _) = await teaching.running(2)
    answer = {"months_after": 3, "applied_skill_code": "bookkeeping", "turnover_band": "up_to_5_million"}
    enrolment = f"/v1/enrolments/{id}"
    assert await teaching.tried(enrolment, "trace", answer, teaching.mentor) == (409, "illegal_transition")
    cases = [
        (answer | {"applied_skill_code": "welding"}, "code_not_listed"),
        (answer | {"turnover_band": "a_lot"}, "code_not_listed"),
        (answer | {"months_after": 0}, "validation_failed"),
    ]
    assert [await teaching.tried(enrolment, "trace", body, teaching.mentor) for body, _ in cases] == [(422, code) for _, code in cases]
    for session_no in (1, 2):
        await teaching.ok(await teaching.attend(path, session_no, {id: True, _: True}), 201)
    await teaching.ok(await teaching.score(path, {id: 100, _: 0}), 201)
    await teaching.act(path, "complete", {"cost_idr": 0})
    assert await teaching.tried(enrolment, "trace", answer | {"months_after": 4}, teaching.mentor) == (422, "no_such_tracer")
    assert len(await tracers(teaching)) == 3, "only who passed is asked"
    neighbour = teaching.story.person(Role.MENTOR, regions=["53.05"])
    assert (await teaching.served.get("/v1/training-tracers", neighbour)).json()["items"] == []


async def test_tracers_come_in_pages(teaching: TrainingWorld) -> None:
    await teaching.passed(3)
    seen: list[Any] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = await teaching.ok(await teaching.served.get("/v1/training-tracers", teaching.mentor, params=params))
        seen += [(each["due_on"], each["enrolment_id"], each["months_after"]) for each in page["items"]]
        if not page["next_cursor"]:
            break
        params["cursor"] = page["next_cursor"]
    assert len(seen) == 9
    assert seen == sorted(set(seen))


async def test_no_event_of_a_whole_training_holds_personal_data(teaching: TrainingWorld) -> None:
    _, ids = await teaching.passed(3)
    teaching.today = date(2026, 11, 4)
    body = {"months_after": 3, "applied_skill_code": "pricing", "turnover_band": "none"}
    await teaching.act(f"/v1/enrolments/{ids[0]}", "trace", body, teaching.mentor)
    written = json.dumps([event for name, event in await teaching.events() if name != "EnterpriseRegistered"])
    for personal in ("Lodia", "Nenohai", "Tenun", "530499", "Balai", "SoE", "Pembukuan sederhana", '"female"', '"post_score"', "ENT-2026"):
        assert personal not in written


DAYS = [START + timedelta(days=number) for number in range(4)]


@pytest.mark.parametrize("until", [None, *DAYS])
@pytest.mark.parametrize("revoked", [None, *DAYS])
@pytest.mark.parametrize("on", DAYS)
def test_worth_on_a_day(until: date | None, revoked: date | None, on: date) -> None:
    state = Validity(issued_on=START, valid_until=until, revoked_on=revoked).on(on)
    if revoked is not None and on >= revoked:
        assert state is CertificateState.REVOKED
    elif until is not None and on > until:
        assert state is CertificateState.EXPIRED
    else:
        assert state is CertificateState.VALID


@pytest.mark.parametrize("typed", ["7K3M9-QX2WD-04HTR-ZB8NE", "7k3m9qx2wdo4htrzb8ne", "7K3M9 QX2WD 04HTR ZB8NE", "7k3m9-qx2wd-o4htr-zb8ne"])
def test_a_code_as_it_is_typed(typed: str) -> None:
    assert normalised(typed) == "7K3M9-QX2WD-04HTR-ZB8NE"
