"""The tables of group products, and of what orders reserved of their months."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Select, Table, Text, Update, Uuid, cast, literal, select
from sqlalchemy.dialects.postgresql import Insert, insert

from services.facilitation.group_products.domain import Certificate, Evidence, GroupProduct, ProductAlreadyListed, ProductStatus
from services.facilitation.groups.domain import GroupStatus
from services.facilitation.groups.tables import groups
from services.facilitation.schema import metadata
from shared.errors import Conflict
from shared.tables import Code, Typed, persisted, refuse


class CapacityExceeded(Conflict):
    """The month has less left than was asked for."""

    code = "capacity_exceeded"
    message = ("Kapasitas bulan pengantaran tidak cukup.", "The month of delivery has not enough capacity left.")
    action = ("Pesan lebih sedikit, pada bulan lain, atau dari kelompok lain.", "Order less, in another month, or from another group.")


group_products = persisted(
    metadata,
    GroupProduct,
    "group_products",
    Column("region_code", Text, nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("category_code", Text, nullable=False),
    Column("kbli_code", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("price_idr", BigInteger, nullable=False),
    Column("monthly_capacity", Integer, nullable=False),
    Column("minimum_lot", Integer, nullable=False),
    Column("specifications", Typed(list[str]), nullable=False),
    Column("status", Code(ProductStatus), nullable=False),
    Column("certificates", Typed(list[Certificate]), nullable=False),
    Column("evidence", Typed(list[Evidence]), nullable=False),
    refusals={"uq_group_products_listed": ProductAlreadyListed},
)
_c = group_products.c
Index("uq_group_products_listed", _c.group_id, _c.category_code, unique=True, postgresql_where=_c.status == ProductStatus.LISTED)

capacity_months = Table(
    "capacity_months",
    metadata,
    Column("product_id", Uuid, ForeignKey("group_products.id"), primary_key=True),
    Column("month", Text, primary_key=True, comment="such as 2026-03"),
    Column("capacity", Integer, nullable=False, comment="of the product, as of the last change of either"),
    Column("reserved", Integer, nullable=False),
    CheckConstraint("reserved BETWEEN 0 AND capacity", name="within_capacity"),
)
refuse(metadata, {"ck_capacity_months_within_capacity": CapacityExceeded})


def reserve(product_id: UUID, month: str, quantity: int) -> Insert:
    """Take so much of a month; the table's check refuses what is more than is left.

    The product's row is locked against a change of its capacity, so that neither overlooks the other.
    """
    taken = cast(literal(quantity), Integer).label("reserved")
    source = select(_c.id, literal(month), _c.monthly_capacity, taken).where(_c.id == product_id).with_for_update(read=True)
    statement = insert(capacity_months).from_select(["product_id", "month", "capacity", "reserved"], source)
    return statement.on_conflict_do_update(
        index_elements=["product_id", "month"],
        set_={"reserved": capacity_months.c.reserved + statement.excluded.reserved, "capacity": statement.excluded.capacity},
    )


def release(product_id: UUID, month: str, quantity: int) -> Update:
    """Give so much of a month back."""
    c = capacity_months.c
    return capacity_months.update().where(c.product_id == product_id, c.month == month).values(reserved=c.reserved - quantity)


def follow_capacity(product_id: UUID, from_month: str, capacity: int) -> Update:
    """Have this and the coming months know a new capacity; the table's check refuses one below what is reserved."""
    c = capacity_months.c
    return capacity_months.update().where(c.product_id == product_id, c.month >= from_month).values(capacity=capacity)


def offered() -> "Select[*tuple[Any, ...]]":
    """Every listed product of an active group."""
    return select(group_products).join(groups).where(_c.status == ProductStatus.LISTED, groups.c.status == GroupStatus.ACTIVE).order_by(_c.id)


def listed_with_certificates() -> "Select[UUID]":
    """Ids of listed products that have a certificate."""
    return select(_c.id).where(_c.status == ProductStatus.LISTED, _c.certificates != literal([], _c.certificates.type)).order_by(_c.id)
