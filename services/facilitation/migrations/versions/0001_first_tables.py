"""First tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("owner_nik", sa.LargeBinary(), nullable=False, comment="sealed; see shared/security/personal_data.py"),
        sa.Column("owner_nik_index", sa.LargeBinary(), nullable=False, comment="keyed hash, for equality"),
        sa.Column("owner_nik_masked", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("kbli_section", sa.Text(), nullable=False),
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("capital_idr", sa.BigInteger(), nullable=False),
        sa.Column("annual_sales_idr", sa.BigInteger(), nullable=False),
        sa.Column("nib", sa.Text(), nullable=True),
        sa.Column("consent_purpose", sa.Text(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.CheckConstraint("capital_idr >= 0 AND annual_sales_idr >= 0", name=op.f("ck_enterprises_amounts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("owner_nik_index", name=op.f("uq_enterprises_owner_nik_index")),
    )
    op.create_index("ix_enterprises_region_code", "enterprises", ["region_code"], unique=False)
    op.create_table(
        "groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_type", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("kbli_section", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("activated_on", sa.Date(), nullable=True),
        sa.CheckConstraint("member_count >= 0", name=op.f("ck_groups_member_count_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("region_code", "name", name=op.f("uq_groups_region_code_name")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "inbox",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Text(), nullable=True, comment="why the subject waits: the reason code of its first parked message"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_inbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True, cache=1), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_unpublished", "outbox", ["position"], unique=False, postgresql_where=sa.text("published_at IS NULL"))
    op.create_index("uq_outbox_subject_sequence", "outbox", ["subject", "sequence"], unique=True)
    op.create_table(
        "parked_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="pairs of name and value in Latin-1, byte for byte"),
        sa.Column("parked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True, comment="replayed or discarded; null while waiting"),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_messages")),
    )
    op.create_index("ix_parked_messages_waiting", "parked_messages", ["subject", "id"], unique=False, postgresql_where=sa.text("resolution IS NULL"))
    op.create_index("uq_parked_messages_record", "parked_messages", ["topic", "partition", "offset"], unique=True)
    op.create_table(
        "priority_locations",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("province_code", sa.Text(), nullable=False),
        sa.Column("location_priority_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "region_code", name=op.f("pk_priority_locations")),
    )
    op.create_table(
        "financing_applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("product_version", sa.Integer(), nullable=False),
        sa.Column("requested_amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("lender_institution_id", sa.Uuid(), nullable=True),
        sa.Column("forwarded_on", sa.Date(), nullable=True),
        sa.Column("granted_amount_idr", sa.BigInteger(), nullable=True),
        sa.Column("tenor_months", sa.Integer(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("lender_reference", sa.Text(), nullable=True),
        sa.Column("reason_codes", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("(status = 'granted') = (granted_amount_idr IS NOT NULL)", name=op.f("ck_financing_applications_granted_has_amount")),
        sa.CheckConstraint("granted_amount_idr BETWEEN 1 AND requested_amount_idr", name=op.f("ck_financing_applications_granted_within_requested")),
        sa.CheckConstraint("requested_amount_idr > 0", name=op.f("ck_financing_applications_requested_positive")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_financing_applications_enterprise_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_financing_applications_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_applications")),
        sa.UniqueConstraint("lender_institution_id", "lender_reference", name="uq_financing_applications_lender_reference"),
    )
    op.create_index("ix_financing_applications_lender_institution_id", "financing_applications", ["lender_institution_id"], unique=False)
    op.create_index("ix_financing_applications_programme_id_region_code", "financing_applications", ["programme_id", "region_code"], unique=False)
    op.create_index(
        "uq_financing_applications_open",
        "financing_applications",
        ["enterprise_id", "product_code"],
        unique=True,
        postgresql_where=sa.text("status IN ('approved', 'draft', 'forwarded', 'submitted', 'under_review')"),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("member_role", sa.Text(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True, comment="null while the membership is active"),
        sa.Column("reason_code", sa.Text(), nullable=True, comment="why it ended"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_memberships_enterprise_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_memberships_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index("ix_memberships_group_id", "memberships", ["group_id"], unique=False)
    op.create_index("uq_memberships_active_enterprise", "memberships", ["enterprise_id"], unique=True, postgresql_where=sa.text("left_on IS NULL"))
    op.create_index("uq_memberships_head", "memberships", ["group_id"], unique=True, postgresql_where=sa.text("left_on IS NULL AND member_role = 'head'"))


def downgrade() -> None:
    op.drop_index("uq_memberships_head", table_name="memberships", postgresql_where=sa.text("left_on IS NULL AND member_role = 'head'"))
    op.drop_index("uq_memberships_active_enterprise", table_name="memberships", postgresql_where=sa.text("left_on IS NULL"))
    op.drop_index("ix_memberships_group_id", table_name="memberships")
    op.drop_table("memberships")
    op.drop_index(
        "uq_financing_applications_open",
        table_name="financing_applications",
        postgresql_where=sa.text("status IN ('approved', 'draft', 'forwarded', 'submitted', 'under_review')"),
    )
    op.drop_index("ix_financing_applications_programme_id_region_code", table_name="financing_applications")
    op.drop_index("ix_financing_applications_lender_institution_id", table_name="financing_applications")
    op.drop_table("financing_applications")
    op.drop_table("priority_locations")
    op.drop_index("uq_parked_messages_record", table_name="parked_messages")
    op.drop_index("ix_parked_messages_waiting", table_name="parked_messages", postgresql_where=sa.text("resolution IS NULL"))
    op.drop_table("parked_messages")
    op.drop_index("uq_outbox_subject_sequence", table_name="outbox")
    op.drop_index("ix_outbox_unpublished", table_name="outbox", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_table("idempotency_keys")
    op.drop_table("groups")
    op.drop_index("ix_enterprises_region_code", table_name="enterprises")
    op.drop_table("enterprises")
