"""The route of what groups supplied."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from services.facilitation.orders.queries import supplied
from services.facilitation.orders.tables import supplies
from services.facilitation.parties import GROUP_SIDE, MINISTRIES
from services.facilitation.scope import within
from shared.database import Database
from shared.http.access import allow
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("market-reports")


class SuppliedOut(BaseModel):
    """What a group supplied; through another group where a hub or cooperative sold it."""

    group_id: UUID
    through_group_id: UUID
    orders: int
    quantity: int
    value_idr: int


class SupplyReport(BaseModel):
    """Deliveries between two days, both included, by who made the goods and who sold them."""

    from_day: date
    to_day: date
    items: list[SuppliedOut]


@routes.get("/market-reports/supply", operation_id="get_supply_report", summary="Pasokan kelompok / What groups supplied")
async def supply(
    request: Request,
    from_day: Annotated[date, Field(description="first day of delivery")],
    to_day: Annotated[date, Field(description="last day of delivery")],
    group_id: UUID | None = None,
    caller: Caller = allow(*GROUP_SIDE, *MINISTRIES, Role.COORDINATOR, Role.AUDITOR),
) -> SupplyReport:
    """A group that supplies through a hub is counted as one that sells by itself; what was cancelled was never delivered."""
    database: Database = request.app.state.database
    where = within(supplies.c.region_code, caller)
    if group_id:
        where &= supplies.c.group_id == group_id
    async with database.reading() as connection:
        rows = (await connection.execute(supplied(where, from_day, to_day))).all()
    return SupplyReport(from_day=from_day, to_day=to_day, items=[SuppliedOut(**row._mapping) for row in rows])
