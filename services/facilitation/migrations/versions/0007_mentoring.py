"""Mentors, mentoring, visits, and plans of who mentors whom."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "region_points",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_region_points")),
    )
    op.create_table(
        "mentors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("area_codes", JSONB(), nullable=False),
        sa.Column("competences", JSONB(), nullable=False),
        sa.Column("case_ceiling", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentors")),
        sa.UniqueConstraint("subject", name=op.f("uq_mentors_subject")),
    )
    op.create_table(
        "mentor_caseloads",
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("enterprises", sa.Integer(), nullable=False, comment="of offers and of mentoring that is not over"),
        sa.Column("ceiling", sa.Integer(), nullable=False, comment="that held when seats were last taken"),
        sa.CheckConstraint("enterprises BETWEEN 0 AND ceiling", name=op.f("ck_mentor_caseloads_within_ceiling")),
        sa.ForeignKeyConstraint(["mentor_id"], ["mentors.id"], name=op.f("fk_mentor_caseloads_mentor_id")),
        sa.PrimaryKeyConstraint("mentor_id", name=op.f("pk_mentor_caseloads")),
    )
    op.create_table(
        "mentoring_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_subject", sa.Text(), nullable=False),
        sa.Column("topic_codes", JSONB(), nullable=False),
        sa.Column("enterprise_ids", JSONB(), nullable=False),
        sa.Column("respond_by", sa.Date(), nullable=False),
        sa.Column("planned_visits", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("predecessor_assignment_id", sa.Uuid(), nullable=True),
        sa.Column("hand_over_note_hash", sa.Text(), nullable=True),
        sa.Column("successor_assignment_id", sa.Uuid(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("planned_end_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("goals", JSONB(), nullable=False),
        sa.Column("diagnoses", JSONB(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_mentoring_assignments_group_id")),
        sa.ForeignKeyConstraint(["predecessor_assignment_id"], ["mentoring_assignments.id"], name=op.f("fk_mentoring_assignments_predecessor_assignment_id")),
        sa.ForeignKeyConstraint(["mentor_id"], ["mentors.id"], name=op.f("fk_mentoring_assignments_mentor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_assignments")),
    )
    op.create_index("ix_mentoring_assignments_group_id", "mentoring_assignments", ["group_id"])
    op.create_index("ix_mentoring_assignments_mentor_id", "mentoring_assignments", ["mentor_id"])
    op.create_index("ix_mentoring_assignments_status_respond_by", "mentoring_assignments", ["status", "respond_by"])
    op.create_index("uq_mentoring_assignments_offered_successor", "mentoring_assignments", ["predecessor_assignment_id"], unique=True, postgresql_where=sa.text("status = 'offered'"))
    op.create_table(
        "mentored_enterprises",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_mentored_enterprises_enterprise_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["mentoring_assignments.id"], name=op.f("fk_mentored_enterprises_assignment_id")),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_mentored_enterprises")),
    )
    op.create_index("ix_mentored_enterprises_assignment_id", "mentored_enterprises", ["assignment_id"])
    op.create_table(
        "waiting_goals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True, comment="null: of the group"),
        sa.Column("goal_code", sa.Text(), nullable=False),
        sa.Column("origin_event_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=True, comment="that took it up; null while it waits"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_waiting_goals_group_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_waiting_goals_enterprise_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["mentoring_assignments.id"], name=op.f("fk_waiting_goals_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_goals")),
    )
    op.create_index("ix_waiting_goals_group_id", "waiting_goals", ["group_id"])
    op.create_table(
        "mentoring_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_subject", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("captured_offline", sa.Boolean(), nullable=False),
        sa.Column("report", JSONB(), nullable=True),
        sa.Column("rival", JSONB(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("flag_codes", JSONB(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["mentoring_assignments.id"], name=op.f("fk_mentoring_visits_assignment_id")),
        sa.ForeignKeyConstraint(["mentor_id"], ["mentors.id"], name=op.f("fk_mentoring_visits_mentor_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_mentoring_visits_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_visits")),
    )
    op.create_index("ix_mentoring_visits_assignment_id", "mentoring_visits", ["assignment_id"])
    op.create_index("ix_mentoring_visits_latitude_longitude", "mentoring_visits", ["latitude", "longitude"])
    op.create_index("ix_mentoring_visits_mentor_id_occurred_on", "mentoring_visits", ["mentor_id", "occurred_on"])
    op.create_index("ix_mentoring_visits_status_planned_on", "mentoring_visits", ["status", "planned_on"])
    op.create_table(
        "mentoring_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("computed_on", sa.Date(), nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("max_distance_km", sa.Integer(), nullable=False),
        sa.Column("topic_codes", JSONB(), nullable=False),
        sa.Column("proposed", JSONB(), nullable=False),
        sa.Column("unassigned", JSONB(), nullable=False),
        sa.Column("covered_enterprises", sa.Integer(), nullable=False),
        sa.Column("total_distance_m", sa.BigInteger(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_plans")),
    )


def downgrade() -> None:
    op.drop_table("mentoring_plans")
    op.drop_table("mentoring_visits")
    op.drop_table("waiting_goals")
    op.drop_table("mentored_enterprises")
    op.drop_table("mentoring_assignments")
    op.drop_table("mentor_caseloads")
    op.drop_table("mentors")
    op.drop_table("region_points")
