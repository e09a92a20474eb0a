"""Financing in full: review in stages, groups, loans, government credits by owner, lenders' files.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lender_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lender_institution_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="SHA-256 of the file"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="rows by outcome"),
        sa.Column("booked_idr", sa.BigInteger(), nullable=False),
        sa.Column("difference_idr", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lender_files")),
        sa.UniqueConstraint("lender_institution_id", "content_hash", name=op.f("uq_lender_files_lender_institution_id_content_hash")),
    )
    op.create_table(
        "sikp_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refused_rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sikp_imports")),
    )
    op.create_table(
        "financing_borrowers",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False, comment="until the application is answered"),
        sa.ForeignKeyConstraint(["application_id"], ["financing_applications.id"], name=op.f("fk_financing_borrowers_application_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_financing_borrowers_enterprise_id")),
        sa.PrimaryKeyConstraint("application_id", "enterprise_id", name=op.f("pk_financing_borrowers")),
    )
    op.create_index("ix_financing_borrowers_enterprise_id", "financing_borrowers", ["enterprise_id"], unique=False)
    op.create_index("uq_financing_borrowers_open", "financing_borrowers", ["enterprise_id", "product_code"], unique=True, postgresql_where=sa.text("open"))
    op.create_table(
        "financing_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False, comment="approved, referred, rejected or undone"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reason_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["financing_applications.id"], name=op.f("fk_financing_decisions_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_decisions")),
    )
    op.create_index("ix_financing_decisions_application_id", "financing_decisions", ["application_id"], unique=False)
    op.create_table(
        "loans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("lender_institution_id", sa.Uuid(), nullable=False),
        sa.Column("lender_reference", sa.Text(), nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("product_version", sa.Integer(), nullable=False),
        sa.Column("shares", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("granted_amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("annual_rate_percent", sa.Text(), nullable=False),
        sa.Column("tenor_months", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("disbursed_idr", sa.BigInteger(), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=True),
        sa.Column("outstanding_idr", sa.BigInteger(), nullable=False, comment="principal paid out and not paid back"),
        sa.Column("starts_on", sa.Date(), nullable=True, comment="the day from which instalments count"),
        sa.Column("scheduled_idr", sa.BigInteger(), nullable=False, comment="the principal of the present schedule"),
        sa.Column("paid_idr", sa.BigInteger(), nullable=False, comment="paid under the present schedule, principal and interest"),
        sa.Column("last_paid_on", sa.Date(), nullable=True),
        sa.Column("days_past_due", sa.Integer(), nullable=False),
        sa.Column("collectability_class", sa.Integer(), nullable=False),
        sa.Column("look_on", sa.Date(), nullable=True, comment="when the calendar has to look at it again"),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.CheckConstraint("disbursed_idr BETWEEN 0 AND granted_amount_idr", name=op.f("ck_loans_disbursed_within_granted")),
        sa.CheckConstraint("outstanding_idr BETWEEN 0 AND disbursed_idr", name=op.f("ck_loans_outstanding_within_disbursed")),
        sa.ForeignKeyConstraint(["application_id"], ["financing_applications.id"], name=op.f("fk_loans_application_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_loans_enterprise_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_loans_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
        sa.UniqueConstraint("application_id", name=op.f("uq_loans_application_id")),
        sa.UniqueConstraint("lender_institution_id", "lender_reference", name=op.f("uq_loans_lender_institution_id_lender_reference")),
    )
    op.create_index("ix_loans_look_on", "loans", ["look_on"], unique=False)
    op.create_index("ix_loans_programme_id_region_code", "loans", ["programme_id", "region_code"], unique=False)
    op.create_table(
        "credits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_nik_index", sa.LargeBinary(), nullable=False, comment="keyed hash, for equality"),
        sa.Column("loan_id", sa.Uuid(), nullable=True, comment="null: known from SIKP alone"),
        sa.Column("lender_code", sa.Text(), nullable=False, comment="the institution's id, or the code that SIKP gives it"),
        sa.Column("contract_reference", sa.Text(), nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False, comment="the product here, or the scheme that SIKP gives it"),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="null while it is open"),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_credits_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credits")),
        sa.UniqueConstraint("lender_code", "contract_reference", "owner_nik_index", name=op.f("uq_credits_lender_code_contract_reference_owner_nik_index")),
    )
    op.create_index("ix_credits_loan_id", "credits", ["loan_id"], unique=False)
    op.create_index("ix_credits_owner_nik_index", "credits", ["owner_nik_index"], unique=False)
    op.create_index("uq_credits_open_owner", "credits", ["owner_nik_index"], unique=True, postgresql_where=sa.text("closed_on IS NULL"))
    op.create_table(
        "lender_file_rows",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True, comment="why it was not booked, or that balances differ"),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("difference_idr", sa.BigInteger(), nullable=False, comment="the lender's balance less ours, after the row"),
        sa.ForeignKeyConstraint(["batch_id"], ["lender_files.id"], name=op.f("fk_lender_file_rows_batch_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_lender_file_rows_loan_id")),
        sa.PrimaryKeyConstraint("batch_id", "row_number", name=op.f("pk_lender_file_rows")),
    )
    op.create_table(
        "loan_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("lender_institution_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False, comment="the lender's number of the transaction"),
        sa.Column("kind", sa.Text(), nullable=False, comment="disbursement or repayment"),
        sa.Column("amount_idr", sa.BigInteger(), nullable=False),
        sa.Column("principal_idr", sa.BigInteger(), nullable=False),
        sa.Column("interest_idr", sa.BigInteger(), nullable=False),
        sa.Column("period_no", sa.Integer(), nullable=True, comment="the instalment that a repayment reached"),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_loan_transactions_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_transactions")),
        sa.UniqueConstraint("lender_institution_id", "reference", name=op.f("uq_loan_transactions_lender_institution_id_reference")),
    )
    op.create_index("ix_loan_transactions_loan_id", "loan_transactions", ["loan_id"], unique=False)
    op.add_column("financing_applications", sa.Column("applicant_type", sa.Text(), nullable=False, server_default=sa.text("'enterprise'")))
    op.add_column("financing_applications", sa.Column("allocations", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("financing_applications", sa.Column("purpose", sa.Text(), nullable=False, server_default=sa.text("'investment'")))
    op.add_column("financing_applications", sa.Column("business_started_on", sa.Date(), nullable=True))
    op.add_column(
        "financing_applications",
        sa.Column("documents", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'"), comment="SHA-256 by code"),
    )
    op.add_column("financing_applications", sa.Column("prescreen_outcome", sa.Text(), nullable=True))
    op.add_column(
        "financing_applications",
        sa.Column(
            "stages", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text('\'[{"code": "ministry", "role": "programme_owner"}]\'')
        ),
    )
    op.add_column(
        "financing_applications", sa.Column("stage_no", sa.Integer(), nullable=False, server_default=sa.text("'0'"), comment="how many stages agreed")
    )
    op.add_column("financing_applications", sa.Column("deciders", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("financing_applications", sa.Column("duplicate_flag", sa.Boolean(), nullable=False, server_default=sa.text("'false'")))
    op.add_column(
        "financing_applications", sa.Column("missing_item_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column(
        "financing_applications", sa.Column("conditions_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("financing_applications", sa.Column("answer_by", sa.Date(), nullable=True, comment="when a referral or the lender's turn expires"))
    op.add_column("financing_applications", sa.Column("financing_id", sa.Uuid(), nullable=True, comment="the loan"))
    op.drop_index("uq_financing_applications_open", table_name="financing_applications")
    op.create_index("ix_financing_applications_answer_by", "financing_applications", ["answer_by"], unique=False)
    for name in (
        "applicant_type",
        "allocations",
        "purpose",
        "documents",
        "stages",
        "stage_no",
        "deciders",
        "duplicate_flag",
        "missing_item_codes",
        "conditions_codes",
    ):
        op.alter_column("financing_applications", name, server_default=None)
    # What is open keeps its one place for each enterprise and product; what was granted before keeps its owner's place for a government credit.
    op.execute(
        """
        INSERT INTO financing_borrowers (application_id, enterprise_id, product_code, open)
        SELECT id, enterprise_id, product_code, status IN ('approved', 'draft', 'forwarded', 'submitted', 'under_review') FROM financing_applications
        """
    )
    op.execute(
        """
        INSERT INTO credits (id, owner_nik_index, lender_code, contract_reference, product_code, family, status, opened_on)
        SELECT DISTINCT ON (e.owner_nik_index) a.id, e.owner_nik_index, a.lender_institution_id::text, a.lender_reference, a.product_code,
               split_part(a.product_code, '_', 1), 'granted', a.granted_on
        FROM financing_applications a JOIN enterprises e ON e.id = a.enterprise_id
        WHERE a.status = 'granted' ORDER BY e.owner_nik_index, a.granted_on DESC
        """
    )


def downgrade() -> None:
    op.drop_index("ix_financing_applications_answer_by", table_name="financing_applications")
    op.create_index(
        "uq_financing_applications_open",
        "financing_applications",
        ["enterprise_id", "product_code"],
        unique=True,
        postgresql_where=sa.text("status IN ('approved', 'draft', 'forwarded', 'submitted', 'under_review')"),
    )
    op.drop_column("financing_applications", "financing_id")
    op.drop_column("financing_applications", "answer_by")
    op.drop_column("financing_applications", "conditions_codes")
    op.drop_column("financing_applications", "missing_item_codes")
    op.drop_column("financing_applications", "duplicate_flag")
    op.drop_column("financing_applications", "deciders")
    op.drop_column("financing_applications", "stage_no")
    op.drop_column("financing_applications", "stages")
    op.drop_column("financing_applications", "prescreen_outcome")
    op.drop_column("financing_applications", "documents")
    op.drop_column("financing_applications", "business_started_on")
    op.drop_column("financing_applications", "purpose")
    op.drop_column("financing_applications", "allocations")
    op.drop_column("financing_applications", "applicant_type")
    op.drop_index("ix_loan_transactions_loan_id", table_name="loan_transactions")
    op.drop_table("loan_transactions")
    op.drop_table("lender_file_rows")
    op.drop_index("uq_credits_open_owner", table_name="credits", postgresql_where=sa.text("closed_on IS NULL"))
    op.drop_index("ix_credits_owner_nik_index", table_name="credits")
    op.drop_index("ix_credits_loan_id", table_name="credits")
    op.drop_table("credits")
    op.drop_index("ix_loans_programme_id_region_code", table_name="loans")
    op.drop_index("ix_loans_look_on", table_name="loans")
    op.drop_table("loans")
    op.drop_index("ix_financing_decisions_application_id", table_name="financing_decisions")
    op.drop_table("financing_decisions")
    op.drop_index("uq_financing_borrowers_open", table_name="financing_borrowers", postgresql_where=sa.text("open"))
    op.drop_index("ix_financing_borrowers_enterprise_id", table_name="financing_borrowers")
    op.drop_table("financing_borrowers")
    op.drop_table("sikp_imports")
    op.drop_table("lender_files")
