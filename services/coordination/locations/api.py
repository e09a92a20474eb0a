"""Routes of locations."""

from datetime import date
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from services.coordination.locations.tables import locations
from shared.http.access import allow
from shared.http.pages import Page, Paging
from shared.http.requests import router
from shared.security.identity import Role

routes = router("locations")
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


class LocationOut(BaseModel):
    """A location (lokasi prioritas) that takes commitments, or did."""

    id: UUID
    programme_id: UUID
    region_code: str
    province_code: str
    rank: int
    closed_on: date | None = Field(description="null while it takes commitments")


@routes.get(
    "/locations", operation_id="list_locations", summary="Lokasi terbuka untuk komitmen / Locations open for commitments", dependencies=[allow(*READERS)]
)
async def list_locations(request: Request, page: Paging, programme_id: UUID | None = None, closed: bool = False) -> Page[LocationOut]:
    """Those that take commitments, by region code; with `closed=true` those that no longer do. Which ones there are is known from mapping's events alone."""
    statement = locations.select().where(locations.c.closed_on.is_not(None) if closed else locations.c.closed_on.is_(None))
    if programme_id is not None:
        statement = statement.where(locations.c.programme_id == programme_id)
    return await page.listing(request, statement, LocationOut, by=[locations.c.region_code, locations.c.id])
