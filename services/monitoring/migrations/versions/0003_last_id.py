"""The inbox knows which event was applied last."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Unknown for what was applied before: nothing contradicts it.
    op.add_column("inbox", sa.Column("last_id", sa.Uuid(), nullable=True, comment="of the event applied last"), schema="view")


def downgrade() -> None:
    op.drop_column("inbox", "last_id", schema="view")
