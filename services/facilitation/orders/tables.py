"""The tables of orders and of what was supplied with them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid

from services.facilitation.orders.domain import Order
from services.facilitation.orders.problems import InvoiceNumberTaken
from services.facilitation.orders.state import Delivery, OrderLine, OrderStatus, Payout, Share
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

orders = persisted(
    metadata,
    Order,
    "orders",
    Column("region_code", Text, nullable=False),
    Column("buyer_institution_id", Uuid, nullable=False),
    Column("linkage_id", Uuid, ForeignKey("market_linkages.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("demand_id", Uuid, ForeignKey("market_demands.id")),
    Column("deliver_by", Date, nullable=False),
    Column("placed_on", Date, nullable=False),
    Column("lines", Typed(list[OrderLine]), nullable=False),
    Column("status", Code(OrderStatus), nullable=False),
    Column("shares", Typed(list[Share]), nullable=False),
    Column("deliveries", Typed(list[Delivery]), nullable=False),
    Column("delivered_on", Date),
    Column("closed_short", Boolean, nullable=False),
    Column("accepted_on", Date),
    Column("payable_idr", BigInteger),
    Column("invoice_number", Text),
    Column("invoiced_on", Date),
    Column("due_on", Date),
    Column("paid_on", Date),
    Column("payouts", Typed(list[Payout]), nullable=False),
    Column("reason_code", Text),
    UniqueConstraint("group_id", "invoice_number"),
    refusals={"uq_orders_group_id_invoice_number": InvoiceNumberTaken},
)
Index("ix_orders_linkage_id", orders.c.linkage_id)
Index("ix_orders_demand_id", orders.c.demand_id)
Index("ix_orders_status", orders.c.status)
Index("ix_orders_buyer_institution_id", orders.c.buyer_institution_id)

supplies = Table(
    "supplies",
    metadata,
    Column("order_id", Uuid, ForeignKey("orders.id"), primary_key=True),
    Column("delivery_no", Integer, primary_key=True),
    Column("product_id", Uuid, ForeignKey("group_products.id"), primary_key=True),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False, comment="who made it"),
    Column("through_group_id", Uuid, ForeignKey("groups.id"), nullable=False, comment="whose order it was; another where a hub sold it"),
    Column("region_code", Text, nullable=False, comment="of who made it"),
    Column("demand_id", Uuid, ForeignKey("market_demands.id")),
    Column("delivered_on", Date, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("value_idr", BigInteger, nullable=False),
)
Index("ix_supplies_group_id_delivered_on", supplies.c.group_id, supplies.c.delivered_on)
Index("ix_supplies_demand_id", supplies.c.demand_id)
