"""The table of reference lists, and what codes and names of regencies mean."""

from typing import Any

from sqlalchemy import Column, Integer, Select, Text, select

from services.mapping.references.domain import ReferenceList
from services.mapping.regions.codes import RegionLevel, Scheme
from services.mapping.regions.domain import RegionStatus
from services.mapping.regions.tables import regions
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

reference_lists = persisted(
    metadata,
    ReferenceList,
    "reference_lists",
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("scheme", Code(Scheme), nullable=False),
    Column("given_codes", Typed(list[str]), nullable=False),
    Column("region_codes", Typed(list[str]), nullable=False),
    Column("list_hash", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
)


def regencies_by_code(scheme: Scheme) -> Select[Any]:
    """The code of every regency and city of today in a scheme, and its Kemendagri code."""
    c = regions.c
    code = {Scheme.KEMENDAGRI: c.region_code, Scheme.BPS_2021: c.bps_code_2021, Scheme.BPS_2024: c.bps_code_2024}[scheme]
    return select(code.label("code"), c.region_code).where(c.level == RegionLevel.REGENCY, c.status == RegionStatus.ACTIVE, code.is_not(None))


def regencies_with_names() -> Select[Any]:
    """Code, name and province of 2021 of every regency and city that there is or was."""
    c = regions.c
    return select(c.region_code, c.name, c.province_code_2021).where(c.level == RegionLevel.REGENCY)
