"""The table of programmes."""

from sqlalchemy import Column, Date, Integer, Text, UniqueConstraint, Uuid

from services.coordination.programmes.domain import Programme, ProgrammeCodeTaken, ProgrammeStatus
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
    UniqueConstraint("code"),
    refusals={"uq_programmes_code": ProgrammeCodeTaken},
)
