"""What can be done with a group's product."""

from datetime import date
from uuid import UUID

from services.facilitation.financing.errors import GroupNotActive
from services.facilitation.group_products.domain import CapacityBelowReserved, CertificateKind, GroupProduct
from services.facilitation.group_products.tables import CapacityExceeded, follow_capacity
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.scope import get_within
from shared.clock import new_id
from shared.database import Transaction
from shared.money import Rupiah
from shared.security.identity import Caller


async def list_product(
    transaction: Transaction,
    caller: Caller,
    *,
    group_id: UUID,
    category_code: str,
    kbli_code: str,
    unit: str,
    price_idr: int,
    monthly_capacity: int,
    minimum_lot: int,
    specifications: list[str],
) -> GroupProduct:
    """Offer a product of an active group."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        if group.status is not GroupStatus.ACTIVE:
            raise GroupNotActive
        product = GroupProduct.list_product(
            id=new_id(),
            group_id=group_id,
            region_code=group.region_code,
            category_code=category_code,
            kbli_code=kbli_code,
            unit=unit,
            price_idr=Rupiah(price_idr),
            monthly_capacity=monthly_capacity,
            minimum_lot=minimum_lot,
            specifications=specifications,
        )
        uow.add(product)
    return product


async def revise_product(
    transaction: Transaction, product_id: UUID, caller: Caller, *, price_idr: int, monthly_capacity: int, minimum_lot: int, on: date
) -> GroupProduct:
    """Change price, capacity or minimum lot; a capacity below what orders reserved is refused."""
    try:
        async with transaction() as uow:
            product = await get_within(uow, GroupProduct, product_id, caller)
            changed = monthly_capacity != product.monthly_capacity
            product.revise(price_idr=Rupiah(price_idr), monthly_capacity=monthly_capacity, minimum_lot=minimum_lot)
            if changed:
                uow.also(follow_capacity(product_id, f"{on:%Y-%m}", monthly_capacity))
    except CapacityExceeded as error:
        raise CapacityBelowReserved from error
    return product


async def certify_product(
    transaction: Transaction, product_id: UUID, caller: Caller, *, kind: CertificateKind, number: str, expires_on: date | None, on: date
) -> GroupProduct:
    """Record a certificate."""
    async with transaction() as uow:
        product = await get_within(uow, GroupProduct, product_id, caller)
        product.certify(kind, number, expires_on, on)
    return product


async def file_evidence(transaction: Transaction, product_id: UUID, caller: Caller, *, item_code: str, sha256: str, on: date) -> GroupProduct:
    """Record evidence for an item of a checklist."""
    async with transaction() as uow:
        product = await get_within(uow, GroupProduct, product_id, caller)
        product.file_evidence(item_code, sha256, on)
    return product


async def withdraw_product(transaction: Transaction, product_id: UUID, caller: Caller, reason_code: str) -> GroupProduct:
    """Offer it no more."""
    async with transaction() as uow:
        product = await get_within(uow, GroupProduct, product_id, caller)
        product.withdraw(reason_code)
    return product
