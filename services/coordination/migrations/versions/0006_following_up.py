"""Change requests, meetings, action items, gaps of locations, notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("aggregate_type", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override", sa.Boolean(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision_reason_code", sa.Text(), nullable=True),
        sa.Column("decision_comment", sa.Text(), nullable=True),
        sa.Column("applied_version", sa.Integer(), nullable=True),
        sa.Column("earlier", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change_requests"),
    )
    op.create_index("ix_change_requests_aggregate_id", "change_requests", ["aggregate_id"])
    op.create_table(
        "open_changes",
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("field_name", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("change_request_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate_id", "field_name", "slot", name="pk_open_changes"),
    )
    op.create_index("ix_open_changes_change_request_id", "open_changes", ["change_request_id"])
    op.create_table(
        "meetings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("agenda", JSONB(), nullable=False),
        sa.Column("invited_institution_ids", JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("present_institution_ids", JSONB(), nullable=False),
        sa.Column("minutes_hash", sa.Text(), nullable=True),
        sa.Column("decisions", JSONB(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_meetings_programme_id"),
    )
    op.create_table(
        "action_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("owner_institution_id", sa.Uuid(), nullable=False),
        sa.Column("origin_type", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("location_code", sa.Text(), nullable=True),
        sa.Column("intervention_code", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("blocker_code", sa.Text(), nullable=True),
        sa.Column("waiting_on_institution_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_hashes", JSONB(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("reminded", JSONB(), nullable=False),
        sa.Column("fell_overdue", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_action_items"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_action_items_programme_id"),
        sa.ForeignKeyConstraint(["owner_institution_id"], ["institutions.id"], name="fk_action_items_owner_institution_id"),
        sa.ForeignKeyConstraint(["waiting_on_institution_id"], ["institutions.id"], name="fk_action_items_waiting_on_institution_id"),
    )
    op.create_index("ix_action_items_status_due_on", "action_items", ["status", "due_on"])
    op.create_index("ix_action_items_owner_institution_id", "action_items", ["owner_institution_id"])
    op.add_column("locations", sa.Column("gaps", JSONB(), nullable=False, server_default=sa.text("'{}'")))
    op.alter_column("locations", "gaps", server_default=None)
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("institution_id", "dedup_key", name="uq_notices_institution_id_dedup_key"),
    )
    op.create_index("ix_notices_subject_id", "notices", ["subject_id"], postgresql_where=sa.text("status != 'resolved'"))
    op.create_table(
        "quarterly_packs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("pack_version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pdf_hash", sa.Text(), nullable=True),
        sa.Column("xlsx_hash", sa.Text(), nullable=True),
        sa.Column("frozen_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_quarterly_packs"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_quarterly_packs_programme_id"),
        sa.UniqueConstraint("programme_id", "quarter", "form", name="uq_quarterly_packs_programme_id_quarter_form"),
    )
    op.create_table(
        "quarterly_pack_files",
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("pack_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pack_id", "pack_version", "kind", name="pk_quarterly_pack_files"),
    )
    # A version is frozen once it has a PDF: from then on none of its files is written again.
    op.execute("""
        CREATE FUNCTION refuse_thaw() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR EXISTS (
                SELECT FROM quarterly_pack_files f WHERE f.pack_id = OLD.pack_id AND f.pack_version = OLD.pack_version AND f.kind = 'pdf'
            ) THEN
                RAISE EXCEPTION 'a frozen pack is never written again';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON quarterly_pack_files FOR EACH ROW EXECUTE FUNCTION refuse_thaw()")
    op.create_table(
        "region_names",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name="pk_region_names"),
    )


def downgrade() -> None:
    op.drop_table("region_names")
    op.execute("DROP TRIGGER frozen ON quarterly_pack_files")
    op.execute("DROP FUNCTION refuse_thaw()")
    for table in ("quarterly_pack_files", "quarterly_packs", "notices", "action_items", "meetings", "open_changes", "change_requests"):
        op.drop_table(table)
    op.drop_column("locations", "gaps")
