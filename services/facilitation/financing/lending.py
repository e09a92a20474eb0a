"""The lender's turn: a grant opens a loan and takes the owner's one place for a government credit, all in one transaction."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.facilitation.credits.tables import credit_opened
from services.facilitation.financing.applicants import Allocation
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.errors import RateAboveProduct, RateRequired
from services.facilitation.financing.handlers import access_number, parties_of
from services.facilitation.financing.tables import borrowers_freed
from services.facilitation.loans.domain import Loan, LoanStatus, Share
from services.facilitation.loans.schedule import Method
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.money import Rupiah


async def grant_financing(
    transaction: Transaction,
    application_id: UUID,
    *,
    by_institution: UUID | None,
    amount_idr: int,
    tenor_months: int,
    granted_on: date,
    lender_reference: str,
    today: date,
    annual_rate_percent: str | None = None,
    method: Method = Method.ANNUITY,
    allocations: Sequence[Allocation] = (),
) -> FinancingApplication:
    """The lender signed a contract; the rate is the product's for this access unless the lender takes less."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.lenders_turn(by_institution, "grant")
        parties = await parties_of(uow, application.enterprise_id, application.allocations, application.programme_id, today)
        owners = {id: parties.owners[id] for id in application.borrowers}
        financing_id = new_id()
        rate = await _rate(uow, application, list(owners.values()), annual_rate_percent)
        application.grant(
            by_institution=by_institution,
            financing_id=financing_id,
            amount_idr=Rupiah(amount_idr),
            tenor_months=tenor_months,
            granted_on=granted_on,
            lender_reference=lender_reference,
            rate_percent=rate,
            allocations=allocations,
            today=today,
        )
        assert application.lender_institution_id is not None, "the lender's turn has a lender"
        loan = Loan.open(
            id=financing_id,
            application_id=application.id,
            programme_id=application.programme_id,
            enterprise_id=application.enterprise_id,
            group_id=application.group_id,
            region_code=application.region_code,
            lender_institution_id=application.lender_institution_id,
            lender_reference=lender_reference,
            product_code=application.product_code,
            product_version=application.product_version,
            shares=_shares(application, Rupiah(amount_idr)),
            granted_amount_idr=Rupiah(amount_idr),
            granted_on=granted_on,
            annual_rate_percent=rate,
            tenor_months=tenor_months,
            method=method,
        )
        uow.add(loan)
        uow.also(borrowers_freed(application.id))
        if application.product.government_credit:
            for id in sorted(application.borrowers):
                _take_place(uow, application, loan, owners[id])
    return application


async def _rate(uow: UnitOfWork, application: FinancingApplication, owners: Sequence[bytes], given: str | None) -> str:
    limit = application.product.rate_at(await access_number(uow, owners, application.product))
    if given is None and limit is None:
        raise RateRequired
    if given is not None and limit is not None and Decimal(given) > Decimal(limit):
        raise RateAboveProduct(limit_percent=limit)
    return given or str(limit)


def _shares(application: FinancingApplication, amount_idr: Rupiah) -> list[Share]:
    if application.allocations:
        return [Share(enterprise_id=each.enterprise_id, amount_idr=each.amount_idr) for each in application.allocations]
    return [Share(enterprise_id=application.enterprise_id, amount_idr=amount_idr)]


def _take_place(uow: UnitOfWork, application: FinancingApplication, loan: Loan, owner: bytes) -> None:
    uow.also(
        credit_opened(
            id=new_id(),
            owner_nik_index=owner,
            loan_id=loan.id,
            lender_code=str(loan.lender_institution_id),
            contract_reference=loan.lender_reference,
            product_code=loan.product_code,
            family=application.product.family,
            status=LoanStatus.GRANTED.value,
            opened_on=loan.granted_on,
        )
    )


async def decline_financing(transaction: Transaction, application_id: UUID, *, by_institution: UUID | None, reason_codes: list[str]) -> FinancingApplication:
    """The lender will not lend."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.decline(by_institution=by_institution, reason_codes=reason_codes)
        uow.also(borrowers_freed(application.id))
    return application
