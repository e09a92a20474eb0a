"""The table of assessments: one row for each that was made, none of them ever changed."""

from sqlalchemy import ARRAY, Column, Date, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid

from services.facilitation.eligibility.domain import Outcome, ServiceCode
from services.facilitation.schema import metadata
from shared.tables import Code

eligibility_results = Table(
    "eligibility_results",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("service_code", Code(ServiceCode), nullable=False),
    Column("outcome", Code(Outcome), nullable=False),
    Column("reason_codes", ARRAY(Text), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("inputs_hash", Text, nullable=False),
    Column("assessed_on", Date, nullable=False),
    Column("assessed_at", DateTime(timezone=True), nullable=False),
)
Index("ix_eligibility_results_enterprise_id", eligibility_results.c.enterprise_id, eligibility_results.c.id)
