"""Routes of loans."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, false

from services.facilitation.financing.tables import applications_of
from services.facilitation.loans import handlers
from services.facilitation.loans.domain import Loan, LoanStatus, Share
from services.facilitation.loans.schedule import Method, schedule
from services.facilitation.loans.tables import loan_transactions, loans
from services.facilitation.scope import within
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, RupiahAmount, RupiahOrNone, router
from shared.security.identity import Caller, Role

routes = router("loans")
READERS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE, Role.PROGRAMME_OWNER, Role.COORDINATOR, Role.LENDER, Role.AUDITOR)
Reference = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$", description="the lender's number of the transaction", examples=["TRX-2024/00117"])
]
Tenor = Annotated[int, Field(strict=True, ge=1, le=360, examples=[36])]
Percent = Annotated[
    str, Field(pattern=r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$", description="effective, a year; a decimal number as text", examples=["6"])
]


class Disburse(RequestModel):
    """What the lender paid out."""

    amount_idr: RupiahAmount
    disbursed_on: date
    reference: Reference
    closes_remainder: Annotated[bool, Field(description="what was not paid out will not be")] = False


class Repay(RequestModel):
    """What the lender received."""

    amount_idr: RupiahAmount
    principal_idr: Annotated[RupiahOrNone | None, Field(description="the part that is principal; by the schedule, unless given")] = None
    paid_on: date
    reference: Reference


class Restructure(RequestModel):
    """The schedule that the lender gave what is left."""

    tenor_months: Tenor
    annual_rate_percent: Annotated[Percent | None, Field(description="as before, unless given")] = None
    effective_from: date


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["business_closed"])]


class ComputeSchedule(RequestModel):
    """A loan to compute instalments for."""

    principal_idr: RupiahAmount
    annual_rate_percent: Percent
    tenor_months: Tenor
    method: Method = Method.ANNUITY
    starts_on: Annotated[date, Field(ge=date(1945, 8, 17), le=date(2199, 12, 31), description="when it is paid out", examples=["2024-01-31"])]


class LoanOut(Representation[Loan]):
    """A loan (pinjaman), as its lender reports it."""

    id: UUID = Field(description="financing_id")
    application_id: UUID
    programme_id: UUID
    enterprise_id: UUID
    group_id: UUID
    region_code: str
    lender_institution_id: UUID
    lender_reference: str
    product_code: str
    product_version: int
    shares: list[Share] = Field(description="whose part is how much")
    granted_amount_idr: int
    granted_on: date
    annual_rate_percent: str
    tenor_months: int
    method: Method
    status: LoanStatus
    disbursed_idr: int
    disbursed_on: date | None
    outstanding_idr: int = Field(description="principal paid out and not paid back")
    starts_on: date | None = Field(description="the day from which instalments count")
    last_paid_on: date | None
    days_past_due: int = Field(description="when the calendar last moved it")
    collectability_class: int = Field(description="kolektibilitas, 1 to 5")
    ended_on: date | None
    reason_code: str | None


class InstalmentOut(BaseModel):
    """An instalment (angsuran), in whole rupiah."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    due_on: date
    amount_idr: int
    principal_idr: int
    interest_idr: int
    balance_idr: int = Field(description="the principal left after it")


class ScheduleOut(BaseModel):
    """The instalments; the last one carries what rounding left."""

    principal_idr: int
    interest_idr: int
    instalments: list[InstalmentOut]


class LoanScheduleOut(ScheduleOut):
    """The present schedule of a loan, and where it stands today."""

    paid_idr: int
    overdue_idr: int
    overdue_days: int
    left_to_pay_idr: int


class TransactionOut(BaseModel):
    """A disbursement or a repayment, as the lender reported it."""

    id: UUID
    kind: str
    reference: str
    amount_idr: int
    principal_idr: int
    interest_idr: int
    period_no: int | None
    happened_on: date


@routes.post("/loan-schedules", operation_id="compute_loan_schedule", summary="Hitung jadwal angsuran / Compute a schedule", dependencies=[PUBLIC])
async def compute_schedule(body: ComputeSchedule) -> ScheduleOut:
    """Annuity at the effective annual rate, or flat; nothing is kept."""
    plan = schedule(body.principal_idr, body.annual_rate_percent, body.tenor_months, body.method, body.starts_on)
    return ScheduleOut(
        principal_idr=body.principal_idr,
        interest_idr=sum(each.interest_idr for each in plan),
        instalments=[InstalmentOut.model_validate(each) for each in plan],
    )


@routes.get("/loans", operation_id="list_loans", summary="Daftar pinjaman / List loans")
async def list_loans(
    request: Request,
    page: Paging,
    programme_id: UUID | None = None,
    status: LoanStatus | None = None,
    enterprise_id: Annotated[UUID | None, Query(description="which borrows, alone or through its group")] = None,
    caller: Caller = allow(*READERS),
) -> Page[LoanOut]:
    """Those in the caller's regions, for a lender its own; in the order in which they were granted."""
    statement = loans.select().where(_visible(caller))
    if programme_id:
        statement = statement.where(loans.c.programme_id == programme_id)
    if status:
        statement = statement.where(loans.c.status == status)
    if enterprise_id:
        statement = statement.where(loans.c.application_id.in_(applications_of(enterprise_id)))
    return await page.listing(request, statement, LoanOut, by=[loans.c.id])


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.role is not Role.LENDER:
        return within(loans.c.region_code, caller)
    return loans.c.lender_institution_id == caller.institution_id if caller.institution_id else false()


