"""Notices: told once, to whom they concern, until acknowledged or settled. Meetings and action items, which notices are about."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from shared.clock import new_id
from shared.contracts.monitoring import RecommendationIssued, TargetMissed
from tests.coordination.world import EVIDENCE, World
from tests.messages import record


async def inbox(world: World, code: str) -> list[tuple[str, str]]:
    """Kind and status of an institution's notices; gaps, what they ask for, and packs are another matter."""
    answer = await world.served.get("/v1/notices", world.people[code], params={"limit": 200})
    found = [(notice["kind"], notice["status"]) for notice in (await world.ok(answer))["items"]]
    return [each for each in found if each[0] not in ("gap", "pack_frozen") and not (code == "kemenkop" and each[0].startswith("action_item"))]


async def test_an_overdue_commitment_is_told_once_and_settled_by_its_fulfilment(world: World) -> None:
    path = await world.commit("kemnaker", "53.04", due_on="2026-03-02")
    await world.pass_days_to(date(2026, 3, 10))
    await world.settled()
    assert (await inbox(world, "kemnaker"))[1:] == [("due_soon", "active")] * 3 + [("overdue", "active")], "first the invitation"
    assert [kind for kind, _ in await inbox(world, "kemenkop")] == ["overdue", "escalated"], "the lead is told, and the first step of the ladder"
    assert "overdue" not in dict(await inbox(world, "kemendag"))
    await world.report(path, "kemnaker", 10, 1_000)
    await world.change(path, "report-fulfilled", world.people["kemnaker"])
    await world.settled()
    assert (await inbox(world, "kemenkop"))[-1] == ("fulfilment_to_confirm", "active")
    await world.change(path, "confirm-fulfilled", world.people["kemendag"])
    await world.settled()
    assert {status for _, status in await inbox(world, "kemnaker")} == {"resolved"}
    assert {status for _, status in await inbox(world, "kemenkop")} == {"resolved"}


async def test_a_notice_is_worded_in_both_languages_and_acknowledged_by_its_institution_alone(world: World) -> None:
    await world.commit("kemnaker", "53.04", due_on="2026-01-06")
    await world.pass_days_to(date(2026, 1, 6))
    await world.settled()
    notice = (await world.served.get("/v1/notices?kind=due_soon", world.people["kemnaker"])).json()["items"][0]
    assert notice["text"] == [
        "Komitmen jatuh tempo 2026-01-06: sisa 0 hari kerja.",
        "A commitment is due on 2026-01-06: 0 working days left.",
    ]
    digest = (await world.served.get("/v1/notices/digest", world.people["kemnaker"])).json()
    assert [(line["kind"], line["count"]) for line in digest["lines"]] == [("due_soon", 1)]
    assert (await world.served.post(f"/v1/notices/{notice['id']}/acknowledge", world.people["kemendag"])).status_code == 404
    for _ in range(2):
        done = (await world.served.post(f"/v1/notices/{notice['id']}/acknowledge", world.people["kemnaker"])).json()
    assert (done["status"], done["acknowledged_by"]) == ("acknowledged", world.people["kemnaker"].name)
    assert (await world.served.get("/v1/notices/digest", world.people["kemnaker"])).json()["active"] == 0
    other = {"institution_id": world.institution["kemnaker"]}
    assert (await world.served.get("/v1/notices", world.people["kemendag"], params=other)).status_code == 404
    assert (await world.served.get("/v1/notices", world.coordinator, params=other)).status_code == 200


async def test_a_meeting_s_decisions_become_action_items_with_owner_and_working_due_date(world: World) -> None:
    body = {
        "programme_id": world.programme_id,
        "title": "Rapat koordinasi triwulan I",
        "place": "Jakarta",
        "held_on": "2026-01-08",
        "agenda": ["Rencana aksi"],
        "invited_institution_ids": [world.institution[code] for code in ("kemnaker", "kemendag")],
    }
    made = await world.create("/v1/meetings", world.coordinator, body)
    path = f"/v1/meetings/{made['id']}"
    early = await world.act(path, "hold", world.coordinator, {"present_institution_ids": [world.institution["kemnaker"]]})
    assert (early.status_code, early.json()["code"]) == (422, "meeting_not_yet")
    await world.pass_days_to(date(2026, 1, 8))
    await world.change(path, "hold", world.coordinator, {"present_institution_ids": [world.institution["kemnaker"]]})
    decision = {"text": "Kirim daftar kelompok", "owner_institution_id": world.institution["kemnaker"], "due_on": "2026-01-16", "priority": "high"}
    filed = await world.change(path, "file-minutes", world.coordinator, {"minutes_hash": EVIDENCE, "decisions": [decision]})
    item = f"/v1/action-items/{filed['decisions'][0]['action_item_id']}"
    assert filed["decisions"][0]["due_on"] == "2026-01-19", "16 January 2026 is Isra Mikraj, then comes the weekend"
    opened = (await world.served.get(item, world.owner)).json()
    assert (opened["origin_type"], opened["origin_id"], opened["status"]) == ("meeting_decision", made["id"], "open")
    blocked = {"blocker_code": "waiting_for_data", "waiting_on_institution_id": world.institution["kemendag"]}
    assert (await world.act(item, "block", world.people["kemendag"], blocked)).json()["code"] == "not_the_owner"
    await world.change(item, "block", world.people["kemnaker"], blocked)
    await world.settled()
    assert ("waited_for", "active") in await inbox(world, "kemendag")
    await world.change(item, "unblock", world.people["kemendag"])
    await world.pass_days_to(date(2026, 1, 21))
    assert (await world.served.get(item, world.owner)).json()["status"] == "overdue"
    await world.change(item, "start", world.people["kemnaker"])
    await world.change(item, "report-done", world.people["kemnaker"], {"evidence_hashes": [EVIDENCE]})
    assert (await world.act(item, "confirm-done", world.people["kemnaker"])).json()["code"] == "confirmer_is_owner"
    assert (await world.change(item, "confirm-done", world.people["kemendag"]))["completed_on"] == "2026-01-21"
    await world.settled()
    assert {status for kind, status in await inbox(world, "kemnaker") if kind.startswith("action_item")} == {"resolved"}


async def test_a_missed_target_and_a_recommendation_open_action_items(world: World) -> None:
    missed = TargetMissed(
        indicator_id=uuid4(),
        indicator_code="extreme_poverty_rate",
        programme_id=UUID(world.programme_id),
        region_code="53.04",
        period="2026-Q1",
        value=Decimal("4.5"),
        target_value=Decimal("3.0"),
        gap_percent=Decimal("50.0"),
    )
    issued = RecommendationIssued(
        recommendation_id=uuid4(),
        evaluation_id=uuid4(),
        programme_id=UUID(world.programme_id),
        owner_institution_id=UUID(world.institution["kemnaker"]),
        due_on=date(2026, 2, 14),
    )
    records = [record(event, subject=new_id(), sequence=1) for event in (missed, issued)]
    await world.served.runtime.event_log.append(records + records)

    async def both() -> bool:
        return len((await world.served.get("/v1/action-items", world.owner)).json()["items"]) == 2

    await world.eventually(both)
    items = {item["origin_type"]: item for item in (await world.served.get("/v1/action-items", world.owner)).json()["items"]}
    assert items["target_missed"]["owner_institution_id"] == world.institution["kemenkop"]
    assert (items["recommendation"]["owner_institution_id"], items["recommendation"]["due_on"]) == (world.institution["kemnaker"], "2026-02-18")
