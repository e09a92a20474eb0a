"""Routes of enterprises."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import RedirectResponse

from services.facilitation.enterprises import handlers
from services.facilitation.enterprises.domain import Enterprise, EnterpriseStatus, Household, Legality, Sex
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.scope import under, within
from shared.clock import today
from shared.database import Database
from shared.http.access import allow, require_region
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, KbliSection, Name, RegionCode, RegionPrefix, RequestModel, RupiahOrNone, router
from shared.security.identity import Caller, Role

routes = router("enterprises")
REGISTRARS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
OWNER_READERS = (
    *REGISTRARS,
    Role.PROGRAMME_OWNER,
    Role.PARTNER_MINISTRY,
    Role.AUDITOR,
    Role.DATA_PROTECTION_OFFICER,
)
READERS = (*OWNER_READERS, Role.COORDINATOR)
Nib = Annotated[str, Field(pattern=r"^[0-9]{13}$", description="business number from OSS", examples=["9120012345678"])]


class RegisterEnterprise(RequestModel):
    """A micro enterprise and its owner, who agreed to be registered."""

    name: Annotated[Name, Field(examples=["Tenun Ikat Mama Lodia"])]
    owner_name: Annotated[Name, Field(examples=["Lodia Nenohai"])]
    owner_nik: Annotated[str, Field(max_length=32, description="16 digits; masked in every answer", examples=["5304995708890001"])]
    owner_sex: Annotated[Sex | None, Field(description="as on the identity card; one that differs from the NIK's is a warning")] = None
    region_code: RegionCode
    kbli_section: KbliSection
    kbli_code: Annotated[str | None, Field(pattern=r"^[0-9]{5}$", description="KBLI 2020, five digits within the section", examples=["13122"])] = None
    capital_idr: Annotated[RupiahOrNone, Field(description="modal usaha without land and buildings, in rupiah", examples=[15_000_000])]
    annual_sales_idr: Annotated[RupiahOrNone, Field(description="penjualan setahun, in rupiah", examples=[48_000_000])]
    nib: Annotated[Nib | None, Field(description="if there is one")] = None
    consent_purpose: Annotated[Code, Field(description="to what the owner agreed", examples=["programme_facilitation"])]
    consent_on: Annotated[date, Field(description="when the owner agreed", examples=["2024-01-15"])]


class EnterpriseProfile(BaseModel):
    """An enterprise (usaha mikro) without anything about its owner."""

    id: UUID
    name: str
    region_code: str
    kbli_section: str
    scale_code: str
    status: EnterpriseStatus
    registered_on: date


class EnterpriseOut(Representation[Enterprise]):
    """An enterprise (usaha mikro)."""

    id: UUID
    name: str
    owner_name: str | None = Field(description="null for callers who have no business with the person")
    owner_nik: str | None = Field(description="masked: region and serial remain", examples=["530499******0001"])
    owner_sex: Sex | None
    region_code: str
    kbli_section: str
    kbli_code: str | None
    scale_code: str
    capital_idr: int
    annual_sales_idr: int
    nib: str | None
    consent_purpose: str
    consent_on: date
    consent_withdrawn_on: date | None
    registered_on: date
    status: EnterpriseStatus
    reason_code: str | None = Field(description="why it is paused or has left")
    warnings: list[str] = Field(description="what is odd about the NIK; for a person to look at", examples=[["nik_sex_differs"]])
    legality: list[Legality]
    household: Household | None = Field(description="in a register of the poor, as it gives it; null for callers who have no business with the person")
    activated_on: date | None
    ladder_step: str
    ladder_since: date | None
    graduated_on: date | None
    merged_into: UUID | None = Field(description="the enterprise under whose id it goes on")

    @classmethod
    def of(cls, aggregate: Enterprise) -> Self:
        """With the owner's NIK masked."""
        merged_into = aggregate.merge.surviving_enterprise_id if aggregate.merge else None
        given = {name: getattr(aggregate, name) for name in cls.model_fields if name not in ("owner_nik", "merged_into")}
        return cls(**given, owner_nik=aggregate.owner_nik_masked, merged_into=merged_into)


class EnterpriseWithoutOwner(EnterpriseOut):
    """The same, with the person left out."""

    @classmethod
    def of(cls, aggregate: Enterprise) -> Self:
        """Without name, NIK, sex and household of the owner."""
        return super().of(aggregate).model_copy(update={"owner_name": None, "owner_nik": None, "owner_sex": None, "household": None, "warnings": []})


@routes.post(
    "/enterprises", operation_id="register_enterprise", summary="Daftarkan usaha mikro / Register an enterprise", status_code=201, response_model=EnterpriseOut
)
async def register(request: Request, body: RegisterEnterprise, command: Creating, caller: Caller = allow(*REGISTRARS)) -> Response:
    """In the caller's regions, one for each owner; micro by PP 7/2021: capital up to one or annual sales up to two thousand million rupiah.

    One that looks like another is registered all the same, and two people are asked whether it is the same.
    """
    require_region(caller, body.region_code)
    return await command.create(
        lambda transaction: handlers.register_enterprise(transaction, request.app.state.vault, **dict(body), by=caller.subject, on=today()),
        EnterpriseOut,
        Enterprise,
    )


@routes.get("/enterprises", operation_id="list_enterprises", summary="Daftar usaha mikro / List enterprises")
async def list_enterprises(
    request: Request, page: Paging, region_code: RegionPrefix | None = None, status: EnterpriseStatus | None = None, caller: Caller = allow(*READERS)
) -> Page[EnterpriseProfile]:
    """Those in the caller's regions, in the order in which they were registered."""
    statement = enterprises.select().where(within(enterprises.c.region_code, caller))
    if region_code:
        statement = statement.where(under(enterprises.c.region_code, region_code))
    if status:
        statement = statement.where(enterprises.c.status == status)
    return await page.listing(request, statement, EnterpriseProfile, by=[enterprises.c.id])


@routes.get(
    "/enterprises/{enterprise_id}",
    operation_id="get_enterprise",
    summary="Baca usaha mikro / Read an enterprise",
    response_model=EnterpriseOut,
    responses={307: {"description": "Usaha ini digabungkan; lihat Location / it was merged into the one in Location"}},
)
async def get_enterprise(request: Request, enterprise_id: UUID, as_recorded: bool = False, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag; the NIK is masked, and the coordinator sees nothing of the person.

    One that was merged redirects to the one that goes on, unless `as_recorded` is true.
    """
    if not as_recorded:
        database: Database = request.app.state.database
        statement = select(enterprises.c.merge).where(enterprises.c.id == enterprise_id, within(enterprises.c.region_code, caller))
        async with database.reading() as connection:
            if merge := await connection.scalar(statement):
                return RedirectResponse(request.url.path.replace(str(enterprise_id), str(merge.surviving_enterprise_id)))
    representation = EnterpriseOut if caller.role in OWNER_READERS else EnterpriseWithoutOwner
    return await resource(request, Enterprise, enterprise_id, representation, visible=lambda found: caller.covers(found.region_code))
