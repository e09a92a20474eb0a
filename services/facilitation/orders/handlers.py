"""What can be done with an order. Reservations and supplies are written in the transaction that saves it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.facilitation.financing.errors import GroupNotActive
from services.facilitation.group_products.domain import GroupProduct, ProductNotListed, ProductStatus
from services.facilitation.group_products.tables import release, reserve
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.groups.tables import memberships
from services.facilitation.linkages.domain import LinkageStatus, MarketLinkage
from services.facilitation.market_demands.domain import UNFINISHED, DemandStatus, MarketDemand
from services.facilitation.orders.domain import Order
from services.facilitation.orders.problems import (
    BelowMinimumLot,
    CategoryOutsideLinkage,
    DayImpossible,
    DemandMismatch,
    LinkageNotOpen,
    ProductTwice,
    ShareOfStranger,
)
from services.facilitation.orders.queries import delivered_for
from services.facilitation.orders.state import Delivered, OrderLine, Share
from services.facilitation.orders.tables import supplies
from services.facilitation.parties import get_concerning
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.money import Rupiah
from shared.security.identity import Caller


async def place_order(
    transaction: Transaction,
    caller: Caller,
    *,
    linkage_id: UUID,
    demand_id: UUID | None,
    deliver_by: date,
    lines: Sequence[tuple[UUID, int, int | None]],
    on: date,
) -> Order:
    """Order products of the linkage's group, or of groups that supply through it: lines are product, quantity and price, that of the product if none."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        if linkage.status not in (LinkageStatus.CONTRACTED, LinkageStatus.ACTIVE):
            raise LinkageNotOpen(state=linkage.status)
        if deliver_by < on:
            raise DayImpossible(first=str(on), last="-")
        demand = await get_concerning(uow, MarketDemand, demand_id, caller) if demand_id else None
        ordered = [await _line(uow, linkage, demand, line, deliver_by) for line in lines]
        if demand:
            _refuse_unfitting(demand, linkage, ordered, deliver_by)
        order = Order.place(
            id=new_id(),
            linkage_id=linkage_id,
            group_id=linkage.group_id,
            region_code=linkage.region_code,
            buyer_institution_id=linkage.buyer_institution_id,
            demand_id=demand_id,
            deliver_by=deliver_by,
            lines=ordered,
            on=on,
        )
        uow.add(order)
        for each in sorted(ordered, key=lambda each: each.product_id):  # always in this order, so that two orders never wait for each other
            uow.also(reserve(each.product_id, order.month, each.quantity))
    return order


async def _line(uow: UnitOfWork, linkage: MarketLinkage, demand: MarketDemand | None, line: tuple[UUID, int, int | None], deliver_by: date) -> OrderLine:
    product_id, quantity, price = line
    product = await uow.get(GroupProduct, product_id)
    if product.status is not ProductStatus.LISTED:
        raise ProductNotListed
    if (await uow.get(Group, product.group_id)).status is not GroupStatus.ACTIVE:
        raise GroupNotActive
    if product.category_code not in linkage.category_codes:
        raise CategoryOutsideLinkage(category_code=product.category_code)
    if quantity < product.minimum_lot:
        raise BelowMinimumLot(minimum_lot=product.minimum_lot)
    product.refuse_uncertified(frozenset(map(str, demand.certificates)) if demand else frozenset(), deliver_by)
    return OrderLine(
        product_id=product_id,
        group_id=product.group_id,
        region_code=product.region_code,
        category_code=product.category_code,
        quantity=quantity,
        unit_price_idr=Rupiah(product.price_idr if price is None else price),
    )


def _refuse_unfitting(demand: MarketDemand, linkage: MarketLinkage, lines: Sequence[OrderLine], deliver_by: date) -> None:
    if demand.status not in UNFINISHED:
        raise DemandMismatch(what=f"status {demand.status}")
    if demand.buyer_institution_id != linkage.buyer_institution_id:
        raise DemandMismatch(what="buyer_institution_id")
    if {line.category_code for line in lines} != {demand.category_code}:
        raise DemandMismatch(what="category_code")
    if max(line.unit_price_idr for line in lines) > demand.price_ceiling_idr:
        raise DemandMismatch(what="price_ceiling_idr")
    if deliver_by > demand.needed_by:
        raise DemandMismatch(what="needed_by")


