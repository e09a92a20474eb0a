"""Assessments of poverty and of local potential, and the runs that rest on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("prioritisation_runs", sa.Column("waiver", postgresql.JSONB(), nullable=True))
    # Earlier runs were computed before anybody had to assess anything.
    op.add_column("prioritisation_runs", sa.Column("waived_region_codes", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("prioritisation_runs", "waived_region_codes", server_default=None)
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("data_until", sa.Date(), nullable=False, comment="the last day of the period"),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("discrepancies", postgresql.JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("validated_on", sa.Date(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("superseded_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status NOT IN ('validated', 'superseded', 'expired') OR decided_by <> author", name=op.f("ck_assessments_validated_by_another")),
        sa.CheckConstraint("(status = 'superseded') = (superseded_by_id IS NOT NULL)", name=op.f("ck_assessments_superseded_by_one")),
        sa.CheckConstraint("(status IN ('superseded', 'expired', 'withdrawn')) = (ended_on IS NOT NULL)", name=op.f("ck_assessments_ended_on_a_day")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.region_code"], name=op.f("fk_assessments_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("uq_assessments_current", "assessments", ["region_code", "kind", "period"], unique=True, postgresql_where=sa.text("status = 'validated'"))
    op.create_index("ix_assessments_region_code", "assessments", ["region_code", "kind", "period"])
    op.create_table(
        "assessment_uses",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["prioritisation_runs.id"], name=op.f("fk_assessment_uses_run_id")),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_assessment_uses_assessment_id")),
        sa.PrimaryKeyConstraint("run_id", "assessment_id", name=op.f("pk_assessment_uses")),
    )
    op.create_index("ix_assessment_uses_assessment_id", "assessment_uses", ["assessment_id"])


def downgrade() -> None:
    op.drop_column("prioritisation_runs", "waived_region_codes")
    op.drop_column("prioritisation_runs", "waiver")
    op.drop_index("ix_assessment_uses_assessment_id", table_name="assessment_uses")
    op.drop_table("assessment_uses")
    op.drop_index("ix_assessments_region_code", table_name="assessments")
    op.drop_index("uq_assessments_current", table_name="assessments")
    op.drop_table("assessments")
