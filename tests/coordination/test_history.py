"""What a plan or a commitment was at an instant: the answer equals a replay of the events up to it."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.coordination.world import EVIDENCE, World


def replayed(rows: list[Any], at: datetime) -> dict[str, Any] | None:
    """A commitment or a plan as far as its events tell, folded up to an instant."""
    state: dict[str, Any] | None = None
    for row in rows:
        if row.time > at:
            break
        name, data = row.type.split(".")[2], json.loads(row.data)
        if state is None:
            state = {name: data[name] for name in ("due_on", "amount_idr", "output_quantity") if name in data}
            state |= {"reports": 0, "verified_output": 0, "due_version": 1} if name.startswith("Commitment") else {"current_tier": 1}
        state["status"] = STATUS.get(name, state.get("status"))
        match name:
            case "CommitmentProgressReported":
                state["reports"] += 1
            case "CommitmentProgressVerified":
                state["verified_output"] = data["verified_output"]
            case "CommitmentRescheduled":
                state |= {"due_on": data["due_on"], "due_version": data["due_version"]}
            case "CommitmentAmended":
                state |= {"amount_idr": data["amount_idr"], "output_quantity": data["output_quantity"]}
            case "ActionPlanSubmitted":
                state["current_tier"] = 1
            case "ActionPlanTierApproved":
                state["current_tier"] = min(2, data["approval_tier"] + 1)
    return state


STATUS = {
    "CommitmentProposed": "proposed",
    "CommitmentPledged": "pledged",
    "CommitmentStarted": "in_progress",
    "CommitmentFulfilmentReported": "reported_fulfilled",
    "CommitmentFulfilmentRejected": "partially_fulfilled",
    "CommitmentFulfilled": "fulfilled",
    "CommitmentFellOverdue": "overdue",
    "CommitmentRescheduled": "in_progress",
    "CommitmentReleased": "released",
    "ActionPlanDrafted": "draft",
    "ActionPlanSubmitted": "submitted",
    "ActionPlanRevisionRequested": "revision",
    "ActionPlanApproved": "approved",
    "ActionPlanSuperseded": "superseded",
}


async def test_a_thousand_random_moments_equal_a_replay(world: World) -> None:
    plan = await world.submit_plan("kemnaker", [world.line("53.04", "business_training", "2026-Q2")])
    await world.change(plan, "approve", world.owner, {"tier": 1})
    back = {"tier": 2, "reason_code": "unclear", "comment": "Kurang jelas."}
    await world.change(plan, "request-revision", world.coordinator, back)
    await world.change(plan, "submit", world.people["kemnaker"])
    await world.change(plan, "approve", world.owner, {"tier": 1})
    await world.change(plan, "approve", world.coordinator, {"tier": 2})
    await world.plan("kemnaker", [world.line("53.05", "business_training", "2026-Q2")])
    paths = [await world.commit("kemnaker", code, due_on="2026-03-02") for code in ("53.04", "53.05")]
    asked = {"changes": {"amount_idr": 1_200, "due_on": "2026-04-30"}, "reason_code": "budget_revised", "reason": "Pagu."}
    request = await world.create(f"{paths[0]}/change-requests", world.people["kemnaker"], asked)
    await world.change(f"/v1/change-requests/{request['id']}", "approve", world.coordinator, {})
    report = (await world.report(paths[0], "kemnaker", 4, 400))["reports"][0]["id"]
    await world.change(paths[0], f"progress-reports/{report}/verify", world.people["kemendag"])
    await world.pass_days_to(world.calendar.today + timedelta(days=120))
    await world.report(paths[0], "kemnaker", 10, 1_200)
    await world.change(paths[0], "report-fulfilled", world.people["kemnaker"])
    await world.change(paths[0], "reject-fulfilled", world.people["kemendag"], {"reason_code": "not_seen"})
    await world.change(paths[0], "report-fulfilled", world.people["kemnaker"])
    await world.change(paths[0], "confirm-fulfilled", world.people["kemendag"])
    await world.change(paths[1], "release", world.coordinator, {"reason_code": "budget_cut", "accept_gap": True})

    rows = await world.served.outbox()
    of = {path: [row for row in rows if str(row.subject) == path.rsplit("/", 1)[1]] for path in (plan, *paths)}
    first, last = rows[0].time, rows[-1].time
    chance = random.Random(2026)
    moments = [first + (last - first) * chance.random() for _ in range(996)] + [row.time + timedelta(microseconds=n) for row in of[plan][:2] for n in (-1, 0)]
    found = 0
    for moment in moments:
        path = chance.choice(list(of))
        answer = await world.served.get(path, world.coordinator, params={"as_of": moment.astimezone(UTC).isoformat()})
        expected = replayed(of[path], moment)
        if expected is None:
            assert answer.status_code == 404
            continue
        found += 1
        told = answer.json()
        assert {name: len(told[name]) if name == "reports" else told[name] for name in expected} == expected, moment
    assert found > 300, "most moments should have something to tell"


async def test_an_instant_without_an_offset_is_refused(world: World) -> None:
    path = await world.commit("kemnaker", "53.04")
    assert (await world.served.get(path, world.coordinator, params={"as_of": "2026-01-05T00:00:00"})).status_code == 422
    body = {"cumulative_output": 1, "cumulative_amount_idr": 1, "as_of": "2026-01-05", "evidence_hashes": [EVIDENCE]}
    assert (await world.act(path, "progress-reports", world.people["kemnaker"], body)).status_code == 200
