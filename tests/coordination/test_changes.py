"""Change requests: one open for a field, decided by another person, applied at once, the old version still readable."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.coordination.world import World


def ask(**changes: Any) -> dict[str, Any]:
    return {"changes": changes, "reason_code": "budget_revised", "reason": "Pagu berubah."}


async def test_a_change_is_asked_by_one_decided_by_another_and_the_old_version_stays_readable(world: World) -> None:
    path = await world.commit("kemnaker", "53.04", due_on="2026-06-30", amount=1_000)
    before = datetime.now(UTC)
    asked = await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(due_on="2026-08-17", amount_idr=1_500))
    request = f"/v1/change-requests/{asked['id']}"
    assert (await world.act(request, "approve", world.people["kemendag"], {})).status_code == 403
    applied = await world.change(request, "approve", world.coordinator, {"comment": "Disetujui."})
    now = (await world.served.get(path, world.coordinator)).json()
    assert (applied["status"], applied["applied_version"]) == ("applied", 4)
    assert (now["due_on"], now["requested_due_on"], now["due_version"], now["amount_idr"]) == ("2026-08-18", "2026-08-17", 2, 1_500)
    assert now["due_date_moved_because"] == ["Hari Kemerdekaan", "Independence Day"]
    then = (await world.served.get(path, world.coordinator, params={"as_of": before.isoformat()})).json()
    assert (then["due_on"], then["due_version"], then["amount_idr"]) == ("2026-06-30", 1, 1_000)
    assert (await world.served.get(path, world.coordinator, params={"as_of": "2020-01-01T00:00:00Z"})).status_code == 404
    totals = (await world.served.get("/v1/totals", params={"programme_id": world.programme_id})).json()["items"]
    assert totals[0]["pledged_idr"] == 1_500


async def test_two_open_requests_for_one_field_conflict_unless_the_coordinator_overrides(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    first = await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(amount_idr=900, output_quantity=9))
    second = await world.served.post(f"{path}/change-requests", world.people["kemnaker"], ask(amount_idr=800))
    assert (second.status_code, second.json()["code"]) == (409, "another_request_open")
    await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(due_on="2026-07-31"))
    assert (await world.served.post(f"{path}/change-requests", world.people["kemnaker"], ask(amount_idr=800) | {"override": True})).status_code == 403
    await world.create(f"{path}/change-requests", world.coordinator, ask(amount_idr=800) | {"override": True})
    request = f"/v1/change-requests/{first['id']}"
    assert (await world.act(request, "approve", world.people["kemnaker"], {})).status_code == 403
    await world.change(request, "reject", world.owner, {"reason_code": "not_justified", "comment": "Tidak beralasan."})
    await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(amount_idr=700))
    listed = (await world.served.get(f"/v1/change-requests?aggregate_id={path.rsplit('/', 1)[1]}", world.owner)).json()["items"]
    assert [each["status"] for each in listed] == ["rejected", "submitted", "submitted", "submitted"], "what is rejected is kept"


async def test_who_asked_does_not_decide(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    empty = await world.served.post(f"{path}/change-requests", world.people["kemnaker"], ask())
    assert (empty.status_code, empty.json()["code"]) == (422, "nothing_asked")
    asked = await world.create(f"{path}/change-requests", world.coordinator, ask(amount_idr=900))
    assert (await world.act(f"/v1/change-requests/{asked['id']}", "approve", world.coordinator, {})).json()["code"] == "four_eyes"


async def test_a_revision_keeps_what_was_asked_before(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    asked = await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(amount_idr=900))
    request = f"/v1/change-requests/{asked['id']}"
    await world.change(request, "request-revision", world.owner, {"reason_code": "unclear", "comment": "Mengapa?"})
    again = await world.change(request, "submit", world.people["kemnaker"], {"commitment": {"output_quantity": 12}})
    assert (again["changes"], again["earlier"]) == ({"output_quantity": 12}, [{"amount_idr": 900}])
    await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(amount_idr=950))
    assert (await world.act(request, "cancel", world.people["kemendag"])).json()["code"] == "not_your_request"
    assert (await world.change(request, "cancel", world.people["kemnaker"]))["status"] == "cancelled"


REFUSED = {
    "below what is verified": ({"amount_idr": 300}, "below_verified"),
    "due in the past": ({"due_on": "2025-12-30"}, "due_outside_programme"),
    "due after the programme": ({"due_on": "2028-01-10"}, "due_outside_programme"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_change_that_cannot_be_applied_leaves_everything_as_it_was(world: World, what: str) -> None:
    changes, problem = REFUSED[what]
    path = await world.commit("kemnaker", "53.04")
    report_id = (await world.report(path, "kemnaker", 4, 400))["reports"][0]["id"]
    await world.change(path, f"progress-reports/{report_id}/verify", world.people["kemendag"])
    asked = await world.create(f"{path}/change-requests", world.people["kemnaker"], ask(**changes))
    refused = await world.act(f"/v1/change-requests/{asked['id']}", "approve", world.coordinator, {})
    assert (refused.status_code, refused.json()["code"]) == (422, problem)
    assert (await world.served.get(f"/v1/change-requests/{asked['id']}", world.owner)).json()["status"] == "submitted"


async def test_a_programme_in_force_is_amended_but_never_below_what_is_prioritised(world: World) -> None:
    path = f"/v1/programmes/{world.programme_id}"
    small = await world.create(f"{path}/change-requests", world.owner, ask(area_quota=1, province_quota=1))
    refused = await world.act(f"/v1/change-requests/{small['id']}", "approve", world.coordinator, {})
    assert (refused.status_code, refused.json()["code"], refused.json()["open_areas"]) == (422, "quota_below_prioritised", 2)
    await world.change(f"/v1/change-requests/{small['id']}", "cancel", world.owner)
    large = await world.create(f"{path}/change-requests", world.owner, ask(area_quota=60, valid_to="2029-12-31"))
    await world.change(f"/v1/change-requests/{large['id']}", "approve", world.coordinator, {})
    amended = (await world.served.get(path, world.owner)).json()
    assert (amended["area_quota"], amended["valid_to"], amended["programme_version"]) == (60, "2029-12-31", 2)
    (event,) = [row for row in await world.served.outbox() if row.type.endswith("ProgrammeAmended.v1")]
    assert '"changed_fields":["area_quota","valid_to"]' in event.data
