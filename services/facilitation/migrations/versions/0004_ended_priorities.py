"""Priorities end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("priority_locations", sa.Column("prioritised_at", sa.DateTime(timezone=True), nullable=True, comment="null: before priorities could end"))
    op.add_column("priority_locations", sa.Column("ended_on", sa.Date(), nullable=True, comment="the day from which it is none any more"))


def downgrade() -> None:
    op.drop_column("priority_locations", "ended_on")
    op.drop_column("priority_locations", "prioritised_at")
