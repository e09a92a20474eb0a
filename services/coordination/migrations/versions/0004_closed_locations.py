"""Locations close when their priority ends."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("locations", sa.Column("location_priority_id", sa.Uuid(), nullable=True))
    op.add_column("locations", sa.Column("prioritised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("locations", sa.Column("closed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("locations", "closed_on")
    op.drop_column("locations", "prioritised_at")
    op.drop_column("locations", "location_priority_id")
