"""The whole life of enterprises and groups: duplicates, waivers, eligibility, ladder, timelines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Every event names whom it is about in fields of these names, alone or in lists.
_REMEMBER = """
CREATE FUNCTION remember_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO timeline (entity_id, position, role)
    SELECT DISTINCT ON (said.value) said.value::uuid, NEW.position, said.key
    FROM (
        SELECT key, value #>> '{}' AS value FROM json_each(NEW.data::json) WHERE json_typeof(value) = 'string'
        UNION ALL
        SELECT key, json_array_elements_text(value) FROM json_each(NEW.data::json) WHERE json_typeof(value) = 'array' AND key LIKE '%\\_ids'
    ) AS said
    WHERE said.key ~ '(^|_)(enterprise|group)_ids?$' AND said.value IS NOT NULL AND said.value::uuid <> NEW.subject
    ORDER BY said.value, said.key;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column("enterprises", sa.Column("status", sa.Text(), nullable=False, server_default="registered"))
    op.add_column("enterprises", sa.Column("kbli_code", sa.Text(), nullable=True))
    op.add_column("enterprises", sa.Column("owner_sex", sa.Text(), nullable=True))
    op.add_column(
        "enterprises",
        sa.Column("owner_birth_index", sa.LargeBinary(), nullable=True, comment="keyed hash of date of birth and sex in the NIK, for equality"),
    )
    op.add_column(
        "enterprises",
        sa.Column("owner_keys", sa.ARRAY(sa.Text()), nullable=False, server_default="{}", comment="the owner's name as it is compared; see enterprises/names.py"),
    )
    op.add_column("enterprises", sa.Column("name_keys", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("enterprises", sa.Column("warnings", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("enterprises", sa.Column("registered_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("enterprises", sa.Column("verified_by", sa.Text(), nullable=True))
    op.add_column("enterprises", sa.Column("legality", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("enterprises", sa.Column("household", postgresql.JSONB(), nullable=True))
    op.add_column("enterprises", sa.Column("activated_on", sa.Date(), nullable=True))
    op.add_column("enterprises", sa.Column("ladder_step", sa.Text(), nullable=False, server_default="registered"))
    op.add_column("enterprises", sa.Column("ladder_since", sa.Date(), nullable=True))
    op.add_column("enterprises", sa.Column("reason_code", sa.Text(), nullable=True))
    op.add_column("enterprises", sa.Column("consent_withdrawn_on", sa.Date(), nullable=True))
    op.add_column("enterprises", sa.Column("merge", postgresql.JSONB(), nullable=True))
    op.add_column("enterprises", sa.Column("graduated_on", sa.Date(), nullable=True))
    for name in ("status", "owner_keys", "name_keys", "warnings", "registered_by", "legality", "ladder_step"):
        op.alter_column("enterprises", name, server_default=None)
    op.create_index("uq_enterprises_nib", "enterprises", ["nib"], unique=True, postgresql_where=sa.text("nib IS NOT NULL"))
    op.create_index("ix_enterprises_owner_birth_index", "enterprises", ["owner_birth_index"])
    op.create_index("ix_enterprises_owner_keys", "enterprises", ["owner_keys"], postgresql_using="gin")
    op.create_index("ix_enterprises_name_keys", "enterprises", ["name_keys"], postgresql_using="gin")
    op.add_column("groups", sa.Column("facts", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.add_column("groups", sa.Column("annual_meetings", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("groups", sa.Column("incorporated_on", sa.Date(), nullable=True))
    op.add_column("groups", sa.Column("reason_code", sa.Text(), nullable=True))
    op.add_column("groups", sa.Column("surviving_group_id", sa.Uuid(), nullable=True))
    op.add_column("groups", sa.Column("successor_group_ids", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("groups", sa.Column("ended_on", sa.Date(), nullable=True))
    for name in ("facts", "annual_meetings", "successor_group_ids"):
        op.alter_column("groups", name, server_default=None)
    op.create_table(
        "waivers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("decision_reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    op.create_index("ix_waivers_programme_id_region_code", "waivers", ["programme_id", "region_code"])
    op.create_table(
        "duplicate_candidates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("other_enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("matched_field_codes", postgresql.JSONB(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_decision", sa.Text(), nullable=True),
        sa.Column("surviving_enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_duplicate_candidates_enterprise_id")),
        sa.ForeignKeyConstraint(["other_enterprise_id"], ["enterprises.id"], name=op.f("fk_duplicate_candidates_other_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_candidates")),
        sa.UniqueConstraint("enterprise_id", "other_enterprise_id", name=op.f("uq_duplicate_candidates_enterprise_id_other_enterprise_id")),
    )
    op.create_index("ix_duplicate_candidates_region_code_status", "duplicate_candidates", ["region_code", "status"])
    op.create_index("ix_duplicate_candidates_other_enterprise_id", "duplicate_candidates", ["other_enterprise_id"])
    op.create_table(
        "eligibility_results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_eligibility_results_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_results")),
    )
    op.create_index("ix_eligibility_results_enterprise_id", "eligibility_results", ["enterprise_id", "id"])
    op.create_table(
        "ladder_checks",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False, comment="year * 4 + quarter - 1"),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_ladder_checks_enterprise_id")),
        sa.PrimaryKeyConstraint("enterprise_id", "quarter", name=op.f("pk_ladder_checks")),
    )
    op.create_table(
        "timeline",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="of the event in the outbox"),
        sa.Column("role", sa.Text(), nullable=False, comment="under which name the event mentions it, such as group_id"),
        sa.PrimaryKeyConstraint("entity_id", "position", name=op.f("pk_timeline")),
    )
    op.create_table(
        "enterprise_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("regions", sa.ARRAY(sa.Text()), nullable=False, comment="of the sender, in which rows must lie"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False, comment="up to this row the file is in the register; written with the rows"),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False, comment="pairs that look alike"),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat", sa.DateTime(timezone=True), nullable=False, comment="when its reader was last seen"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_imports")),
        sa.UniqueConstraint("content_hash", "sent_by", name=op.f("uq_enterprise_imports_content_hash_sent_by")),
    )
    op.create_table(
        "enterprise_import_refused_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_enterprise_import_refused_rows")),
    )
    op.execute(_REMEMBER)
    op.execute("CREATE TRIGGER remember_whom AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION remember_whom()")
    # What was recorded before: one field of each kind is all that those events had.
    op.execute(
        "INSERT INTO timeline (entity_id, position, role) SELECT DISTINCT ON (value::uuid, position) value::uuid, position, key "
        "FROM outbox, json_each_text(data::json) WHERE key IN ('enterprise_id', 'group_id') AND value IS NOT NULL AND value::uuid <> subject"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER remember_whom ON outbox")
    op.execute("DROP FUNCTION remember_whom")
    for table in ("enterprise_import_refused_rows", "enterprise_imports", "timeline", "ladder_checks", "eligibility_results", "duplicate_candidates", "waivers"):
        op.drop_table(table)
    for name in ("facts", "annual_meetings", "incorporated_on", "reason_code", "surviving_group_id", "successor_group_ids", "ended_on"):
        op.drop_column("groups", name)
    op.drop_index("uq_enterprises_nib", "enterprises")
    for name in (
        "status", "kbli_code", "owner_sex", "owner_birth_index", "owner_keys", "name_keys", "warnings", "registered_by", "verified_by", "legality",
        "household", "activated_on", "ladder_step", "ladder_since", "reason_code", "consent_withdrawn_on", "merge", "graduated_on",
    ):
        op.drop_column("enterprises", name)
