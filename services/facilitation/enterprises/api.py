"""Routes of enterprises."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.enterprises import handlers
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.scope import under, within
from shared.clock import today
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


class RegisterEnterprise(RequestModel):
    """A micro enterprise and its owner, who agreed to be registered."""

    name: Annotated[Name, Field(examples=["Tenun Ikat Mama Lodia"])]
    owner_name: Annotated[Name, Field(examples=["Lodia Nenohai"])]
    owner_nik: Annotated[str, Field(max_length=32, description="16 digits; masked in every answer", examples=["5304995708890001"])]
    region_code: RegionCode
    kbli_section: KbliSection
    capital_idr: Annotated[RupiahOrNone, Field(description="modal usaha without land and buildings, in rupiah", examples=[15_000_000])]
    annual_sales_idr: Annotated[RupiahOrNone, Field(description="penjualan setahun, in rupiah", examples=[48_000_000])]
    nib: Annotated[str | None, Field(pattern=r"^[0-9]{13}$", description="business number from OSS, if there is one", examples=["9120012345678"])] = None
    consent_purpose: Annotated[Code, Field(description="to what the owner agreed", examples=["programme_facilitation"])]
    consent_on: Annotated[date, Field(description="when the owner agreed", examples=["2024-01-15"])]


class EnterpriseProfile(BaseModel):
    """An enterprise (usaha mikro) without anything about its owner."""

    id: UUID
    name: str
    region_code: str
    kbli_section: str
    scale_code: str
    registered_on: date


class EnterpriseOut(Representation[Enterprise]):
    """An enterprise (usaha mikro)."""

    id: UUID
    name: str
    owner_name: str | None = Field(description="null for callers who have no business with the person")
    owner_nik: str | None = Field(description="masked: region and serial remain", examples=["530499******0001"])
    region_code: str
    kbli_section: str
    scale_code: str
    capital_idr: int
    annual_sales_idr: int
    nib: str | None
    consent_purpose: str
    consent_on: date
    registered_on: date

    @classmethod
    def of(cls, aggregate: Enterprise) -> Self:
        """With the owner's NIK masked."""
        return cls(**{name: getattr(aggregate, name) for name in cls.model_fields} | {"owner_nik": aggregate.owner_nik_masked})


class EnterpriseWithoutOwner(EnterpriseOut):
    """The same, with the person left out."""

    @classmethod
    def of(cls, aggregate: Enterprise) -> Self:
        """Without name and NIK of the owner."""
        return cls(**{name: getattr(aggregate, name) for name in cls.model_fields} | {"owner_name": None, "owner_nik": None})


@routes.post(
    "/enterprises", operation_id="register_enterprise", summary="Daftarkan usaha mikro / Register an enterprise", status_code=201, response_model=EnterpriseOut
)
async def register(request: Request, body: RegisterEnterprise, command: Creating, caller: Caller = allow(*REGISTRARS)) -> Response:
    """In the caller's regions, one for each owner; micro by PP 7/2021: capital up to one or annual sales up to two thousand million rupiah."""
    require_region(caller, body.region_code)
    return await command.create(
        lambda transaction: handlers.register_enterprise(transaction, request.app.state.vault, **dict(body), on=today()), EnterpriseOut, Enterprise
    )


@routes.get("/enterprises", operation_id="list_enterprises", summary="Daftar usaha mikro / List enterprises")
async def list_enterprises(
    request: Request, page: Paging, region_code: RegionPrefix | None = None, caller: Caller = allow(*READERS)
) -> Page[EnterpriseProfile]:
    """Those in the caller's regions, in the order in which they were registered."""
    statement = enterprises.select().where(within(enterprises.c.region_code, caller))
    if region_code:
        statement = statement.where(under(enterprises.c.region_code, region_code))
    return await page.listing(request, statement, EnterpriseProfile, by=[enterprises.c.id])


@routes.get("/enterprises/{enterprise_id}", operation_id="get_enterprise", summary="Baca usaha mikro / Read an enterprise", response_model=EnterpriseOut)
async def get_enterprise(request: Request, enterprise_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag; the NIK is masked, and the coordinator sees nothing of the person."""
    representation = EnterpriseOut if caller.role in OWNER_READERS else EnterpriseWithoutOwner
    return await resource(request, Enterprise, enterprise_id, representation, visible=lambda found: caller.covers(found.region_code))
