"""The page, made on the server from the view: no script, no third party, public."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.monitoring.dashboard.map import circles
from services.monitoring.dashboard.words import WORDS
from services.monitoring.overview import queries
from services.monitoring.overview.reconciliation import Reconciler, Reconciliation, ServiceUnreachable
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.pages import Pages, links
from shared.pages.map import coast

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

COMPARED_WITHIN_SECONDS = 10.0
COMPARISON_TIMEOUT_SECONDS = 1.5
DIFFERENCES_SHOWN = 10

COLUMNS = {
    "rank": ("rank", "plain"),
    "name": ("location", "name"),
    "score": ("score", "score"),
    "stage": ("stage", "stage"),
    "commitments": ("commitments", "number"),
    "pledged_idr": ("pledged_amount", "rupiah"),
    "verified_idr": ("verified_amount", "rupiah"),
    "active_groups": ("active_groups", "number"),
    "enterprises": ("enterprises", "number"),
    "applications": ("applications", "number"),
    "grants": ("grants", "number"),
    "granted_idr": ("granted_amount", "rupiah"),
}
"""Columns of the table of locations: the word of the heading, and how values are written."""

ASCENDING = ("rank", "name")
STAGES = list(queries.STAGES)

_pages = Pages(Path(__file__).parent, WORDS)


@routes.get("/dashboard")
async def dashboard(
    request: Request,
    programme_id: UUID | None = None,
    sort: Annotated[str, Query(max_length=40)] = "rank",
    lang: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """The page of one programme, by default the newest."""
    sort = sort if sort in COLUMNS else "rank"
    database: Database = request.app.state.database
    async with database.reading() as connection:
        as_of = queries.newest(await queries.sources(connection))
        programmes = await queries.programme_rows(connection)
        chosen = _chosen(programmes, programme_id)
        rows = await queries.location_rows(connection, chosen["programme_id"]) if chosen else []
    for row in rows:
        row["stage"] = max(n for n, reached in enumerate(queries.STAGES.values()) if reached(row))
    return _pages.show(
        request,
        "page.html",
        links(request, "dashboard", {"sort": "rank"}),
        lang,
        as_of=as_of,
        programmes=programmes,
        programme=chosen,
        rows=_sorted(rows, sort),
        provinces=queries.by_province(rows),
        totals=queries.totals(rows),
        funnel=queries.funnel(rows),
        circles=circles(rows),
        coast=coast(),
        columns=COLUMNS,
        stages=STAGES,
        sort=sort,
        ascending=ASCENDING,
        reconciliation=await _compared(request, chosen["programme_id"]) if chosen else None,
        differences_shown=DIFFERENCES_SHOWN,
    )


def _chosen(programmes: list[queries.Row], programme_id: UUID | None) -> queries.Row | None:
    if programme_id is None:
        return programmes[0] if programmes else None
    for row in programmes:
        if row["programme_id"] == programme_id:
            return row
    raise NotFound


def _sorted(rows: list[queries.Row], column: str) -> list[queries.Row]:
    if column in ASCENDING:
        return sorted(rows, key=lambda row: row[column])
    return sorted(rows, key=lambda row: (-row[column], row["rank"]))


async def _compared(request: Request, programme_id: UUID) -> Reconciliation | ServiceUnreachable:
    reconciler: Reconciler = request.app.state.reconciler
    try:
        return await reconciler.compare(programme_id, max_age=COMPARED_WITHIN_SECONDS, timeout=COMPARISON_TIMEOUT_SECONDS)
    except ServiceUnreachable as unreachable:
        return unreachable
