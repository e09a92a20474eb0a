"""What an applicant and the ministry can do with an application; the lender's turn is in `lending`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.facilitation.credits.tables import former_credits, open_credits
from services.facilitation.financing.applicants import Allocation, Standing
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.eligibility import Facts, obstacles, outcome_of, refuse_submission
from services.facilitation.financing.errors import ProductNotOpen
from services.facilitation.financing.products import ApplicantType, Product, Purpose, open_product
from services.facilitation.financing.state import Officer
from services.facilitation.financing.tables import borrowers_freed, borrowers_named, decided, standings_of
from services.facilitation.scope import get_within
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import NotFound, Problem
from shared.money import Rupiah
from shared.security.identity import Caller


@dataclass(frozen=True, slots=True)
class Parties:
    """Where the enterprise that signs and the other borrowers stand, and their owners' blind indexes."""

    signing: Standing
    members: list[Standing]
    owners: dict[UUID, bytes]


async def parties_of(uow: UnitOfWork, enterprise_id: UUID, allocations: Sequence[Allocation], programme_id: UUID, on: date) -> Parties:
    """Read them on a day; `NotFound` for an enterprise that is none."""
    ids = {enterprise_id, *(each.enterprise_id for each in allocations)}
    rows = {row.id: row for row in (await uow.connection.execute(standings_of(sorted(ids), programme_id, on))).all()}
    if ids - rows.keys():
        raise NotFound
    standings = {
        id: Standing(
            region_code=row.region_code,
            prioritised=row.prioritised,
            group_id=row.group_id,
            group_is_active=row.group_is_active,
            group_type=row.group_type,
        )
        for id, row in rows.items()
    }
    members = [standings[each.enterprise_id] for each in allocations]
    return Parties(standings[enterprise_id], members, {id: row.owner_nik_index for id, row in rows.items()})


async def draft_application(
    transaction: Transaction,
    caller: Caller,
    *,
    programme_id: UUID,
    enterprise_id: UUID,
    product_code: str,
    requested_amount_idr: int,
    on: date,
    purpose: Purpose = Purpose.WORKING_CAPITAL,
    applicant_type: ApplicantType = ApplicantType.ENTERPRISE,
    allocations: Sequence[Allocation] = (),
    business_started_on: date | None = None,
    documents: dict[str, str] | None = None,
) -> FinancingApplication:
    """Write an application down for an enterprise in the caller's regions, alone or signing for its group."""
    async with transaction() as uow:
        parties = await parties_of(uow, enterprise_id, allocations, programme_id, on)
        if not caller.covers(parties.signing.region_code):
            raise NotFound
        application = FinancingApplication.draft(
            id=new_id(),
            programme_id=programme_id,
            enterprise_id=enterprise_id,
            standing=parties.signing,
            product=_open(product_code, on),
            requested_amount_idr=Rupiah(requested_amount_idr),
            by=caller.subject,
            on=on,
            purpose=purpose,
            applicant_type=applicant_type,
            allocations=allocations,
            members=parties.members,
            business_started_on=business_started_on,
            documents=documents,
        )
        uow.add(application)
        uow.also(borrowers_named(application))
    return application


def _open(product_code: str, on: date) -> Product:
    product = open_product(product_code, on)
    if product is None:
        raise ProductNotOpen
    return product


async def check_before(
    transaction: Transaction,
    caller: Caller,
    *,
    programme_id: UUID,
    enterprise_id: UUID,
    product_code: str,
    requested_amount_idr: int,
    purpose: Purpose,
    applicant_type: ApplicantType,
    tenor_months: int | None,
    business_started_on: date | None,
    document_codes: Sequence[str],
    on: date,
) -> tuple[Product, list[Problem], int]:
    """What stands in the way of an application that nobody wrote yet; with the number that the access would have."""
    async with transaction() as uow:
        parties = await parties_of(uow, enterprise_id, (), programme_id, on)
        if not caller.covers(parties.signing.region_code):
            raise NotFound
        product = _open(product_code, on)
        owners = list(parties.owners.values())
        facts = Facts(
            standing=parties.signing,
            applicant_type=applicant_type,
            amount_idr=requested_amount_idr,
            purpose=purpose,
            tenor_months=tenor_months,
            business_started_on=business_started_on,
            document_codes=frozenset(document_codes),
            open_credit=await _is_open(uow, owners),
            former_families=await _former_families(uow, owners),
        )
        return product, obstacles(product, facts, on), await access_number(uow, owners, product)


async def _is_open(uow: UnitOfWork, owners: Sequence[bytes]) -> bool:
    return bool(await uow.connection.scalar(open_credits(owners)))


async def _former_families(uow: UnitOfWork, owners: Sequence[bytes]) -> frozenset[str]:
    return frozenset(row.family for row in await uow.connection.execute(former_credits(owners)))


