"""Routes of linkages."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.facilitation.linkages import handlers
from services.facilitation.linkages.domain import Channel, LinkageStatus, MarketLinkage
from services.facilitation.linkages.tables import market_linkages
from services.facilitation.parties import BOTH_SIDES, BUYER_SIDE, READERS, concerning, concerns
from services.facilitation.traded import Side
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, RupiahAmount, router
from shared.security.identity import Caller

routes = router("market-linkages")


class ProposeLinkage(RequestModel):
    """Who supplies whom with what, through which channel."""

    group_id: UUID
    buyer_institution_id: UUID
    channel: Channel
    category_codes: Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["woven_cloth"]])]


class DeclineLinkage(RequestModel):
    """Why not."""

    reason_codes: Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["price_too_high"]])]


class ContractLinkage(RequestModel):
    """The contract; its number stays inside the service."""

    contract_ref: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$", examples=["SPK-2026/014"])]
    contract_value_idr: RupiahAmount
    term_months: Annotated[int, Field(strict=True, ge=1, le=120, examples=[12])]


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["quality_under_review"])]


class MarketLinkageOut(Representation[MarketLinkage]):
    """A linkage (kemitraan pasar)."""

    id: UUID
    group_id: UUID
    region_code: str
    buyer_institution_id: UUID
    channel: Channel
    category_codes: list[str]
    proposed_by: Side
    proposed_on: date
    status: LinkageStatus
    contract_ref: str | None
    contract_value_idr: int | None
    term_months: int | None
    contracted_on: date | None
    listed_product_count: int | None
    reason_codes: list[str]


@routes.post(
    "/market-linkages", operation_id="propose_linkage", summary="Usulkan kemitraan / Propose a linkage", status_code=201, response_model=MarketLinkageOut
)
async def propose(body: ProposeLinkage, command: Creating, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """By one side; the group is active and lists the categories with the certificates that these require."""
    return await command.create(lambda transaction: handlers.propose_linkage(transaction, caller, **dict(body), on=today()), MarketLinkageOut, MarketLinkage)


@routes.get("/market-linkages", operation_id="list_linkages", summary="Daftar kemitraan / List linkages")
async def list_linkages(
    request: Request, page: Paging, group_id: UUID | None = None, status: LinkageStatus | None = None, caller: Caller = allow(*READERS)
) -> Page[MarketLinkageOut]:
    """A buyer sees its own, others those of groups in their regions."""
    c = market_linkages.c
    statement = market_linkages.select().where(concerning(c.region_code, c.buyer_institution_id, caller))
    for column, value in ((c.group_id, group_id), (c.status, status)):
        if value is not None:
            statement = statement.where(column == value)
    return await page.listing(request, statement, MarketLinkageOut, by=[c.id])


@routes.get("/market-linkages/{linkage_id}", operation_id="get_linkage", summary="Baca kemitraan / Read a linkage", response_model=MarketLinkageOut)
async def get_linkage(request: Request, linkage_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, MarketLinkage, linkage_id, MarketLinkageOut, visible=lambda found: concerns(caller, found))


@routes.post("/market-linkages/{linkage_id}/accept", operation_id="accept_linkage", summary="Terima / Accept", response_model=MarketLinkageOut)
async def accept(linkage_id: UUID, command: Changing, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """By the side that did not propose."""
    return await command.change(linkage_id, lambda transaction: handlers.accept_linkage(transaction, linkage_id, caller), MarketLinkageOut, MarketLinkage)


@routes.post("/market-linkages/{linkage_id}/decline", operation_id="decline_linkage", summary="Tolak / Decline", response_model=MarketLinkageOut)
async def decline(linkage_id: UUID, body: DeclineLinkage, command: Changing, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """By the side that did not propose, with reasons."""
    return await command.change(
        linkage_id, lambda transaction: handlers.decline_linkage(transaction, linkage_id, caller, body.reason_codes), MarketLinkageOut, MarketLinkage
    )


@routes.post("/market-linkages/{linkage_id}/contract", operation_id="contract_linkage", summary="Catat kontrak / Contract", response_model=MarketLinkageOut)
async def contract(linkage_id: UUID, body: ContractLinkage, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the buyer's side, once both accepted."""
    return await command.change(
        linkage_id, lambda transaction: handlers.contract_linkage(transaction, linkage_id, caller, **dict(body), on=today()), MarketLinkageOut, MarketLinkage
    )


@routes.post("/market-linkages/{linkage_id}/onboard", operation_id="onboard_linkage", summary="Catat tayang / Onboard", response_model=MarketLinkageOut)
async def onboard(linkage_id: UUID, command: Changing, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """When a product meets the whole checklist of the channel; repeated, it counts again."""
    return await command.change(
        linkage_id, lambda transaction: handlers.onboard_linkage(transaction, linkage_id, caller, today()), MarketLinkageOut, MarketLinkage
    )


@routes.post("/market-linkages/{linkage_id}/suspend", operation_id="suspend_linkage", summary="Tangguhkan / Suspend", response_model=MarketLinkageOut)
async def suspend(linkage_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """By either side; no orders meanwhile."""
    return await command.change(
        linkage_id, lambda transaction: handlers.suspend_linkage(transaction, linkage_id, caller, body.reason_code), MarketLinkageOut, MarketLinkage
    )


@routes.post("/market-linkages/{linkage_id}/resume", operation_id="resume_linkage", summary="Lanjutkan / Resume", response_model=MarketLinkageOut)
async def resume(linkage_id: UUID, command: Changing, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """By either side."""
    return await command.change(linkage_id, lambda transaction: handlers.resume_linkage(transaction, linkage_id, caller), MarketLinkageOut, MarketLinkage)


@routes.post("/market-linkages/{linkage_id}/end", operation_id="end_linkage", summary="Akhiri / End", response_model=MarketLinkageOut)
async def end(linkage_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*BOTH_SIDES)) -> Response:
    """When no order is open."""
    return await command.change(
        linkage_id, lambda transaction: handlers.end_linkage(transaction, linkage_id, caller, body.reason_code), MarketLinkageOut, MarketLinkage
    )
