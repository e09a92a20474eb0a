"""The tables of indicators, their sources and their values."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Numeric, PrimaryKeyConstraint, Select, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.mapping.regions.codes import CODE_LENGTH, RegionLevel
from services.mapping.schema import metadata

sources = Table(
    "sources",
    metadata,
    Column("source_code", Text, primary_key=True),
    Column("publisher", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("licence_note", Text, nullable=False),
    Column("retrieved_via", Text, nullable=False),
    Column("nature", Text, nullable=False, comment="published or derived"),
    Column("covers", Text, nullable=False),
    Column("preference", Integer, nullable=False, default=100, comment="of several sources the lowest is used"),
)

indicators = Table(
    "indicators",
    metadata,
    Column("indicator_code", Text, primary_key=True),
    Column("name_id", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("kind", Text, nullable=False, comment="poverty, potential or context"),
    Column("nature", Text, nullable=False, comment="published or derived"),
    Column("description", Text, nullable=False),
)

indicator_values = Table(
    "indicator_values",
    metadata,
    Column("indicator_code", Text, ForeignKey("indicators.indicator_code"), nullable=False),
    Column("period", Text, nullable=False),
    Column("region_code", Text, ForeignKey("regions.region_code"), nullable=False),
    Column("value", Numeric, comment="exactly as published, trailing zeros included"),
    Column("missing_reason", Text),
    Column("source_code", Text, ForeignKey("sources.source_code"), nullable=False),
    Column("method", Text, comment="another method is another series"),
    Column("margin", Numeric, comment="in the unit of the value"),
    Column("import_id", Uuid),
    PrimaryKeyConstraint("indicator_code", "period", "region_code", "source_code"),
    CheckConstraint("(value IS NULL) = (missing_reason IS NOT NULL)", name="value_or_reason"),
)


def periods() -> Select[Any]:
    """Which published indicator has figures of which period."""
    return select(indicator_values.c.indicator_code, indicator_values.c.period).distinct().order_by(*indicator_values.primary_key.columns[:2])


def definitions(codes: Iterable[str]) -> Select[Any]:
    """Definitions by code."""
    return select(indicators).where(indicators.c.indicator_code.in_(list(codes)))


def values_of(indicator_code: str, period: str, level: RegionLevel) -> Select[Any]:
    """All values of an indicator for a period at one level from one source, in the order of the region codes.

    Of several sources the preferred one, then the one with the most regions: figures of two sources are never mixed in one series.
    """
    v = indicator_values.c
    chosen = (
        select(v.source_code)
        .join(sources, sources.c.source_code == v.source_code)
        .where(v.indicator_code == indicator_code, v.period == period, func.length(v.region_code) == CODE_LENGTH[level])
        .group_by(v.source_code, sources.c.preference)
        .order_by(sources.c.preference, func.count().desc(), v.source_code)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(v.region_code, v.value, v.missing_reason, v.source_code)
        .where(v.indicator_code == indicator_code, v.period == period, v.source_code == chosen, func.length(v.region_code) == CODE_LENGTH[level])
        .order_by(v.region_code)
    )


def by_source(indicator_code: str, period: str) -> Select[Any]:
    """Every source's values of an indicator for a period, region by region, the preferred source first."""
    v = indicator_values.c
    return (
        select(v.region_code, v.source_code, v.value, v.missing_reason, v.method, v.margin)
        .join(sources, sources.c.source_code == v.source_code)
        .where(v.indicator_code == indicator_code, v.period == period)
        .order_by(v.region_code, sources.c.preference, v.source_code)
    )


def over_time(indicator_code: str, region_code: str) -> Select[Any]:
    """A region's values of an indicator over the periods, of each period the preferred source's."""
    v = indicator_values.c
    return (
        select(v.period, v.value, v.missing_reason, v.source_code, v.method, v.margin)
        .join(sources, sources.c.source_code == v.source_code)
        .where(v.indicator_code == indicator_code, v.region_code == region_code)
        .ext(distinct_on(v.period))
        .order_by(v.period, sources.c.preference, v.source_code)
    )
