"""Routes of procurement figures and of the two indicators."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Numeric, func, select, true

from services.facilitation.parties import BUYER_SIDE
from services.facilitation.procurement import handlers
from services.facilitation.procurement.domain import Indicator, ProcurementFigure, Stage, meets, percent, target_of
from services.facilitation.procurement.tables import procurement_figures
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, RupiahAmount, RupiahOrNone, router
from shared.security.identity import Caller, Role

routes = router("procurement")
READERS = (*BUYER_SIDE, Role.COORDINATOR, Role.AUDITOR)
Year = Annotated[int, Field(strict=True, ge=2000, le=2100, examples=[2026])]


class RegisterFigure(RequestModel):
    """Goods and services of a year: all, from small business and cooperatives, and from domestic production."""

    institution_id: UUID
    fiscal_year: Year
    stage: Stage
    total_idr: RupiahAmount
    small_business_idr: RupiahOrNone
    domestic_idr: RupiahOrNone


class CorrectFigure(RequestModel):
    """The right figures, and why the former were not."""

    total_idr: RupiahAmount
    small_business_idr: RupiahOrNone
    domestic_idr: RupiahOrNone
    reason_code: Annotated[Code, Field(examples=["audited"])]


class ProcurementFigureOut(Representation[ProcurementFigure]):
    """Figures of a year (angka pengadaan)."""

    id: UUID
    institution_id: UUID
    fiscal_year: int
    stage: Stage
    total_idr: int
    small_business_idr: int
    domestic_idr: int


class ShareOut(BaseModel):
    """An indicator: a share of the total, and the target of the year if one is known."""

    indicator_code: Indicator
    part_idr: int
    percent: str | None
    target_percent: str | None
    met: bool | None
    source: str | None


class ProcurementSharesOut(BaseModel):
    """The two indicators (porsi usaha kecil, porsi produk dalam negeri) over the figures that the caller may see."""

    fiscal_year: int
    stage: Stage
    institutions: int
    total_idr: int
    shares: list[ShareOut]


def _visible(caller: Caller) -> ColumnElement[bool]:
    return procurement_figures.c.institution_id == caller.institution_id if caller.role is Role.BUYER else true()


@routes.post(
    "/procurement-figures",
    operation_id="register_procurement",
    summary="Daftarkan angka pengadaan / Register procurement",
    status_code=201,
    response_model=ProcurementFigureOut,
)
async def register(body: RegisterFigure, command: Creating, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """By the institution itself, or by a ministry for it; once for each year and stage."""
    return await command.create(lambda transaction: handlers.register_figure(transaction, caller, **dict(body)), ProcurementFigureOut, ProcurementFigure)


@routes.get("/procurement-figures", operation_id="list_procurement", summary="Daftar angka pengadaan / List procurement")
async def list_figures(
    request: Request,
    page: Paging,
    institution_id: UUID | None = None,
    fiscal_year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    caller: Caller = allow(*READERS),
) -> Page[ProcurementFigureOut]:
    """A buyer sees its own."""
    c = procurement_figures.c
    statement = procurement_figures.select().where(_visible(caller))
    for column, value in ((c.institution_id, institution_id), (c.fiscal_year, fiscal_year)):
        if value is not None:
            statement = statement.where(column == value)
    return await page.listing(request, statement, ProcurementFigureOut, by=[c.id])


@routes.get("/procurement-figures/{procurement_id}", operation_id="get_procurement", summary="Baca angka / Read figures", response_model=ProcurementFigureOut)
async def get_figure(request: Request, procurement_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(
        request,
        ProcurementFigure,
        procurement_id,
        ProcurementFigureOut,
        visible=lambda found: caller.role is not Role.BUYER or caller.acts_for(found.institution_id),
    )


@routes.post(
    "/procurement-figures/{procurement_id}/correct", operation_id="correct_procurement", summary="Koreksi / Correct", response_model=ProcurementFigureOut
)
async def correct(procurement_id: UUID, body: CorrectFigure, command: Changing, caller: Caller = allow(*BUYER_SIDE)) -> Response:
    """With a reason."""
    return await command.change(
        procurement_id,
        lambda transaction: handlers.correct_figure(transaction, procurement_id, caller, **dict(body)),
        ProcurementFigureOut,
        ProcurementFigure,
    )


@routes.get("/procurement-shares", operation_id="get_procurement_shares", summary="Porsi usaha kecil dan produk dalam negeri / Two shares")
async def shares(
    request: Request,
    fiscal_year: Annotated[int, Field(ge=2000, le=2100)],
    stage: Stage,
    institution_id: UUID | None = None,
    caller: Caller = allow(*READERS),
) -> ProcurementSharesOut:
    """Two indicators that never stand for each other: at least 40 % for small business, and domestic products under their own target."""
    database: Database = request.app.state.database
    c = procurement_figures.c
    sums = [func.coalesce(func.sum(c[name]), 0).cast(Numeric).label(name) for name in ("total_idr", "small_business_idr", "domestic_idr")]
    statement = select(func.count().label("institutions"), *sums).where(_visible(caller), c.fiscal_year == fiscal_year, c.stage == stage)
    if institution_id:
        statement = statement.where(c.institution_id == institution_id)
    async with database.reading() as connection:
        row = (await connection.execute(statement)).one()
    total = int(row.total_idr)
    both = ((Indicator.SMALL_BUSINESS_SHARE, row.small_business_idr), (Indicator.DOMESTIC_PRODUCT_SHARE, row.domestic_idr))
    found = [_share(indicator, int(part), total, fiscal_year) for indicator, part in both]
    return ProcurementSharesOut(fiscal_year=fiscal_year, stage=stage, institutions=row.institutions, total_idr=total, shares=found)


def _share(indicator: Indicator, part: int, total: int, year: int) -> ShareOut:
    target = target_of(indicator, year)
    known: dict[str, Any] = {"target_percent": str(target.target_percent), "source": target.source} if target else {"target_percent": None, "source": None}
    return ShareOut(
        indicator_code=indicator,
        part_idr=part,
        percent=str(percent(part, total)) if total else None,
        met=meets(part, total, target) if target and total else None,
        **known,
    )
