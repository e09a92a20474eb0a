"""The route of totals."""

from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from services.facilitation.totals.queries import totals_by_region
from shared.database import Database
from shared.http.access import PUBLIC
from shared.http.requests import router

routes = router("totals")


class RegionTotals(BaseModel):
    """Sums for one regency/city; rupiah are whole."""

    region_code: str = Field(examples=["53.04"])
    enterprises: int = Field(description="registered, whatever the programme")
    groups: int = Field(description="formed, whatever the programme")
    active_groups: int
    applications: int = Field(description="ever submitted under the programme")
    requested_idr: int
    grants: int
    granted_idr: int
    declined: int


class FacilitationTotals(BaseModel):
    """Sums for each regency/city that has any, by its code."""

    items: list[RegionTotals]


@routes.get("/totals", operation_id="facilitation_totals", summary="Jumlah fasilitasi per wilayah / Facilitation totals by region", dependencies=[PUBLIC])
async def totals(request: Request, programme_id: UUID) -> FacilitationTotals:
    """Summed over this service's own tables at the moment of asking."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(totals_by_region(programme_id))).all()
    return FacilitationTotals(items=[RegionTotals(**row._mapping) for row in rows])
