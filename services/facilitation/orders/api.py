"""Routes of orders."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.orders import handlers
from services.facilitation.orders.domain import Order
from services.facilitation.orders.state import Delivered, OrderStatus, Share
from services.facilitation.orders.tables import orders
from services.facilitation.parties import BUYER_SIDE, GROUP_SIDE, MINISTRIES, READERS, concerning, concerns, get_concerning
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, RequestModel, RupiahAmount, Sha256, router
from shared.security.identity import Caller, Role

routes = router("orders")


class LineIn(RequestModel):
    """So much of a product, at its price unless another was agreed."""

    product_id: UUID
    quantity: Count
    unit_price_idr: RupiahAmount | None = None


class PlaceOrder(RequestModel):
    """Products of the linkage's group, or of groups that supply through it."""

    linkage_id: UUID
    demand_id: UUID | None = None
    deliver_by: date
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=50)]


class ShareIn(RequestModel):
    """What an enterprise supplies of a product."""

    enterprise_id: UUID
    product_id: UUID
    quantity: Count


class ConfirmOrder(RequestModel):
    """Shares that sum to the order, product by product."""

    shares: Annotated[list[ShareIn], Field(min_length=1, max_length=1000)]


class DeliveredIn(RequestModel):
    """So much of a product."""

    product_id: UUID
    quantity: Count


class DeliverOrder(RequestModel):
    """A delivery, with the SHA-256 of its evidence."""

    delivered_on: date
    lines: Annotated[list[DeliveredIn], Field(min_length=1, max_length=50)]
    evidence_hashes: Annotated[list[Sha256], Field(min_length=1, max_length=50)]


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["wrong_colour"])]


class ResolveDispute(RequestModel):
    """What was decided; without an amount all that was delivered is paid."""

    decision_code: Annotated[Code, Field(examples=["partial_acceptance"])]
    payable_idr: RupiahAmount | None = None


class InvoiceOrder(RequestModel):
    """The group's number of the invoice; without a day the terms of orders say when it is due."""

    invoice_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$", examples=["INV-2026/031"])]
    due_on: date | None = None


class PayOrder(RequestModel):
    """The whole invoice."""

    amount_idr: RupiahAmount
    paid_on: date


class LineOut(BaseModel):
    """A line (baris pesanan); `group_id` is the group that makes it."""

    product_id: UUID
    group_id: UUID
    category_code: str
    quantity: int
    unit_price_idr: int
    delivered: int


class DeliveryOut(BaseModel):
    """A delivery (pengantaran)."""

    delivery_no: int
    delivered_on: date
    quantity: int
    evidence_hashes: list[str]


class OrderOut(Representation[Order]):
    """An order (pesanan); what each enterprise supplies and gets is read apart."""

    id: UUID
    linkage_id: UUID
    group_id: UUID
    region_code: str
    buyer_institution_id: UUID
    demand_id: UUID | None
    deliver_by: date
    placed_on: date
    status: OrderStatus
    value_idr: int
    delivered_idr: int
    lines: list[LineOut]
    deliveries: list[DeliveryOut]
    delivered_on: date | None
    closed_short: bool
    accepted_on: date | None
    payable_idr: int | None
    invoice_number: str | None
    invoiced_on: date | None
    due_on: date | None
    paid_on: date | None
    reason_code: str | None

    @classmethod
    def of(cls, aggregate: Order) -> "OrderOut":
        """With its lines and deliveries."""
        plain = {name: getattr(aggregate, name) for name in cls.model_fields if name not in ("lines", "deliveries")}
        lines = [LineOut(**{name: getattr(line, name) for name in LineOut.model_fields}) for line in aggregate.lines]
        deliveries = [
            DeliveryOut(
                delivery_no=each.delivery_no,
                delivered_on=each.delivered_on,
                quantity=sum(line.quantity for line in each.lines),
                evidence_hashes=each.evidence_hashes,
            )
            for each in aggregate.deliveries
        ]
        return cls(**plain, lines=lines, deliveries=deliveries)