async def access_number(uow: UnitOfWork, owners: Sequence[bytes], product: Product) -> int:
    """Which access to the product it would be (akses ke-n): of a group the highest of its members'."""
    rows = await uow.connection.execute(former_credits(owners))
    return 1 + max((row.times for row in rows if row.product_code == product.code), default=0)


async def _found(uow: UnitOfWork, application: FinancingApplication, parties: Parties, on: date) -> list[Problem]:
    owners = [parties.owners[id] for id in application.borrowers]
    facts = Facts(
        standing=parties.signing,
        applicant_type=application.applicant_type,
        amount_idr=application.largest_part_idr,
        purpose=application.purpose,
        business_started_on=application.business_started_on,
        document_codes=frozenset(application.documents),
        open_credit=await _is_open(uow, owners),
        former_families=await _former_families(uow, owners),
    )
    return obstacles(application.product, facts, on)


async def prescreen_application(transaction: Transaction, application_id: UUID, caller: Caller, on: date) -> FinancingApplication:
    """Apply the product's rules to a draft and keep what they say."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.may("prescreen")
        parties = await parties_of(uow, application.enterprise_id, application.allocations, application.programme_id, on)
        found = await _found(uow, application, parties, on)
        application.prescreen(outcome_of(found), [each.code for each in found])
    return application


async def attach_documents(transaction: Transaction, application_id: UUID, caller: Caller, documents: dict[str, str]) -> FinancingApplication:
    """Add documents to a draft, or to what was referred back."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.attach(documents)
    return application


async def submit_application(transaction: Transaction, application_id: UUID, caller: Caller, on: date) -> FinancingApplication:
    """Hand it in, complete and while the indirect rule holds for everybody in it."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.may("submit")
        parties = await parties_of(uow, application.enterprise_id, application.allocations, application.programme_id, on)
        refuse_submission(await _found(uow, application, parties, on))
        application.submit(parties.signing, on, parties.members)
    return application


def officer(caller: Caller) -> Officer:
    """The caller as who decides."""
    return Officer(subject=caller.subject, role=caller.role.value)


async def start_review(transaction: Transaction, application_id: UUID, caller: Caller, on: date) -> FinancingApplication:
    """Begin or resume the review, after looking whether a borrower has a government credit open."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        parties = await parties_of(uow, application.enterprise_id, application.allocations, application.programme_id, on)
        duplicate = await _is_open(uow, [parties.owners[id] for id in application.borrowers])
        application.start_review(officer(caller), duplicate=duplicate)
    return application


async def approve_application(
    transaction: Transaction, application_id: UUID, caller: Caller, comment: str, conditions_codes: Sequence[str] = ()
) -> FinancingApplication:
    """Agree, as the stage whose turn it is."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.may("approve")
        stage = application.stage.code
        application.approve(officer(caller), conditions_codes)
        _write_down(uow, application, stage, "approved", caller, comment, conditions_codes)
    return application


async def refer_application(
    transaction: Transaction, application_id: UUID, caller: Caller, *, missing_item_codes: list[str], respond_by: date | None, comment: str, on: date
) -> FinancingApplication:
    """Give it back for completion."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.refer(officer(caller), missing_item_codes, respond_by, on)
        _write_down(uow, application, application.stage.code, "referred", caller, comment, missing_item_codes)
    return application


async def reject_application(transaction: Transaction, application_id: UUID, caller: Caller, reason_codes: list[str], comment: str) -> FinancingApplication:
    """Not recommend it."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.reject(officer(caller), reason_codes)
        _write_down(uow, application, application.stage.code, "rejected", caller, comment, reason_codes)
        uow.also(borrowers_freed(application.id))
    return application


async def undo_approval(transaction: Transaction, application_id: UUID, caller: Caller, reason_code: str, comment: str) -> FinancingApplication:
    """Take the recommendation back before a lender has it."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.undo_approval(officer(caller), reason_code)
        _write_down(uow, application, application.stage.code, "undone", caller, comment, [reason_code])
    return application


def _write_down(
    uow: UnitOfWork, application: FinancingApplication, stage: str, verdict: str, caller: Caller, comment: str, reason_codes: Sequence[str]
) -> None:
    uow.also(
        decided(
            id=new_id(),
            application_id=application.id,
            stage=stage,
            verdict=verdict,
            by=officer(caller),
            comment=comment,
            reason_codes=reason_codes,
        )
    )


async def forward_application(transaction: Transaction, application_id: UUID, lender_institution_id: UUID, on: date) -> FinancingApplication:
    """Send it to a lender."""
    async with transaction() as uow:
        application = await uow.get(FinancingApplication, application_id)
        application.forward(lender_institution_id, on)
    return application


async def withdraw_application(transaction: Transaction, application_id: UUID, caller: Caller, reason_code: str) -> FinancingApplication:
    """The applicant takes it back."""
    async with transaction() as uow:
        application = await get_within(uow, FinancingApplication, application_id, caller)
        application.withdraw(reason_code)
        uow.also(borrowers_freed(application.id))
    return application
