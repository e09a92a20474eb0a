"""What can be asked about indicators."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.indicators.domain import DERIVATIONS, POPULATION, Figure, PeriodUnavailable, Series
from services.mapping.indicators.tables import definitions, periods, values_of
from services.mapping.regions.codes import RegionLevel
from shared.errors import NotFound


async def periods_of(connection: AsyncConnection) -> dict[str, list[str]]:
    """The periods of every indicator, oldest first; a derived one has those of what it is derived from."""
    found: dict[str, list[str]] = {}
    for row in (await connection.execute(periods())).all():
        found.setdefault(row.indicator_code, []).append(row.period)
    return found | {code: found.get(derivation.base, []) for code, derivation in DERIVATIONS.items()}


async def series_of(
    connection: AsyncConnection, indicator_code: str, period: str | None, population_period: str | None, level: RegionLevel = RegionLevel.REGENCY
) -> Series:
    """One indicator's figures; the newest period unless one is given. `NotFound` or `PeriodUnavailable` where there are none."""
    definition = (await connection.execute(definitions([indicator_code]))).one_or_none()
    if definition is None:
        raise NotFound
    available = await periods_of(connection)
    chosen = _one_of(available.get(indicator_code, []), period)
    derivation = DERIVATIONS.get(indicator_code)
    if derivation is None:
        figures, source_codes = await _published(connection, indicator_code, chosen, level)
        population_period = None
    else:
        population_period = _one_of(available.get(POPULATION, []), population_period)
        base, base_sources = await _published(connection, derivation.base, chosen, level)
        people, people_sources = await _published(connection, POPULATION, population_period, level)
        nobody = Figure(None, "no population figure")
        figures = {code: derivation.of(figure, people.get(code, nobody), definition.decimals) for code, figure in base.items()}
        source_codes = [*base_sources, *people_sources]
    return Series(
        indicator_code=indicator_code,
        name_id=definition.name_id,
        name_en=definition.name_en,
        unit=definition.unit,
        decimals=definition.decimals,
        kind=definition.kind,
        derived=derivation is not None,
        period=chosen,
        population_period=population_period,
        source_codes=source_codes,
        figures=figures,
    )


async def _published(connection: AsyncConnection, indicator_code: str, period: str, level: RegionLevel) -> tuple[dict[str, Figure], list[str]]:
    rows: Sequence[Any] = (await connection.execute(values_of(indicator_code, period, level))).all()
    return {row.region_code: Figure(row.value, row.missing_reason) for row in rows}, sorted({row.source_code for row in rows})


def _one_of(available: list[str], wanted: str | None) -> str:
    if not available or (wanted and wanted not in available):
        raise PeriodUnavailable(available_periods=available)
    return wanted or available[-1]
