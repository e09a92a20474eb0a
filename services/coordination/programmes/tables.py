"""The table of programmes."""

from sqlalchemy import Column, Date, Integer, Select, Text, UniqueConstraint, Uuid, select

from services.coordination.approvals.domain import Tier
from services.coordination.programmes.domain import Programme, ProgrammeStatus, Target
from services.coordination.programmes.problems import ProgrammeCodeTaken
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted

programmes = persisted(
    metadata,
    Programme,
    "programmes",
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("area_quota", Integer, nullable=False),
    Column("province_quota", Integer, nullable=False),
    Column("funding_sources", Typed(list[str]), nullable=False),
    Column("lead_institution_id", Uuid, nullable=False),
    Column("author", Text, nullable=False),
    Column("status", Code(ProgrammeStatus), nullable=False),
    Column("targets", Typed(list[Target]), nullable=False),
    Column("required_interventions", Typed(list[str]), nullable=False),
    Column("pillar_codes", Typed(list[str]), nullable=False),
    Column("approval_tiers", Typed(list[Tier]), nullable=False),
    Column("current_tier", Integer, nullable=False),
    Column("deciders", Typed(list[str]), nullable=False),
    Column("programme_version", Integer, nullable=False),
    Column("submissions", Integer, nullable=False),
    Column("closed_on", Date),
    Column("final_report_hash", Text),
    UniqueConstraint("code"),
    refusals={"uq_programmes_code": ProgrammeCodeTaken},
)


def running_programmes() -> "Select[Programme]":
    """The rows of programmes in force."""
    return select(programmes).where(programmes.c.status == ProgrammeStatus.ACTIVE)
