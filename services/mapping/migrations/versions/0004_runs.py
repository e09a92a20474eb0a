"""Runs are reviewed, objected to, replaced, revoked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What earlier runs lived under: no override, no window.
_NEW = {"policy": "{}", "constraints": "{}", "overrides": "[]", "deprioritised": "[]"}


def upgrade() -> None:
    for name, empty in _NEW.items():
        op.add_column("prioritisation_runs", sa.Column(name, postgresql.JSONB(), nullable=False, server_default=empty))
        op.alter_column("prioritisation_runs", name, server_default=None)
    op.add_column("prioritisation_runs", sa.Column("submitted_by", sa.Text(), nullable=True))
    op.add_column("prioritisation_runs", sa.Column("opens_on", sa.Date(), nullable=True))
    op.add_column("prioritisation_runs", sa.Column("closes_on", sa.Date(), nullable=True))
    op.add_column("prioritisation_runs", sa.Column("replaced_by_run_id", sa.Uuid(), nullable=True))
    op.add_column("prioritisation_runs", sa.Column("ended_reason_code", sa.Text(), nullable=True))
    op.add_column("prioritisation_runs", sa.Column("ended_on", sa.Date(), nullable=True))
    op.create_foreign_key(op.f("fk_prioritisation_runs_replaced_by_run_id"), "prioritisation_runs", "prioritisation_runs", ["replaced_by_run_id"], ["id"])
    op.create_check_constraint(op.f("ck_prioritisation_runs_window_whole"), "prioritisation_runs", "(opens_on IS NULL) = (closes_on IS NULL)")
    op.create_check_constraint(
        op.f("ck_prioritisation_runs_ended_has_reason"),
        "prioritisation_runs",
        "(status IN ('revoked', 'discarded')) = (ended_reason_code IS NOT NULL)",
    )
    op.drop_index("uq_prioritisation_runs_published", table_name="prioritisation_runs")
    op.create_index(
        "uq_prioritisation_runs_in_force",
        "prioritisation_runs",
        ["programme_id"],
        unique=True,
        postgresql_where=sa.text("status = 'published' AND replaced_by_run_id IS NULL"),
    )
    op.add_column("priority_locations", sa.Column("ended_on", sa.Date(), nullable=True, comment="null while it is on the list"))
    op.drop_constraint("uq_priority_locations_programme_id_region_code", "priority_locations", type_="unique")
    op.create_index(
        "uq_priority_locations_in_force", "priority_locations", ["programme_id", "region_code"], unique=True, postgresql_where=sa.text("ended_on IS NULL")
    )
    op.create_table(
        "selection_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("override_cap", sa.Integer(), nullable=False),
        sa.Column("objection_days", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.programme_id"], name=op.f("fk_selection_rules_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_rules")),
        sa.UniqueConstraint("programme_id", "rules_version", name=op.f("uq_selection_rules_programme_id_rules_version")),
    )
    op.create_table(
        "reference_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("given_codes", postgresql.JSONB(), nullable=False),
        sa.Column("region_codes", postgresql.JSONB(), nullable=False),
        sa.Column("list_hash", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_lists")),
    )
    op.create_table(
        "facilitation_under_way",
        sa.Column("subject_id", sa.Uuid(), nullable=False, comment="of a group or an application"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('group', 'application', 'credit')", name=op.f("ck_facilitation_under_way_kind_known")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_facilitation_under_way")),
    )
    op.create_index("ix_facilitation_under_way_programme_id_region_code", "facilitation_under_way", ["programme_id", "region_code"])
    op.create_table(
        "location_objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("grounds_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decision_code", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(status = 'decided') = (decision_code IS NOT NULL)", name=op.f("ck_location_objections_decided_has_decision")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.region_code"], name=op.f("fk_location_objections_region_code")),
        sa.ForeignKeyConstraint(["run_id"], ["prioritisation_runs.id"], name=op.f("fk_location_objections_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location_objections")),
        sa.UniqueConstraint("run_id", "region_code", "grounds_code", name=op.f("uq_location_objections_run_id_region_code_grounds_code")),
    )


def downgrade() -> None:
    op.drop_table("location_objections")
    op.drop_index("ix_facilitation_under_way_programme_id_region_code", table_name="facilitation_under_way")
    op.drop_table("facilitation_under_way")
    op.drop_table("reference_lists")
    op.drop_table("selection_rules")
    op.drop_index("uq_priority_locations_in_force", table_name="priority_locations")
    op.create_unique_constraint("uq_priority_locations_programme_id_region_code", "priority_locations", ["programme_id", "region_code"])
    op.drop_column("priority_locations", "ended_on")
    op.drop_index("uq_prioritisation_runs_in_force", table_name="prioritisation_runs")
    op.create_index("uq_prioritisation_runs_published", "prioritisation_runs", ["programme_id"], unique=True, postgresql_where=sa.text("status = 'published'"))
    op.drop_constraint(op.f("ck_prioritisation_runs_ended_has_reason"), "prioritisation_runs", type_="check")
    op.drop_constraint(op.f("ck_prioritisation_runs_window_whole"), "prioritisation_runs", type_="check")
    op.drop_constraint(op.f("fk_prioritisation_runs_replaced_by_run_id"), "prioritisation_runs", type_="foreignkey")
    for name in ("ended_on", "ended_reason_code", "replaced_by_run_id", "closes_on", "opens_on", "submitted_by", *_NEW):
        op.drop_column("prioritisation_runs", name)
