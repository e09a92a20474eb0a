"""The pages of coordination; public, without evidence, notes or people."""

import calendar as months
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from services.coordination.action_items.domain import ActionItemStatus
from services.coordination.action_items.tables import action_items
from services.coordination.board.tables import region_names
from services.coordination.board.words import WORDS
from services.coordination.calendar.days import calendar
from services.coordination.commitments.state import CommitmentStatus
from services.coordination.commitments.tables import commitments
from services.coordination.convergence.domain import quarter_of
from services.coordination.convergence.matrix import matrix_of
from services.coordination.convergence.queries import entries_of
from services.coordination.institutions.tables import institutions
from services.coordination.packs.domain import Form
from services.coordination.packs.handlers import deadline_of
from services.coordination.plans.tables import action_plans
from services.coordination.programmes.domain import Programme, ProgrammeStatus
from services.coordination.programmes.tables import programmes
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.pages import Pages, links

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
LIMIT = 400
SHOWN = tuple(status for status in CommitmentStatus if status not in (CommitmentStatus.PROPOSED, CommitmentStatus.CANCELLED))
"""A proposal binds nobody, so it is not shown."""
PENDING = (CommitmentStatus.PLEDGED, CommitmentStatus.IN_PROGRESS, CommitmentStatus.OVERDUE, CommitmentStatus.PARTIALLY_FULFILLED)
Lang = Annotated[str, Query(max_length=8)]
Month = Annotated[str, Query(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")]

_pages = Pages(Path(__file__).parent / "templates", WORDS)


async def _programmes(connection: AsyncConnection, asked: UUID | None) -> tuple[list[Programme], Programme | None]:
    """Programmes that ever came into force, the newest first, and the one asked for or the newest."""
    known = programmes.select().where(programmes.c.status.in_((ProgrammeStatus.ACTIVE, ProgrammeStatus.SUSPENDED, ProgrammeStatus.CLOSED)))
    found = [Programme(**row._mapping) for row in await connection.execute(known.order_by(programmes.c.id.desc()))]
    if asked is None:
        return found, found[0] if found else None
    chosen = next((each for each in found if each.id == asked), None)
    if chosen is None:
        raise NotFound
    return found, chosen


async def _names(connection: AsyncConnection) -> tuple[dict[UUID, Any], dict[str, str]]:
    """Institutions by id, and the names of regions by code."""
    known = {row.id: row for row in await connection.execute(institutions.select().order_by(institutions.c.code))}
    return known, {row.region_code: row.name for row in await connection.execute(select(region_names))}


@routes.get("/board")
async def board(
    request: Request,
    programme: UUID | None = None,
    institution: Annotated[str, Query(max_length=64)] = "",
    status: Annotated[str, Query(max_length=24)] = "",
    lang: Lang = "",
) -> Response:
    """Commitments of a programme by status, and one by one."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        known, chosen = await _programmes(connection, programme)
        everyone, places = await _names(connection)
        counts: Sequence[Any] = []
        rows: Sequence[Any] = []
        if chosen:
            c = commitments.c
            mine = [c.programme_id == chosen.id, c.status.in_(SHOWN)]
            if institution:
                mine.append(c.institution_id.in_([id for id, each in everyone.items() if each.code == institution]))
            sums = func.count().label("count"), func.sum(c.amount_idr).label("pledged_idr"), func.sum(c.verified_amount_idr).label("verified_idr")
            counts = (await connection.execute(select(c.status, *sums).where(*mine).group_by(c.status))).all()
            if status in SHOWN:
                mine.append(c.status == CommitmentStatus(status))
            rows = (await connection.execute(commitments.select().where(*mine).order_by(c.due_on, c.id).limit(LIMIT))).all()
    by_status = {row.status: row for row in counts}
    return _pages.show(
        request, "board.html", links(request, "board"), lang, programmes=known, programme=chosen, institutions=everyone, places=places, rows=rows,
        institution=institution, status=status, statuses=SHOWN, by_status=by_status, limit=LIMIT, page="board",
    )  # fmt: skip


@routes.get("/matrix")
async def heat_map(request: Request, programme: UUID | None = None, year: Annotated[int | None, Query(ge=2000, le=2099)] = None, lang: Lang = "") -> Response:
    """Location x intervention, each cell by how many institutions do it."""
    database: Database = request.app.state.database
    shown = year or today().year
    async with database.reading() as connection:
        known, chosen = await _programmes(connection, programme)
        everyone, places = await _names(connection)
        matrix = await matrix_of(connection, chosen, await entries_of(connection, chosen.id, shown), shown, None) if chosen else None
    return _pages.show(
        request, "matrix.html", links(request, "matrix"), lang, programmes=known, programme=chosen, institutions=everyone, places=places, matrix=matrix,
        year=shown, years=range(chosen.valid_from.year, chosen.valid_to.year + 1) if chosen else (), page="matrix",
    )  # fmt: skip


@routes.get("/due")
async def due_dates(request: Request, programme: UUID | None = None, month: Month = "", lang: Lang = "") -> Response:
    """A month of due dates, with the days off."""
    database: Database = request.app.state.database
    now = today()
    first = date(int(month[:4]), int(month[5:]), 1) if month else now.replace(day=1)
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    async with database.reading() as connection:
        known, chosen = await _programmes(connection, programme)
        everyone, places = await _names(connection)
        due: Sequence[Any] = []
        items: Sequence[Any] = []
        if chosen:
            c, i = commitments.c, action_items.c
            pending = commitments.select().where(c.programme_id == chosen.id, c.status.in_(PENDING), c.due_on.between(first, last))
            due = (await connection.execute(pending.order_by(c.due_on, c.id))).all()
            done = ActionItemStatus.DONE, ActionItemStatus.DROPPED
            waiting = action_items.select().where(i.programme_id == chosen.id, i.status.not_in(done), i.due_on.between(first, last))
            items = (await connection.execute(waiting.order_by(i.due_on, i.id))).all()
    before = first - timedelta(days=1)
    packs = {deadline_of(quarter, form): (form, quarter) for quarter in {quarter_of(before), quarter_of(first - timedelta(days=70))} for form in Form}
    weeks = [
        [
            {
                "day": day,
                "inside": day.month == first.month,
                "off": calendar().why_not(day),
                "commitments": sum(row.due_on == day for row in due),
                "items": sum(row.due_on == day for row in items),
                "pack": packs.get(day),
                "today": day == now,
            }
            for day in week
        ]
        for week in months.Calendar().monthdatescalendar(first.year, first.month)
    ]
    return _pages.show(
        request, "due.html", links(request, "due"), lang, programmes=known, programme=chosen, institutions=everyone, places=places, weeks=weeks, due=due,
        items=items, first=first, previous=f"{before:%Y-%m}", following=f"{last + timedelta(days=1):%Y-%m}", page="due",
    )  # fmt: skip


@routes.get("/institution/{code}")
async def institution_page(request: Request, code: str, lang: Lang = "") -> Response:
    """One institution: mandates, plans, commitments, action items."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        everyone, places = await _names(connection)
        found = next((each for each in everyone.values() if each.code == code), None)
        if found is None:
            raise NotFound
        c, p, i = commitments.c, action_plans.c, action_items.c
        mine = commitments.select().where(c.institution_id == found.id, c.status.in_(SHOWN))
        rows = (await connection.execute(mine.order_by(c.due_on, c.id).limit(LIMIT))).all()
        plans = (await connection.execute(action_plans.select().where(p.institution_id == found.id).order_by(p.fiscal_year, p.plan_version))).all()
        owned = action_items.select().where(i.owner_institution_id == found.id, i.status != ActionItemStatus.DROPPED)
        items = (await connection.execute(owned.order_by(i.due_on, i.id).limit(LIMIT))).all()
    return _pages.show(
        request, "institution.html", links(request, code), lang, institution=found, institutions=everyone, places=places, rows=rows, plans=plans, items=items,
        limit=LIMIT, title=found.name, page="institution",
    )  # fmt: skip
