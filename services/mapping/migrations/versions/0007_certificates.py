"""Certificates of robustness."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("result_hash", sa.Text(), nullable=False, comment="of the result that it was made of"),
        sa.Column("certificate_hash", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["prioritisation_runs.id"], name=op.f("fk_certificates_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_certificates")),
    )


def downgrade() -> None:
    op.drop_table("certificates")
