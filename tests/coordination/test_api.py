"""Coordination from outside: programmes, invitations, commitments."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.coordination.app import SERVICE
from shared.clock import new_id
from shared.contracts.mapping import LocationPrioritised
from shared.eventlog import Record
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.messages import record

PROGRAMME = {
    "code": "PKE-2024",
    "title": "Pengentasan kemiskinan ekstrem",
    "legal_basis": "Inpres 4/2022",
    "valid_from": "2024-01-01",
    "valid_to": "2027-12-31",
    "area_quota": 48,
    "province_quota": 8,
    "funding_sources": ["apbn"],
}


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    return service


@pytest.fixture
def owner(person: Callable[..., Person]) -> Person:
    return person(Role.PROGRAMME_OWNER)


@pytest.fixture
def approver(person: Callable[..., Person]) -> Person:
    return person(Role.COORDINATOR)


async def institution(served: Served, owner: Person, code: str) -> UUID:
    answer = await served.post("/v1/institutions", owner, {"code": code, "name": code.title(), "institution_type": "ministry"})
    assert answer.status_code == 201, answer.text
    verified = await served.act(f"/v1/institutions/{answer.json()['id']}", "verify", owner)
    assert verified.status_code == 200, verified.text
    return UUID(answer.json()["id"])


async def active_programme(served: Served, owner: Person, approver: Person) -> str:
    lead = await institution(served, owner, "kemenkop")
    drafted = await served.post("/v1/programmes", owner, PROGRAMME | {"lead_institution_id": str(lead)})
    assert drafted.status_code == 201, drafted.text
    path = f"/v1/programmes/{drafted.json()['id']}"
    assert (await served.act(path, "submit", owner)).status_code == 200
    assert (await served.act(path, "activate", approver)).status_code == 200
    return str(drafted.json()["id"])


def prioritised(programme_id: str, region_code: str = "53.04") -> Record:
    event = LocationPrioritised(
        location_priority_id=uuid4(),
        programme_id=UUID(programme_id),
        run_id=uuid4(),
        region_code=region_code,
        province_code=region_code[:2],
        rank=1,
        score="0.900000",  # type: ignore[arg-type]
        poverty_score="0.900000",  # type: ignore[arg-type]
        potential_score="0.900000",  # type: ignore[arg-type]
        model_version=1,
        effective_from="2024-01-01",  # type: ignore[arg-type]
    )
    return record(event, subject=new_id(), sequence=1)


async def test_a_programme_is_activated_by_another_person_than_its_author(served: Served, owner: Person, approver: Person) -> None:
    lead = await institution(served, owner, "kemenkop")
    drafted = await served.post("/v1/programmes", owner, PROGRAMME | {"lead_institution_id": str(lead)})
    path = drafted.headers["location"].removeprefix("/coordination")
    early = await served.act(path, "activate", approver)
    assert (early.status_code, early.json()["code"], early.json()["allowed_transitions"]) == (409, "illegal_transition", ["cancel", "revise", "submit"])
    await served.act(path, "submit", owner)
    assert (await served.act(path, "activate", owner)).json()["code"] == "four_eyes"
    done = await served.act(path, "activate", approver)
    assert (done.status_code, done.json()["status"]) == (200, "active")
    names = [row.type.split(".")[2] for row in await served.outbox()]
    assert names == ["InstitutionRegistered", "InstitutionVerified", "ProgrammeDrafted", "ProgrammeSubmitted", "ProgrammeActivated"]


async def test_a_repeated_request_is_answered_from_memory_and_another_body_is_refused(served: Served, owner: Person) -> None:
    body = {"code": "kemnaker", "name": "Kementerian Ketenagakerjaan", "institution_type": "ministry"}
    first = await served.post("/v1/institutions", owner, body, key="k-1")
    again = await served.post("/v1/institutions", owner, body, key='"k-1"')
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    other = await served.post("/v1/institutions", owner, body | {"name": "Lain"}, key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await served.outbox()) == 1


async def test_thirty_parallel_requests_with_one_key_have_one_effect(served: Served, owner: Person) -> None:
    body = {"code": "kemendag", "name": "Kementerian Perdagangan", "institution_type": "ministry"}
    answers = await asyncio.gather(*(served.post("/v1/institutions", owner, body, key="same") for _ in range(30)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await served.outbox()) == 1


async def test_a_commitment_lives_from_pledge_to_fulfilment(
    served: Served, owner: Person, approver: Person, person: Callable[..., Person], eventually: Callable[..., Any]
) -> None:
    programme_id = await active_programme(served, owner, approver)
    ministry, other = await institution(served, owner, "kemenperin"), await institution(served, owner, "kemenaker")
    member, verifier = person(Role.PARTNER_MINISTRY, institution_id=ministry), person(Role.PARTNER_MINISTRY, institution_id=other)
    pledge = {
        "programme_id": programme_id,
        "location_code": "53.04",
        "intervention_code": "business_training",
        "amount_idr": 100,
        "funding_source": "apbn",
        "output_quantity": 10,
        "output_unit": "enterprises",
        "due_on": "2026-12-31",
    }
    assert (await served.post("/v1/commitments", member, pledge)).json()["code"] == "not_participating"
    invited = await served.post(
        "/v1/participations",
        owner,
        {"programme_id": programme_id, "institution_id": str(ministry), "role_code": "implementer", "area_scope": ["53"], "respond_by": "2030-01-01"},
    )
    path = f"/v1/participations/{invited.json()['id']}"
    assert (await served.act(path, "accept", verifier)).json()["code"] == "not_the_invited_institution"
    assert (await served.act(path, "accept", member)).json()["status"] == "accepted"
    assert (await served.post("/v1/commitments", member, pledge)).json()["code"] == "location_not_open"
    await served.runtime.event_log.append([prioritised(programme_id)])

    async def opened() -> bool:
        return bool((await served.get("/v1/locations", owner)).json()["items"])

    await eventually(opened)
    pledged = await served.post("/v1/commitments", member, pledge)
    assert pledged.status_code == 201, pledged.text
    path = f"/v1/commitments/{pledged.json()['id']}"
    report = {"cumulative_output": 10, "cumulative_amount_idr": 100, "as_of": "2026-11-01", "evidence_hashes": ["ab" * 32]}
    reported = await served.act(path, "progress-reports", member, report)
    assert reported.json()["status"] == "in_progress"
    report_id = reported.json()["reports"][0]["id"]
    own = await served.post(f"{path}/progress-reports/{report_id}/verify", member, if_match=reported.headers["etag"])
    assert (own.status_code, own.json()["code"]) == (403, "verifier_is_reporter")
    verified = await served.post(f"{path}/progress-reports/{report_id}/verify", verifier, if_match=reported.headers["etag"])
    assert (verified.json()["status"], verified.json()["verified_output"]) == ("in_progress", 10)
    assert (await served.act(path, "report-fulfilled", member)).json()["status"] == "reported_fulfilled"
    confirmed = await served.post(f"{path}/confirm-fulfilled", verifier, if_match='"6"')
    assert confirmed.json()["status"] == "fulfilled", confirmed.text
    assert (await served.get(path, verifier)).status_code == 404
    totals = (await served.get("/v1/totals", params={"programme_id": programme_id})).json()["items"]
    assert totals == [{"region_code": "53.04", "commitments": 1, "pledged_idr": 100, "verified_idr": 100, "fulfilled": 1}]
    sequences = [row.sequence for row in await served.outbox() if str(row.subject) == pledged.json()["id"]]
    assert sequences == [1, 2, 3, 4, 5, 6, 7]
