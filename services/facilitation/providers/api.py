"""Routes of providers."""

from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from services.facilitation.providers.domain import ProviderStatus
from services.facilitation.providers.tables import training_providers
from shared.http.access import allow
from shared.http.pages import Page, Paging
from shared.http.requests import router
from shared.security.identity import Role

routes = router("training")
READERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN))


class ProviderOut(BaseModel):
    """An institution (lembaga penyelenggara), and where it stands in coordination's register."""

    institution_id: UUID
    status: ProviderStatus


@routes.get("/training-providers", operation_id="list_training_providers", summary="Lembaga penyelenggara / Providers", dependencies=[allow(*READERS)])
async def list_providers(request: Request, page: Paging, status: ProviderStatus | None = None) -> Page[ProviderOut]:
    """As facilitation has heard from coordination; names are read there."""
    c = training_providers.c
    statement = training_providers.select() if status is None else training_providers.select().where(c.status == status)
    return await page.listing(request, statement, ProviderOut, by=[c.institution_id])
