"""The register of institutions."""

from sqlalchemy import Column, ForeignKey, Text, UniqueConstraint, Uuid

from services.coordination.institutions.domain import Institution, InstitutionCodeTaken, InstitutionType
from services.coordination.schema import metadata
from shared.tables import Code, persisted

institutions = persisted(
    metadata,
    Institution,
    "institutions",
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("institution_type", Code(InstitutionType), nullable=False),
    Column("parent_institution_id", Uuid, ForeignKey("institutions.id")),
    Column("sector_code", Text),
    UniqueConstraint("code"),
    refusals={"uq_institutions_code": InstitutionCodeTaken},
)
