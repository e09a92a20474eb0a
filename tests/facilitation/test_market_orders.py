"""Linkages and orders from outside: shares, deliveries, silence, disputes, late payment, capacity."""

import asyncio
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.facilitation.group_products.tables import capacity_months
from services.facilitation.orders.clock import pass_day
from services.facilitation.orders.state import OrderLine, Share, split
from shared.clock import new_id
from shared.money import Rupiah
from tests.facilitation.market import BUYER, Market


async def reserved(market: Market) -> dict[str, int]:
    async with market.served.runtime.engine.connect() as connection:
        rows = (await connection.execute(capacity_months.select())).all()
    return {row.month: row.reserved for row in rows}


async def confirmed(market: Market, quantity: int = 10) -> tuple[str, str, list[str]]:
    group_id, members = await market.group()
    product = await market.product(group_id)
    path = await market.place(await market.linkage(group_id), (product, quantity))
    await market.confirm(path, *((member, product, quantity // 2 - 1) for member in members[:2]), (members[2], product, quantity - 2 * (quantity // 2 - 1)))
    return path, product, members


async def test_an_order_from_placing_to_the_shares_paid(market: Market) -> None:
    path, product, members = await confirmed(market)
    half = await market.deliver(path, (product, 6))
    assert (half["status"], half["delivered_idr"]) == ("partly_delivered", 1_500_000)
    whole = await market.deliver(path, (product, 4))
    assert (whole["status"], [each["quantity"] for each in whole["deliveries"]]) == ("delivered", [6, 4])
    assert (await market.change(path, "accept", market.buyer))["payable_idr"] == 2_500_000
    invoiced = await market.change(path, "invoice", market.mentor, {"invoice_number": "INV-1"})
    assert (invoiced["status"], invoiced["due_on"]) == ("invoiced", "2026-04-01")
    paid = await market.change(path, "pay", market.buyer, {"amount_idr": 2_500_000, "paid_on": str(market.today)})
    assert paid["status"] == "paid"
    shares = await market.read(f"{path}/shares")
    assert {each["enterprise_id"]: each["amount_idr"] for each in shares["payouts"]} == dict(zip(members, [1_000_000, 1_000_000, 500_000], strict=True))
    assert [name for name in await market.events() if name.startswith(("Order", "MarketL", "MarketA"))] == [
        *("MarketLinkageProposed", "MarketLinkageAccepted", "MarketAccessGranted", "OrderPlaced", "OrderConfirmed", "MarketLinkageActivated"),
        *("OrderPartlyDelivered", "OrderDelivered", "OrderAccepted", "OrderInvoiced", "OrderPaid"),
    ]


async def test_shares_are_exactly_the_order_and_of_members(market: Market) -> None:
    group_id, members = await market.group()
    _, strangers = await market.group("53.05")
    product = await market.product(group_id)
    path = await market.place(await market.linkage(group_id), (product, 10))

    def body(*shares: tuple[str, int]) -> dict[str, Any]:
        return {"shares": [{"enterprise_id": who, "product_id": product, "quantity": quantity} for who, quantity in shares]}

    for shares in ([(members[0], 9)], [(members[0], 6), (members[1], 5)]):
        await market.refused(await market.act(path, "confirm", market.mentor, body(*shares)), 422, "shares_do_not_match_total")
    await market.refused(await market.act(path, "confirm", market.mentor, body((members[0], 5), (strangers[0], 5))), 422, "share_of_stranger")
    assert (await market.change(path, "confirm", market.mentor, body((members[0], 5), (members[1], 5))))["status"] == "confirmed"


async def test_a_hundred_parallel_orders_never_exceed_the_capacity(market: Market) -> None:
    group_id, _ = await market.group()
    product = await market.product(group_id, monthly_capacity=100)
    linkage = await market.linkage(group_id)
    bodies = [market.order(linkage, (product, 7)) for _ in range(100)]
    answers = await asyncio.gather(*(market.served.insist("/v1/orders", market.buyer, body) for body in bodies))
    placed = [answer for answer in answers if answer.status_code == 201]
    assert {(answer.status_code, answer.json().get("code")) for answer in answers if answer not in placed} == {(409, "capacity_exceeded")}
    assert len(placed) == 100 // 7
    assert await reserved(market) == {"2026-04": 7 * len(placed)}
    assert (await market.events()).count("OrderPlaced") == len(placed)


async def test_what_is_cancelled_or_closed_short_is_free_again(market: Market) -> None:
    group_id, members = await market.group()
    product = await market.product(group_id)
    linkage = await market.linkage(group_id)
    first = await market.place(linkage, (product, 60))
    await market.refused(await market.served.post("/v1/orders", market.buyer, market.order(linkage, (product, 41))), 409, "capacity_exceeded")
    await market.change(first, "cancel", market.buyer, {"reason_code": "budget_cut"})
    second = await market.place(linkage, (product, 80))
    await market.refused(await market.act(second, "close-short", market.buyer), 409, "illegal_transition")
    await market.confirm(second, (members[0], product, 80))
    await market.refused(await market.act(second, "close-short", market.buyer), 409, "nothing_delivered")
    await market.deliver(second, (product, 30))
    short = await market.change(second, "close-short", market.buyer)
    assert (short["status"], short["closed_short"], short["delivered_idr"]) == ("delivered", True, 30 * 250_000)
    assert await reserved(market) == {"2026-04": 30}
    await market.refused(await market.act(second, "cancel", market.buyer, {"reason_code": "late"}), 409, "illegal_transition")


async def test_capacity_is_not_lowered_below_what_is_reserved_whoever_comes_first(market: Market) -> None:
    group_id, _ = await market.group()
    product = await market.product(group_id)
    linkage = await market.linkage(group_id)
    revision = {"price_idr": 250_000, "monthly_capacity": 50, "minimum_lot": 1}
    ordering = market.served.post("/v1/orders", market.buyer, market.order(linkage, (product, 60)))
    revising = market.act(f"group-products/{product}", "revise", market.mentor, revision)
    order, revised = await asyncio.gather(ordering, revising)
    outcomes = (order.status_code, order.json().get("code"), revised.status_code, revised.json().get("code"))
    assert outcomes in {(201, None, 409, "capacity_below_reserved"), (409, "capacity_exceeded", 200, None)}


async def test_silence_accepts_and_a_late_payment_is_flagged_once(market: Market) -> None:
    path, product, _ = await confirmed(market)
    await market.deliver(path, (product, 10))
    database, delivered = market.served.runtime.database, market.today
    for days in range(8):
        assert await pass_day(database, delivered + timedelta(days=days)) == 0
    assert await pass_day(database, delivered + timedelta(days=8)) == 1
    assert (await market.read(path))["status"] == "accepted"
    market.today = delivered + timedelta(days=8)
    await market.change(path, "invoice", market.mentor, {"invoice_number": "INV-1", "due_on": "2026-03-20"})
    assert await pass_day(database, date(2026, 3, 20)) == 0
    assert [await pass_day(database, date(2026, 3, day)) for day in (21, 22)] == [1, 0]
    assert (await market.read("orders?status=payment_late"))["items"][0]["due_on"] == "2026-03-20"
    market.today = date(2026, 3, 25)
    paid = await market.change(path, "pay", market.buyer, {"amount_idr": 2_500_000, "paid_on": "2026-03-24"})
    assert paid["status"] == "paid"
    assert '"days_late":4' in (await market.served.outbox())[-1].data
    assert '"by_silence":true' in next(row.data for row in await market.served.outbox() if "OrderAccepted" in row.type)


async def test_a_dispute_is_decided_by_neither_side_and_may_lower_the_amount(market: Market) -> None:
    path, product, members = await confirmed(market)
    await market.deliver(path, (product, 10))
    await market.change(path, "dispute", market.buyer, {"reason_code": "wrong_colour"})
    assert await pass_day(market.served.runtime.database, market.today + timedelta(days=60)) == 0
    for who in (market.buyer, market.mentor):
        assert (await market.act(path, "resolve", who, {"decision_code": "reduced"})).status_code == 403
    too_much = await market.act(path, "resolve", market.owner, {"decision_code": "reduced", "payable_idr": 2_500_001})
    await market.refused(too_much, 422, "amount_above_delivered")
    await market.change(path, "resolve", market.owner, {"decision_code": "reduced", "payable_idr": 1_000_001})
    await market.change(path, "invoice", market.mentor, {"invoice_number": "INV-1"})
    for wrong in (1_000_000, 1_000_002):
        await market.refused(await market.act(path, "pay", market.buyer, {"amount_idr": wrong, "paid_on": str(market.today)}), 422, "amount_not_matched")
    await market.change(path, "pay", market.buyer, {"amount_idr": 1_000_001, "paid_on": str(market.today)})
    payouts = (await market.read(f"{path}/shares"))["payouts"]
    assert sum(each["amount_idr"] for each in payouts) == 1_000_001
    assert {each["enterprise_id"] for each in payouts} == set(members)


async def test_an_invoice_number_is_used_once_by_a_group(market: Market) -> None:
    group_id, members = await market.group()
    product, linkage = await market.product(group_id), await market.linkage(group_id)
    paths = [await market.place(linkage, (product, 10)) for _ in range(2)]
    for path in paths:
        await market.confirm(path, (members[0], product, 10))
        await market.deliver(path, (product, 10))
        await market.change(path, "accept", market.buyer)
    answers = await asyncio.gather(*(market.act(path, "invoice", market.mentor, {"invoice_number": "INV-1"}) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"invoice_number_taken"}


async def test_a_certificate_holds_on_the_day_of_delivery(market: Market) -> None:
    group_id, members = await market.group()
    product = await market.product(group_id, category_code="palm_sugar", unit="kilogram", kbli_code="10722")
    body = {"group_id": group_id, "buyer_institution_id": str(BUYER), "channel": "direct", "category_codes": ["palm_sugar"]}
    await market.refused(await market.served.post("/v1/market-linkages", market.buyer, body), 422, "certificate_expired_on_delivery")
    await market.change(f"group-products/{product}", "certify", market.mentor, {"kind": "pirt", "number": "P-IRT-5304-1", "expires_on": "2026-04-10"})
    linkage = await market.linkage(group_id, ["palm_sugar"])
    late = market.order(linkage, (product, 10), deliver_by="2026-04-11")
    refusal = await market.refused(await market.served.post("/v1/orders", market.buyer, late), 422, "certificate_expired_on_delivery")
    assert (refusal["certificate_kinds"], refusal["day"]) == (["pirt"], "2026-04-11")
    path = await market.place(linkage, (product, 10), deliver_by="2026-04-10")
    await market.confirm(path, (members[0], product, 10))
    market.today = date(2026, 4, 11)
    await market.refused(await market.act(path, "deliveries", market.mentor, market.delivery((product, 10))), 422, "certificate_expired_on_delivery")
    market.today = date(2026, 4, 10)
    assert (await market.deliver(path, (product, 10)))["status"] == "delivered"


async def test_what_a_delivery_may_not_be(market: Market) -> None:
    path, product, _ = await confirmed(market)
    await market.refused(await market.act(path, "deliveries", market.mentor, market.delivery((product, 11))), 422, "more_than_ordered")
    await market.refused(await market.act(path, "deliveries", market.mentor, market.delivery((product, 1), (product, 1))), 422, "product_twice")
    await market.refused(await market.act(path, "deliveries", market.mentor, market.delivery((str(new_id()), 1))), 422, "product_not_in_order")
    for day in ("2026-03-01", "2026-03-03"):
        await market.refused(await market.act(path, "deliveries", market.mentor, market.delivery((product, 1)) | {"delivered_on": day}), 422, "day_impossible")


async def test_what_an_order_may_not_be(market: Market) -> None:
    group_id, _ = await market.group()
    product = await market.product(group_id, minimum_lot=5)
    snacks = await market.product(group_id, category_code="rice", unit="kilogram", kbli_code="10631")
    linkage = await market.linkage(group_id)
    demand = await market.register()
    huge = [{"product_id": product, "quantity": 100, "unit_price_idr": 2**53 - 1}]
    refusals: list[tuple[dict[str, Any], int, str]] = [
        (market.order(linkage, (product, 4)), 422, "below_minimum_lot"),
        (market.order(linkage, (snacks, 5)), 422, "category_outside_linkage"),
        (market.order(linkage, (product, 5), (product, 5)), 422, "product_twice"),
        (market.order(linkage, (product, 5), deliver_by="2026-03-01"), 422, "day_impossible"),
        (market.order(linkage, (product, 5), demand_id=demand, deliver_by="2026-04-21"), 422, "order_does_not_fit_demand"),
        (market.order(linkage, lines=huge), 422, "order_too_large"),
        (market.order(str(new_id()), (product, 5)), 404, "not_found"),
    ]
    for body, status, code in refusals:
        await market.refused(await market.served.post("/v1/orders", market.buyer, body), status, code)
    await market.refused(await market.served.post("/v1/orders", market.other_buyer, market.order(linkage, (product, 5))), 404, "not_found")
    path = await market.place(linkage, (product, 5))
    await market.refused(await market.act(f"market-linkages/{linkage}", "end", market.buyer, {"reason_code": "over"}), 409, "open_orders_remain")
    await market.change(path, "cancel", market.mentor, {"reason_code": "no_yarn"})
    ended = await market.change(f"market-linkages/{linkage}", "end", market.buyer, {"reason_code": "over"})
    assert ended["status"] == "ended"
    await market.refused(await market.served.post("/v1/orders", market.buyer, market.order(linkage, (product, 5))), 409, "linkage_not_open")


@given(data=st.data())
def test_a_payment_is_divided_to_the_rupiah(data: st.DataObject) -> None:
    lines, shares = [], []
    enterprises = [new_id() for _ in range(data.draw(st.integers(1, 9)))]
    for _ in range(data.draw(st.integers(1, 3))):
        product, parts = new_id(), data.draw(st.lists(st.integers(1, 50), min_size=1, max_size=9))
        quantity = sum(parts)
        shares += [Share(enterprise_id=data.draw(st.sampled_from(enterprises)), product_id=product, quantity=part) for part in parts]
        delivered = data.draw(st.integers(1, quantity))
        price = Rupiah(data.draw(st.integers(1, 10**6)))
        lines.append(
            OrderLine(
                product_id=product, group_id=product, region_code="53.04", category_code="c", quantity=quantity, unit_price_idr=price, delivered=delivered
            )
        )
    by_product = {line.product_id: line for line in lines}
    worth: dict[Any, float] = dict.fromkeys(enterprises, 0.0)
    for share in shares:
        line = by_product[share.product_id]
        worth[share.enterprise_id] += line.delivered * line.unit_price_idr * share.quantity / line.quantity
    amount = data.draw(st.integers(1, sum(line.delivered * line.unit_price_idr for line in lines)))
    payouts = {each.enterprise_id: each.amount_idr for each in split(amount, lines, shares)}
    assert sum(payouts.values()) == amount
    for id, paid in payouts.items():
        assert abs(paid - amount * worth[id] / sum(worth.values())) < 1.01
    assert payouts == {each.enterprise_id: each.amount_idr for each in split(amount, lines, list(reversed(shares)))}
