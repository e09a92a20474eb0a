"""Routes of turnovers, and of what a linkage has to do with them."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, func, select

from services.facilitation.linkages.domain import MarketLinkage
from services.facilitation.orders.state import OrderStatus
from services.facilitation.orders.tables import orders
from services.facilitation.parties import GROUP_SIDE, MINISTRIES, get_concerning
from services.facilitation.scope import within
from services.facilitation.turnovers import handlers
from services.facilitation.turnovers.domain import GroupTurnover, LinkageNotBegun, attribution_on, effect
from services.facilitation.turnovers.tables import group_turnovers
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, RupiahOrNone, router
from shared.security.identity import Caller, Role

routes = router("turnovers")
READERS = (*GROUP_SIDE, *MINISTRIES, Role.COORDINATOR, Role.AUDITOR)
Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-03"])]


class RecordTurnover(RequestModel):
    """What a group's enterprises sold in a month together, from all sources."""

    group_id: UUID
    month: Month
    turnover_idr: RupiahOrNone


class CorrectTurnover(RequestModel):
    """The right figure, and why the former was not."""

    turnover_idr: RupiahOrNone
    reason_code: Annotated[Code, Field(examples=["late_receipts"])]


class GroupTurnoverOut(Representation[GroupTurnover]):
    """The turnover of a month (omzet)."""

    id: UUID
    group_id: UUID
    region_code: str
    month: str
    turnover_idr: int


class TurnoverEffectOut(BaseModel):
    """Turnover before and after a linkage (omzet sebelum dan sesudah), by a named method with its assumption."""

    linkage_id: UUID
    group_id: UUID
    since_month: str
    method_code: str
    source: str
    assumption_id: str
    assumption_en: str
    before_months: list[str]
    after_months: list[str]
    missing_months: list[str]
    before_mean_idr: int | None
    after_mean_idr: int | None
    change_idr: int | None
    paid_mean_idr: int | None
    attributed_idr: int | None


@routes.post(
    "/group-turnovers", operation_id="record_turnover", summary="Catat omzet kelompok / Record a turnover", status_code=201, response_model=GroupTurnoverOut
)
async def record(body: RecordTurnover, command: Creating, caller: Caller = allow(*GROUP_SIDE)) -> Response:
    """Of a month that is over; once for each group and month."""
    return await command.create(lambda transaction: handlers.record_turnover(transaction, caller, **dict(body), on=today()), GroupTurnoverOut, GroupTurnover)


@routes.get("/group-turnovers", operation_id="list_turnovers", summary="Daftar omzet / List turnovers")
async def list_turnovers(request: Request, page: Paging, group_id: UUID | None = None, caller: Caller = allow(*READERS)) -> Page[GroupTurnoverOut]:
    """Of groups in the caller's regions."""
    c = group_turnovers.c
    statement = group_turnovers.select().where(within(c.region_code, caller))
    if group_id:
        statement = statement.where(c.group_id == group_id)
    return await page.listing(request, statement, GroupTurnoverOut, by=[c.id])


@routes.get("/group-turnovers/{turnover_id}", operation_id="get_turnover", summary="Baca omzet / Read a turnover", response_model=GroupTurnoverOut)
async def get_turnover(request: Request, turnover_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its ETag."""
    return await resource(request, GroupTurnover, turnover_id, GroupTurnoverOut, visible=lambda found: caller.covers(found.region_code))


@routes.post("/group-turnovers/{turnover_id}/correct", operation_id="correct_turnover", summary="Koreksi omzet / Correct", response_model=GroupTurnoverOut)
async def correct(turnover_id: UUID, body: CorrectTurnover, command: Changing, caller: Caller = allow(*GROUP_SIDE)) -> Response:
    """With a reason."""
    return await command.change(
        turnover_id, lambda transaction: handlers.correct_turnover(transaction, turnover_id, caller, **dict(body)), GroupTurnoverOut, GroupTurnover
    )


@routes.get(
    "/market-linkages/{linkage_id}/turnover-effect", operation_id="get_turnover_effect", summary="Omzet sebelum dan sesudah / Turnover before and after"
)
async def turnover_effect(request: Request, linkage_id: UUID, caller: Caller = allow(*READERS)) -> TurnoverEffectOut:
    """What changed since the contract, and what of it this linkage accounts for; months without a record are named."""
    database: Database = request.app.state.database
    on = today()
    async with database.transaction() as uow:
        linkage = await get_concerning(uow, MarketLinkage, linkage_id, caller)
        if linkage.contracted_on is None:
            raise LinkageNotBegun
        t, o = group_turnovers.c, orders.c
        recorded = (await uow.connection.execute(select(t.month, t.turnover_idr).where(t.group_id == linkage.group_id))).all()
        month = func.to_char(o.paid_on, "YYYY-MM").label("month")
        by_month = select(month, func.sum(o.payable_idr).cast(BigInteger).label("paid_idr")).where(o.linkage_id == linkage_id, o.status == OrderStatus.PAID)
        paid = (await uow.connection.execute(by_month.group_by(month))).all()
    method, since = attribution_on(on), f"{linkage.contracted_on:%Y-%m}"
    found = effect(since, on, method, {row.month: row.turnover_idr for row in recorded}, {row.month: row.paid_idr for row in paid})
    figures = {name: getattr(found, name) for name in TurnoverEffectOut.model_fields if hasattr(found, name)}
    named = {name: getattr(method, name) for name in ("method_code", "source", "assumption_id", "assumption_en")}
    return TurnoverEffectOut(linkage_id=linkage_id, group_id=linkage.group_id, since_month=since, **named, **figures)
