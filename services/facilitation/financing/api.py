"""Routes of applications for financing, and of the products they are for."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, false

from services.facilitation.financing import handlers
from services.facilitation.financing.domain import FinancingApplication, FinancingStatus
from services.facilitation.financing.products import open_products
from services.facilitation.financing.tables import financing_applications
from services.facilitation.scope import within
from shared.clock import today
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, RupiahAmount, router
from shared.security.identity import Caller, Role

routes = router("financing")
APPLICANTS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
REVIEWERS = (Role.PROGRAMME_OWNER,)
READERS = (*APPLICANTS, *REVIEWERS, Role.COORDINATOR, Role.LENDER, Role.AUDITOR)
ReasonCodes = Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["insufficient_cash_flow"]])]


class DraftApplication(RequestModel):
    """What an enterprise asks for; the group is the one that it is in."""

    programme_id: UUID
    enterprise_id: UUID
    product_code: Annotated[Code, Field(examples=["kur_super_mikro"])]
    requested_amount_idr: RupiahAmount


class RejectApplication(RequestModel):
    """Why it is not recommended."""

    reason_codes: ReasonCodes


class ForwardApplication(RequestModel):
    """To whom it goes."""

    lender_institution_id: UUID


class GrantFinancing(RequestModel):
    """The contract (akad) that the lender signed."""

    amount_idr: RupiahAmount
    tenor_months: Annotated[int, Field(strict=True, ge=1, le=360, examples=[24])]
    granted_on: Annotated[date, Field(description="date of the contract, in WIB")]
    lender_reference: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$", description="the lender's number of the contract", examples=["AKAD-2024/0117"])
    ]


class DeclineFinancing(RequestModel):
    """Why the lender will not lend."""

    reason_codes: ReasonCodes


class WithdrawApplication(RequestModel):
    """Why the applicant takes it back."""

    reason_code: Annotated[Code, Field(examples=["no_longer_needed"])]


class FinancingApplicationOut(Representation[FinancingApplication]):
    """An application for financing (pengajuan pembiayaan)."""

    id: UUID
    programme_id: UUID
    enterprise_id: UUID
    group_id: UUID
    region_code: str
    product_code: str
    product_version: int
    requested_amount_idr: int
    status: FinancingStatus
    submitted_on: date | None
    lender_institution_id: UUID | None
    forwarded_on: date | None
    granted_amount_idr: int | None
    tenor_months: int | None
    granted_on: date | None
    lender_reference: str | None
    reason_codes: list[str]


class ProductOut(BaseModel):
    """A version of a credit product (produk pembiayaan): for more than `above_idr`, up to and including `ceiling_idr`."""

    code: str
    version: int
    name: str
    valid_from: date
    valid_to: date | None
    source: str
    above_idr: int
    ceiling_idr: int
    max_tenor_months: int | None
    annual_rate_percent: str | None


class Products(BaseModel):
    """The products open for applications on a day."""

    items: list[ProductOut]


@routes.get(
    "/financing-products",
    operation_id="list_financing_products",
    summary="Produk pembiayaan yang dibuka / Products open for applications",
    dependencies=[PUBLIC],
)
async def list_products(on: Annotated[date | None, Field(description="today, unless given")] = None) -> Products:
    """Their rules as of that day."""
    products = open_products(on or today())
    return Products(items=[ProductOut(**{name: getattr(product, name) for name in ProductOut.model_fields}) for product in products])


@routes.post(
    "/financing-applications",
    operation_id="draft_financing_application",
    summary="Susun pengajuan pembiayaan / Draft an application",
    status_code=201,
    response_model=FinancingApplicationOut,
)
async def draft(body: DraftApplication, command: Creating, caller: Caller = allow(*APPLICANTS)) -> Response:
    """For an active member of an active group in a priority location of the programme; one open application for each product."""
    return await command.create(
        lambda transaction: handlers.draft_application(transaction, caller, **dict(body), on=today()), FinancingApplicationOut, FinancingApplication
    )


@routes.get("/financing-applications", operation_id="list_financing_applications", summary="Daftar pengajuan / List applications")
async def list_applications(
    request: Request, page: Paging, programme_id: UUID | None = None, status: FinancingStatus | None = None, caller: Caller = allow(*READERS)
) -> Page[FinancingApplicationOut]:
    """Those in the caller's regions, for a lender those forwarded to it; in the order in which they were drafted."""
    c = financing_applications.c
    statement = financing_applications.select().where(_visible(caller))
    if programme_id:
        statement = statement.where(c.programme_id == programme_id)
    if status:
        statement = statement.where(c.status == status)
    return await page.listing(request, statement, FinancingApplicationOut, by=[c.id])


