"""First tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "inbox",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Text(), nullable=True, comment="why the subject waits: the reason code of its first parked message"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_inbox")),
    )
    op.create_table(
        "indicators",
        sa.Column("indicator_code", sa.Text(), nullable=False),
        sa.Column("name_id", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="poverty, potential or context"),
        sa.Column("nature", sa.Text(), nullable=False, comment="published or derived"),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("indicator_code", name=op.f("pk_indicators")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True, cache=1), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_unpublished", "outbox", ["position"], unique=False, postgresql_where=sa.text("published_at IS NULL"))
    op.create_index("uq_outbox_subject_sequence", "outbox", ["subject", "sequence"], unique=True)
    op.create_table(
        "parked_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="pairs of name and value in Latin-1, byte for byte"),
        sa.Column("parked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True, comment="replayed or discarded; null while waiting"),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_messages")),
    )
    op.create_index("ix_parked_messages_waiting", "parked_messages", ["subject", "id"], unique=False, postgresql_where=sa.text("resolution IS NULL"))
    op.create_index("uq_parked_messages_record", "parked_messages", ["topic", "partition", "offset"], unique=True)
    op.create_table(
        "prioritisation_models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("normalisation", sa.Text(), nullable=False),
        sa.Column("aggregation", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("model_hash", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prioritisation_models")),
        sa.UniqueConstraint("code", "model_version", name=op.f("uq_prioritisation_models_code_model_version")),
    )
    op.create_table(
        "programmes",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area_quota", sa.Integer(), nullable=False),
        sa.Column("province_quota", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_programmes")),
    )
    op.create_table(
        "regions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("former_name", sa.Text(), nullable=True),
        sa.Column("parent_region_code", sa.Text(), nullable=True),
        sa.Column("province_code_2021", sa.Text(), nullable=True),
        sa.Column("bps_code_2021", sa.Text(), nullable=True),
        sa.Column("bps_code_2024", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("area_km2", sa.Numeric(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("source_codes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["parent_region_code"], ["regions.region_code"], name=op.f("fk_regions_parent_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sa.UniqueConstraint("bps_code_2021", name=op.f("uq_regions_bps_code_2021")),
        sa.UniqueConstraint("bps_code_2024", name=op.f("uq_regions_bps_code_2024")),
        sa.UniqueConstraint("region_code", name=op.f("uq_regions_region_code")),
    )
    op.create_table(
        "sources",
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("licence_note", sa.Text(), nullable=False),
        sa.Column("retrieved_via", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False, comment="published or derived"),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_code", name=op.f("pk_sources")),
    )
    op.create_table(
        "indicator_values",
        sa.Column("indicator_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True, comment="exactly as published, trailing zeros included"),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.CheckConstraint("(value IS NULL) = (missing_reason IS NOT NULL)", name=op.f("ck_indicator_values_value_or_reason")),
        sa.ForeignKeyConstraint(["indicator_code"], ["indicators.indicator_code"], name=op.f("fk_indicator_values_indicator_code")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.region_code"], name=op.f("fk_indicator_values_region_code")),
        sa.ForeignKeyConstraint(["source_code"], ["sources.source_code"], name=op.f("fk_indicator_values_source_code")),
        sa.PrimaryKeyConstraint("indicator_code", "period", "region_code", name=op.f("pk_indicator_values")),
    )
    op.create_table(
        "prioritisation_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("model_code", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("population_period", sa.Text(), nullable=False),
        sa.Column("area_quota", sa.Integer(), nullable=False),
        sa.Column("province_quota", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("analyst", sa.Text(), nullable=True),
        sa.Column("locked_by", sa.Text(), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("candidate_count", sa.Integer(), nullable=True),
        sa.Column("excluded_region_codes", postgresql.JSONB(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=True),
        sa.Column("result_hash", sa.Text(), nullable=True),
        sa.Column("selected", postgresql.JSONB(), nullable=False),
        sa.Column("decree_ref", sa.Text(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["model_id"], ["prioritisation_models.id"], name=op.f("fk_prioritisation_runs_model_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.programme_id"], name=op.f("fk_prioritisation_runs_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prioritisation_runs")),
    )
    op.create_index("uq_prioritisation_runs_published", "prioritisation_runs", ["programme_id"], unique=True, postgresql_where=sa.text("status = 'published'"))
    op.create_table(
        "prioritisation_results",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="canonical JSON, byte for byte as it was hashed"),
        sa.ForeignKeyConstraint(["run_id"], ["prioritisation_runs.id"], name=op.f("fk_prioritisation_results_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_prioritisation_results")),
    )
    op.create_table(
        "priority_locations",
        sa.Column("location_priority_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("province_code", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("poverty_score", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("potential_score", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.programme_id"], name=op.f("fk_priority_locations_programme_id")),
        sa.ForeignKeyConstraint(["province_code"], ["regions.region_code"], name=op.f("fk_priority_locations_province_code")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.region_code"], name=op.f("fk_priority_locations_region_code")),
        sa.ForeignKeyConstraint(["run_id"], ["prioritisation_runs.id"], name=op.f("fk_priority_locations_run_id")),
        sa.PrimaryKeyConstraint("location_priority_id", name=op.f("pk_priority_locations")),
        sa.UniqueConstraint("programme_id", "region_code", name=op.f("uq_priority_locations_programme_id_region_code")),
    )


def downgrade() -> None:
    op.drop_table("priority_locations")
    op.drop_table("prioritisation_results")
    op.drop_index("uq_prioritisation_runs_published", table_name="prioritisation_runs", postgresql_where=sa.text("status = 'published'"))
    op.drop_table("prioritisation_runs")
    op.drop_table("indicator_values")
    op.drop_table("sources")
    op.drop_table("regions")
    op.drop_table("programmes")
    op.drop_table("prioritisation_models")
    op.drop_index("uq_parked_messages_record", table_name="parked_messages")
    op.drop_index("ix_parked_messages_waiting", table_name="parked_messages", postgresql_where=sa.text("resolution IS NULL"))
    op.drop_table("parked_messages")
    op.drop_index("uq_outbox_subject_sequence", table_name="outbox")
    op.drop_index("ix_outbox_unpublished", table_name="outbox", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_table("outbox")
    op.drop_table("indicators")
    op.drop_table("inbox")
    op.drop_table("idempotency_keys")
