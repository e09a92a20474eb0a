"""Market access: products, demands, matching, linkages, orders, turnovers, procurement.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_demands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("buyer_institution_id", sa.Uuid(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("price_ceiling_idr", sa.BigInteger(), nullable=False),
        sa.Column("certificates", postgresql.JSONB(), nullable=False),
        sa.Column("specifications", postgresql.JSONB(), nullable=False),
        sa.Column("max_distance_km", sa.Integer(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=True),
        sa.Column("algorithm_version", sa.Text(), nullable=True),
        sa.Column("matched_quantity", sa.Integer(), nullable=False),
        sa.Column("lots", postgresql.JSONB(), nullable=False),
        sa.Column("shortfalls", postgresql.JSONB(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_demands")),
    )
    op.create_index("ix_market_demands_buyer_institution_id", "market_demands", ["buyer_institution_id"], unique=False)
    op.create_index("ix_market_demands_status_needed_by", "market_demands", ["status", "needed_by"], unique=False)
    op.create_table(
        "match_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ran_on", sa.Date(), nullable=False),
        sa.Column("algorithm_version", sa.Text(), nullable=False),
        sa.Column("demand_count", sa.Integer(), nullable=False),
        sa.Column("product_count", sa.Integer(), nullable=False),
        sa.Column("matched_count", sa.Integer(), nullable=False),
        sa.Column("partly_matched_count", sa.Integer(), nullable=False),
        sa.Column("unmatched_count", sa.Integer(), nullable=False),
        sa.Column("weighted_quantity", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_runs")),
    )
    op.create_table(
        "procurement_figures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("total_idr", sa.BigInteger(), nullable=False),
        sa.Column("small_business_idr", sa.BigInteger(), nullable=False),
        sa.Column("domestic_idr", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "small_business_idr BETWEEN 0 AND total_idr AND domestic_idr BETWEEN 0 AND total_idr", name=op.f("ck_procurement_figures_parts_within_total")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_figures")),
        sa.UniqueConstraint("institution_id", "fiscal_year", "stage", name=op.f("uq_procurement_figures_institution_id_fiscal_year_stage")),
    )
    op.create_table(
        "group_products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("kbli_code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_idr", sa.BigInteger(), nullable=False),
        sa.Column("monthly_capacity", sa.Integer(), nullable=False),
        sa.Column("minimum_lot", sa.Integer(), nullable=False),
        sa.Column("specifications", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("certificates", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_products_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_products")),
    )
    op.create_index("uq_group_products_listed", "group_products", ["group_id", "category_code"], unique=True, postgresql_where=sa.text("status = 'listed'"))
    op.create_table(
        "group_turnovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("turnover_idr", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("turnover_idr >= 0", name=op.f("ck_group_turnovers_turnover_not_negative")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_turnovers_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_turnovers")),
        sa.UniqueConstraint("group_id", "month", name=op.f("uq_group_turnovers_group_id_month")),
    )
    op.create_table(
        "market_linkages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("buyer_institution_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category_codes", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("contract_ref", sa.Text(), nullable=True),
        sa.Column("contract_value_idr", sa.BigInteger(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("contracted_on", sa.Date(), nullable=True),
        sa.Column("listed_product_count", sa.Integer(), nullable=True),
        sa.Column("reason_codes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_market_linkages_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_linkages")),
    )
    op.create_index("ix_market_linkages_buyer_institution_id", "market_linkages", ["buyer_institution_id"], unique=False)
    op.create_index("ix_market_linkages_group_id", "market_linkages", ["group_id"], unique=False)
    op.create_table(
        "capacity_months",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False, comment="such as 2026-03"),
        sa.Column("capacity", sa.Integer(), nullable=False, comment="of the product, as of the last change of either"),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.CheckConstraint("reserved BETWEEN 0 AND capacity", name=op.f("ck_capacity_months_within_capacity")),
        sa.ForeignKeyConstraint(["product_id"], ["group_products.id"], name=op.f("fk_capacity_months_product_id")),
        sa.PrimaryKeyConstraint("product_id", "month", name=op.f("pk_capacity_months")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("buyer_institution_id", sa.Uuid(), nullable=False),
        sa.Column("linkage_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("deliver_by", sa.Date(), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column("deliveries", postgresql.JSONB(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("closed_short", sa.Boolean(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("payable_idr", sa.BigInteger(), nullable=True),
        sa.Column("invoice_number", sa.Text(), nullable=True),
        sa.Column("invoiced_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payouts", postgresql.JSONB(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["demand_id"], ["market_demands.id"], name=op.f("fk_orders_demand_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_orders_group_id")),
        sa.ForeignKeyConstraint(["linkage_id"], ["market_linkages.id"], name=op.f("fk_orders_linkage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("group_id", "invoice_number", name=op.f("uq_orders_group_id_invoice_number")),
    )
    op.create_index("ix_orders_buyer_institution_id", "orders", ["buyer_institution_id"], unique=False)
    op.create_index("ix_orders_demand_id", "orders", ["demand_id"], unique=False)
    op.create_index("ix_orders_linkage_id", "orders", ["linkage_id"], unique=False)
    op.create_index("ix_orders_status", "orders", ["status"], unique=False)
    op.create_table(
        "supplies",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_no", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False, comment="who made it"),
        sa.Column("through_group_id", sa.Uuid(), nullable=False, comment="whose order it was; another where a hub sold it"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="of who made it"),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("value_idr", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["market_demands.id"], name=op.f("fk_supplies_demand_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_supplies_group_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_supplies_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["group_products.id"], name=op.f("fk_supplies_product_id")),
        sa.ForeignKeyConstraint(["through_group_id"], ["groups.id"], name=op.f("fk_supplies_through_group_id")),
        sa.PrimaryKeyConstraint("order_id", "delivery_no", "product_id", name=op.f("pk_supplies")),
    )
    op.create_index("ix_supplies_demand_id", "supplies", ["demand_id"], unique=False)
    op.create_index("ix_supplies_group_id_delivered_on", "supplies", ["group_id", "delivered_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_supplies_group_id_delivered_on", table_name="supplies")
    op.drop_index("ix_supplies_demand_id", table_name="supplies")
    op.drop_table("supplies")
    op.drop_index("ix_orders_status", table_name="orders")
    op.drop_index("ix_orders_linkage_id", table_name="orders")
    op.drop_index("ix_orders_demand_id", table_name="orders")
    op.drop_index("ix_orders_buyer_institution_id", table_name="orders")
    op.drop_table("orders")
    op.drop_table("capacity_months")
    op.drop_index("ix_market_linkages_group_id", table_name="market_linkages")
    op.drop_index("ix_market_linkages_buyer_institution_id", table_name="market_linkages")
    op.drop_table("market_linkages")
    op.drop_table("group_turnovers")
    op.drop_index("uq_group_products_listed", table_name="group_products", postgresql_where=sa.text("status = 'listed'"))
    op.drop_table("group_products")
    op.drop_table("procurement_figures")
    op.drop_table("match_runs")
    op.drop_index("ix_market_demands_status_needed_by", table_name="market_demands")
    op.drop_index("ix_market_demands_buyer_institution_id", table_name="market_demands")
    op.drop_table("market_demands")
