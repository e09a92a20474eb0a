"""Whole lives: institutions, programmes, participations and commitments; plans, approvals, histories."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _add(table: str, name: str, type_: sa.types.TypeEngine, default: str) -> None:
    """A column that existing rows get a value for, without a default for later ones."""
    op.add_column(table, sa.Column(name, type_, nullable=False, server_default=sa.text(default)))
    op.alter_column(table, name, server_default=None)


def _history(table: str) -> None:
    op.create_table(
        f"{table}_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=f"pk_{table}_history"),
    )
    # What was saved before this migration is known from its last state only; it counts from the time of its last event.
    op.execute(f"""
        INSERT INTO {table}_history (id, version, recorded_at, state)
        SELECT t.id, t.version, coalesce((SELECT max(o.time) FROM outbox o WHERE o.subject = t.id), now()), to_jsonb(t) FROM {table} t
    """)
    op.execute(f"CREATE TRIGGER keep_history AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_history()")


def upgrade() -> None:
    op.create_table(
        "approval_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("approval_tier", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_decisions"),
        sa.UniqueConstraint("subject_id", "subject_version", "approval_tier", name="uq_approval_decisions_subject_id_subject_version_approval_tier"),
    )
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME;
        END $$
    """)
    op.execute("CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON approval_decisions FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("""
        CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('INSERT INTO %I.%I (id, version, recorded_at, state) VALUES ($1, $2, $3, $4)', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_history')
            USING NEW.id, NEW.version, statement_timestamp(), to_jsonb(NEW);
            RETURN NULL;
        END $$
    """)

    _add("institutions", "status", sa.Text(), "'verified'")
    _add("institutions", "mandates", JSONB(), "'[]'")
    _add("institutions", "former", JSONB(), "'[]'")
    _add("institutions", "registered_on", sa.Date(), "current_date")
    op.execute("""
        UPDATE institutions i SET registered_on = o.first FROM (SELECT subject, min(time AT TIME ZONE 'Asia/Jakarta')::date AS first FROM outbox GROUP BY 1) o
        WHERE o.subject = i.id
    """)
    op.add_column("institutions", sa.Column("merged_into_institution_id", sa.Uuid(), nullable=True))
    op.add_column("institutions", sa.Column("ended_on", sa.Date(), nullable=True))
    op.create_foreign_key(
        "fk_institutions_merged_into_institution_id", "institutions", "institutions", ["merged_into_institution_id"], ["id"]
    )
    # The lock, taken before any row's, makes changes of institutions wait for one another: each sees the tree as the one before left it.
    op.execute("""
        CREATE FUNCTION one_at_a_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('institutions_no_cycle'));
            RETURN NULL;
        END $$
    """)
    op.execute("CREATE TRIGGER one_at_a_time BEFORE UPDATE ON institutions FOR EACH STATEMENT EXECUTE FUNCTION one_at_a_time()")
    op.execute("""
        CREATE FUNCTION refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            above uuid := NEW.parent_institution_id;
        BEGIN
            WHILE above IS NOT NULL LOOP
                IF above = NEW.id THEN
                    RAISE EXCEPTION 'an institution would stand below itself' USING ERRCODE = 'check_violation', CONSTRAINT = 'institutions_no_cycle';
                END IF;
                SELECT parent_institution_id INTO above FROM institutions WHERE id = above;
            END LOOP;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER no_cycle BEFORE UPDATE OF parent_institution_id ON institutions FOR EACH ROW
        WHEN (NEW.parent_institution_id IS DISTINCT FROM OLD.parent_institution_id) EXECUTE FUNCTION refuse_cycle()
    """)

    for name in ("targets", "required_interventions", "pillar_codes", "deciders"):
        _add("programmes", name, JSONB(), "'[]'")
    _add("programmes", "approval_tiers", JSONB(), """'[{"tier": 1, "role": "coordinator"}]'""")
    _add("programmes", "current_tier", sa.Integer(), "1")
    _add("programmes", "programme_version", sa.Integer(), "1")
    _add("programmes", "submissions", sa.Integer(), "1")
    op.execute("UPDATE programmes SET submissions = 0 WHERE status = 'draft'")
    op.add_column("programmes", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("programmes", sa.Column("final_report_hash", sa.Text(), nullable=True))

    op.create_index("ix_participations_respond_by", "participations", ["respond_by"], postgresql_where=sa.text("status = 'invited'"))

    op.create_table(
        "action_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("approval_tiers", JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("current_tier", sa.Integer(), nullable=False),
        sa.Column("deciders", JSONB(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("plan_hash", sa.Text(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("overlaps", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_action_plans"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_action_plans_programme_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"], name="fk_action_plans_institution_id"),
        sa.UniqueConstraint("programme_id", "institution_id", "fiscal_year", "plan_version", name="uq_action_plans_version"),
    )
    op.create_index(
        "uq_action_plans_one_draft",
        "action_plans",
        ["programme_id", "institution_id", "fiscal_year"],
        unique=True,
        postgresql_where=sa.text("status IN ('draft', 'submitted', 'revision')"),
    )
    _history("action_plans")
    op.create_table(
        "plan_allotments",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("location_code", sa.Text(), nullable=False),
        sa.Column("intervention_code", sa.Text(), nullable=False),
        sa.Column("planned_idr", sa.BigInteger(), nullable=False),
        sa.Column("pledged_idr", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme_id", "institution_id", "fiscal_year", "location_code", "intervention_code", name="pk_plan_allotments"
        ),
        sa.CheckConstraint("pledged_idr <= planned_idr", name=op.f("ck_plan_allotments_within_plan")),
    )

    op.add_column("commitments", sa.Column("plan_id", sa.Uuid(), nullable=True))
    op.add_column("commitments", sa.Column("requested_due_on", sa.Date(), nullable=True))
    _add("commitments", "due_version", sa.Integer(), "1")
    _add("commitments", "reminded", JSONB(), "'[]'")
    _add("commitments", "overdue_version", sa.Integer(), "0")
    _add("commitments", "escalations", JSONB(), "'[]'")
    op.add_column("commitments", sa.Column("successor_commitment_id", sa.Uuid(), nullable=True))
    op.add_column("commitments", sa.Column("reason_code", sa.Text(), nullable=True))
    op.create_foreign_key("fk_commitments_plan_id", "commitments", "action_plans", ["plan_id"], ["id"])
    op.create_foreign_key("fk_commitments_successor_commitment_id", "commitments", "commitments", ["successor_commitment_id"], ["id"])
    op.create_index("ix_commitments_institution_id", "commitments", ["institution_id"])
    op.create_index("ix_commitments_status_due_on", "commitments", ["status", "due_on"])
    _history("commitments")


def downgrade() -> None:
    for table in ("commitments", "action_plans"):
        op.execute(f"DROP TRIGGER keep_history ON {table}")
        op.drop_table(f"{table}_history")
    op.drop_index("ix_commitments_status_due_on", "commitments")
    op.drop_index("ix_commitments_institution_id", "commitments")
    for name in ("reason_code", "successor_commitment_id", "escalations", "overdue_version", "reminded", "due_version", "requested_due_on", "plan_id"):
        op.drop_column("commitments", name)
    op.drop_table("plan_allotments")
    op.drop_table("action_plans")
    op.drop_index("ix_participations_respond_by", "participations")
    for name in (
        "final_report_hash", "closed_on", "submissions", "programme_version", "current_tier", "approval_tiers", "deciders", "pillar_codes",
        "required_interventions", "targets",
    ):
        op.drop_column("programmes", name)
    op.execute("DROP TRIGGER no_cycle ON institutions")
    op.execute("DROP TRIGGER one_at_a_time ON institutions")
    op.execute("DROP FUNCTION refuse_cycle()")
    op.execute("DROP FUNCTION one_at_a_time()")
    for name in ("ended_on", "merged_into_institution_id", "registered_on", "former", "mandates", "status"):
        op.drop_column("institutions", name)
    op.drop_table("approval_decisions")
    op.execute("DROP FUNCTION keep_history()")
    op.execute("DROP FUNCTION refuse_change()")
