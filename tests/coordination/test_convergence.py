"""Overlaps and gaps planted in a synthetic year: all are found, and nothing else."""

import random
from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from services.coordination.convergence.domain import Entry, missing, overlaps, share
from tests.coordination.world import World

INTERVENTIONS = ("business_training", "financing_access", "market_access")
QUARTERS = tuple(f"2026-Q{n}" for n in range(1, 5))


def test_a_synthetic_year_at_full_size_tells_exactly_what_was_planted() -> None:
    """48 locations, 3 interventions, 4 quarters, 12 institutions; overlaps and gaps drawn, judged by plain counting."""
    chance = random.Random(7)
    for _ in range(25):
        entries: list[Entry] = []
        planted_overlaps, planted_gaps = set(), defaultdict(set)
        locations = [f"{province}.{n:02d}" for province in range(51, 59) for n in range(1, 7)]
        for location in locations:
            for intervention in INTERVENTIONS:
                if chance.random() < 0.08:
                    planted_gaps[location].add(intervention)
                    continue
                for quarter in chance.sample(QUARTERS, chance.randint(1, 3)):
                    institutions = chance.sample(range(12), 2 if chance.random() < 0.06 else 1)
                    if len(institutions) > 1:
                        planted_overlaps.add((location, intervention, quarter, tuple(sorted(UUID(int=n) for n in institutions))))
                    for n in institutions:  # one institution may have a plan's line and an off-plan pledge for the same cell: that is no overlap
                        for _ in range(chance.choice((1, 1, 2))):
                            cell = {"location_code": location, "intervention_code": intervention, "quarter": quarter}
                            entries.append(Entry(institution_id=UUID(int=n), **cell))  # type: ignore[arg-type]
        chance.shuffle(entries)
        assert {(each.location_code, each.intervention_code, each.quarter, each.institution_ids) for each in overlaps(entries)} == planted_overlaps
        assert {code: set(missing(code, INTERVENTIONS, entries)) for code in locations} == {code: planted_gaps[code] for code in locations}


def test_the_score_of_nothing_required_is_whole() -> None:
    assert (str(share(0, 0)), str(share(2, 3)), str(share(0, 3))) == ("1.0000", "0.6667", "0.0000")


async def test_overlaps_are_flagged_on_both_plans_and_shown_in_the_matrix(world: World) -> None:
    mine = await world.plan("kemnaker", [world.line("53.04", "business_training", "2026-Q2"), world.line("53.05", "business_training", "2026-Q2")])
    theirs = await world.plan("kemendag", [world.line("53.04", "business_training", "2026-Q2"), world.line("53.05", "business_training", "2026-Q3")])
    await world.settled()
    for one, other in ((mine, theirs), (theirs, mine)):
        flagged = (await world.served.get(f"/v1/action-plans/{one}", world.owner)).json()["overlaps"]
        assert flagged == [{"other_plan_id": other, "location_code": "53.04", "intervention_code": "business_training", "quarter": "2026-Q2"}]
    assert (await world.events()).count("PlanOverlapDetected") == 2
    matrix = (await world.served.get(f"/v1/convergence-matrix?programme_id={world.programme_id}&fiscal_year=2026", world.owner)).json()
    assert (matrix["overlaps"], matrix["empty_required_cells"], matrix["score"]) == (1, 4, "0.3333")
    row = next(each for each in matrix["rows"] if each["location_code"] == "53.04")
    training = next(cell for cell in row["cells"] if cell["intervention_code"] == "business_training")
    assert (training["overlap_quarters"], len(training["institutions"])) == (["2026-Q2"], 2)
    assert row["missing_intervention_codes"] == ["financing_access", "market_access"]
    third = (await world.served.get(f"/v1/convergence-matrix?programme_id={world.programme_id}&quarter=2026-Q3", world.owner)).json()
    assert (third["overlaps"], third["fiscal_year"]) == (0, 2026)


async def test_a_gap_opens_an_action_item_at_the_institution_in_charge_and_closes_with_it(world: World) -> None:
    mandate = {
        "task": "Memperluas akses pasar",
        "pillar_code": "raise_income",
        "intervention_codes": ["market_access"],
        "legal_basis": "Inpres 8/2025",
        "valid_from": "2025-03-27",
    }
    await world.change(f"/v1/institutions/{world.institution['kemendag']}", "set-mandates", world.owner, {"mandates": [mandate]})
    await world.plan("kemnaker", [world.line(code, intervention, "2026-Q2") for code in ("53.04", "53.05") for intervention in INTERVENTIONS[:2]])
    await world.pass_days_to(date(2026, 1, 16))
    assert "ConvergenceGapDetected" not in await world.events(), "a location has its days of grace"
    await world.pass_days_to(date(2026, 1, 30))
    await world.settled()
    assert (await world.events()).count("ConvergenceGapDetected") == 2
    items = (await world.served.get("/v1/action-items", world.owner, params={"programme_id": world.programme_id})).json()["items"]
    assert {(item["owner_institution_id"], item["location_code"], item["intervention_code"], item["origin_type"]) for item in items} == {
        (world.institution["kemendag"], code, "market_access", "convergence_gap") for code in ("53.04", "53.05")
    }
    await world.commit("kemendag", "53.04", "market_access")
    await world.pass_days_to(world.calendar.today + timedelta(days=3))
    await world.settled()
    assert (await world.events()).count("ConvergenceGapClosed") == 1
    listed = (await world.served.get("/v1/action-items", world.owner, params={"programme_id": world.programme_id})).json()["items"]
    assert {item["location_code"]: (item["status"], item["reason_code"]) for item in listed} == {"53.04": ("dropped", "gap_closed"), "53.05": ("open", None)}
