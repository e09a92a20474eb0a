"""What the lender reports about a loan."""

from datetime import date
from uuid import UUID

from services.facilitation.credits.tables import credit_closed
from services.facilitation.loans.domain import CLOSED, Loan
from services.facilitation.loans.tables import recorded
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.money import Rupiah


async def _of_lender(uow: UnitOfWork, loan_id: UUID, by_institution: UUID | None) -> Loan:
    loan = await uow.get(Loan, loan_id)
    loan.require_lender(by_institution)
    return loan


def pay_out(uow: UnitOfWork, loan: Loan, *, amount_idr: int, on: date, reference: str, closes_remainder: bool, today: date) -> None:
    """A disbursement and its row, in one transaction."""
    id = new_id()
    loan.disburse(disbursement_id=id, amount_idr=Rupiah(amount_idr), on=on, today=today, closes_remainder=closes_remainder)
    uow.also(recorded(id, loan, "disbursement", reference, amount_idr, amount_idr, None, on))


def pay_back(uow: UnitOfWork, loan: Loan, *, amount_idr: int, principal_idr: int | None, on: date, reference: str, today: date) -> None:
    """A repayment and its row, in one transaction; what is settled frees its owner for another credit."""
    part = None if principal_idr is None else Rupiah(principal_idr)
    split = loan.repay(amount_idr=Rupiah(amount_idr), principal_idr=part, on=on, today=today)
    uow.also(recorded(new_id(), loan, "repayment", reference, amount_idr, split.principal_idr, split.period_no, on))
    _free_owner(uow, loan)


def _free_owner(uow: UnitOfWork, loan: Loan) -> None:
    if loan.status in CLOSED and loan.ended_on:
        uow.also(credit_closed(loan.id, loan.status, loan.ended_on))


async def disburse_loan(
    transaction: Transaction, loan_id: UUID, by_institution: UUID | None, *, amount_idr: int, on: date, reference: str, closes_remainder: bool, today: date
) -> Loan:
    """A part, or the last one."""
    async with transaction() as uow:
        loan = await _of_lender(uow, loan_id, by_institution)
        pay_out(uow, loan, amount_idr=amount_idr, on=on, reference=reference, closes_remainder=closes_remainder, today=today)
    return loan


async def repay_loan(
    transaction: Transaction, loan_id: UUID, by_institution: UUID | None, *, amount_idr: int, principal_idr: int | None, on: date, reference: str, today: date
) -> Loan:
    """An instalment, or part of one, or several."""
    async with transaction() as uow:
        loan = await _of_lender(uow, loan_id, by_institution)
        pay_back(uow, loan, amount_idr=amount_idr, principal_idr=principal_idr, on=on, reference=reference, today=today)
    return loan


async def restructure_loan(
    transaction: Transaction,
    loan_id: UUID,
    by_institution: UUID | None,
    *,
    tenor_months: int,
    annual_rate_percent: str | None,
    effective_from: date,
    today: date,
) -> Loan:
    """Another schedule for what is left."""
    async with transaction() as uow:
        loan = await _of_lender(uow, loan_id, by_institution)
        loan.restructure(tenor_months=tenor_months, annual_rate_percent=annual_rate_percent, effective_from=effective_from, today=today)
    return loan


async def write_off_loan(transaction: Transaction, loan_id: UUID, by_institution: UUID | None, reason_code: str, today: date) -> Loan:
    """The rest is given up."""
    async with transaction() as uow:
        loan = await _of_lender(uow, loan_id, by_institution)
        loan.write_off(reason_code, today)
        _free_owner(uow, loan)
    return loan


async def cancel_loan(transaction: Transaction, loan_id: UUID, by_institution: UUID | None, reason_code: str, today: date) -> Loan:
    """The contract ends before anything was paid out."""
    async with transaction() as uow:
        loan = await _of_lender(uow, loan_id, by_institution)
        loan.cancel(reason_code, today)
        _free_owner(uow, loan)
    return loan
