"""Routes of institutions."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.institutions import handlers
from services.coordination.institutions.domain import Institution, InstitutionType
from services.coordination.institutions.tables import institutions
from shared.http.access import allow
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("institutions")
READERS = tuple(role for role in Role if role is not Role.PUBLIC)


class RegisterInstitution(RequestModel):
    """An institution as entered in the register."""

    code: Annotated[Code, Field(examples=["kemenkop_ukm"])]
    name: Annotated[Name, Field(examples=["Kementerian Koperasi dan UKM"])]
    institution_type: InstitutionType
    parent_institution_id: UUID | None = None
    sector_code: Code | None = None


class InstitutionOut(Representation[Institution]):
    """An institution (lembaga)."""

    id: UUID
    code: str
    name: str
    institution_type: InstitutionType
    parent_institution_id: UUID | None
    sector_code: str | None


@routes.post(
    "/institutions", operation_id="register_institution", summary="Daftarkan lembaga / Register an institution", status_code=201, response_model=InstitutionOut
)
async def register(body: RegisterInstitution, command: Creating, caller: Caller = allow(Role.COORDINATOR, Role.PROGRAMME_OWNER)) -> Response:
    """Its code is unique."""
    return await command.create(lambda transaction: handlers.register_institution(transaction, **dict(body)), InstitutionOut, Institution)


@routes.get("/institutions", operation_id="list_institutions", summary="Daftar lembaga / List institutions", dependencies=[allow(*READERS)])
async def list_institutions(request: Request, page: Paging, code: Annotated[str | None, Field(max_length=64)] = None) -> Page[InstitutionOut]:
    """In the order in which they were registered."""
    statement = institutions.select() if code is None else institutions.select().where(institutions.c.code == code)
    return await page.listing(request, statement, InstitutionOut, by=[institutions.c.id])


@routes.get(
    "/institutions/{institution_id}",
    operation_id="get_institution",
    summary="Baca lembaga / Read an institution",
    response_model=InstitutionOut,
    dependencies=[allow(*READERS)],
)
async def get_institution(request: Request, institution_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, Institution, institution_id, InstitutionOut)
