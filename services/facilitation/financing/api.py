"""Routes of applications for financing, and of the products they are for."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, false

from services.facilitation.financing import handlers
from services.facilitation.financing.applicants import Allocation
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.eligibility import Outcome, outcome_of
from services.facilitation.financing.policy import Stage
from services.facilitation.financing.products import (
    ApplicantType,
    BusinessAge,
    DocumentRule,
    Exclusion,
    Purpose,
    Rate,
    Subsidy,
    open_products,
)
from services.facilitation.financing.state import FinancingStatus
from services.facilitation.financing.tables import applications_of, financing_applications
from services.facilitation.loans.schedule import Method, schedule
from services.facilitation.scope import within
from shared.clock import today
from shared.database import Database
from shared.errors import Problem
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, RupiahAmount, Sha256, router
from shared.money import Rupiah
from shared.security.identity import Caller, Role

routes = router("financing")
APPLICANTS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
FIRST_DAY, LAST_DAY = date(1945, 8, 17), date(2199, 12, 31)
READERS = (*APPLICANTS, Role.PROGRAMME_OWNER, Role.COORDINATOR, Role.LENDER, Role.AUDITOR)
BusinessStart = Annotated[date | None, Field(ge=FIRST_DAY, le=LAST_DAY, description="since when the business runs", examples=["2023-01-10"])]
Documents = Annotated[dict[Code, Sha256], Field(max_length=20, description="SHA-256 of each document, by its code", examples=[{"npwp": "9f" * 32}])]


class AllocationIn(RequestModel):
    """The part of one member of a group, who agreed to it."""

    enterprise_id: UUID
    amount_idr: RupiahAmount
    consent_on: Annotated[date, Field(description="when the member agreed", examples=["2024-06-03"])]
    consent_hash: Sha256

    def allocation(self) -> Allocation:
        """As the domain knows it."""
        return Allocation(**dict(self) | {"amount_idr": Rupiah(self.amount_idr)})


class DraftApplication(RequestModel):
    """What is asked for; the group is the one that the enterprise is in, and for a group the enterprise signs."""

    programme_id: UUID
    enterprise_id: UUID
    product_code: Annotated[Code, Field(examples=["kur_super_mikro"])]
    requested_amount_idr: RupiahAmount
    purpose: Purpose = Purpose.WORKING_CAPITAL
    applicant_type: ApplicantType = ApplicantType.ENTERPRISE
    allocations: list[AllocationIn] = Field(
        default_factory=list, max_length=200, description="of a group: one for each member who borrows; they sum to the amount"
    )
    business_started_on: BusinessStart = None
    documents: Documents = Field(default_factory=dict)


class CheckBefore(RequestModel):
    """What somebody thinks of applying for."""

    programme_id: UUID
    enterprise_id: UUID
    product_code: Annotated[Code, Field(examples=["kur_super_mikro"])]
    requested_amount_idr: RupiahAmount
    purpose: Purpose = Purpose.WORKING_CAPITAL
    applicant_type: ApplicantType = ApplicantType.ENTERPRISE
    tenor_months: Annotated[int | None, Field(strict=True, ge=1, le=360)] = None
    business_started_on: BusinessStart = None
    document_codes: list[Code] = Field(default_factory=list, max_length=20, examples=[["npwp"]])


class AttachDocuments(RequestModel):
    """Documents to add."""

    documents: Annotated[dict[Code, Sha256], Field(min_length=1, max_length=20, examples=[{"npwp": "9f" * 32}])]


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
    applicant_type: ApplicantType
    allocations: list[Allocation] = Field(description="of a group: whose part is how much")
    product_code: str
    product_version: int
    purpose: Purpose
    requested_amount_idr: int
    business_started_on: date | None
    documents: dict[str, str] = Field(description="SHA-256 by code")
    status: FinancingStatus
    submitted_on: date | None
    prescreen_outcome: Outcome | None
    stages: list[Stage] = Field(description="who decides in which order, since it was submitted")
    stage_no: int = Field(description="how many stages agreed")
    duplicate_flag: bool = Field(description="a borrower had a government credit open when the review began")
    missing_item_codes: list[str]
    conditions_codes: list[str]
    answer_by: date | None = Field(description="when a referral or the lender's turn expires")
    lender_institution_id: UUID | None
    forwarded_on: date | None
    financing_id: UUID | None = Field(description="the loan")
    granted_amount_idr: int | None
    tenor_months: int | None
    granted_on: date | None
    lender_reference: str | None
    reason_codes: list[str]


class ProductOut(BaseModel):
    """A version of a credit product (produk pembiayaan): for more than `above_idr`, up to and including `ceiling_idr`; each rule with its source."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    version: int
    name: str
    family: str
    valid_from: date
    valid_to: date | None
    source: str
    above_idr: int
    ceiling_idr: int
    max_tenor_months: int | None
    tenor_months: dict[Purpose, int | None] = Field(description="the longest tenor by purpose; null where no source gives it")
    tenor_source: str
    annual_rate_percent: str | None = Field(description="of a first access")
    rates: list[Rate] = Field(description="by access (akses ke-n)")
    minimum_business_age: BusinessAge | None
    exclusions: list[Exclusion]
    documents: list[DocumentRule]
    applicants: list[ApplicantType]
    group_types: list[str] | None
    channels: list[str]
    government_credit: bool = Field(description="an owner has at most one of these open")
    interest_subsidy: list[Subsidy]
    notes: list[str]


