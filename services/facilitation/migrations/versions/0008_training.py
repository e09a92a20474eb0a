"""Training: courses, trainings, participants with their lists, certificates and tracers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "training_providers",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_training_providers")),
    )
    op.execute("CREATE SEQUENCE certificate_serials")
    op.create_table(
        "courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("course_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("provider_institution_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("course_code", name=op.f("uq_courses_course_code")),
    )
    op.create_table(
        "trainings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("course_code", sa.Text(), nullable=False),
        sa.Column("course_version", sa.Integer(), nullable=False),
        sa.Column("provider_institution_id", sa.Uuid(), nullable=False),
        sa.Column("course_hours", sa.Integer(), nullable=False),
        sa.Column("target_group_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attendance_percent", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("certificate_months", sa.Integer(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sessions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("minimum_participants", sa.Integer(), nullable=False),
        sa.Column("participant_count", sa.Integer(), nullable=True),
        sa.Column("passed_count", sa.Integer(), nullable=True),
        sa.Column("cost_idr", sa.BigInteger(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.CheckConstraint("quota > 0", name=op.f("ck_trainings_quota_positive")),
        sa.ForeignKeyConstraint(["course_code"], ["courses.course_code"], name=op.f("fk_trainings_course_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    op.create_index("ix_trainings_region_code", "trainings", ["region_code"])
    op.create_index("ix_trainings_status_closes_on", "trainings", ["status", "closes_on"])
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("course_code", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("consent_purpose", sa.Text(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("nominated_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("seat_no", sa.Integer(), nullable=True, comment="null without a seat"),
        sa.Column("position", sa.Integer(), nullable=True, comment="null unless it waits"),
        sa.Column("attendance_percent", sa.Integer(), nullable=True),
        sa.Column("pre_score", sa.Integer(), nullable=True),
        sa.Column("post_score", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_number", sa.Text(), nullable=True),
        sa.Column("certificate_code", sa.Text(), nullable=True, comment="random; whoever holds it may verify the certificate"),
        sa.Column("certificate_issued_on", sa.Date(), nullable=True),
        sa.Column("certificate_valid_until", sa.Date(), nullable=True),
        sa.Column("certificate_revoked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(status = 'waitlisted') = (position IS NOT NULL)", name=op.f("ck_enrolments_waiting_has_position")),
        sa.CheckConstraint(
            "status NOT IN ('enrolled', 'attending', 'completed', 'failed') OR seat_no IS NOT NULL", name=op.f("ck_enrolments_participant_has_seat")
        ),
        sa.CheckConstraint("seat_no IS NULL OR position IS NULL", name=op.f("ck_enrolments_seated_or_waiting")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_enrolments_enterprise_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_enrolments_group_id")),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name=op.f("fk_enrolments_training_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("certificate_code", name=op.f("uq_enrolments_certificate_code")),
        sa.UniqueConstraint("certificate_number", name=op.f("uq_enrolments_certificate_number")),
        sa.UniqueConstraint("training_id", "enterprise_id", name=op.f("uq_enrolments_training_id_enterprise_id")),
        sa.UniqueConstraint("training_id", "position", name=op.f("uq_enrolments_training_id_position")),
        sa.UniqueConstraint("training_id", "seat_no", name=op.f("uq_enrolments_training_id_seat_no")),
    )
    op.create_index("ix_enrolments_enterprise_id_course_code", "enrolments", ["enterprise_id", "course_code"])
    op.create_index("ix_enrolments_region_code", "enrolments", ["region_code"])
    op.create_table(
        "nominations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_nominations_group_id")),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name=op.f("fk_nominations_training_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominations")),
    )
    op.create_index("ix_nominations_training_id", "nominations", ["training_id"])
    op.create_table(
        "training_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("list_kind", sa.Text(), nullable=False),
        sa.Column("session_no", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("accepted_count", sa.Integer(), nullable=False),
        sa.Column("refused", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name=op.f("fk_training_lists_training_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_lists")),
    )
    op.create_index("ix_training_lists_training_id", "training_lists", ["training_id"])
    op.create_table(
        "training_turns",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="1, 2, 3, …: whoever writes the next one was the only one to change seats and lists"),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name=op.f("fk_training_turns_training_id")),
        sa.PrimaryKeyConstraint("training_id", "turn", name=op.f("pk_training_turns")),
    )
    op.create_table(
        "attendance_marks",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("session_no", sa.Integer(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_attendance_marks_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "session_no", name=op.f("pk_attendance_marks")),
    )
    op.create_table(
        "test_scores",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_test_scores_score_of_100")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_test_scores_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "test", name=op.f("pk_test_scores")),
    )
    op.create_table(
        "training_tracers",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("months_after", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue_after", sa.Date(), nullable=False, comment="the last day of grace"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=True),
        sa.Column("applied_skill_code", sa.Text(), nullable=True),
        sa.Column("turnover_band", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_training_tracers_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "months_after", name=op.f("pk_training_tracers")),
    )
    op.create_index("ix_training_tracers_state_due_on", "training_tracers", ["state", "due_on"])


def downgrade() -> None:
    for table in (
        "training_tracers",
        "test_scores",
        "attendance_marks",
        "training_turns",
        "training_lists",
        "nominations",
        "enrolments",
        "trainings",
        "courses",
        "training_providers",
    ):
        op.drop_table(table)
    op.execute("DROP SEQUENCE certificate_serials")