class OrderRow(BaseModel):
    """An order in a list."""

    id: UUID
    linkage_id: UUID
    group_id: UUID
    region_code: str
    buyer_institution_id: UUID
    demand_id: UUID | None
    deliver_by: date
    placed_on: date
    status: OrderStatus
    delivered_on: date | None
    payable_idr: int | None
    due_on: date | None
    paid_on: date | None


class ShareOut(BaseModel):
    """What an enterprise supplies (bagian)."""

    enterprise_id: UUID
    product_id: UUID
    quantity: int


class PayoutOut(BaseModel):
    """What an enterprise gets (pembayaran)."""

    enterprise_id: UUID
    amount_idr: int


class SharesOut(BaseModel):
    """Shares of an order, and once it is paid what each enterprise gets: the sum is the payment."""

    order_id: UUID
    shares: list[ShareOut]
    payouts: list[PayoutOut]


@routes.post("/orders", operation_id="place_order", summary="Buat pesanan / Place an order", status_code=201, response_model=OrderOut)
async def place(body: PlaceOrder, command: Creating, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """Under a contract; the capacity of the month of delivery is reserved, and never exceeded."""
    lines = [(line.product_id, line.quantity, line.unit_price_idr) for line in body.lines]
    return await command.create(
        lambda transaction: handlers.place_order(
            transaction, caller, linkage_id=body.linkage_id, demand_id=body.demand_id, deliver_by=body.deliver_by, lines=lines, on=today()
        ),
        OrderOut,
        Order,
    )


@routes.get("/orders", operation_id="list_orders", summary="Daftar pesanan / List orders")
async def list_orders(
    request: Request,
    page: Paging,
    linkage_id: UUID | None = None,
    group_id: UUID | None = None,
    demand_id: UUID | None = None,
    status: OrderStatus | None = None,
    caller: Caller = allow(*READERS),
) -> Page[OrderRow]:
    """A buyer sees its own, others those of groups in their regions; late payments with `status=payment_late`."""
    c = orders.c
    statement = orders.select().where(concerning(c.region_code, c.buyer_institution_id, caller))
    for column, value in ((c.linkage_id, linkage_id), (c.group_id, group_id), (c.demand_id, demand_id), (c.status, status)):
        if value is not None:
            statement = statement.where(column == value)
    return await page.listing(request, statement, OrderRow, by=[c.id])


@routes.get("/orders/{order_id}", operation_id="get_order", summary="Baca pesanan / Read an order", response_model=OrderOut)
async def get_order(request: Request, order_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Order, order_id, OrderOut, visible=lambda found: concerns(caller, found))


@routes.get("/orders/{order_id}/shares", operation_id="get_order_shares", summary="Bagian usaha / Shares of enterprises")
async def get_shares(request: Request, order_id: UUID, caller: Caller = allow(*GROUP_SIDE, *MINISTRIES, Role.AUDITOR)) -> SharesOut:
    """Not for buyers: what members of a group earn is no business of theirs."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        order = await get_concerning(uow, Order, order_id, caller)
    return SharesOut(
        order_id=order_id,
        shares=[ShareOut(enterprise_id=each.enterprise_id, product_id=each.product_id, quantity=each.quantity) for each in order.shares],
        payouts=[PayoutOut(enterprise_id=each.enterprise_id, amount_idr=each.amount_idr) for each in order.payouts],
    )


@routes.post("/orders/{order_id}/confirm", operation_id="confirm_order", summary="Konfirmasi dan bagi / Confirm", response_model=OrderOut)
async def confirm(order_id: UUID, body: ConfirmOrder, command: Changing, caller: Caller = allow(*GROUP_SIDE)) -> Response:
    """By the group, which divides all of it among members of the groups that make it."""
    shares = [Share(enterprise_id=each.enterprise_id, product_id=each.product_id, quantity=each.quantity) for each in body.shares]
    return await command.change(order_id, lambda transaction: handlers.confirm_order(transaction, order_id, caller, shares), OrderOut, Order)


@routes.post("/orders/{order_id}/deliveries", operation_id="deliver_order", summary="Catat pengantaran / Deliver", response_model=OrderOut)
async def deliver(order_id: UUID, body: DeliverOrder, command: Changing, caller: Caller = allow(*GROUP_SIDE)) -> Response:
    """By the group: a part or the rest; certificates hold on the day of delivery."""
    quantities = [Delivered(product_id=line.product_id, quantity=line.quantity) for line in body.lines]
    return await command.change(
        order_id,
        lambda transaction: handlers.deliver_order(
            transaction, order_id, caller, delivered_on=body.delivered_on, quantities=quantities, evidence_hashes=body.evidence_hashes, on=today()
        ),
        OrderOut,
        Order,
    )


@routes.post("/orders/{order_id}/close-short", operation_id="close_order_short", summary="Tutup dengan kurang / Close short", response_model=OrderOut)
async def close_short(order_id: UUID, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the buyer, who takes what came for all."""
    return await command.change(order_id, lambda transaction: handlers.close_short(transaction, order_id, caller, today()), OrderOut, Order)


@routes.post("/orders/{order_id}/accept", operation_id="accept_order", summary="Terima barang / Accept", response_model=OrderOut)
async def accept(order_id: UUID, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the buyer; silence accepts after the days of the terms."""
    return await command.change(order_id, lambda transaction: handlers.accept_order(transaction, order_id, caller, today()), OrderOut, Order)


@routes.post("/orders/{order_id}/dispute", operation_id="dispute_order", summary="Sanggah / Dispute", response_model=OrderOut)
async def dispute(order_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the buyer, with a reason."""
    return await command.change(order_id, lambda transaction: handlers.dispute_order(transaction, order_id, caller, body.reason_code), OrderOut, Order)


@routes.post(
    "/orders/{order_id}/resolve",
    operation_id="resolve_order_dispute",
    summary="Putus sanggahan / Resolve a dispute",
    response_model=OrderOut,
    dependencies=[allow(Role.PROGRAMME_OWNER)],
)
async def resolve(order_id: UUID, body: ResolveDispute, command: Changing) -> Response:
    """By the programme's owner: neither side decides its own dispute."""
    return await command.change(order_id, lambda transaction: handlers.resolve_dispute(transaction, order_id, **dict(body), on=today()), OrderOut, Order)


@routes.post("/orders/{order_id}/invoice", operation_id="invoice_order", summary="Tagih / Invoice", response_model=OrderOut)
async def invoice(order_id: UUID, body: InvoiceOrder, command: Changing, caller: Caller = allow(*GROUP_SIDE)) -> Response:
    """By the group, under a number that it used for no other order."""
    return await command.change(order_id, lambda transaction: handlers.invoice_order(transaction, order_id, caller, **dict(body), on=today()), OrderOut, Order)


@routes.post("/orders/{order_id}/pay", operation_id="pay_order", summary="Catat pembayaran / Pay", response_model=OrderOut)
async def pay(order_id: UUID, body: PayOrder, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """The whole invoice, divided among the enterprises to the rupiah."""
    return await command.change(order_id, lambda transaction: handlers.pay_order(transaction, order_id, caller, **dict(body), on=today()), OrderOut, Order)


@routes.post("/orders/{order_id}/cancel", operation_id="cancel_order", summary="Batalkan / Cancel", response_model=OrderOut)
async def cancel(order_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*BUYER_SIDE, *GROUP_SIDE)) -> Response:
    """By either side before anything is delivered; the capacity is free again."""
    return await command.change(order_id, lambda transaction: handlers.cancel_order(transaction, order_id, caller, body.reason_code), OrderOut, Order)
