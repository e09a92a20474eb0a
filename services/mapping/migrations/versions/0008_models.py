"""Models are submitted, scheduled, current, retired; their weights may be computed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WEIGHTING = '{"kind":"given","tree":null,"periods":{},"region_count":null,"consistency":[]}'
_NEWEST = "SELECT max(model_version) FROM prioritisation_models AS other WHERE other.code = prioritisation_models.code AND other.status = 'approved'"


def upgrade() -> None:
    op.add_column("prioritisation_models", sa.Column("weighting", postgresql.JSONB(), nullable=False, server_default=_WEIGHTING))
    op.alter_column("prioritisation_models", "weighting", server_default=None)
    op.add_column("prioritisation_models", sa.Column("submitted_by", sa.Text(), nullable=True))
    op.add_column("prioritisation_models", sa.Column("effective_from", sa.Date(), nullable=True))
    op.add_column("prioritisation_models", sa.Column("retired_reason_code", sa.Text(), nullable=True))
    # Runs could use every approved version; now the newest is the current one.
    op.execute(
        f"UPDATE prioritisation_models SET effective_from = CURRENT_DATE, status = CASE WHEN model_version = ({_NEWEST}) THEN 'current' ELSE 'retired' END, "
        f"retired_reason_code = CASE WHEN model_version = ({_NEWEST}) THEN NULL ELSE 'superseded' END WHERE status = 'approved'"
    )
    op.create_index("uq_prioritisation_models_current", "prioritisation_models", ["code"], unique=True, postgresql_where=sa.text("status = 'current'"))


def downgrade() -> None:
    op.drop_index("uq_prioritisation_models_current", table_name="prioritisation_models")
    op.execute("UPDATE prioritisation_models SET status = 'approved' WHERE status IN ('current', 'retired', 'scheduled')")
    op.execute("UPDATE prioritisation_models SET status = 'draft' WHERE status = 'submitted'")
    for name in ("retired_reason_code", "effective_from", "submitted_by", "weighting"):
        op.drop_column("prioritisation_models", name)
