"""How explanations are made: from the stored result, off the event loop, and kept for the next reader."""

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.certificates.handlers import stored_certificate
from services.mapping.computation.counterfactual import Counterfactual, smallest_changes
from services.mapping.computation.problems import as_problems
from services.mapping.explanations.domain import Explanation, Robustness
from services.mapping.explanations.errors import NoListInForce
from services.mapping.indicators.tables import indicators
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.handlers import stored_result
from services.mapping.prioritisation.tables import run_in_force
from services.mapping.publication.domain import NotComputed, Sheet
from services.mapping.publication.handlers import names_of, places_of
from shared.database import Database
from shared.errors import NotFound

KEPT = 2048
"""So many answers are kept a process: each takes about a second to find, and the result of a run does not change."""


async def explain(database: Database, run_id: UUID, region_code: str, *, public_only: bool) -> tuple[PrioritisationRun, Explanation]:
    """Of one region in a run; `NotFound` for one that is no candidate, or where the public asks for a run that is not published."""
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        if public_only and not run.is_public:
            raise NotFound
        text = await stored_result(uow.connection, run_id)
        if text is None:
            raise NotComputed(run_id=str(run_id))
        certificate = await stored_certificate(uow.connection, run_id)
        places, names, decimals = await places_of(uow.connection), await names_of(uow.connection), await _decimals(uow.connection)
    document = await asyncio.to_thread(json.loads, text)
    if region_code not in places or region_code not in {candidate["region_code"] for candidate in document["inputs"]["candidates"]}:
        raise NotFound
    sheet = Sheet.of(run, document, places, names)
    ranked = any(row.region_code == region_code for row in sheet.rows)
    found = await _changes(text, region_code) if ranked else None
    robustness = Robustness.read(json.loads(certificate.document), region_code) if certificate and certificate.result_hash == run.result_hash else None
    return run, Explanation.of(sheet, document, region_code, places[region_code], found, decimals, robustness)


async def in_force(database: Database, programme_id: UUID) -> UUID:
    """The run whose list a programme has in force."""
    async with database.reading() as connection:
        run_id: UUID | None = await connection.scalar(run_in_force(programme_id))
    if run_id is None:
        raise NoListInForce
    return run_id


async def _changes(text: str, region_code: str) -> Counterfactual:
    with as_problems():
        return await asyncio.to_thread(_smallest_changes, text, region_code)


@lru_cache(maxsize=KEPT)
def _smallest_changes(text: str, region_code: str) -> Counterfactual:
    return smallest_changes(json.loads(text), region_code)


async def _decimals(connection: AsyncConnection) -> Mapping[str, int]:
    rows: Any = (await connection.execute(select(indicators.c.indicator_code, indicators.c.decimals))).all()
    return {row.indicator_code: row.decimals for row in rows}
