"""What an order consists of, and how a payment is divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from shared.money import Rupiah


class OrderStatus(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    INVOICED = "invoiced"
    PAID = "paid"
    PAYMENT_LATE = "payment_late"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """So much of a product; `group_id` is the group that makes it, which may supply through the order's group."""

    product_id: UUID
    group_id: UUID
    region_code: str
    category_code: str
    quantity: int
    unit_price_idr: Rupiah
    delivered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What an enterprise supplies of a line."""

    enterprise_id: UUID
    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """So much of a product in one delivery."""

    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery, with the SHA-256 of its evidence."""

    delivery_no: int
    delivered_on: date
    lines: list[Delivered]
    evidence_hashes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """What an enterprise gets of a payment."""

    enterprise_id: UUID
    amount_idr: Rupiah


def split(amount: int, lines: Sequence[OrderLine], shares: Sequence[Share]) -> list[Payout]:
    """Divide a payment by what each enterprise's part of the delivered goods is worth; the sum is the amount to the rupiah.

    Each gets the whole rupiah of its exact part; what then remains goes, one rupiah each, to the largest fractions that were cut off.
    """
    by_product = {line.product_id: line for line in lines}
    worth: dict[UUID, Fraction] = {}
    for share in shares:
        line = by_product[share.product_id]
        part = Fraction(line.delivered * line.unit_price_idr * share.quantity, line.quantity)
        worth[share.enterprise_id] = worth.get(share.enterprise_id, Fraction(0)) + part
    whole = sum(worth.values())
    exact = {enterprise: amount * part / whole for enterprise, part in worth.items()}
    paid = {enterprise: int(part) for enterprise, part in exact.items()}
    remaining = amount - sum(paid.values())
    for enterprise in sorted(exact, key=lambda each: (paid[each] - exact[each], each))[:remaining]:
        paid[enterprise] += 1
    return [Payout(enterprise_id=enterprise, amount_idr=Rupiah(paid[enterprise])) for enterprise in sorted(paid)]
