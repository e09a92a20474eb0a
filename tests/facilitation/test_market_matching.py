"""Products, demands, matching and reports from outside."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from services.facilitation.group_products.clock import pass_day as products_pass_day
from services.facilitation.groups.domain import GroupStatus
from services.facilitation.groups.tables import groups
from services.facilitation.market_demands.clock import pass_day as demands_pass_day
from services.facilitation.orders.clock import pass_day as orders_pass_day
from shared.security.identity import Role
from tests.facilitation.market import BUYER, Market


async def test_lots_of_several_groups_are_pooled_for_one_need(market: Market) -> None:
    made = [await market.group(region) for region in ("53.04", "53.01", "53.02")]
    products = [await market.product(group_id) for group_id, _ in made]
    demand = await market.register(quantity=250)
    run = await market.match()
    assert (run["matched_count"], run["weighted_quantity"], run["bound"]) == (1, 500, 500)
    found = await market.read(f"market-demands/{demand}")
    assert (found["status"], found["matched_quantity"], found["match_id"], found["algorithm_version"]) == ("matched", 250, run["id"], "pooled_lots_1")
    assert {lot["product_id"] for lot in found["lots"]} == set(products)
    assert sum(lot["quantity"] for lot in found["lots"]) == 250
    assert all(lot["distance_km"] > 0 for lot in found["lots"])
    assert (await market.events())[-2:] == ["MarketDemandMatched", "MarketMatchingCompleted"]


async def test_a_need_that_stays_short_says_why(market: Market) -> None:
    near, _ = await market.group("53.04")
    far, _ = await market.group("11.71")
    await market.product(near, monthly_capacity=40)
    await market.product(far, price_idr=200_000)
    part = await market.register(quantity=60)
    dear = await market.register(category_code="batik_cloth", quantity=5)
    run = await market.match()
    outcomes = {each["demand_id"]: (each["matched"], each["reason_codes"]) for each in run["outcomes"]}
    assert outcomes == {part: (40, ["capacity_insufficient", "distance_too_far"]), dear: (0, ["no_product_offered"])}
    found = await market.read(f"market-demands/{part}")
    assert (found["status"], found["shortfalls"]) == (
        "partly_matched",
        [{"codes": ["distance_too_far"], "would_add_at_least": 20}, {"codes": ["capacity_insufficient"], "would_add_at_least": 20}],
    )
    assert (await market.match())["outcomes"] == run["outcomes"]
    assert [name for name in await market.events() if name.startswith("MarketDemand")] == [
        *("MarketDemandRegistered", "MarketDemandRegistered", "MarketDemandPartlyMatched", "MarketDemandUnmatched")
    ], "a run that finds the same tells the demands nothing"
    nearer, _ = await market.group("53.01")
    await market.product(nearer, monthly_capacity=20)
    await market.match()
    assert (await market.read(f"market-demands/{part}"))["status"] == "matched"


async def test_a_matched_need_keeps_its_lots_and_orders_take_them(market: Market) -> None:
    group_id, members = await market.group()
    product = await market.product(group_id, monthly_capacity=100)
    first = await market.register(quantity=70)
    await market.match()
    second = await market.register(quantity=70)
    await market.match()
    assert (await market.read(f"market-demands/{second}"))["matched_quantity"] == 30
    linkage = await market.linkage(group_id)
    path = await market.place(linkage, (product, 70), demand_id=first)
    await market.match()
    assert (await market.read(f"market-demands/{second}"))["matched_quantity"] == 30, "what is ordered is not counted twice"
    other = await market.place(linkage, (product, 30), demand_id=second)
    await market.match()
    assert (await market.read(f"market-demands/{second}"))["matched_quantity"] == 30, "what was ordered counts as matched"
    await market.change(path, "cancel", market.buyer, {"reason_code": "budget_cut"})
    await market.confirm(other, (members[0], product, 30))
    await market.deliver(other, (product, 30))
    assert (await market.read(f"market-demands/{second}"))["status"] == "partly_matched"


async def test_a_need_is_fulfilled_by_deliveries(market: Market) -> None:
    group_id, members = await market.group()
    product, linkage = await market.product(group_id), await market.linkage(group_id)
    demand = await market.register(quantity=20)
    await market.match()
    paths = [await market.place(linkage, (product, 10), demand_id=demand) for _ in range(2)]
    for path in paths:
        await market.confirm(path, (members[0], product, 10))
    await asyncio.gather(*(market.deliver(path, (product, 10)) for path in paths))
    await orders_pass_day(market.served.runtime.database, market.today)
    assert (await market.read(f"market-demands/{demand}"))["status"] == "fulfilled"
    assert (await market.events()).count("MarketDemandFulfilled") == 1
    await market.refused(await market.act(f"market-demands/{demand}", "close", market.buyer, {"reason_code": "over"}), 409, "illegal_transition")


async def test_a_certificate_has_to_hold_on_the_day_of_delivery(market: Market) -> None:
    group_id, _ = await market.group()
    product = await market.product(group_id)
    await market.change(f"group-products/{product}", "certify", market.mentor, {"kind": "halal", "number": "ID5311000123", "expires_on": "2026-04-19"})
    late, early = await market.register(quantity=10, certificates=["halal"]), await market.register(quantity=10, certificates=["halal"], needed_by="2026-04-19")
    outcomes = {each["demand_id"]: (each["matched"], each["reason_codes"]) for each in (await market.match())["outcomes"]}
    assert outcomes == {late: (0, ["certificate_not_valid_on_delivery"]), early: (10, [])}


async def test_two_runs_at_once_never_plan_the_same_lot_twice(market: Market) -> None:
    group_id, _ = await market.group()
    await market.product(group_id)
    for _ in range(4):
        await market.register(quantity=40)
    answers = await asyncio.gather(*(market.served.post("/v1/matching-runs", market.owner) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    planned = [await market.read(f"market-demands/{item['id']}") for item in (await market.read("market-demands"))["items"]]
    assert sum(lot["quantity"] for demand in planned for lot in demand["lots"]) == 100


async def test_the_calendar_closes_needs_and_tells_of_lapsed_certificates(market: Market) -> None:
    group_id, _ = await market.group()
    product, demand = await market.product(group_id), await market.register()
    await market.change(f"group-products/{product}", "certify", market.mentor, {"kind": "sni", "number": "SNI-1", "expires_on": "2026-03-05"})
    database, needed = market.served.runtime.database, date(2026, 4, 20)
    assert [await products_pass_day(database, date(2026, 3, day)) for day in (5, 6, 7)] == [0, 1, 0]
    assert [await demands_pass_day(database, needed + timedelta(days=days)) for days in (30, 31, 32)] == [0, 1, 0]
    closed = await market.read(f"market-demands/{demand}")
    assert (closed["status"], closed["reason_code"]) == ("closed", "date_passed")


async def test_readiness_says_what_is_missing(market: Market) -> None:
    group_id, _ = await market.group()
    product = await market.product(group_id, category_code="palm_sugar", unit="kilogram", kbli_code="10722")
    path = f"group-products/{product}"
    readiness = await market.read(f"{path}/readiness?channel_code=e_katalog")
    assert (readiness["ready"], readiness["missing"]) == (False, ["nib", "npwp", "sikap_account", "product_photo", "certificates"])
    assert readiness["source"]
    assert readiness["source_checked"] is False
    for item in ("nib", "npwp", "sikap_account", "product_photo"):
        await market.change(path, "evidence", market.mentor, {"item_code": item, "sha256": "cd" * 32})
    await market.change(path, "certify", market.mentor, {"kind": "pirt", "number": "P-IRT-5304-77", "expires_on": "2026-05-01"})
    assert (await market.read(f"{path}/readiness?channel_code=e_katalog"))["ready"] is True
    assert (await market.read(f"{path}/readiness?channel_code=e_katalog&on=2026-05-02"))["missing"] == ["certificates"]
    nothing = await market.served.get(f"/v1/{path}/readiness?channel_code=fair", market.owner)
    await market.refused(nothing, 422, "no_readiness_checklist")
    linkage = await market.linkage(group_id, ["palm_sugar"], channel="e_katalog")
    assert (await market.change(f"market-linkages/{linkage}", "onboard", market.mentor))["listed_product_count"] == 1
    await market.change(f"market-linkages/{linkage}", "onboard", market.mentor)
    assert (await market.events()).count("MarketplaceOnboarded") == 1


async def test_what_products_and_demands_refuse(market: Market) -> None:
    group_id, _ = await market.group()
    forming, _ = await market.group(status=GroupStatus.FORMING)
    product = await market.product(group_id)
    body = {"group_id": group_id, "category_code": "rice", "kbli_code": "10631", "unit": "kilogram", "price_idr": 9_000, "monthly_capacity": 10}
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"group_id": forming}, 422, "group_not_active"),
        ({"category_code": "gold"}, 422, "product_category_unknown"),
        ({"unit": "piece"}, 422, "unit_not_of_category"),
        ({"minimum_lot": 11}, 422, "minimum_lot_above_capacity"),
        ({"category_code": "woven_cloth", "unit": "piece"}, 409, "product_already_listed"),
        ({"kbli_code": "1312"}, 422, "validation_failed"),
    ]
    for given, status, code in refusals:
        await market.refused(await market.served.post("/v1/group-products", market.mentor, body | given), status, code)
    expired = await market.act(f"group-products/{product}", "certify", market.mentor, {"kind": "sni", "number": "SNI-1", "expires_on": "2026-03-01"})
    await market.refused(expired, 422, "certificate_expired")
    for given, status, code in (
        ({"needed_by": "2026-03-01"}, 422, "needed_in_the_past"),
        ({"unit": "kilogram"}, 422, "unit_not_of_category"),
        ({"buyer_institution_id": str(uuid4())}, 403, "not_the_buyer"),
    ):
        await market.refused(await market.served.post("/v1/market-demands", market.buyer, market.demand(**given)), status, code)


async def test_everybody_sees_what_concerns_them(market: Market) -> None:
    group_id, members = await market.group()
    product, demand = await market.product(group_id), await market.register()
    linkage = await market.linkage(group_id)
    order = await market.place(linkage, (product, 10))
    elsewhere = market.person(Role.MENTOR, regions=["52"])
    for path, strangers in (
        (f"group-products/{product}", [elsewhere]),
        (f"market-demands/{demand}", [market.other_buyer]),
        (f"market-linkages/{linkage}", [elsewhere, market.other_buyer]),
        (order, [elsewhere, market.other_buyer]),
    ):
        for who in (market.owner, market.mentor, market.buyer):
            assert (await market.served.get(f"/v1/{path}", who)).status_code == 200
        for who in strangers:
            assert (await market.served.get(f"/v1/{path}", who)).status_code == 404
            assert (await market.served.get(f"/v1/{path.split('/')[0]}", who)).json()["items"] == []
    assert (await market.served.get(f"/v1/{order}/shares", market.buyer)).status_code == 403
    assert (await market.served.get(f"/v1/{order}/shares", elsewhere)).status_code == 404
    assert (await market.served.get(f"/v1/market-demands/{demand}", elsewhere)).status_code == 200, "a need may be supplied from elsewhere"
    body = {"group_id": group_id, "buyer_institution_id": str(BUYER), "channel": "fair", "category_codes": ["woven_cloth"]}
    proposed = f"market-linkages/{(await market.create('market-linkages', market.mentor, body))['id']}"
    await market.refused(await market.act(proposed, "accept", market.mentor), 403, "other_side_answers")
    await market.refused(await market.act(proposed, "accept", market.other_buyer), 404, "not_found")
    await market.change(proposed, "decline", market.buyer, {"reason_codes": ["price_too_high"]})
    assert members


async def test_no_document_number_and_nothing_of_a_person_leaves_in_events(market: Market) -> None:
    group_id, members = await market.group()
    product = await market.product(group_id)
    await market.change(f"group-products/{product}", "certify", market.mentor, {"kind": "halal", "number": "ID5311000123456", "expires_on": None})
    assert (await market.read(f"group-products/{product}"))["certificates"][0]["number_masked"] == "****3456"
    path = await market.place(await market.linkage(group_id), (product, 10))
    await market.confirm(path, (members[0], product, 10))
    await market.deliver(path, (product, 10))
    await market.change(path, "accept", market.buyer)
    await market.change(path, "invoice", market.mentor, {"invoice_number": "INV-77123"})
    await market.change(path, "pay", market.buyer, {"amount_idr": 2_500_000, "paid_on": str(market.today)})
    told = "".join(row.data for row in await market.served.outbox())
    for hidden in ("ID5311000123456", "INV-77123", "SPK-1", "Usaha", "Pemilik", *members):
        assert hidden not in told


async def test_what_goes_through_a_hub_is_counted_for_who_made_it(market: Market) -> None:
    hub, own = await market.group("53.71")
    village, weavers = await market.group("53.04")
    of_hub, of_village = await market.product(hub), await market.product(village)
    linkage = await market.linkage(hub)
    path = await market.place(linkage, (of_hub, 10), (of_village, 20))
    await market.confirm(path, (own[0], of_hub, 10), (weavers[0], of_village, 5), (weavers[1], of_village, 15))
    await market.deliver(path, (of_village, 20), (of_hub, 4))
    gone = await market.place(linkage, (of_hub, 50))
    await market.change(gone, "cancel", market.buyer, {"reason_code": "budget_cut"})
    report = (await market.read("market-reports/supply?from_day=2026-01-01&to_day=2026-12-31"))["items"]
    assert {(each["group_id"], each["through_group_id"]): (each["orders"], each["quantity"], each["value_idr"]) for each in report} == {
        (hub, hub): (1, 4, 1_000_000),
        (village, hub): (1, 20, 5_000_000),
    }
    mentor = market.person(Role.MENTOR, regions=["53.04"])
    theirs = (await market.served.get("/v1/market-reports/supply?from_day=2026-01-01&to_day=2026-12-31", mentor)).json()["items"]
    assert [each["group_id"] for each in theirs] == [village]
    before = await market.read("market-reports/supply?from_day=2026-01-01&to_day=2026-03-01")
    assert before["items"] == []
    wrong = {"shares": [{"enterprise_id": own[0], "product_id": of_village, "quantity": 50}]}
    other = await market.place(linkage, (of_village, 50))
    await market.refused(await market.act(other, "confirm", market.mentor, wrong), 422, "share_of_stranger")


async def test_turnover_before_and_after_with_the_method_named(market: Market) -> None:
    group_id, members = await market.group()
    product = await market.product(group_id)
    for month, amount in (("2025-11", 3_000_000), ("2025-12", 5_000_000), ("2026-01", 4_000_000)):
        await market.create("group-turnovers", market.mentor, {"group_id": group_id, "month": month, "turnover_idr": amount})
    again = {"group_id": group_id, "month": "2026-01", "turnover_idr": 1}
    await market.refused(await market.served.post("/v1/group-turnovers", market.mentor, again), 409, "turnover_exists")
    await market.refused(await market.served.post("/v1/group-turnovers", market.mentor, again | {"month": "2026-03"}), 422, "month_not_over")
    linkage = await market.linkage(group_id)
    path = await market.place(linkage, (product, 10))
    await market.confirm(path, (members[0], product, 10))
    await market.deliver(path, (product, 10))
    await market.change(path, "accept", market.buyer)
    await market.change(path, "invoice", market.mentor, {"invoice_number": "INV-1"})
    await market.change(path, "pay", market.buyer, {"amount_idr": 2_500_000, "paid_on": str(market.today)})
    market.today = date(2026, 5, 4)
    for month, amount in (("2026-03", 8_000_000), ("2026-04", 6_000_001)):
        await market.create("group-turnovers", market.mentor, {"group_id": group_id, "month": month, "turnover_idr": amount})
    effect = await market.read(f"market-linkages/{linkage}/turnover-effect")
    assert effect["method_code"] == "same_group_before_after_1"
    assert effect["assumption_en"]
    assert (effect["before_months"], effect["after_months"]) == (["2025-11", "2025-12", "2026-01"], ["2026-03", "2026-04"])
    assert effect["missing_months"] == ["2025-09", "2025-10", "2026-02"]
    assert (effect["before_mean_idr"], effect["after_mean_idr"], effect["change_idr"]) == (4_000_000, 7_000_000, 3_000_000)
    assert (effect["paid_mean_idr"], effect["attributed_idr"]) == (1_250_000, 1_250_000)
    recorded = (await market.read("group-turnovers"))["items"][-1]
    path = f"group-turnovers/{recorded['id']}"
    await market.change(path, "correct", market.mentor, {"turnover_idr": 1, "reason_code": "late_receipts"})
    fallen = await market.read(f"market-linkages/{linkage}/turnover-effect")
    assert (fallen["change_idr"], fallen["attributed_idr"]) == (0, 0), "no more is a linkage's than the increase"


async def test_two_shares_of_procurement_are_two_indicators(market: Market) -> None:
    figures = {
        "institution_id": str(BUYER),
        "fiscal_year": 2023,
        "stage": "realised",
        "total_idr": 1_000_000_000,
        "small_business_idr": 399_999_999,
        "domestic_idr": 950_000_000,
    }
    made = await market.create("procurement-figures", market.buyer, figures)
    await market.refused(await market.served.post("/v1/procurement-figures", market.buyer, figures), 409, "procurement_figure_exists")
    above = figures | {"fiscal_year": 2024, "domestic_idr": 1_000_000_001}
    await market.refused(await market.served.post("/v1/procurement-figures", market.buyer, above), 422, "part_above_total")
    await market.refused(await market.served.post("/v1/procurement-figures", market.other_buyer, figures), 403, "not_the_buyer")

    async def shares(year: int = 2023) -> dict[str, tuple[str | None, str | None, bool | None]]:
        answer = await market.read(f"procurement-shares?fiscal_year={year}&stage=realised")
        return {each["indicator_code"]: (each["percent"], each["target_percent"], each["met"]) for each in answer["shares"]}

    assert await shares() == {"small_business_share": ("39.99", "40", False), "domestic_product_share": ("95.00", "95", True)}
    right = {"total_idr": 1_000_000_000, "small_business_idr": 400_000_000, "domestic_idr": 949_999_999, "reason_code": "audited"}
    await market.change(f"procurement-figures/{made['id']}", "correct", market.buyer, right)
    assert await shares() == {"small_business_share": ("40.00", "40", True), "domestic_product_share": ("94.99", "95", False)}
    assert await shares(2024) == {"small_business_share": (None, "40", None), "domestic_product_share": (None, None, None)}
    assert (await market.served.get(f"/v1/procurement-figures/{made['id']}", market.other_buyer)).status_code == 404
    assert json.loads((await market.served.outbox())[-1].data)["small_business_idr"] == 400_000_000


async def test_a_group_that_is_not_active_any_more_is_neither_matched_nor_ordered_from(market: Market) -> None:
    group_id, _ = await market.group()
    product, linkage = await market.product(group_id), await market.linkage(group_id)
    demand = await market.register(quantity=10)
    async with market.served.runtime.engine.begin() as connection:
        await connection.execute(groups.update().values(status=GroupStatus.DORMANT))
    assert (await market.match())["outcomes"] == [{"demand_id": demand, "quantity": 10, "matched": 0, "reason_codes": ["no_product_offered"]}]
    await market.refused(await market.served.post("/v1/orders", market.buyer, market.order(linkage, (product, 5))), 422, "group_not_active")
    assert "group_active" in (await market.read(f"group-products/{product}/readiness?channel_code=padi"))["missing"]
