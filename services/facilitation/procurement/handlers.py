"""What can be done with procurement figures."""

from uuid import UUID

from services.facilitation.parties import acting_buyer
from services.facilitation.procurement.domain import ProcurementFigure, Stage
from shared.clock import new_id
from shared.database import Transaction
from shared.errors import NotFound
from shared.money import Rupiah
from shared.security.identity import Caller, Role


async def register_figure(
    transaction: Transaction,
    caller: Caller,
    *,
    institution_id: UUID,
    fiscal_year: int,
    stage: Stage,
    total_idr: int,
    small_business_idr: int,
    domestic_idr: int,
) -> ProcurementFigure:
    """Register a year of the caller's institution, or as a ministry that of another."""
    acting_buyer(caller, institution_id)
    async with transaction() as uow:
        figure = ProcurementFigure.register(
            id=new_id(),
            institution_id=institution_id,
            fiscal_year=fiscal_year,
            stage=stage,
            total_idr=Rupiah(total_idr),
            small_business_idr=Rupiah(small_business_idr),
            domestic_idr=Rupiah(domestic_idr),
        )
        uow.add(figure)
    return figure


async def correct_figure(
    transaction: Transaction, procurement_id: UUID, caller: Caller, *, total_idr: int, small_business_idr: int, domestic_idr: int, reason_code: str
) -> ProcurementFigure:
    """Correct a year."""
    async with transaction() as uow:
        figure = await uow.get(ProcurementFigure, procurement_id)
        if caller.role is Role.BUYER and not caller.acts_for(figure.institution_id):
            raise NotFound
        figure.correct(total_idr=Rupiah(total_idr), small_business_idr=Rupiah(small_business_idr), domestic_idr=Rupiah(domestic_idr), reason_code=reason_code)
    return figure
