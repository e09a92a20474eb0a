"""How previews and comparisons are computed; nothing is stored."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.computation.comparison import Comparison, compare
from services.mapping.computation.constraints import Quota
from services.mapping.computation.problems import as_problems
from services.mapping.computation.result import compute
from services.mapping.models.domain import PrioritisationModel
from services.mapping.models.figures import figures_of
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.handlers import stored_result
from services.mapping.prioritisation.outcome import SelectedLocation, ranked_locations
from services.mapping.prioritisation.tables import run_in_force
from services.mapping.publication.domain import NotComputed
from services.mapping.regions.codes import RegionLevel
from shared.database import Database
from shared.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a model would select now, and what that would change about the list in force of a programme."""

    input_hash: str
    result_hash: str
    candidate_count: int
    selected: list[SelectedLocation]
    compared_with_run_id: UUID | None
    enters: list[str]
    leaves: list[str]


async def preview(
    database: Database,
    model_id: UUID,
    quota: Quota,
    population_period: str,
    programme_id: UUID | None,
    level: RegionLevel = RegionLevel.REGENCY,
    period: str | None = None,
) -> Preview:
    """Of a model in any state, at any level, on the newest figures or those of a period. Raises what computing a run raises."""
    async with database.transaction() as uow:
        model = await uow.get(PrioritisationModel, model_id)
        figures = await figures_of(uow.connection, [criterion.indicator_code for criterion in model.criteria], population_period, level, period)
        run = await _in_force(uow.connection, programme_id)
        earlier = (await uow.get(PrioritisationRun, run)).in_force if run else []
    with as_problems():
        document = await asyncio.to_thread(compute, model.method(), figures.provenance, figures.candidates, quota)
    chosen = set(document["result"]["selection"]["region_codes"])
    selected = [location for location in ranked_locations(document) if location.region_code in chosen]
    before = {location.region_code for location in earlier}
    return Preview(
        input_hash=document["input_hash"],
        result_hash=document["result_hash"],
        candidate_count=len(document["inputs"]["candidates"]),
        selected=selected,
        compared_with_run_id=run,
        enters=[location.region_code for location in selected if run and location.region_code not in before],
        leaves=sorted(before - chosen),
    )


async def _in_force(connection: AsyncConnection, programme_id: UUID | None) -> UUID | None:
    found: UUID | None = await connection.scalar(run_in_force(programme_id)) if programme_id else None
    return found


async def comparison(database: Database, run_id: UUID, *, public_only: bool) -> tuple[PrioritisationRun, Comparison]:
    """Of a run's stored result. `NotFound` where the public asks for a run that is not published."""
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        if public_only and not run.is_public:
            raise NotFound
        text = await stored_result(uow.connection, run_id)
    if text is None:
        raise NotComputed(run_id=str(run_id))
    with as_problems():
        return run, await asyncio.to_thread(_compared, text)


@lru_cache(maxsize=64)
def _compared(text: str) -> Comparison:
    """Anybody may ask, and the result of a run does not change: computed once a process."""
    document: Mapping[str, Any] = json.loads(text)
    return compare(document)
