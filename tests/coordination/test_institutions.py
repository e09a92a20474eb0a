"""Institutions as a dated tree, mergers, participations and the programme's own life."""

import asyncio
from datetime import date

from services.coordination.clock import pass_day
from shared.security.identity import Role
from tests.coordination.world import EVIDENCE, World


async def move(world: World, code: str, parent: str | None, day: str = "2026-01-01") -> int:
    body = {"parent_institution_id": world.institution.get(parent or ""), "effective_from": day, "legal_basis": "Perpres 1/2026"}
    return (await world.act(f"/v1/institutions/{world.institution[code]}", "move", world.owner, body)).status_code


async def test_a_tree_that_bites_its_tail_is_refused(world: World) -> None:
    for code, parent in (("deputi", "kemenkop"), ("dinas", "deputi")):
        await world.add_institution(code, "echelon_one_unit", parent)
    body = {"parent_institution_id": world.institution["dinas"], "effective_from": "2026-01-01", "legal_basis": "Perpres 1/2026"}
    for code in ("kemenkop", "deputi", "dinas"):
        refused = await world.act(f"/v1/institutions/{world.institution[code]}", "move", world.owner, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "institution_tree_cycle"), code


async def test_two_moves_at_once_never_close_a_circle(empty: World) -> None:
    for n in range(6):
        pair = f"a{n}x", f"b{n}x"
        for code in pair:
            await empty.add_institution(code)
        statuses = await asyncio.gather(move(empty, pair[0], pair[1]), move(empty, pair[1], pair[0]))
        assert sorted(statuses) == [200, 409]


async def test_the_tree_of_a_day_has_the_names_and_parents_of_that_day(world: World) -> None:
    await world.add_institution("deputi", "echelon_one_unit", "kemenkop")
    path = f"/v1/institutions/{world.institution['deputi']}"
    await world.change(path, "rename", world.owner, {"name": "Deputi Usaha Mikro", "effective_from": "2026-02-01", "legal_basis": "Perpres 1/2026"})
    assert await move(world, "deputi", "kemnaker", "2026-02-01") == 200
    back = await world.act(path, "rename", world.owner, {"name": "Lain", "effective_from": "2025-01-01", "legal_basis": "Perpres 2/2026"})
    assert (back.status_code, back.json()["code"]) == (422, "effective_before_last_change")

    async def where(day: str) -> tuple[str, str]:
        roots = (await world.served.get(f"/v1/institution-tree?on={day}", world.owner)).json()["roots"]
        return next((root["code"], child["name"]) for root in roots for child in root["children"])

    assert await where("2026-01-31") == ("kemenkop", "DEPUTI")
    assert await where("2026-02-01") == ("kemnaker", "Deputi Usaha Mikro")


async def test_a_merger_moves_open_commitments_and_participations_at_once(world: World) -> None:
    await world.add_institution("kementerian_baru")
    paths = [await world.commit("kemnaker", code) for code in ("53.04", "53.05")]
    body = {"into_institution_id": world.institution["kementerian_baru"], "effective_from": "2026-01-05"}
    institution = f"/v1/institutions/{world.institution['kemnaker']}"
    itself = await world.act(institution, "merge", world.owner, body | {"into_institution_id": world.institution["kemnaker"]})
    assert itself.json()["code"] == "merge_into_itself"
    merged = await world.change(institution, "merge", world.owner, body)
    assert (merged["status"], merged["merged_into_institution_id"]) == ("merged", world.institution["kementerian_baru"])
    for path in paths:
        assert (await world.served.get(path, world.coordinator)).json()["institution_id"] == world.institution["kementerian_baru"]
    await world.report(paths[0], "kementerian_baru", 1, 100)
    (event,) = [row for row in await world.served.outbox() if row.type.endswith("InstitutionMerged.v1")]
    assert '"moved_commitment_count":2' in event.data
    names = await world.events()
    assert (names.count("CommitmentMoved"), names.count("ParticipationMoved")) == (2, 1)
    invite = {"programme_id": world.programme_id, "institution_id": world.institution["kemnaker"], "role_code": "funder", "respond_by": "2026-12-31"}
    assert (await world.served.post("/v1/participations", world.coordinator, invite)).json()["code"] == "institution_not_verified"


async def test_an_institution_is_verified_from_outside_and_retires_when_it_takes_part_in_nothing(world: World) -> None:
    made = await world.create("/v1/institutions", world.owner, {"code": "lpdb", "name": "LPDB-KUMKM", "institution_type": "cooperative_fund"})
    path = f"/v1/institutions/{made['id']}"
    own = world.person(Role.PROGRAMME_OWNER, institution_id=made["id"])
    assert (await world.act(path, "verify", own)).json()["code"] == "verifier_is_subject"
    await world.change(path, "verify", world.owner)
    assert (await world.change(path, "retire", world.owner, {"effective_from": "2026-02-01"}))["status"] == "retired"
    busy = await world.act(f"/v1/institutions/{world.institution['kemnaker']}", "retire", world.owner, {"effective_from": "2026-02-01"})
    assert (busy.status_code, busy.json()["code"], busy.json()["participations"]) == (409, "institution_takes_part", 1)


