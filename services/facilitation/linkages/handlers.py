"""What can be done with a linkage."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.facilitation.financing.errors import GroupNotActive
from services.facilitation.group_products.categories import category_of
from services.facilitation.group_products.domain import GroupProduct, ProductStatus
from services.facilitation.group_products.readiness import checklist_on, readiness
from services.facilitation.group_products.tables import group_products
from services.facilitation.groups.domain import Group, GroupStatus
from services.facilitation.linkages.domain import CategoryNotOffered, Channel, MarketLinkage
from services.facilitation.orders.queries import orders_of_linkage
from services.facilitation.parties import acting_buyer, get_concerning, side_of
from services.facilitation.traded import Side
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import NotFound
from shared.money import Rupiah
from shared.security.identity import Caller


async def propose_linkage(
    transaction: Transaction,
    caller: Caller,
    *,
    group_id: UUID,
    buyer_institution_id: UUID,
    channel: Channel,
    category_codes: list[str],
    on: date,
) -> MarketLinkage:
    """For an active group whose products of these categories are listed, with the certificates that these require."""
    side = side_of(caller)
    if side is Side.BUYER:
        acting_buyer(caller, buyer_institution_id)
    async with transaction() as uow:
        group = await uow.get(Group, group_id)
        if not caller.covers(group.region_code):
            raise NotFound
        if group.status is not GroupStatus.ACTIVE:
            raise GroupNotActive
        for code in category_codes:
            category_of(code)
        products = await _products(uow, group_id, category_codes)
        if lacking := sorted(set(category_codes) - {product.category_code for product in products}):
            raise CategoryNotOffered(category_codes=lacking)
        for product in products:
            product.refuse_uncertified(frozenset(), on)
        linkage = MarketLinkage.propose(
            id=new_id(),
            group_id=group_id,
            region_code=group.region_code,
            buyer_institution_id=buyer_institution_id,
            channel=channel,
            category_codes=category_codes,
            by=side,
            on=on,
        )
        uow.add(linkage)
    return linkage


async def _products(uow: UnitOfWork, group_id: UUID, category_codes: Sequence[str]) -> list[GroupProduct]:
    c = group_products.c
    listed = select(c.id).where(c.group_id == group_id, c.category_code.in_(category_codes), c.status == ProductStatus.LISTED).order_by(c.id)
    return [await uow.get(GroupProduct, id) for id in (await uow.connection.scalars(listed)).all()]


async def accept_linkage(transaction: Transaction, linkage_id: UUID, caller: Caller) -> MarketLinkage:
    """Agree, as the other side."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        linkage.accept(side_of(caller))
    return linkage


async def decline_linkage(transaction: Transaction, linkage_id: UUID, caller: Caller, reason_codes: list[str]) -> MarketLinkage:
    """Not agree, as the other side."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        linkage.decline(side_of(caller), reason_codes)
    return linkage


async def contract_linkage(
    transaction: Transaction, linkage_id: UUID, caller: Caller, *, contract_ref: str, contract_value_idr: int, term_months: int, on: date
) -> MarketLinkage:
    """Both signed."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        linkage.contract(contract_ref=contract_ref, contract_value_idr=Rupiah(contract_value_idr), term_months=term_months, on=on)
    return linkage


async def onboard_linkage(transaction: Transaction, linkage_id: UUID, caller: Caller, on: date) -> MarketLinkage:
    """The checklist of the channel is done for at least one product; those that are done are counted."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        checklist = checklist_on(linkage.channel, on)
        active = (await uow.get(Group, linkage.group_id)).status is GroupStatus.ACTIVE
        lists = [readiness(product, checklist, on, group_active=active) for product in await _products(uow, linkage.group_id, linkage.category_codes)]
        missing = sorted({item.code for each in lists for item in each if not item.met})
        linkage.onboard(sum(all(item.met for item in each) for each in lists), missing)
    return linkage


async def suspend_linkage(transaction: Transaction, linkage_id: UUID, caller: Caller, reason_code: str) -> MarketLinkage:
    """No orders for the time being."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        linkage.suspend(reason_code)
    return linkage


async def resume_linkage(transaction: Transaction, linkage_id: UUID, caller: Caller) -> MarketLinkage:
    """Orders again."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        linkage.resume()
    return linkage


async def end_linkage(transaction: Transaction, linkage_id: UUID, caller: Caller, reason_code: str) -> MarketLinkage:
    """End it, with what its orders came to."""
    async with transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        sums = (await uow.connection.execute(orders_of_linkage(linkage_id))).one()
        linkage.end(reason_code, open_orders=sums.open_orders, total_value_idr=sums.paid_idr, order_count=sums.order_count)
    return linkage