def _visible(caller: Caller) -> ColumnElement[bool]:
    c = financing_applications.c
    if caller.role is not Role.LENDER:
        return within(c.region_code, caller)
    return c.lender_institution_id == caller.institution_id if caller.institution_id else false()


def _may_see(caller: Caller, application: FinancingApplication) -> bool:
    return caller.acts_for(application.lender_institution_id) if caller.role is Role.LENDER else caller.covers(application.region_code)


@routes.get(
    "/financing-applications/{application_id}",
    operation_id="get_financing_application",
    summary="Baca pengajuan / Read an application",
    response_model=FinancingApplicationOut,
)
async def get_application(request: Request, application_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, FinancingApplication, application_id, FinancingApplicationOut, visible=lambda found: _may_see(caller, found))


@routes.post(
    "/financing-applications/{application_id}/submit",
    operation_id="submit_financing_application",
    summary="Ajukan / Submit",
    response_model=FinancingApplicationOut,
)
async def submit(application_id: UUID, command: Changing, caller: Caller = allow(*APPLICANTS)) -> Response:
    """From draft, while membership, group and location still allow it."""
    return await command.change(
        application_id,
        lambda transaction: handlers.submit_application(transaction, application_id, caller, today()),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/start-review",
    operation_id="start_financing_review",
    summary="Mulai telaah / Start the review",
    response_model=FinancingApplicationOut,
    dependencies=[allow(*REVIEWERS)],
)
async def start_review(application_id: UUID, command: Changing) -> Response:
    """From submitted, by the programme's owner."""
    return await command.change(
        application_id, lambda transaction: handlers.start_review(transaction, application_id), FinancingApplicationOut, FinancingApplication
    )


@routes.post(
    "/financing-applications/{application_id}/approve",
    operation_id="approve_financing_application",
    summary="Rekomendasikan / Recommend",
    response_model=FinancingApplicationOut,
)
async def approve(application_id: UUID, command: Changing, caller: Caller = allow(*REVIEWERS)) -> Response:
    """From under_review, by another person than who drafted it (prinsip empat mata); the lender still decides."""
    return await command.change(
        application_id,
        lambda transaction: handlers.approve_application(transaction, application_id, caller.subject),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/reject",
    operation_id="reject_financing_application",
    summary="Tidak merekomendasikan / Reject",
    response_model=FinancingApplicationOut,
    dependencies=[allow(*REVIEWERS)],
)
async def reject(application_id: UUID, body: RejectApplication, command: Changing) -> Response:
    """From under_review, with reasons."""
    return await command.change(
        application_id,
        lambda transaction: handlers.reject_application(transaction, application_id, body.reason_codes),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/forward",
    operation_id="forward_financing_application",
    summary="Teruskan ke penyalur / Forward to a lender",
    response_model=FinancingApplicationOut,
    dependencies=[allow(*REVIEWERS)],
)
async def forward(application_id: UUID, body: ForwardApplication, command: Changing) -> Response:
    """From approved; from now on the lender sees it."""
    return await command.change(
        application_id,
        lambda transaction: handlers.forward_application(transaction, application_id, body.lender_institution_id, today()),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/grant",
    operation_id="grant_financing",
    summary="Catat akad kredit / Grant",
    response_model=FinancingApplicationOut,
)
async def grant(application_id: UUID, body: GrantFinancing, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """From forwarded, by the lender it was forwarded to: at most what was requested, within the product's rules."""
    return await command.change(
        application_id,
        lambda transaction: handlers.grant_financing(transaction, application_id, by_institution=caller.institution_id, **dict(body), today=today()),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/decline",
    operation_id="decline_financing",
    summary="Tolak kredit / Decline",
    response_model=FinancingApplicationOut,
)
async def decline(application_id: UUID, body: DeclineFinancing, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """From forwarded, by the lender it was forwarded to, with reasons."""
    return await command.change(
        application_id,
        lambda transaction: handlers.decline_financing(transaction, application_id, by_institution=caller.institution_id, reason_codes=body.reason_codes),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/withdraw",
    operation_id="withdraw_financing_application",
    summary="Tarik pengajuan / Withdraw",
    response_model=FinancingApplicationOut,
)
async def withdraw(application_id: UUID, body: WithdrawApplication, command: Changing, caller: Caller = allow(*APPLICANTS)) -> Response:
    """Before it is with a lender, with a reason."""
    return await command.change(
        application_id,
        lambda transaction: handlers.withdraw_application(transaction, application_id, caller, body.reason_code),
        FinancingApplicationOut,
        FinancingApplication,
    )