async def test_an_invitation_expires_by_the_calendar_and_a_scope_leaves_no_commitment_outside(world: World) -> None:
    await world.add_institution("kementan")
    invite = {"programme_id": world.programme_id, "institution_id": world.institution["kementan"], "role_code": "implementer", "respond_by": "2026-01-09"}
    invited = await world.create("/v1/participations", world.coordinator, invite)
    await world.pass_days_to(date(2026, 1, 12))
    late = await world.act(f"/v1/participations/{invited['id']}", "accept", world.people["kementan"])
    assert (late.status_code, late.json()["state"]) == (409, "declined")
    assert (await world.events()).count("ParticipationInvitationExpired") == 1
    await pass_day(world.served.runtime.database, world.calendar.today)
    assert (await world.events()).count("ParticipationInvitationExpired") == 1

    listed = (await world.served.get(f"/v1/participations?institution_id={world.institution['kemnaker']}", world.owner)).json()["items"]
    path = f"/v1/participations/{listed[0]['id']}"
    commitment = await world.commit("kemnaker", "53.04")
    orphan = await world.act(path, "change-scope", world.owner, {"area_scope": ["53.05"]})
    assert (orphan.status_code, orphan.json()["location_codes"]) == (409, ["53.04"])
    assert (await world.act(path, "withdraw", world.people["kemnaker"], {"reason_code": "no_budget"})).json()["open_commitments"] == 1
    await world.change(commitment, "release", world.coordinator, {"reason_code": "budget_cut", "accept_gap": True})
    await world.change(path, "suspend", world.coordinator, {"reason_code": "audit"})
    assert (await world.served.post("/v1/commitments", world.people["kemnaker"], world.pledge("53.04"))).json()["code"] == "not_participating"
    await world.change(path, "resume", world.coordinator)
    assert (await world.change(path, "withdraw", world.people["kemnaker"], {"reason_code": "no_budget"}))["status"] == "withdrawn"


async def test_a_programme_is_suspended_resumed_and_closed_with_what_is_carried_over(world: World) -> None:
    path = f"/v1/programmes/{world.programme_id}"
    await world.commit("kemnaker", "53.04")
    await world.change(path, "suspend", world.coordinator, {"reason_code": "audit"})
    refused = await world.served.post("/v1/commitments", world.people["kemnaker"], world.pledge("53.04"))
    assert (refused.status_code, refused.json()["allowed_transitions"]) == (409, ["close", "resume"])
    await world.change(path, "resume", world.coordinator)
    still = await world.act(path, "close", world.coordinator, {"final_report_hash": EVIDENCE})
    assert (still.status_code, still.json()["open_commitments"]) == (409, 1)
    closed = await world.change(path, "close", world.coordinator, {"final_report_hash": EVIDENCE, "carry_over": True})
    assert (closed["status"], closed["final_report_hash"]) == ("closed", EVIDENCE)
    assert (await world.events()).count("ParticipationEnded") == 2
    (event,) = [row for row in await world.served.outbox() if row.type.endswith("ProgrammeClosed.v1")]
    assert '"open_commitments_carried_over":1' in event.data


async def test_a_programme_is_handed_over_whole_and_within_no_freeze(world: World) -> None:
    body = {
        "code": "PKE-KURANG",
        "title": "Program kurang",
        "legal_basis": "Inpres 8/2025",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "area_quota": 4,
        "province_quota": 1,
        "funding_sources": ["apbn"],
        "lead_institution_id": world.institution["kemenkop"],
    }
    without = await world.create("/v1/programmes", world.owner, body | {"targets": [], "required_interventions": []})
    path = f"/v1/programmes/{without['id']}"
    refused = await world.act(path, "submit", world.owner)
    assert (refused.status_code, refused.json()["code"], refused.json()["missing"]) == (409, "programme_incomplete", ["targets", "required_interventions"])
    target = {"indicator_code": "extreme_poverty_rate", "value": "0", "by": "2026-12-31"}
    await world.change(path, "revise", world.owner, {"targets": [target], "required_interventions": ["business_training"]})
    await world.change(path, "submit", world.owner)
    back = {"tier": 1, "reason_code": "quota_unclear", "comment": "Kuota dari mana?"}
    assert (await world.change(path, "request-revision", world.coordinator, back))["status"] == "revision"
    assert (await world.change(path, "revise", world.owner, {"area_quota": 5}))["programme_version"] == 2
    await world.change(path, "submit", world.owner)
    assert (await world.change(path, "activate", world.coordinator, {"comment": "Baik."}))["status"] == "active"
    decisions = (await world.served.get(f"{path}/decisions", world.owner)).json()["items"]
    assert [(each["subject_version"], each["verdict"], each["comment"]) for each in decisions] == [
        (1, "revision_requested", "Kuota dari mana?"),
        (2, "approved", "Baik."),
    ]
    defaults = (await world.served.get(f"/v1/programmes/{world.programme_id}", world.owner)).json()
    assert defaults["targets"][0] == {"indicator_code": "extreme_poverty_rate", "value": "0", "by": "2026-12-31"}, "the target of the policy, 0 %"
    assert (await world.act(f"/v1/programmes/{world.programme_id}", "cancel", world.owner, {"reason_code": "mistake"})).status_code == 409
