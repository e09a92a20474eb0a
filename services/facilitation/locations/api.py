"""Routes of priority locations."""

from datetime import date
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from services.facilitation.locations.tables import priority_locations
from shared.http.access import allow
from shared.http.pages import Page, Paging
from shared.http.requests import router
from shared.security.identity import Role

routes = router("priority-locations")
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


class PriorityLocationOut(BaseModel):
    """A priority location (lokasi prioritas), as mapping announced it."""

    programme_id: UUID
    region_code: str
    province_code: str
    location_priority_id: UUID
    effective_from: date
    ended_on: date | None = Field(description="the day from which it is none any more")


@routes.get(
    "/priority-locations",
    operation_id="list_priority_locations",
    summary="Lokasi prioritas yang dapat difasilitasi / Locations open for facilitation",
    dependencies=[allow(*READERS)],
)
async def list_priority_locations(request: Request, page: Paging, programme_id: UUID | None = None) -> Page[PriorityLocationOut]:
    """By region code; which ones there are is known from mapping's events alone."""
    c = priority_locations.c
    statement = priority_locations.select() if programme_id is None else priority_locations.select().where(c.programme_id == programme_id)
    return await page.listing(request, statement, PriorityLocationOut, by=[c.region_code, c.programme_id])
