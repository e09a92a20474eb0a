"""What can be done with reference lists, and the backtest on the official list of 2021."""

import asyncio
import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.computation.overlap import Overlap, Rule, Trial, backtest, overlap
from services.mapping.computation.problems import as_problems
from services.mapping.computation.selection import Quota
from services.mapping.indicators.domain import Series
from services.mapping.indicators.handlers import series_of
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.references.domain import NotComputed, ReferenceList, UnknownListCode
from services.mapping.references.tables import regencies_by_code, regencies_with_names
from services.mapping.regions.codes import Scheme
from shared.clock import new_id
from shared.database import Transaction
from shared.errors import NotFound

QUOTA_2021 = Quota(areas=35, provinces=7, per_province_min=5, per_province_max=5)
"""The form of the official choice of 2021: five regencies in each of seven provinces."""
PERIOD_2021 = "2021-03"
_OFFICIAL = Path(__file__).parent / "reference" / "official_35_2021.csv"
_Figures = tuple[tuple[str, float], ...]


async def record_list(transaction: Transaction, *, name: str, source: str, year: int, scheme: Scheme, region_codes: list[str], by: str) -> ReferenceList:
    """Write a reference list down; every code has to mean a regency or city in its scheme."""
    async with transaction() as uow:
        region_of = {row.code: row.region_code for row in (await uow.connection.execute(regencies_by_code(scheme))).all()}
        if unknown := sorted(set(region_codes) - region_of.keys()):
            raise UnknownListCode(scheme=str(scheme), unknown_codes=unknown)
        meant = [region_of[code] for code in region_codes]
        written = ReferenceList.write_down(id=new_id(), name=name, source=source, year=year, scheme=scheme, given_codes=region_codes, region_codes=meant, by=by)
        uow.add(written)
    return written


async def overlap_with(
    transaction: Transaction, run_id: UUID, reference_list_id: UUID, *, public_only: bool
) -> tuple[PrioritisationRun, ReferenceList, Overlap]:
    """A run's selection against a list; nothing is stored. `NotFound` where the public asks for a run that is not published."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        if public_only and not run.is_public:
            raise NotFound
        listed = await uow.get(ReferenceList, reference_list_id)
    if not run.selected:
        raise NotComputed
    return run, listed, overlap(run.region_codes, listed.region_codes)


@dataclass(frozen=True)
class Backtest:
    """What rules would have named in 2021, with the figures they went by."""

    official: tuple[str, ...]
    source: str
    rate: Series
    number: Series
    left_out: tuple[str, ...]
    trials: dict[Rule, Trial]


async def backtest_2021(connection: AsyncConnection, population_period: str) -> Backtest:
    """The rules of `overlap.backtest` on the poverty figures of March 2021, in the provinces of 2021."""
    rate = await series_of(connection, "poverty_rate", PERIOD_2021, None)
    number = await series_of(connection, "number_of_poor", PERIOD_2021, population_period)
    province_of = {row.region_code: row.province_code_2021 for row in (await connection.execute(regencies_with_names())).all() if row.province_code_2021}
    rates, numbers = _known(rate), _known(number)
    codes = sorted(rates.keys() & numbers.keys() & province_of.keys())
    official, source = _official()
    given = tuple((code, rates[code]) for code in codes), tuple((code, numbers[code]) for code in codes), tuple((code, province_of[code]) for code in codes)
    with as_problems():
        trials = await asyncio.to_thread(_trials, *given)
    return Backtest(official, source, rate, number, tuple(sorted(set(rate.figures) - set(codes))), trials)


def _known(series: Series) -> dict[str, float]:
    return {code: float(figure.value) for code, figure in series.figures.items() if figure.value is not None}


@cache
def _official() -> tuple[tuple[str, ...], str]:
    with _OFFICIAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    return tuple(row["region_code"] for row in rows), "; ".join(sorted({row["source"] for row in rows}))


@lru_cache(maxsize=4)
def _trials(rates: _Figures, numbers: _Figures, provinces: tuple[tuple[str, str], ...]) -> dict[Rule, Trial]:
    """Anybody may ask, and eight selections take a while: the same figures are computed once a process."""
    return backtest(dict(rates), dict(numbers), dict(provinces), QUOTA_2021, _official()[0])
