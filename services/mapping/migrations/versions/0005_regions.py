"""Regions of four levels with their dates, the crosswalk, changes by decree and official lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("regions", sa.Column("valid_to", sa.Date(), nullable=True, comment="the last day"))
    # What was registered before is of today.
    op.add_column("regions", sa.Column("status", sa.Text(), nullable=False, server_default="active"))
    op.alter_column("regions", "status", server_default=None)
    op.alter_column("regions", "latitude", nullable=True)
    op.alter_column("regions", "longitude", nullable=True)
    op.create_check_constraint(
        op.f("ck_regions_point_of_upper_levels"), "regions", "level IN ('district', 'village') OR (latitude IS NOT NULL AND longitude IS NOT NULL)"
    )
    op.create_index("ix_regions_parent_region_code", "regions", ["parent_region_code"])
    op.create_table(
        "region_crosswalk",
        sa.Column("from_code", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False, comment="the name until then"),
        sa.Column("share", sa.Numeric(precision=7, scale=6), nullable=False, comment="of the population of what from_code was"),
        sa.Column("decree_ref", sa.Text(), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_region_crosswalk_share")),
        sa.ForeignKeyConstraint(["to_code"], ["regions.region_code"], name=op.f("fk_region_crosswalk_to_code")),
        sa.PrimaryKeyConstraint("from_code", "effective_from", "kind", "to_code", name=op.f("pk_region_crosswalk")),
    )
    op.create_table(
        "region_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change_type", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("decree_ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_changes")),
    )
    op.create_index("ix_region_changes_region_code", "region_changes", ["region_code"])
    op.create_table(
        "region_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("decree_ref", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_imports")),
    )
    op.create_index("ix_region_imports_content_hash", "region_imports", ["content_hash"])
    op.create_table(
        "region_import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_region_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_region_import_rows")),
    )
    op.create_index("ix_region_import_rows_code", "region_import_rows", ["import_id", "region_code"])
    op.create_table(
        "region_import_refused_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row_number", "column_name", "code", name=op.f("pk_region_import_refused_rows")),
    )


def downgrade() -> None:
    op.drop_table("region_import_refused_rows")
    op.drop_index("ix_region_import_rows_code", table_name="region_import_rows")
    op.drop_table("region_import_rows")
    op.drop_index("ix_region_imports_content_hash", table_name="region_imports")
    op.drop_table("region_imports")
    op.drop_index("ix_region_changes_region_code", table_name="region_changes")
    op.drop_table("region_changes")
    op.drop_table("region_crosswalk")
    op.drop_index("ix_regions_parent_region_code", table_name="regions")
    op.drop_constraint(op.f("ck_regions_point_of_upper_levels"), "regions", type_="check")
    # Districts and villages came from lists and can be sent again.
    op.execute("DELETE FROM regions WHERE level IN ('district', 'village')")
    op.alter_column("regions", "longitude", nullable=False)
    op.alter_column("regions", "latitude", nullable=False)
    op.drop_column("regions", "status")
    op.drop_column("regions", "valid_to")
