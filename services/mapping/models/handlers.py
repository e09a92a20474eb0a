"""What can be done with prioritisation models."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.computation.problems import as_problems
from services.mapping.computation.ranking import Aggregation, Dimension, Direction, Missing, Normalisation, rank
from services.mapping.indicators.domain import POPULATION
from services.mapping.indicators.handlers import periods_of
from services.mapping.models.domain import PrioritisationModel, WeightedIndicator
from services.mapping.models.figures import Figures, figures_of
from services.mapping.models.state import UnknownIndicator, WeightsMissing, WeightsTwice
from services.mapping.models.tables import current_beside, due, newest_version
from services.mapping.models.weighting import Node, Weighting, by_figures, by_tree
from shared.clock import new_id
from shared.database import Database, Transaction
from shared.errors import IllegalTransition, StaleVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCriterion:
    """A criterion as somebody states it; `weight` None where it is to be computed."""

    indicator_code: str
    direction: Direction
    dimension: Dimension
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedWeighting:
    """How weights are to come about."""

    kind: Literal["given", "tree", "entropy", "critic"] = "given"
    tree: Node | None = None
    population_period: str | None = None


async def weigh(connection: AsyncConnection, criteria: Sequence[StatedCriterion], stated: StatedWeighting) -> tuple[list[WeightedIndicator], Weighting]:
    """The criteria with their weights, which sum to exactly 1, and how these came about; nothing is stored."""
    known = [code for code, periods in sorted((await periods_of(connection)).items()) if periods]
    codes = [criterion.indicator_code for criterion in criteria]
    if not set(codes) <= set(known):
        raise UnknownIndicator(known_indicator_codes=known)
    weighed = [criterion.indicator_code for criterion in criteria if criterion.weight is not None]
    if stated.kind == "given":
        if lacking := sorted(set(codes) - set(weighed)):
            raise WeightsMissing(criterion_codes=lacking)
        return [_weighted(criterion, criterion.weight or Decimal(0)) for criterion in criteria], Weighting()
    if weighed:
        raise WeightsTwice(criterion_codes=weighed)
    with as_problems():
        if stated.kind == "tree":
            weights, consistency = by_tree(stated.tree or Node(code="root"), codes)
            said = Weighting(kind="tree", tree=stated.tree, consistency=consistency)
        else:
            figures = await figures_of(connection, codes, stated.population_period or (await periods_of(connection))[POPULATION][-1])
            directions = {criterion.indicator_code: criterion.direction for criterion in criteria}
            weights = await asyncio.to_thread(by_figures, stated.kind, codes, directions, figures.complete)
            said = Weighting(kind=stated.kind, periods=_periods(figures), region_count=len(figures.complete))
    return [_weighted(criterion, weights[criterion.indicator_code]) for criterion in criteria], said


def _weighted(criterion: StatedCriterion, weight: Decimal) -> WeightedIndicator:
    return WeightedIndicator(indicator_code=criterion.indicator_code, weight=weight, direction=criterion.direction, dimension=criterion.dimension)


def _periods(figures: Figures) -> dict[str, str]:
    return {code: each.period for code, each in figures.provenance.items()}


async def draft_model(
    transaction: Transaction,
    *,
    code: str,
    title: str,
    rationale: str,
    criteria: Sequence[StatedCriterion],
    weighting: StatedWeighting,
    normalisation: Normalisation,
    aggregation: Aggregation,
    missing: Missing,
    author: str,
) -> PrioritisationModel:
    """Write down the next version of a model; its indicators must have figures."""
    async with transaction() as uow:
        weighted, said = await weigh(uow.connection, criteria, weighting)
        newest: int = (await uow.connection.execute(newest_version(code))).scalar_one()
        with as_problems():
            model = PrioritisationModel.draft(
                id=new_id(),
                code=code,
                model_version=newest + 1,
                title=title,
                rationale=rationale,
                criteria=weighted,
                weighting=said,
                normalisation=normalisation,
                aggregation=aggregation,
                missing=missing,
                author=author,
            )
        uow.add(model)
    return model


async def submit_model(transaction: Transaction, model_id: UUID, by: str) -> PrioritisationModel:
    """Hand a model over for approval; it has to rank the figures of now."""
    async with transaction() as uow:
        model = await uow.get(PrioritisationModel, model_id)
        newest = (await periods_of(uow.connection))[POPULATION][-1]
        figures = await figures_of(uow.connection, [criterion.indicator_code for criterion in model.criteria], newest)
        with as_problems():
            await asyncio.to_thread(_ranked, model, figures)
        model.submit(by)
    return model


def _ranked(model: PrioritisationModel, figures: Figures) -> None:
    rows = [[np.nan if value is None else value for value in candidate.values] for candidate in figures.candidates]
    rank(model.method(), [candidate.region_code for candidate in figures.candidates], np.array(rows, np.float64))


async def approve_model(transaction: Transaction, model_id: UUID, by: str) -> PrioritisationModel:
    """Accept a model; `by` is not its author."""
    async with transaction() as uow:
        model = await uow.get(PrioritisationModel, model_id)
        model.approve(by)
    return model


async def schedule_model(transaction: Transaction, model_id: UUID, effective_from: date, on: date) -> PrioritisationModel:
    """Have a model become current on a later day."""
    async with transaction() as uow:
        model = await uow.get(PrioritisationModel, model_id)
        model.schedule(effective_from, on)
    return model


async def activate_model(transaction: Transaction, model_id: UUID, on: date) -> PrioritisationModel:
    """Let runs use a model; the version of it that was current is retired in the same transaction."""
    async with transaction() as uow:
        # Met first and so saved first: only one version is current at any moment.
        current = await uow.connection.scalar(current_beside(model_id))
        earlier = await uow.get(PrioritisationModel, current) if current else None
        model = await uow.get(PrioritisationModel, model_id)
        model.activate(on)
        if earlier:
            earlier.retire("superseded")
    return model


async def retire_model(transaction: Transaction, model_id: UUID, reason_code: str) -> PrioritisationModel:
    """Take a model out of use."""
    async with transaction() as uow:
        model = await uow.get(PrioritisationModel, model_id)
        model.retire(reason_code)
    return model


async def activate_due(database: Database, on: date) -> int:
    """Make every scheduled model current whose day has come; how many there were. Each in a transaction of its own."""
    async with database.reading() as connection:
        waiting = [row.id for row in await connection.execute(due(on))]
    activated = 0
    for model_id in waiting:
        try:
            await activate_model(database.transaction, model_id, on)
        except (StaleVersion, IllegalTransition):  # somebody else did
            continue
        activated += 1
    return activated
