"""An order: placed by a buyer, divided among enterprises, delivered, accepted, invoiced, paid."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.orders.problems import (
    AmountAboveDelivered,
    AmountNotMatched,
    DayImpossible,
    MoreThanOrdered,
    NothingDelivered,
    NotInOrder,
    OrderTooLarge,
    ProductTwice,
    SharesDoNotMatch,
)
from services.facilitation.orders.state import Delivered, Delivery, OrderLine, OrderStatus, Payout, Share, split
from services.facilitation.orders.terms import terms_on
from services.facilitation.traded import Traded
from shared.aggregate import Living, step
from shared.contracts.facilitation_market import (
    BuyerPaymentFellLate,
    OrderAccepted,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderDisputed,
    OrderDisputeResolved,
    OrderInvoiced,
    OrderPaid,
    OrderPartlyDelivered,
    OrderPlaced,
)
from shared.money import MAX_RUPIAH, Rupiah

S = OrderStatus


@dataclass(eq=False, kw_only=True)
class Order(Living, Traded):
    """An order under a linkage of `group_id`; `month` is that of `deliver_by`, whose capacity it reserves."""

    linkage_id: UUID
    group_id: UUID
    demand_id: UUID | None
    deliver_by: date
    placed_on: date
    lines: list[OrderLine]
    status: OrderStatus
    shares: list[Share] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    delivered_on: date | None = None
    closed_short: bool = False
    accepted_on: date | None = None
    payable_idr: Rupiah | None = None
    invoice_number: str | None = None
    invoiced_on: date | None = None
    due_on: date | None = None
    paid_on: date | None = None
    payouts: list[Payout] = field(default_factory=list)
    reason_code: str | None = None

    LIFE: ClassVar = {
        "confirm": step(S.PLACED, to=S.CONFIRMED),
        "deliver_part": step(S.CONFIRMED, S.PARTLY_DELIVERED, to=S.PARTLY_DELIVERED),
        "deliver": step(S.CONFIRMED, S.PARTLY_DELIVERED, to=S.DELIVERED),
        "accept": step(S.DELIVERED, to=S.ACCEPTED),
        "dispute": step(S.DELIVERED, to=S.DISPUTED),
        "resolve": step(S.DISPUTED, to=S.ACCEPTED),
        "invoice": step(S.ACCEPTED, to=S.INVOICED),
        "late": step(S.INVOICED, to=S.PAYMENT_LATE),
        "pay": step(S.INVOICED, S.PAYMENT_LATE, to=S.PAID),
        "cancel": step(S.PLACED, S.CONFIRMED, to=S.CANCELLED),
    }

    @classmethod
    def place(
        cls,
        *,
        id: UUID,
        linkage_id: UUID,
        group_id: UUID,
        region_code: str,
        buyer_institution_id: UUID,
        demand_id: UUID | None,
        deliver_by: date,
        lines: list[OrderLine],
        on: date,
    ) -> Self:
        """Order."""
        if len({line.product_id for line in lines}) < len(lines):
            raise ProductTwice
        value = sum(line.quantity * line.unit_price_idr for line in lines)
        if value > MAX_RUPIAH:
            raise OrderTooLarge(maximum_idr=MAX_RUPIAH)
        order = cls(
            id=id,
            region_code=region_code,
            buyer_institution_id=buyer_institution_id,
            linkage_id=linkage_id,
            group_id=group_id,
            demand_id=demand_id,
            deliver_by=deliver_by,
            placed_on=on,
            lines=lines,
            status=S.PLACED,
        )
        order.record(OrderPlaced(order_id=id, linkage_id=linkage_id, group_id=group_id, line_count=len(lines), value_idr=value, deliver_by=deliver_by))
        return order

    @property
    def month(self) -> str:
        """Such as `2026-03`."""
        return f"{self.deliver_by:%Y-%m}"

    @property
    def value_idr(self) -> int:
        """What was ordered is worth."""
        return sum(line.quantity * line.unit_price_idr for line in self.lines)

    @property
    def delivered_idr(self) -> int:
        """What was delivered is worth."""
        return sum(line.delivered * line.unit_price_idr for line in self.lines)

    @property
    def delivered_quantity(self) -> int:
        """Units delivered, over all lines."""
        return sum(line.delivered for line in self.lines)

    def undelivered(self) -> dict[UUID, int]:
        """What is left of each product."""
        return {line.product_id: line.quantity - line.delivered for line in self.lines}

    def confirm(self, shares: list[Share]) -> None:
        """Divide every line among enterprises, exactly."""
        self.may("confirm")
        ordered = {line.product_id: line.quantity for line in self.lines}
        shared: dict[UUID, int] = dict.fromkeys(ordered, 0)
        for share in shares:
            if share.product_id not in ordered:
                raise NotInOrder
            shared[share.product_id] += share.quantity
        if shared != ordered:
            raise SharesDoNotMatch(shared=sum(shared.values()), ordered=sum(ordered.values()))
        self.move("confirm")
        self.shares = shares
        self.record(OrderConfirmed(order_id=self.id, supplier_count=len({share.enterprise_id for share in shares})))

    def deliver(self, quantities: Mapping[UUID, int], evidence_hashes: list[str], delivered_on: date, on: date) -> Delivery:
        """Deliver some or all of what is left."""
        self.may("deliver")
        self._between(delivered_on, max(each.delivered_on for each in self.deliveries) if self.deliveries else self.placed_on, on)
        left = self.undelivered()
        for product_id, quantity in quantities.items():
            if product_id not in left:
                raise NotInOrder
            if quantity > left[product_id]:
                raise MoreThanOrdered(left=left[product_id])
        delivered = [Delivered(product_id=product_id, quantity=quantity) for product_id, quantity in sorted(quantities.items())]
        number, count = len(self.deliveries) + 1, sum(quantities.values())
        delivery = Delivery(delivery_no=number, delivered_on=delivered_on, lines=delivered, evidence_hashes=evidence_hashes)
        self.lines = [replace(line, delivered=line.delivered + quantities.get(line.product_id, 0)) for line in self.lines]
        self.deliveries = [*self.deliveries, delivery]
        self.delivered_on = delivered_on
        if any(self.undelivered().values()):
            self.move("deliver_part")
            self.record(OrderPartlyDelivered(order_id=self.id, delivery_no=number, delivered_quantity=count, cumulative_quantity=self.delivered_quantity))
        else:
            self.move("deliver")
            self.record(OrderDelivered(order_id=self.id, delivery_no=number, delivered_quantity=count, closed_short=False))
        return delivery

    def close_short(self, on: date) -> None:
        """The buyer takes what came for all there is; what is left is not made any more."""
        self.may("deliver")
        if not self.deliveries:
            raise NothingDelivered
        self.move("deliver")
        self.closed_short, self.delivered_on = True, on
        self.record(OrderDelivered(order_id=self.id, delivery_no=len(self.deliveries), delivered_quantity=0, closed_short=True))

    def accept(self, on: date, *, by_silence: bool = False) -> None:
        """Take it as ordered; by silence only after the days of the rule."""
        self.may("accept")
        assert self.delivered_on is not None
        if by_silence and on <= self.delivered_on + timedelta(days=terms_on(on).accepted_after_silent_days):
            return
        self.move("accept")
        self.accepted_on, self.payable_idr = on, Rupiah(self.delivered_idr)
        self.record(OrderAccepted(order_id=self.id, accepted_on=on, by_silence=by_silence))

    def dispute(self, reason_code: str) -> None:
        """Not take it as it is."""
        self.move("dispute")
        self.reason_code = reason_code
        self.record(OrderDisputed(order_id=self.id, reason_code=reason_code))

    def resolve(self, decision_code: str, payable_idr: Rupiah | None, on: date) -> None:
        """Decide a dispute: what was delivered is paid, or less."""
        self.may("resolve")
        if payable_idr is not None and payable_idr > self.delivered_idr:
            raise AmountAboveDelivered(delivered_idr=self.delivered_idr)
        self.move("resolve")
        self.accepted_on, self.reason_code = on, decision_code
        self.payable_idr = Rupiah(self.delivered_idr) if payable_idr is None else payable_idr
        self.record(OrderDisputeResolved(order_id=self.id, decision_code=decision_code))

    def invoice(self, number: str, due_on: date | None, on: date) -> None:
        """Ask for the money."""
        self.may("invoice")
        assert self.payable_idr is not None
        if due_on is not None and due_on < on:
            raise DayImpossible(first=str(on), last="-")
        self.move("invoice")
        self.invoice_number, self.invoiced_on = number, on
        self.due_on = due_on or on + timedelta(days=terms_on(on).payment_due_days)
        self.record(OrderInvoiced(order_id=self.id, amount_idr=self.payable_idr, due_on=self.due_on))

    def fall_late(self, on: date) -> None:
        """Once the due date has passed."""
        self.may("late")
        assert self.due_on is not None
        assert self.payable_idr is not None
        if on <= self.due_on:
            return
        self.move("late")
        self.record(
            BuyerPaymentFellLate(
                order_id=self.id,
                buyer_institution_id=self.buyer_institution_id,
                days_late=(on - self.due_on).days,
                amount_idr=self.payable_idr,
            )
        )

    def pay(self, amount_idr: Rupiah, paid_on: date, on: date) -> None:
        """The whole invoice, divided among the enterprises to the rupiah."""
        self.may("pay")
        assert self.due_on is not None
        assert self.invoiced_on is not None
        assert self.payable_idr is not None
        self._between(paid_on, self.invoiced_on, on)
        if amount_idr != self.payable_idr:
            raise AmountNotMatched(amount_idr=self.payable_idr)
        self.move("pay")
        self.paid_on, self.payouts = paid_on, split(amount_idr, self.lines, self.shares)
        self.record(
            OrderPaid(
                order_id=self.id,
                linkage_id=self.linkage_id,
                group_id=self.group_id,
                amount_idr=amount_idr,
                paid_on=paid_on,
                days_late=max(0, (paid_on - self.due_on).days),
            )
        )

    def cancel(self, reason_code: str) -> None:
        """Nothing is made or delivered."""
        self.move("cancel")
        self.reason_code = reason_code
        self.record(OrderCancelled(order_id=self.id, reason_code=reason_code))

    @staticmethod
    def _between(day: date, first: date, last: date) -> None:
        if not first <= day <= last:
            raise DayImpossible(first=str(first), last=str(last))