def _may_see(caller: Caller, loan: Loan) -> bool:
    return caller.acts_for(loan.lender_institution_id) if caller.role is Role.LENDER else caller.covers(loan.region_code)


async def _seen(request: Request, loan_id: UUID, caller: Caller) -> Loan:
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        loan = await uow.get(Loan, loan_id)
    if not _may_see(caller, loan):
        raise NotFound
    return loan


@routes.get("/loans/{loan_id}", operation_id="get_loan", summary="Baca pinjaman / Read a loan", response_model=LoanOut)
async def get_loan(request: Request, loan_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, Loan, loan_id, LoanOut, visible=lambda found: _may_see(caller, found))


@routes.get("/loans/{loan_id}/schedule", operation_id="get_loan_schedule", summary="Jadwal angsuran / Schedule of a loan")
async def get_schedule(request: Request, loan_id: UUID, caller: Caller = allow(*READERS)) -> LoanScheduleOut:
    """The present one; empty until everything is paid out."""
    loan = await _seen(request, loan_id, caller)
    plan = loan.instalments
    return LoanScheduleOut(
        principal_idr=loan.scheduled_idr,
        interest_idr=sum(each.interest_idr for each in plan),
        instalments=[InstalmentOut.model_validate(each) for each in plan],
        paid_idr=loan.paid_idr,
        overdue_idr=loan.overdue_idr(today()),
        overdue_days=loan.overdue_days(today()),
        left_to_pay_idr=loan.left_to_pay_idr if loan.outstanding_idr else 0,
    )


@routes.get("/loans/{loan_id}/transactions", operation_id="list_loan_transactions", summary="Transaksi pinjaman / Transactions of a loan")
async def list_transactions(request: Request, loan_id: UUID, page: Paging, caller: Caller = allow(*READERS)) -> Page[TransactionOut]:
    """Disbursements and repayments, in the order in which they were recorded."""
    await _seen(request, loan_id, caller)
    c = loan_transactions.c
    return await page.listing(request, loan_transactions.select().where(c.loan_id == loan_id), TransactionOut, by=[c.id])


@routes.post("/loans/{loan_id}/disbursements", operation_id="disburse_loan", summary="Catat pencairan / Disburse", response_model=LoanOut)
async def disburse(loan_id: UUID, body: Disburse, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """By the lender, in one part or several: together at most what was granted. With the last one the schedule begins."""
    return await command.change(
        loan_id,
        lambda transaction: handlers.disburse_loan(
            transaction,
            loan_id,
            caller.institution_id,
            amount_idr=body.amount_idr,
            on=body.disbursed_on,
            reference=body.reference,
            closes_remainder=body.closes_remainder,
            today=today(),
        ),
        LoanOut,
        Loan,
    )


@routes.post("/loans/{loan_id}/repayments", operation_id="repay_loan", summary="Catat angsuran / Repay", response_model=LoanOut)
async def repay(loan_id: UUID, body: Repay, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """By the lender; interest first, then principal. Arrears are cured and the loan is settled by themselves, once they are paid."""
    return await command.change(
        loan_id,
        lambda transaction: handlers.repay_loan(
            transaction,
            loan_id,
            caller.institution_id,
            amount_idr=body.amount_idr,
            principal_idr=body.principal_idr,
            on=body.paid_on,
            reference=body.reference,
            today=today(),
        ),
        LoanOut,
        Loan,
    )


@routes.post("/loans/{loan_id}/restructure", operation_id="restructure_loan", summary="Restrukturisasi / Restructure", response_model=LoanOut)
async def restructure(loan_id: UUID, body: Restructure, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """By the lender: the principal that is left gets another schedule."""
    return await command.change(
        loan_id,
        lambda transaction: handlers.restructure_loan(transaction, loan_id, caller.institution_id, **dict(body), today=today()),
        LoanOut,
        Loan,
    )


@routes.post("/loans/{loan_id}/write-off", operation_id="write_off_loan", summary="Hapus buku / Write off", response_model=LoanOut)
async def write_off(loan_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """By the lender, what is in arrears or was restructured."""
    return await command.change(
        loan_id, lambda transaction: handlers.write_off_loan(transaction, loan_id, caller.institution_id, body.reason_code, today()), LoanOut, Loan
    )


@routes.post("/loans/{loan_id}/cancel", operation_id="cancel_loan", summary="Batalkan akad / Cancel", response_model=LoanOut)
async def cancel(loan_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(Role.LENDER)) -> Response:
    """By the lender, before anything is paid out."""
    return await command.change(
        loan_id, lambda transaction: handlers.cancel_loan(transaction, loan_id, caller.institution_id, body.reason_code, today()), LoanOut, Loan
    )
