"""Commitments: from proposal to confirmation, disputes, lateness, release."""

from collections import Counter
from datetime import date

import pytest

from services.coordination.clock import pass_day
from shared.security.identity import Role
from tests.coordination.world import EVIDENCE, World


async def test_a_proposal_binds_nobody_until_the_signatory_pledges_it(world: World) -> None:
    made = await world.create("/v1/commitments", world.people["kemnaker"], world.pledge("53.04", propose_only=True))
    path = f"/v1/commitments/{made['id']}"
    assert made["status"] == "proposed"
    assert (await world.served.get("/v1/totals", params={"programme_id": world.programme_id})).json()["items"] == []
    assert (await world.act(path, "pledge", world.people["kemendag"])).json()["code"] == "not_your_commitment"
    assert (await world.change(path, "pledge", world.people["kemnaker"]))["status"] == "pledged"
    late = await world.act(path, "cancel", world.people["kemnaker"], {"reason_code": "mistake"})
    assert late.status_code == 409
    assert "report_progress" in late.json()["allowed_transitions"]
    assert [row.sequence for row in await world.served.outbox() if str(row.subject) == made["id"]] == [1, 2]


async def test_a_due_date_on_a_day_off_is_moved_and_said_so(world: World) -> None:
    made = await world.create("/v1/commitments", world.people["kemnaker"], world.pledge("53.04", due_on="2026-03-19"))
    assert (made["due_on"], made["requested_due_on"]) == ("2026-03-25", "2026-03-19")
    assert made["due_date_moved_because"] == ["Hari Suci Nyepi", "Day of Silence"]
    last = await world.create("/v1/commitments", world.people["kemnaker"], world.pledge("53.04", due_on="2027-12-31"))
    assert last["due_date_moved_because"] is None


