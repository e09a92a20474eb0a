"""The figures that a model ranks: of every regency and city, the newest there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.computation.ranking import Floats
from services.mapping.computation.result import Candidate, Provenance
from services.mapping.indicators.domain import Series
from services.mapping.indicators.handlers import series_of
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.tables import active_codes


@dataclass(frozen=True)
class Figures:
    """One series a criterion, and every candidate with its figures in the order of the criteria."""

    series: tuple[Series, ...]
    candidates: tuple[Candidate, ...]

    @property
    def provenance(self) -> dict[str, Provenance]:
        """Unit, source and period of each criterion."""
        return {each.indicator_code: _provenance(each) for each in self.series}

    @property
    def complete(self) -> Floats:
        """The figures of the candidates that have all of them (n x m)."""
        return np.array([candidate.values for candidate in self.candidates if None not in candidate.values], np.float64).reshape(-1, len(self.series))


async def figures_of(
    connection: AsyncConnection,
    indicator_codes: Sequence[str],
    population_period: str,
    level: RegionLevel = RegionLevel.REGENCY,
    period: str | None = None,
) -> Figures:
    """Of every region of today at that level, the newest period or one. `NotFound` or `PeriodUnavailable` where an indicator has none."""
    series = [await series_of(connection, code, period, population_period, level) for code in indicator_codes]
    places = [(code, code[:2]) for code in await connection.scalars(active_codes(level))]
    return Figures(tuple(series), tuple(Candidate(code, province, tuple(_figure(each, code) for each in series)) for code, province in places))


def _provenance(series: Series) -> Provenance:
    period = f"{series.period}; population {series.population_period}" if series.population_period else series.period
    return Provenance(series.unit, ", ".join(series.source_codes), period)


def _figure(series: Series, region_code: str) -> float | None:
    figure = series.figures.get(region_code)
    return None if figure is None or figure.value is None else float(figure.value)
