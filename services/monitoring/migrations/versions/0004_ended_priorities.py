"""The view knows which priorities ended."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("location_priority_id", sa.Uuid(), nullable=True, comment="null: folded before priorities could end")
    op.add_column("locations", column, schema="view")
    op.create_table(
        "ended_priorities",
        sa.Column("location_priority_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("location_priority_id", name=op.f("pk_ended_priorities")),
        schema="view",
    )


def downgrade() -> None:
    op.drop_table("ended_priorities", schema="view")
    op.drop_column("locations", "location_priority_id", schema="view")
