"""What can be done with prioritisation models."""

from uuid import UUID

from services.mapping.computation.problems import as_problems
from services.mapping.computation.ranking import Aggregation, Missing, Normalisation
from services.mapping.indicators.handlers import periods_of
from services.mapping.models.domain import PrioritisationModel, UnknownIndicator, WeightedIndicator
from services.mapping.models.tables import newest_version
from shared.clock import new_id
from shared.database import Transaction


async def draft_model(
    transaction: Transaction,
    *,
    code: str,
    title: str,
    rationale: str,
    criteria: list[WeightedIndicator],
    normalisation: Normalisation,
    aggregation: Aggregation,
    missing: Missing,
    author: str,
) -> PrioritisationModel:
    """Write down the next version of a model; its indicators must have figures."""
    async with transaction() as uow:
        known = [code for code, periods in sorted((await periods_of(uow.connection)).items()) if periods]
        if not {criterion.indicator_code for criterion in criteria} <= set(known):
            raise UnknownIndicator(known_indicator_codes=known)
        newest: int = (await uow.connection.execute(newest_version(code))).scalar_one()
        with as_problems():
            model = PrioritisationModel.draft(
                id=new_id(),
                code=code,
                model_version=newest + 1,
                title=title,
                rationale=rationale,
                criteria=criteria,
                normalisation=normalisation,
                aggregation=aggregation,
                missing=missing,
                author=author,
            )
        uow.add(model)
    return model


async def approve_model(transaction: Transaction, model_id: UUID, by: str) -> PrioritisationModel:
    """Let runs use a model; `by` is not its author."""
    async with transaction() as uow:
        model = await uow.get(PrioritisationModel, model_id)
        model.approve(by)
    return model