REFUSED = {
    "outside the scope": ("kemenperin", {"location_code": "53.04"}, "not_participating"),
    "outside the window": ("kemnaker", {"due_on": "2028-01-03"}, "outside_programme"),
    "before the programme": ("kemnaker", {"due_on": "2025-01-03"}, "outside_programme"),
    "not a priority location": ("kemnaker", {"location_code": "53.01"}, "location_not_open"),
    "another funding source": ("kemnaker", {"funding_source": "dak"}, "outside_programme"),
    "a plan that is not there": ("kemnaker", {"plan_id": "00000000-0000-7000-8000-000000000000"}, "plan_does_not_hold"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_pledge_that_cannot_stand_is_refused_with_its_own_code(world: World, what: str) -> None:
    code, changed, problem = REFUSED[what]
    if code == "kemenperin":
        await world.add_institution("kemenperin")
        await world.join("kemenperin", ["52"])
    refused = await world.served.post("/v1/commitments", world.people[code], world.pledge("53.04") | changed)
    assert (refused.status_code, refused.json()["code"]) == (422, problem)


async def test_evidence_needs_a_hash_and_a_verifier_from_elsewhere(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    for hashes in ([], ["foto-kegiatan.jpg"], [EVIDENCE.upper()]):
        body = {"cumulative_output": 1, "cumulative_amount_idr": 1, "as_of": "2026-01-05", "evidence_hashes": hashes}
        assert (await world.act(path, "progress-reports", world.people["kemnaker"], body)).status_code == 422, hashes
    report_id = (await world.report(path, "kemnaker", 4, 400))["reports"][0]["id"]
    own = await world.act(path, f"progress-reports/{report_id}/verify", world.people["kemnaker"])
    assert (own.status_code, own.json()["code"]) == (403, "verifier_is_reporter")
    colleague = world.person(Role.PARTNER_MINISTRY, institution_id=world.people["kemnaker"].institution_id)
    assert (await world.act(path, f"progress-reports/{report_id}/verify", colleague)).json()["code"] == "verifier_is_reporter"
    verified = await world.change(path, f"progress-reports/{report_id}/verify", world.people["kemendag"])
    assert (verified["verified_output"], verified["verified_amount_idr"]) == (4, 400)


async def test_a_disputed_report_counts_no_longer_and_figures_fall_only_with_a_reason(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    report_id = (await world.report(path, "kemnaker", 10, 1_000))["reports"][0]["id"]
    disputed = await world.change(path, f"progress-reports/{report_id}/dispute", world.people["kemendag"], {"reason_code": "evidence_unclear"})
    assert disputed["reports"][0]["dispute_reason_code"] == "evidence_unclear"
    assert (await world.act(path, "report-fulfilled", world.people["kemnaker"])).json()["code"] == "not_all_done"
    again = await world.act(path, f"progress-reports/{report_id}/verify", world.people["kemendag"])
    assert (again.status_code, again.json()["code"]) == (409, "report_disputed")
    await world.report(path, "kemnaker", 6, 600)
    lower = {"cumulative_output": 5, "cumulative_amount_idr": 600, "as_of": "2026-01-05", "evidence_hashes": [EVIDENCE]}
    assert (await world.act(path, "progress-reports", world.people["kemnaker"], lower)).json()["code"] == "progress_decreased"
    corrected = await world.change(path, "progress-reports", world.people["kemnaker"], lower | {"correction_reason_code": "counted_twice"})
    assert corrected["reports"][-1]["cumulative_output"] == 5


async def test_due_soon_overdue_and_the_ladder_come_once_for_each_version_of_the_due_date(world: World) -> None:
    path = await world.commit("kemnaker", "53.04", due_on="2026-03-02")
    await world.pass_days_to(date(2026, 2, 27))
    for _ in range(3):  # looking again tells nothing again
        await pass_day(world.served.runtime.database, world.calendar.today)
    events = Counter(await world.events())
    assert events["CommitmentDueSoonReached"] == 3
    await world.pass_days_to(date(2026, 4, 30))
    events = Counter(await world.events())
    assert (events["CommitmentDueSoonReached"], events["CommitmentFellOverdue"], events["CommitmentEscalated"]) == (3, 1, 3)
    seen = (await world.served.get(path, world.coordinator)).json()
    assert seen["status"] == "overdue"
    assert [(step["level"], step["working_days_late"]) for step in seen["escalations"]] == [(1, 5), (2, 10), (3, 15)]
    told = [step["institution_id"] for step in seen["escalations"]]
    assert told == [world.institution["kemenkop"], world.institution["kemenkop"], world.institution["kemenko"]], "no parent: the lead is told"
    assert [step["on"] for step in seen["escalations"]] == ["2026-03-09", "2026-03-16", "2026-03-30"], "five, ten and fifteen working days after 2 March"


async def test_whoever_is_overdue_reports_and_is_confirmed_late(world: World) -> None:
    path = await world.commit("kemnaker", "53.04", due_on="2026-03-02")
    await world.pass_days_to(date(2026, 3, 4))
    await world.report(path, "kemnaker", 10, 1_000)
    assert (await world.change(path, "report-fulfilled", world.people["kemnaker"]))["status"] == "reported_fulfilled"
    assert (await world.change(path, "reject-fulfilled", world.people["kemendag"], {"reason_code": "not_seen"}))["status"] == "partially_fulfilled"
    await world.pass_days_to(date(2026, 3, 6))
    assert (await world.served.get(path, world.coordinator)).json()["status"] == "partially_fulfilled", "overdue once for each due date"
    await world.change(path, "report-fulfilled", world.people["kemnaker"])
    assert (await world.act(path, "confirm-fulfilled", world.people["kemnaker"])).json()["code"] == "verifier_is_reporter"
    assert (await world.change(path, "confirm-fulfilled", world.people["kemendag"]))["status"] == "fulfilled"
    (fulfilled,) = [row for row in await world.served.outbox() if row.type.endswith("CommitmentFulfilled.v1")]
    assert '"days_late":4' in fulfilled.data
    totals = (await world.served.get("/v1/totals", params={"programme_id": world.programme_id})).json()["items"]
    assert totals == [{"region_code": "53.04", "commitments": 1, "pledged_idr": 1_000, "verified_idr": 1_000, "fulfilled": 1}]


async def test_a_release_names_a_successor_or_accepts_the_gap(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    refused = await world.act(path, "release", world.coordinator, {"reason_code": "budget_cut"})
    assert (refused.status_code, refused.json()["code"]) == (422, "successor_missing")
    elsewhere = await world.commit("kemendag", "53.05")
    wrong = await world.act(path, "release", world.coordinator, {"reason_code": "budget_cut", "successor_commitment_id": elsewhere.rsplit("/", 1)[1]})
    assert wrong.json()["code"] == "successor_does_not_match"
    successor = await world.commit("kemendag", "53.04")
    assert (await world.act(path, "release", world.people["kemnaker"], {"reason_code": "budget_cut", "accept_gap": True})).status_code == 403
    released = await world.change(path, "release", world.coordinator, {"reason_code": "budget_cut", "successor_commitment_id": successor.rsplit("/", 1)[1]})
    assert (released["status"], released["successor_commitment_id"]) == ("released", successor.rsplit("/", 1)[1])
    totals = {row["region_code"]: row for row in (await world.served.get("/v1/totals", params={"programme_id": world.programme_id})).json()["items"]}
    assert totals["53.04"]["commitments"] == 1
