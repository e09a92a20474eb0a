"""Sums over orders."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, Uuid, column, distinct, func, select, true

from services.facilitation.market_demands.domain import UNFINISHED
from services.facilitation.market_demands.tables import market_demands
from services.facilitation.orders.state import OrderStatus
from services.facilitation.orders.tables import orders, supplies

S = OrderStatus
FINISHED = (S.PAID, S.CANCELLED)


def ordered_for(demand_ids: Sequence[UUID]) -> "Select[*tuple[Any, ...]]":
    """How much of each product is on order for demands."""
    return _ordered(orders.c.demand_id.in_(demand_ids))


def ordered_since_matched() -> "Select[*tuple[Any, ...]]":
    """The same for matched demands, of orders placed after the run that matched them: ids are made in the order of time."""
    found = market_demands.c
    matched = select(found.id).where(found.id == orders.c.demand_id, found.match_id < orders.c.id)
    return _ordered(matched.exists())


def _ordered(which: ColumnElement[bool]) -> "Select[*tuple[Any, ...]]":
    line = func.jsonb_to_recordset(orders.c.lines).table_valued(column("product_id", Uuid), column("quantity", Integer)).render_derived(with_types=True)
    quantity = func.sum(line.c.quantity).cast(BigInteger).label("quantity")
    return (
        select(orders.c.demand_id, line.c.product_id, quantity)
        .select_from(orders)
        .join(line, onclause=true())
        .where(which, orders.c.status != S.CANCELLED)
        .group_by(orders.c.demand_id, line.c.product_id)
    )


def delivered_for(demand_id: UUID) -> "Select[int]":
    """How much was delivered for a demand."""
    return select(func.coalesce(func.sum(supplies.c.quantity), 0).cast(BigInteger)).where(supplies.c.demand_id == demand_id)


def demands_delivered() -> "Select[UUID]":
    """Ids of unfinished demands whose deliveries reached what was needed."""
    d = market_demands.c
    return (
        select(d.id)
        .join(supplies, supplies.c.demand_id == d.id)
        .where(d.status.in_(UNFINISHED))
        .group_by(d.id)
        .having(func.sum(supplies.c.quantity) >= d.quantity)
        .order_by(d.id)
    )


def orders_of_linkage(linkage_id: UUID) -> "Select[*tuple[Any, ...]]":
    """Open orders, rupiah paid, and orders that were not cancelled."""
    c = orders.c
    paid = func.coalesce(func.sum(c.payable_idr).filter(c.status == S.PAID), 0).cast(BigInteger)
    return select(
        func.count().filter(c.status.not_in(FINISHED)).label("open_orders"),
        paid.label("paid_idr"),
        func.count().filter(c.status != S.CANCELLED).label("order_count"),
    ).where(c.linkage_id == linkage_id)


def delivered_before(last: date) -> "Select[UUID]":
    """Ids of orders that wait for the buyer's word since before a day."""
    return select(orders.c.id).where(orders.c.status == S.DELIVERED, orders.c.delivered_on < last).order_by(orders.c.id)


def due_before(last: date) -> "Select[UUID]":
    """Ids of invoices that were due before a day."""
    return select(orders.c.id).where(orders.c.status == S.INVOICED, orders.c.due_on < last).order_by(orders.c.id)


def supplied(where: ColumnElement[bool], first: date, last: date) -> "Select[*tuple[Any, ...]]":
    """What groups supplied between two days, both included, by who made it and through whom it was sold.

    Only deliveries are here: an order that is cancelled never had one.
    """
    c = supplies.c
    return (
        select(
            c.group_id,
            c.through_group_id,
            func.count(distinct(c.order_id)).label("orders"),
            func.sum(c.quantity).cast(BigInteger).label("quantity"),
            func.sum(c.value_idr).cast(BigInteger).label("value_idr"),
        )
        .where(where, c.delivered_on.between(first, last))
        .group_by(c.group_id, c.through_group_id)
        .order_by(c.group_id, c.through_group_id)
    )
