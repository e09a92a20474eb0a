"""The register of institutions. A trigger of the database refuses a tree that bites its tail, whoever moves whom at the same moment."""

from sqlalchemy import Column, Date, ForeignKey, Text, UniqueConstraint, Uuid

from services.coordination.institutions.domain import Former, Institution, InstitutionStatus, InstitutionType, Mandate
from services.coordination.institutions.problems import InstitutionCodeTaken, TreeCycle
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted

institutions = persisted(
    metadata,
    Institution,
    "institutions",
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("institution_type", Code(InstitutionType), nullable=False),
    Column("parent_institution_id", Uuid, ForeignKey("institutions.id")),
    Column("sector_code", Text),
    Column("status", Code(InstitutionStatus), nullable=False),
    Column("mandates", Typed(list[Mandate]), nullable=False),
    Column("former", Typed(list[Former]), nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("merged_into_institution_id", Uuid, ForeignKey("institutions.id")),
    Column("ended_on", Date),
    UniqueConstraint("code"),
    refusals={"uq_institutions_code": InstitutionCodeTaken, "institutions_no_cycle": TreeCycle},
)
