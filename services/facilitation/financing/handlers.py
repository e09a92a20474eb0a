"""What can be done with an application."""

from datetime import date
from uuid import UUID

from services.facilitation.financing.domain import FinancingApplication, Standing
from services.facilitation.financing.errors import ProductNotOpen
from services.facilitation.financing.products import open_product
from services.facilitation.financing.tables import standing_of
from services.facilitation.scope import get_within
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import NotFound
from shared.money import Rupiah
from shared.security.identity import Caller


async def draft_application(
    transaction: Transaction,
    caller: Caller,
    *,
    programme_id: UUID,
    enterprise_id: UUID,
    product_code: str,
    requested_amount_idr: int,
    on: date,
) -> FinancingApplication:
    """Write an application down for an enterprise in the caller's regions."""
    async with transaction() as uow:
        standing = await _standing(uow, enterprise_id, programme_id, on)
        if not caller.covers(standing.region_code):
            raise NotFound
        product = open_product(product_code, on)
        if product is None:
            raise ProductNotOpen
        application = FinancingApplication.draft(
            id=new_id(),
            programme_id=programme_id,
            enterprise_id=enterprise_id,
            standing=standing,
            product=product,
            requested_amount_idr=Rupiah(requested_amount_idr),
            by=caller.subject,
        )
        uow.add(application)
    return application


async def submit_application(transaction: Transaction, application_id: UUID, caller: Caller, on: date) -> FinancingApplication:
    """Hand it in."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.submit(await _standing(uow, application.enterprise_id, application.programme_id, on), on)
    return application


async def _standing(uow: UnitOfWork, enterprise_id: UUID, programme_id: UUID, on: date) -> Standing:
    row = (await uow.connection.execute(standing_of(enterprise_id, programme_id, on))).one_or_none()
    if row is None:
        raise NotFound
    return Standing(**row._mapping)


async def start_review(transaction: Transaction, application_id: UUID) -> FinancingApplication:
    """Begin the ministry's review."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.start_review()
    return application


async def approve_application(transaction: Transaction, application_id: UUID, by: str) -> FinancingApplication:
    """Recommend it; `by` did not draft it."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.approve(by)
    return application


async def reject_application(transaction: Transaction, application_id: UUID, reason_codes: list[str]) -> FinancingApplication:
    """Not recommend it."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.reject(reason_codes)
    return application


async def forward_application(transaction: Transaction, application_id: UUID, lender_institution_id: UUID, on: date) -> FinancingApplication:
    """Send it to a lender."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.forward(lender_institution_id, on)
    return application


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
) -> FinancingApplication:
    """The lender signed a contract."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.grant(
            by_institution=by_institution,
            amount_idr=Rupiah(amount_idr),
            tenor_months=tenor_months,
            granted_on=granted_on,
            lender_reference=lender_reference,
            today=today,
        )
    return application


async def decline_financing(transaction: Transaction, application_id: UUID, *, by_institution: UUID | None, reason_codes: list[str]) -> FinancingApplication:
    """The lender will not lend."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.decline(by_institution=by_institution, reason_codes=reason_codes)
    return application


async def withdraw_application(transaction: Transaction, application_id: UUID, caller: Caller, reason_code: str) -> FinancingApplication:
    """The applicant takes it back."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.withdraw(reason_code)
    return application
