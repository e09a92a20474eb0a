"""The register of enterprises."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, LargeBinary, Text, UniqueConstraint

from services.facilitation.enterprises.domain import Enterprise, NikAlreadyRegistered
from services.facilitation.schema import metadata
from shared.tables import persisted

enterprises = persisted(
    metadata,
    Enterprise,
    "enterprises",
    Column("name", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("owner_nik", LargeBinary, nullable=False, comment="sealed; see shared/security/personal_data.py"),
    Column("owner_nik_index", LargeBinary, nullable=False, comment="keyed hash, for equality"),
    Column("owner_nik_masked", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("kbli_section", Text, nullable=False),
    Column("scale_code", Text, nullable=False),
    Column("capital_idr", BigInteger, nullable=False),
    Column("annual_sales_idr", BigInteger, nullable=False),
    Column("nib", Text),
    Column("consent_purpose", Text, nullable=False),
    Column("consent_on", Date, nullable=False),
    Column("registered_on", Date, nullable=False),
    UniqueConstraint("owner_nik_index"),
    CheckConstraint("capital_idr >= 0 AND annual_sales_idr >= 0", name="amounts_not_negative"),
    refusals={"uq_enterprises_owner_nik_index": NikAlreadyRegistered},
)
Index("ix_enterprises_region_code", enterprises.c.region_code)
