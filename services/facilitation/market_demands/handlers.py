"""What can be done with a demand."""

from datetime import date, timedelta
from uuid import UUID

from services.facilitation.group_products.domain import CertificateKind
from services.facilitation.market_demands.domain import MarketDemand
from services.facilitation.market_demands.rules import rules_on
from services.facilitation.market_demands.tables import needed_before
from services.facilitation.parties import acting_buyer, get_concerning
from shared.clock import new_id
from shared.database import Database, Transaction
from shared.errors import IllegalTransition, StaleVersion
from shared.money import Rupiah
from shared.security.identity import Caller


async def register_demand(
    transaction: Transaction,
    caller: Caller,
    *,
    buyer_institution_id: UUID,
    region_code: str,
    category_code: str,
    quantity: int,
    unit: str,
    needed_by: date,
    price_ceiling_idr: int,
    certificates: list[CertificateKind],
    specifications: list[str],
    max_distance_km: int | None,
    on: date,
) -> MarketDemand:
    """State a need of the caller's institution, or as a ministry that of another."""
    acting_buyer(caller, buyer_institution_id)
    async with transaction() as uow:
        demand = MarketDemand.register(
            id=new_id(),
            buyer_institution_id=buyer_institution_id,
            region_code=region_code,
            category_code=category_code,
            quantity=quantity,
            unit=unit,
            needed_by=needed_by,
            price_ceiling_idr=Rupiah(price_ceiling_idr),
            certificates=certificates,
            specifications=specifications,
            max_distance_km=max_distance_km,
            on=on,
        )
        uow.add(demand)
    return demand


async def close_demand(transaction: Transaction, demand_id: UUID, caller: Caller, reason_code: str) -> MarketDemand:
    """Withdraw it."""
    async with transaction() as uow:
        demand = await get_concerning(uow, MarketDemand, demand_id, caller)
        demand.close(reason_code)
    return demand


async def close_passed(database: Database, on: date) -> int:
    """Close what was needed longer ago than the rule waits; how many. Repeating it changes nothing."""
    closed = 0
    async with database.reading() as connection:
        ids = (await connection.scalars(needed_before(on - timedelta(days=rules_on(on).close_after_days)))).all()
    for id in ids:
        try:
            async with database.transaction() as uow:
                (await uow.get(MarketDemand, id)).close("date_passed")
            closed += 1
        except (StaleVersion, IllegalTransition):
            continue  # somebody acted on it at this moment; the next look finds what is left to do
    return closed
