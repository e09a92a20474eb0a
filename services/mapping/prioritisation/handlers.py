"""What can be done with prioritisation models and runs."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.computation.problems import as_problems
from services.mapping.computation.result import Candidate, Provenance, compute, sha256
from services.mapping.computation.selection import Quota
from services.mapping.indicators.domain import POPULATION, PeriodUnavailable, Series
from services.mapping.indicators.handlers import periods_of, series_of
from services.mapping.models.domain import PrioritisationModel
from services.mapping.prioritisation.domain import Outcome, PrioritisationRun, ProgrammeNotActive
from services.mapping.prioritisation.tables import priority_locations, result_of, store_result
from services.mapping.programmes.tables import known_programme
from services.mapping.regions.tables import regencies
from shared.clock import new_id
from shared.database import Transaction


async def create_run(transaction: Transaction, *, programme_id: UUID, model_id: UUID, population_period: str, author: str) -> PrioritisationRun:
    """Start a run of an approved model for an active programme."""
    async with transaction() as uow:
        programme = (await uow.connection.execute(known_programme(programme_id))).one_or_none()
        if programme is None:
            raise ProgrammeNotActive
        available = (await periods_of(uow.connection)).get(POPULATION, [])
        if population_period not in available:
            raise PeriodUnavailable(available_periods=available)
        run = PrioritisationRun.create(
            id=new_id(),
            programme_id=programme_id,
            area_quota=programme.area_quota,
            province_quota=programme.province_quota,
            model=await uow.get(PrioritisationModel, model_id),
            population_period=population_period,
            author=author,
        )
        uow.add(run)
    return run


async def compute_run(transaction: Transaction, run_id: UUID, by: str) -> PrioritisationRun:
    """Rank and select on the newest figures, and keep the whole result; the same figures again change nothing."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        run.require_computable()
        model = await uow.get(PrioritisationModel, run.model_id)
        series = [await series_of(uow.connection, criterion.indicator_code, None, run.population_period) for criterion in model.criteria]
        places = [(row.region_code, row.province_code) for row in (await uow.connection.execute(regencies())).all()]
        with as_problems():
            document, text = await asyncio.to_thread(_computed, model, series, places, Quota(run.area_quota, run.province_quota))
        changed = run.compute(Outcome.of(document), by)
        if changed or await stored_result(uow.connection, run_id) != text:
            uow.also(store_result(run.id, text))
    return run


def _computed(model: PrioritisationModel, series: list[Series], places: list[tuple[str, str]], quota: Quota) -> tuple[Mapping[str, Any], str]:
    """The document and its canonical text."""
    provenance = {each.indicator_code: _provenance(each) for each in series}
    candidates = [Candidate(code, province, tuple(_figure(each, code) for each in series)) for code, province in places]
    document = compute(model.method(), provenance, candidates, quota)
    return document, json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _provenance(series: Series) -> Provenance:
    period = f"{series.period}; population {series.population_period}" if series.population_period else series.period
    return Provenance(series.unit, ", ".join(series.source_codes), period)


def _figure(series: Series, region_code: str) -> float | None:
    figure = series.figures.get(region_code)
    return None if figure is None or figure.value is None else float(figure.value)


async def lock_run(transaction: Transaction, run_id: UUID, by: str) -> PrioritisationRun:
    """Confirm the selection; `by` neither started nor computed the run."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        document = await stored_result(uow.connection, run_id)
        run.lock(by, await asyncio.to_thread(_rehashed, document) if document else "")
    return run


def _rehashed(text: str) -> str:
    document = json.loads(text)
    return sha256({"inputs": document["inputs"], "result": document["result"]})


async def publish_run(transaction: Transaction, run_id: UUID, *, decree_ref: str, effective_from: date, by: str) -> PrioritisationRun:
    """Publish the selection under a decree; its locations are on the list in the same transaction."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        programme = (await uow.connection.execute(known_programme(run.programme_id))).one()
        run.publish(by, decree_ref, effective_from, programme.valid_from, programme.valid_to)
        rows = [
            {
                "location_priority_id": run.location_priority_id(location),
                "programme_id": run.programme_id,
                "run_id": run.id,
                "region_code": location.region_code,
                "province_code": location.province_code,
                "rank": location.rank,
                "score": location.score,
                "poverty_score": location.poverty_score,
                "potential_score": location.potential_score,
                "effective_from": effective_from,
            }
            for location in run.selected
        ]
        uow.also(insert(priority_locations), rows)
    return run


async def stored_result(connection: AsyncConnection, run_id: UUID) -> str | None:
    """The canonical text of a run's result, once computed."""
    text: str | None = await connection.scalar(result_of(run_id))
    return text
