"""Routes of buyers' demands."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.group_products.domain import CertificateKind
from services.facilitation.market_demands import handlers
from services.facilitation.market_demands.domain import DemandStatus, MarketDemand
from services.facilitation.market_demands.tables import market_demands
from services.facilitation.parties import BUYER_SIDE, READERS, concerns
from services.facilitation.scope import under
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, RegionCode, RegionPrefix, RequestModel, RupiahAmount, router
from shared.security.identity import Caller, Role

routes = router("market-demands")


class RegisterDemand(RequestModel):
    """What is needed, of what, how much, where and by when; the ceiling is for one unit."""

    buyer_institution_id: UUID
    region_code: RegionCode
    category_code: Annotated[Code, Field(examples=["woven_cloth"])]
    quantity: Count
    unit: Annotated[Code, Field(examples=["piece"])]
    needed_by: date
    price_ceiling_idr: RupiahAmount
    certificates: Annotated[list[CertificateKind], Field(default_factory=list, max_length=10, description="valid on the day of delivery")]
    specifications: Annotated[list[Code], Field(default_factory=list, max_length=30, examples=[["natural_dye"]])]
    max_distance_km: Annotated[int | None, Field(strict=True, ge=0, le=6000, description="without it the rule of the day of matching")] = None


class CloseDemand(RequestModel):
    """Why it is not needed any more."""

    reason_code: Annotated[Code, Field(examples=["budget_cut"])]


class LotOut(BaseModel):
    """A lot (lot) of a group's product."""

    product_id: UUID
    group_id: UUID
    quantity: int
    distance_km: int


class ShortfallOut(BaseModel):
    """Obstacles that together stand in the way (alasan kekurangan): lifting them for this need alone gives at least so many units more."""

    codes: list[str]
    would_add_at_least: int


class MarketDemandOut(Representation[MarketDemand]):
    """A demand (kebutuhan pasar): `lots` are the plan of the last run without what was ordered before it."""

    id: UUID
    buyer_institution_id: UUID
    region_code: str
    category_code: str
    quantity: int
    unit: str
    needed_by: date
    price_ceiling_idr: int
    certificates: list[CertificateKind]
    specifications: list[str]
    max_distance_km: int | None
    registered_on: date
    status: DemandStatus
    match_id: UUID | None
    algorithm_version: str | None
    matched_quantity: int
    lots: list[LotOut]
    shortfalls: list[ShortfallOut]
    reason_code: str | None

    @classmethod
    def of(cls, aggregate: MarketDemand) -> "MarketDemandOut":
        """With its lots and shortfalls."""
        plain = {name: getattr(aggregate, name) for name in cls.model_fields if name not in ("lots", "shortfalls")}
        lots = [LotOut(product_id=lot.product_id, group_id=lot.group_id, quantity=lot.quantity, distance_km=lot.distance_km) for lot in aggregate.lots]
        shortfalls = [ShortfallOut(codes=each.codes, would_add_at_least=each.would_add_at_least) for each in aggregate.shortfalls]
        return cls(**plain, lots=lots, shortfalls=shortfalls)


class MarketDemandRow(BaseModel):
    """A demand in a list; its plan is read with the demand itself."""

    id: UUID
    buyer_institution_id: UUID
    region_code: str
    category_code: str
    quantity: int
    unit: str
    needed_by: date
    price_ceiling_idr: int
    status: DemandStatus
    match_id: UUID | None
    matched_quantity: int


@routes.post(
    "/market-demands", operation_id="register_demand", summary="Daftarkan kebutuhan / Register a demand", status_code=201, response_model=MarketDemandOut
)
async def register(body: RegisterDemand, command: Creating, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the buyer for its own institution, or by a ministry for a buyer."""
    return await command.create(lambda transaction: handlers.register_demand(transaction, caller, **dict(body), on=today()), MarketDemandOut, MarketDemand)


@routes.get("/market-demands", operation_id="list_demands", summary="Daftar kebutuhan / List demands")
async def list_demands(
    request: Request,
    page: Paging,
    status: DemandStatus | None = None,
    category_code: Code | None = None,
    region_code: RegionPrefix | None = None,
    buyer_institution_id: UUID | None = None,
    caller: Caller = allow(*READERS),
) -> Page[MarketDemandRow]:
    """A buyer sees its own; a need may be supplied from elsewhere, so everybody else sees those of all regions."""
    c = market_demands.c
    statement = market_demands.select()
    if caller.role is Role.BUYER:
        statement = statement.where(c.buyer_institution_id == caller.institution_id)
    for column, value in ((c.status, status), (c.category_code, category_code), (c.buyer_institution_id, buyer_institution_id)):
        if value is not None:
            statement = statement.where(column == value)
    if region_code:
        statement = statement.where(under(c.region_code, region_code))
    return await page.listing(request, statement, MarketDemandRow, by=[c.id])


@routes.get("/market-demands/{demand_id}", operation_id="get_demand", summary="Baca kebutuhan / Read a demand", response_model=MarketDemandOut)
async def get_demand(request: Request, demand_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag, the lots of the last run, and why they are not enough."""
    return await resource(request, MarketDemand, demand_id, MarketDemandOut, visible=lambda found: caller.role is not Role.BUYER or concerns(caller, found))


@routes.post("/market-demands/{demand_id}/close", operation_id="close_demand", summary="Tutup kebutuhan / Close a demand", response_model=MarketDemandOut)
async def close(demand_id: UUID, body: CloseDemand, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the buyer; orders placed go on."""
    return await command.change(
        demand_id, lambda transaction: handlers.close_demand(transaction, demand_id, caller, body.reason_code), MarketDemandOut, MarketDemand
    )