async def confirm_order(transaction: Transaction, order_id: UUID, caller: Caller, shares: list[Share]) -> Order:
    """Divide it among active members of the groups that make it; the first confirmed order activates the linkage."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.confirm(shares)
        groups_of = {line.product_id: line.group_id for line in order.lines}
        m = memberships.c
        asked = sorted({share.enterprise_id for share in shares})
        members = (await uow.connection.execute(select(m.enterprise_id, m.group_id).where(m.left_on.is_(None), m.enterprise_id.in_(asked)))).all()
        if not {(share.enterprise_id, groups_of[share.product_id]) for share in shares} <= {(row.enterprise_id, row.group_id) for row in members}:
            raise ShareOfStranger
        linkage = await uow.get(MarketLinkage, order.linkage_id)
        if linkage.status is LinkageStatus.CONTRACTED:
            linkage.activate()
    return order


async def deliver_order(
    transaction: Transaction, order_id: UUID, caller: Caller, *, delivered_on: date, quantities: Sequence[Delivered], evidence_hashes: list[str], on: date
) -> Order:
    """Deliver some or all; certificates hold on that day. A demand whose orders delivered enough is fulfilled."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        demand = await uow.get(MarketDemand, order.demand_id) if order.demand_id else None
        if len({each.product_id for each in quantities}) < len(quantities):
            raise ProductTwice
        delivery = order.deliver({each.product_id: each.quantity for each in quantities}, evidence_hashes, delivered_on, on)
        by_product = {line.product_id: line for line in order.lines}
        for each in delivery.lines:
            line, product = by_product[each.product_id], await uow.get(GroupProduct, each.product_id)
            product.refuse_uncertified(frozenset(map(str, demand.certificates)) if demand else frozenset(), delivered_on)
            row = supplies.insert().values(
                order_id=order.id,
                delivery_no=delivery.delivery_no,
                product_id=each.product_id,
                group_id=line.group_id,
                through_group_id=order.group_id,
                region_code=line.region_code,
                demand_id=order.demand_id,
                delivered_on=delivered_on,
                quantity=each.quantity,
                value_idr=each.quantity * line.unit_price_idr,
            )
            uow.also(row)
        if demand:
            before = await uow.connection.scalar(delivered_for(demand.id)) or 0
            fulfil(demand, before + sum(each.quantity for each in delivery.lines))
    return order


def fulfil(demand: MarketDemand, delivered: int) -> None:
    """Fulfil a demand that got what it needed from a plan; the hourly look finds what two deliveries at one moment overlooked."""
    if delivered >= demand.quantity and demand.status in (DemandStatus.MATCHED, DemandStatus.PARTLY_MATCHED):
        demand.fulfil(delivered)


async def close_short(transaction: Transaction, order_id: UUID, caller: Caller, on: date) -> Order:
    """The buyer takes what came for all; the capacity of the rest is free again."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.close_short(on)
        _release(uow, order)
    return order


async def accept_order(transaction: Transaction, order_id: UUID, caller: Caller, on: date) -> Order:
    """Take it as ordered."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.accept(on)
    return order


async def dispute_order(transaction: Transaction, order_id: UUID, caller: Caller, reason_code: str) -> Order:
    """Not take it as it is."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.dispute(reason_code)
    return order


async def resolve_dispute(transaction: Transaction, order_id: UUID, *, decision_code: str, payable_idr: int | None, on: date) -> Order:
    """A ministry decides."""
    async with transaction() as uow:
        order = await uow.get(Order, order_id)
        order.resolve(decision_code, None if payable_idr is None else Rupiah(payable_idr), on)
    return order


async def invoice_order(transaction: Transaction, order_id: UUID, caller: Caller, *, invoice_number: str, due_on: date | None, on: date) -> Order:
    """Ask for the money."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.invoice(invoice_number, due_on, on)
    return order


async def pay_order(transaction: Transaction, order_id: UUID, caller: Caller, *, amount_idr: int, paid_on: date, on: date) -> Order:
    """The whole invoice."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.pay(Rupiah(amount_idr), paid_on, on)
    return order


async def cancel_order(transaction: Transaction, order_id: UUID, caller: Caller, reason_code: str) -> Order:
    """Nothing is made; the capacity is free again."""
    async with transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
        order.cancel(reason_code)
        _release(uow, order)
    return order


def _release(uow: UnitOfWork, order: Order) -> None:
    for product_id, left in sorted(order.undelivered().items()):
        if left:
            uow.also(release(product_id, order.month, left))
