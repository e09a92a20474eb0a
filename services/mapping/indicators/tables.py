"""The tables of indicators, their sources and their values."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Numeric, PrimaryKeyConstraint, Select, Table, Text, select

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
    PrimaryKeyConstraint("indicator_code", "period", "region_code"),
    CheckConstraint("(value IS NULL) = (missing_reason IS NOT NULL)", name="value_or_reason"),
)


def periods() -> Select[Any]:
    """Which published indicator has figures of which period."""
    return select(indicator_values.c.indicator_code, indicator_values.c.period).distinct().order_by(*indicator_values.primary_key.columns[:2])


def definitions(codes: Iterable[str]) -> Select[Any]:
    """Definitions by code."""
    return select(indicators).where(indicators.c.indicator_code.in_(list(codes)))


def values_of(indicator_code: str, period: str) -> Select[Any]:
    """All values of an indicator for a period, in the order of the region codes."""
    return (
        select(indicator_values.c.region_code, indicator_values.c.value, indicator_values.c.missing_reason, indicator_values.c.source_code)
        .where(indicator_values.c.indicator_code == indicator_code, indicator_values.c.period == period)
        .order_by(indicator_values.c.region_code)
    )
