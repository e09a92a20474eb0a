"""Files of figures; figures of several sources side by side."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sources", sa.Column("preference", sa.Integer(), nullable=False, server_default="100", comment="of several sources the lowest is used")
    )
    op.alter_column("sources", "preference", server_default=None)
    # What was there shipped with the code and goes before what is imported.
    op.execute("UPDATE sources SET preference = 10")
    op.add_column("indicator_values", sa.Column("method", sa.Text(), nullable=True, comment="another method is another series"))
    op.add_column("indicator_values", sa.Column("margin", sa.Numeric(), nullable=True, comment="in the unit of the value"))
    op.add_column("indicator_values", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("pk_indicator_values"), "indicator_values", type_="primary")
    op.create_primary_key(op.f("pk_indicator_values"), "indicator_values", ["indicator_code", "period", "region_code", "source_code"])
    op.create_table(
        "figure_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("declared", postgresql.JSONB(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("suspicions", postgresql.JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_imports")),
    )
    op.create_index(op.f("ix_figure_imports_content_hash"), "figure_imports", ["content_hash"])
    op.create_table(
        "figure_import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("indicator_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("margin", sa.Numeric(), nullable=True),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_figure_import_rows")),
    )
    op.create_table(
        "figure_import_refused_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_figure_import_refused_rows")),
    )
    op.create_table(
        "figure_import_progress",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("refused_rows", sa.Integer(), nullable=False),
        sa.Column("beat", sa.DateTime(timezone=True), nullable=False, comment="when the reader was last seen"),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_figure_import_progress")),
    )


def downgrade() -> None:
    for name in ("figure_import_progress", "figure_import_refused_rows", "figure_import_rows", "figure_imports"):
        op.drop_table(name)
    # One source a figure again: the preferred one.
    op.execute(
        "DELETE FROM indicator_values AS v USING indicator_values AS w, sources AS s, sources AS t WHERE s.source_code = v.source_code "
        "AND t.source_code = w.source_code AND (v.indicator_code, v.period, v.region_code) = (w.indicator_code, w.period, w.region_code) "
        "AND (t.preference, w.source_code) < (s.preference, v.source_code)"
    )
    op.drop_constraint(op.f("pk_indicator_values"), "indicator_values", type_="primary")
    op.create_primary_key(op.f("pk_indicator_values"), "indicator_values", ["indicator_code", "period", "region_code"])
    for name in ("import_id", "margin", "method"):
        op.drop_column("indicator_values", name)
    op.drop_column("sources", "preference")
