"""Routes of institutions."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.institutions import handlers
from services.coordination.institutions.domain import Former, Institution, InstitutionStatus, InstitutionType, Mandate
from services.coordination.institutions.tables import institutions
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, Note, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("institutions")
READERS = tuple(role for role in Role if role is not Role.PUBLIC)
KEEPERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)


class RegisterInstitution(RequestModel):
    """An institution as entered in the register."""

    code: Annotated[Code, Field(examples=["kemenkop_ukm"])]
    name: Annotated[Name, Field(examples=["Kementerian Koperasi dan UKM"])]
    institution_type: InstitutionType
    parent_institution_id: UUID | None = None
    sector_code: Code | None = None


class MandateIn(RequestModel):
    """A task as the legal basis words it."""

    task: Annotated[Note, Field(examples=["Meningkatkan akses pembiayaan bagi usaha mikro di lokasi prioritas"])]
    pillar_code: Annotated[Code, Field(examples=["raise_income"])]
    sector_code: Code | None = None
    intervention_codes: Annotated[list[Code], Field(max_length=50, examples=[["financing_access"]])]
    legal_basis: Annotated[Name, Field(examples=["Inpres 8/2025"])]
    valid_from: date
    valid_to: date | None = None


class SetMandates(RequestModel):
    """All mandates; the list replaces the former one."""

    mandates: Annotated[list[MandateIn], Field(max_length=100)]


class RenameInstitution(RequestModel):
    """Another name from a day on."""

    name: Name
    effective_from: date
    legal_basis: Name


class MoveInstitution(RequestModel):
    """Another parent from a day on; null makes it a root."""

    parent_institution_id: UUID | None
    effective_from: date
    legal_basis: Name


class Reason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["reorganisation"])]


class MergeInstitution(RequestModel):
    """Its successor, from a day on."""

    into_institution_id: UUID
    effective_from: date


class RetireInstitution(RequestModel):
    """From when on."""

    effective_from: date


class InstitutionOut(Representation[Institution]):
    """An institution (lembaga)."""

    id: UUID
    code: str
    name: str
    institution_type: InstitutionType
    parent_institution_id: UUID | None
    sector_code: str | None
    status: InstitutionStatus
    mandates: list[Mandate]
    former: list[Former] = Field(description="names and parents before the present ones, each up to `valid_to`")
    registered_on: date
    merged_into_institution_id: UUID | None
    ended_on: date | None


@routes.post(
    "/institutions", operation_id="register_institution", summary="Daftarkan lembaga / Register an institution", status_code=201, response_model=InstitutionOut
)
async def register(body: RegisterInstitution, command: Creating, caller: Caller = allow(*KEEPERS)) -> Response:
    """Its code is unique; another institution verifies it before it can be invited."""
    return await command.create(lambda transaction: handlers.register_institution(transaction, **dict(body)), InstitutionOut, Institution)


@routes.get("/institutions", operation_id="list_institutions", summary="Daftar lembaga / List institutions", dependencies=[allow(*READERS)])
async def list_institutions(
    request: Request,
    page: Paging,
    code: Annotated[str | None, Field(max_length=64)] = None,
    status: InstitutionStatus | None = None,
    parent_institution_id: UUID | None = None,
) -> Page[InstitutionOut]:
    """In the order in which they were registered."""
    statement = institutions.select()
    for column, value in (("code", code), ("status", status), ("parent_institution_id", parent_institution_id)):
        if value is not None:
            statement = statement.where(institutions.c[column] == value)
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


@routes.post("/institutions/{institution_id}/verify", operation_id="verify_institution", summary="Verifikasi lembaga / Verify", response_model=InstitutionOut)
async def verify(institution_id: UUID, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """By somebody outside of it."""
    return await command.change(
        institution_id, lambda transaction: handlers.verify_institution(transaction, institution_id, caller.institution_id), InstitutionOut, Institution
    )


@routes.post(
    "/institutions/{institution_id}/set-mandates", operation_id="set_mandates", summary="Tetapkan mandat / Set mandates", response_model=InstitutionOut
)
async def mandates(institution_id: UUID, body: SetMandates, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """What it is charged with, by pillar, sector and legal basis; a convergence gap goes to whose mandate names the intervention."""
    given = [Mandate(**dict(each)) for each in body.mandates]
    return await command.change(institution_id, lambda transaction: handlers.set_mandates(transaction, institution_id, given), InstitutionOut, Institution)


@routes.post("/institutions/{institution_id}/rename", operation_id="rename_institution", summary="Ubah nama / Rename", response_model=InstitutionOut)
async def rename(institution_id: UUID, body: RenameInstitution, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """The former name stays readable with its dates."""
    return await command.change(
        institution_id, lambda transaction: handlers.rename_institution(transaction, institution_id, **dict(body)), InstitutionOut, Institution
    )


@routes.post("/institutions/{institution_id}/move", operation_id="move_institution", summary="Pindahkan induk / Move", response_model=InstitutionOut)
async def move(institution_id: UUID, body: MoveInstitution, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """Below another parent, never below itself."""
    return await command.change(
        institution_id, lambda transaction: handlers.move_institution(transaction, institution_id, **dict(body)), InstitutionOut, Institution
    )


@routes.post(
    "/institutions/{institution_id}/suspend", operation_id="suspend_institution", summary="Tangguhkan lembaga / Suspend", response_model=InstitutionOut
)
async def suspend(institution_id: UUID, body: Reason, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """It cannot be invited for the time being."""
    return await command.change(
        institution_id, lambda transaction: handlers.suspend_institution(transaction, institution_id, body.reason_code), InstitutionOut, Institution
    )


@routes.post(
    "/institutions/{institution_id}/reinstate", operation_id="reinstate_institution", summary="Pulihkan lembaga / Reinstate", response_model=InstitutionOut
)
async def reinstate(institution_id: UUID, body: Reason, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """It can be invited again."""
    return await command.change(
        institution_id, lambda transaction: handlers.reinstate_institution(transaction, institution_id, body.reason_code), InstitutionOut, Institution
    )


@routes.post("/institutions/{institution_id}/merge", operation_id="merge_institution", summary="Gabungkan lembaga / Merge", response_model=InstitutionOut)
async def merge(institution_id: UUID, body: MergeInstitution, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """Open commitments and participations go to the successor in the same transaction."""
    return await command.change(
        institution_id,
        lambda transaction: handlers.merge_institution(transaction, institution_id, into=body.into_institution_id, effective_from=body.effective_from),
        InstitutionOut,
        Institution,
    )


@routes.post("/institutions/{institution_id}/retire", operation_id="retire_institution", summary="Akhiri lembaga / Retire", response_model=InstitutionOut)
async def retire(institution_id: UUID, body: RetireInstitution, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """When it takes part in nothing any more."""
    return await command.change(
        institution_id, lambda transaction: handlers.retire_institution(transaction, institution_id, body.effective_from), InstitutionOut, Institution
    )
