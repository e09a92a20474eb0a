"""A fiscal year over HTTP: twelve institutions, 48 locations, plans, pledges, progress, disputes, lateness, release, reports, closing."""

import hashlib
import json
from collections import Counter
from datetime import date

from shared.security.identity import Role
from tests.coordination.world import EVIDENCE, World

LOCATIONS = [f"{province}.{n:02d}" for province in range(51, 59) for n in range(1, 7)]
INSTITUTIONS = {
    "kemenko_pmk": ("coordinating_ministry", None),
    "kemenkop": ("ministry", None),
    "deputi_mikro": ("echelon_one_unit", "kemenkop"),
    "kemnaker": ("ministry", None),
    "kemenperin": ("ministry", None),
    "kemendag": ("ministry", None),
    "kemenpar": ("ministry", None),
    "kementan": ("ministry", None),
    "kkp": ("ministry", None),
    "lpdb": ("cooperative_fund", "kemenkop"),
    "dinas_ntt": ("provincial_office", None),
    "universitas": ("university", None),
}
DOES = {"kemnaker": "business_training", "lpdb": "financing_access", "kemendag": "market_access"}


async def test_a_fiscal_year_from_plans_to_closing(empty: World) -> None:
    world = empty
    for code, (kind, parent) in INSTITUTIONS.items():
        await world.add_institution(code, kind, parent, role=Role.LENDER if code == "lpdb" else Role.PARTNER_MINISTRY)
    await world.start_programme("kemenkop")
    for code in INSTITUTIONS:
        if code not in ("kemenko_pmk", "kemenkop", "universitas"):
            await world.join(code, ["53"] if code == "dinas_ntt" else [])
    await world.prioritise(LOCATIONS)

    # Plans, approved in order. The overlap of kementan with kemnaker, and the gap at the last location, are meant.
    plans = {}
    for code, intervention in DOES.items():
        places = LOCATIONS if code != "kemendag" else LOCATIONS[:-1]
        plans[code] = await world.plan(code, [world.line(place, intervention, f"2026-Q{1 + n % 4}", 1_000) for n, place in enumerate(places)])
    await world.plan("kementan", [world.line(LOCATIONS[0], "business_training", "2026-Q1")])

    # Pledges under the plans at the first twelve locations, off plan elsewhere.
    paths = {(code, place): await world.commit(code, place, DOES[code], due_on="2026-03-31", plan_id=plans[code]) for code in DOES for place in LOCATIONS[:12]}
    off_plan = await world.commit("dinas_ntt", LOCATIONS[12], "village_market", due_on="2026-05-29")
    assert (await world.served.post("/v1/commitments", world.people["dinas_ntt"], world.pledge(LOCATIONS[0]))).json()["code"] == "not_participating"

    # Progress: kemnaker keeps all, lpdb is disputed once, kemendag is late everywhere and released at one place.
    await world.pass_days_to(date(2026, 3, 13))
    for place in LOCATIONS[:12]:
        report = (await world.report(paths["kemnaker", place], "kemnaker", 10, 1_000))["reports"][0]["id"]
        await world.change(paths["kemnaker", place], f"progress-reports/{report}/verify", world.people["kemenperin"])
        await world.change(paths["kemnaker", place], "report-fulfilled", world.people["kemnaker"])
        await world.change(paths["kemnaker", place], "confirm-fulfilled", world.people["kemenperin"])
    disputed = (await world.report(paths["lpdb", LOCATIONS[0]], "lpdb", 10, 1_000))["reports"][0]["id"]
    await world.change(paths["lpdb", LOCATIONS[0]], f"progress-reports/{disputed}/dispute", world.people["kkp"], {"reason_code": "evidence_unclear"})
    for place in LOCATIONS[:12]:
        await world.report(paths["lpdb", place], "lpdb", 10, 1_000)
        await world.change(paths["lpdb", place], "report-fulfilled", world.people["lpdb"])
        await world.change(paths["lpdb", place], "confirm-fulfilled", world.people["kkp"])
    await world.pass_days_to(date(2026, 4, 23))
    late = [paths["kemendag", place] for place in LOCATIONS[:12]]
    asked = {"changes": {"due_on": "2026-06-30"}, "reason_code": "supplier_late", "reason": "Pemasok terlambat."}
    for path in late[:6]:
        request = await world.create(f"{path}/change-requests", world.people["kemendag"], asked)
        await world.change(f"/v1/change-requests/{request['id']}", "approve", world.coordinator, {})
    await world.change(late[6], "release", world.coordinator, {"reason_code": "budget_cut", "accept_gap": True})
    await world.pass_days_to(date(2026, 7, 31))
    for path in (*late[:6], *late[7:]):
        await world.report(path, "kemendag", 10, 1_000)
        await world.change(path, "report-fulfilled", world.people["kemendag"])
        await world.change(path, "confirm-fulfilled", world.people["kemenpar"])
    await world.pass_days_to(date(2026, 12, 31))
    await world.settled()

    # Everything once: each due date has its own thresholds, falls overdue once, and climbs the ladder step by step.
    events = Counter(await world.events())
    assert events["ActionPlanApproved"] == 4
    assert events["PlanOverlapDetected"] == 2
    assert events["CommitmentPledged"] == 3 * 12 + 1
    assert events["CommitmentProgressDisputed"] == 1
    # 12 of kemendag and the dinas once, and the six that were put off once more.
    assert events["CommitmentFellOverdue"] == 12 + 1 + 6
    assert events["CommitmentEscalated"] == 3 * (12 + 1 + 6)
    assert events["CommitmentRescheduled"] == 6
    assert events["CommitmentReleased"] == 1
    assert events["CommitmentFulfilled"] == 12 + 12 + 11
    gaps = [json.loads(row.data) for row in await world.served.outbox() if row.type.endswith("ConvergenceGapDetected.v1")]
    assert {(gap["location_code"], tuple(gap["missing_intervention_codes"])) for gap in gaps} == {(LOCATIONS[-1], ("market_access",))}
    assert [gap["quarter"] for gap in gaps] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    sequences: dict[str, list[int]] = {}
    for row in await world.served.outbox():
        sequences.setdefault(str(row.subject), []).append(row.sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values()), "every event once, without gaps"

    # The packs of the year, frozen by the calendar; the bytes are what their hash says, each time they are asked for.
    packs = (await world.served.get(f"/v1/quarterly-packs?programme_id={world.programme_id}", world.owner)).json()["items"]
    quarters = ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    assert [(pack["quarter"], pack["status"]) for pack in packs] == [(quarter, "frozen") for quarter in quarters]
    for pack in packs:
        for kind, name in (("json", "content_hash"), ("pdf", "pdf_hash"), ("xlsx", "xlsx_hash")):
            bodies = [(await world.served.get(f"/v1/quarterly-packs/{pack['id']}/files/{kind}", world.owner)).content for _ in range(2)]
            assert {hashlib.sha256(body).hexdigest() for body in bodies} == {pack[name]}
    first = json.loads((await world.served.get(f"/v1/quarterly-packs/{packs[1]['id']}/files/json", world.owner)).content)
    assert (first["totals"]["fulfilled"], first["totals"]["overdue"], first["totals"]["commitments"]) == (24, 12, 36)

    # Closing: what the dinas still owes is carried over.
    path = f"/v1/programmes/{world.programme_id}"
    assert (await world.act(path, "close", world.coordinator, {"final_report_hash": EVIDENCE})).json()["open_commitments"] == 1
    closed = await world.change(path, "close", world.coordinator, {"final_report_hash": EVIDENCE, "carry_over": True})
    assert closed["status"] == "closed"
    assert (await world.served.get(off_plan, world.coordinator)).json()["status"] == "overdue"
    assert (await world.served.post("/v1/commitments", world.people["kemnaker"], world.pledge(LOCATIONS[0]))).status_code == 409