class ObstacleOut(BaseModel):
    """What stands in the way, and the next step."""

    code: str = Field(examples=["documents_missing"])
    detail: str
    detail_en: str
    action: str
    action_en: str


class CheckedBefore(BaseModel):
    """What the product's rules say (hasil prapemeriksaan); nothing is kept of it."""

    outcome: Outcome
    reasons: list[ObstacleOut] = Field(description="none for who is eligible")
    rule_version: str = Field(examples=["kur_mikro.v1"])
    access_number: int = Field(description="which access to the product it would be")
    annual_rate_percent: str | None = Field(description="at that access; null where the channel sets it")
    instalment_idr: int | None = Field(description="the first one, for the tenor asked about")


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
    return Products(items=[ProductOut.model_validate(product) for product in products])


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
        lambda transaction: handlers.draft_application(
            transaction, caller, **dict(body) | {"allocations": [each.allocation() for each in body.allocations]}, on=today()
        ),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-pre-checks",
    operation_id="check_financing_before",
    summary="Prapemeriksaan / Check before applying",
)
async def check_before(request: Request, body: CheckBefore, caller: Caller = allow(*APPLICANTS, Role.PROGRAMME_OWNER)) -> CheckedBefore:
    """Eligible or not, with a next step for each obstacle; no application is made. Of a group, ask about a member with its part."""
    database: Database = request.app.state.database
    given: dict[str, Any] = dict(body)
    product, found, access = await handlers.check_before(database.transaction, caller, **given, on=today())
    rate = product.rate_at(access)
    plan = schedule(body.requested_amount_idr, rate, body.tenor_months, Method.ANNUITY, today()) if rate and body.tenor_months else []
    return CheckedBefore(
        outcome=outcome_of(found),
        reasons=[_obstacle(each) for each in found],
        rule_version=product.rule_version,
        access_number=access,
        annual_rate_percent=rate,
        instalment_idr=plan[0].amount_idr if plan else None,
    )


def _obstacle(problem: Problem) -> ObstacleOut:
    detail, detail_en = (problem.sentence(english=english) for english in (False, True))
    action, action_en = (problem.advice(english=english) for english in (False, True))
    return ObstacleOut(code=problem.code, detail=detail, detail_en=detail_en, action=action, action_en=action_en)


@routes.get("/financing-applications", operation_id="list_financing_applications", summary="Daftar pengajuan / List applications")
async def list_applications(
    request: Request,
    page: Paging,
    programme_id: UUID | None = None,
    status: FinancingStatus | None = None,
    enterprise_id: Annotated[UUID | None, Query(description="in which it would borrow, alone or through its group")] = None,
    caller: Caller = allow(*READERS),
) -> Page[FinancingApplicationOut]:
    """Those in the caller's regions, for a lender those forwarded to it; in the order in which they were drafted."""
    c = financing_applications.c
    statement = financing_applications.select().where(_visible(caller))
    if programme_id:
        statement = statement.where(c.programme_id == programme_id)
    if status:
        statement = statement.where(c.status == status)
    if enterprise_id:
        statement = statement.where(c.id.in_(applications_of(enterprise_id)))
    return await page.listing(request, statement, FinancingApplicationOut, by=[c.id])


def _visible(caller: Caller) -> ColumnElement[bool]:
    c = financing_applications.c
    if caller.role is not Role.LENDER:
        return within(c.region_code, caller)
    return c.lender_institution_id == caller.institution_id if caller.institution_id else false()


def may_see(caller: Caller, application: FinancingApplication) -> bool:
    """Whether it lies in the caller's regions, or is with the caller's bank."""
    return caller.acts_for(application.lender_institution_id) if caller.role is Role.LENDER else caller.covers(application.region_code)


@routes.get(
    "/financing-applications/{application_id}",
    operation_id="get_financing_application",
    summary="Baca pengajuan / Read an application",
    response_model=FinancingApplicationOut,
)
async def get_application(request: Request, application_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, FinancingApplication, application_id, FinancingApplicationOut, visible=lambda found: may_see(caller, found))


@routes.post(
    "/financing-applications/{application_id}/prescreen",
    operation_id="prescreen_financing_application",
    summary="Periksa kelayakan awal / Prescreen",
    response_model=FinancingApplicationOut,
)
async def prescreen(application_id: UUID, command: Changing, caller: Caller = allow(*APPLICANTS, Role.PROGRAMME_OWNER)) -> Response:
    """Apply the product's rules to a draft and keep what they say; it stays a draft."""
    return await command.change(
        application_id,
        lambda transaction: handlers.prescreen_application(transaction, application_id, caller, today()),
        FinancingApplicationOut,
        FinancingApplication,
    )


@routes.post(
    "/financing-applications/{application_id}/documents",
    operation_id="attach_financing_documents",
    summary="Lampirkan dokumen / Attach documents",
    response_model=FinancingApplicationOut,
)
async def attach(application_id: UUID, body: AttachDocuments, command: Changing, caller: Caller = allow(*APPLICANTS)) -> Response:
    """To a draft or to what was referred back; the documents stay with the applicant, their SHA-256 is kept."""
    return await command.change(
        application_id,
        lambda transaction: handlers.attach_documents(transaction, application_id, caller, dict(body.documents)),
        FinancingApplicationOut,
        FinancingApplication,
    )


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
