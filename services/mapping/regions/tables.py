"""The table of regions, and how they are found."""

from typing import Any

from sqlalchemy import Column, Date, Float, ForeignKey, Numeric, Select, Text, UniqueConstraint, select

from services.mapping.regions.domain import BpsScheme, Region, RegionKind, RegionLevel
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

regions = persisted(
    metadata,
    Region,
    "regions",
    Column("region_code", Text, nullable=False),
    Column("level", Code(RegionLevel), nullable=False),
    Column("kind", Code(RegionKind), nullable=False),
    Column("name", Text, nullable=False),
    Column("former_name", Text),
    Column("parent_region_code", Text, ForeignKey("regions.region_code")),
    Column("province_code_2021", Text),
    Column("bps_code_2021", Text),
    Column("bps_code_2024", Text),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    Column("area_km2", Numeric),
    Column("valid_from", Date),
    Column("source_codes", Typed(list[str]), nullable=False),
    UniqueConstraint("region_code"),
    UniqueConstraint("bps_code_2021"),
    UniqueConstraint("bps_code_2024"),
)


def matching_regions(level: RegionLevel | None, province_code: str | None, bps_code: str | None, scheme: BpsScheme | None) -> Select[Any]:
    """Regions of a level, of a province, or under a BPS code of one scheme."""
    statement = select(regions)
    if level:
        statement = statement.where(regions.c.level == level)
    if province_code:
        statement = statement.where(regions.c.parent_region_code == province_code)
    if bps_code and scheme:
        statement = statement.where({BpsScheme.BPS_2021: regions.c.bps_code_2021, BpsScheme.BPS_2024: regions.c.bps_code_2024}[scheme] == bps_code)
    return statement


def regencies() -> Select[Any]:
    """Code and province of every regency and city, in the order of their codes."""
    return (
        select(regions.c.region_code, regions.c.parent_region_code.label("province_code"))
        .where(regions.c.level == RegionLevel.REGENCY)
        .order_by(regions.c.region_code)
    )
