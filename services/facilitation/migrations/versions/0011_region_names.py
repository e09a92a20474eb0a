"""Regions have names on pages."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("region_points", sa.Column("name", sa.Text(), nullable=True, comment="null: from before names were remembered"))


def downgrade() -> None:
    op.drop_column("region_points", "name")
