"""Events have a place in the service's feed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outbox",
        sa.Column("feed_seq", sa.BigInteger(), nullable=True, comment="place in the service's feed, given by the relay: ascending in the order of publication"),
    )
    # What was published before takes its places first, in the order in which it was published.
    op.execute(
        "UPDATE outbox SET feed_seq = placed.n FROM (SELECT position, row_number() OVER (ORDER BY position) AS n FROM outbox "
        "WHERE published_at IS NOT NULL) AS placed WHERE outbox.position = placed.position"
    )
    op.create_unique_constraint("uq_outbox_feed_seq", "outbox", ["feed_seq"])


def downgrade() -> None:
    op.drop_constraint("uq_outbox_feed_seq", "outbox")
    op.drop_column("outbox", "feed_seq")
