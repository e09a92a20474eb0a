"""The page, made on the server from the view: no script, no third party, public."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from services.monitoring.dashboard.formats import Formats
from services.monitoring.dashboard.map import circles, coast
from services.monitoring.dashboard.words import words
from services.monitoring.overview import queries
from services.monitoring.overview.reconciliation import Reconciler, Reconciliation, ServiceUnreachable
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.http.problems import prefers_english

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

FOLDER = Path(__file__).parent
SECURITY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
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

_templates = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@routes.get("/dashboard")
async def dashboard(
    request: Request,
    programme_id: UUID | None = None,
    sort: Annotated[str, Query(max_length=40)] = "rank",
    lang: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """The page of one programme, by default the newest."""
    english = lang == "en" if lang in ("id", "en") else prefers_english(request)
    sort = sort if sort in COLUMNS else "rank"
    database: Database = request.app.state.database
    async with database.reading() as connection:
        as_of = queries.newest(await queries.sources(connection))
        programmes = await queries.programme_rows(connection)
        chosen = _chosen(programmes, programme_id)
        rows = await queries.location_rows(connection, chosen["programme_id"]) if chosen else []
    for row in rows:
        row["stage"] = max(n for n, reached in enumerate(queries.STAGES.values()) if reached(row))
    context = {
        "as_of": as_of,
        "programmes": programmes,
        "programme": chosen,
        "rows": _sorted(rows, sort),
        "provinces": queries.by_province(rows),
        "totals": queries.totals(rows),
        "funnel": queries.funnel(rows),
        "circles": circles(rows),
        "coast": coast(),
        "columns": COLUMNS,
        "stages": STAGES,
        "sort": sort,
        "ascending": ASCENDING,
        "demo": request.app.state.settings.mode == "embedded",
        "reconciliation": await _compared(request, chosen["programme_id"]) if chosen else None,
        "differences_shown": DIFFERENCES_SHOWN,
        "english": english,
        "t": words(english=english),
        "f": Formats(english=english),
        "link": _links(programme_id, sort, lang),
    }
    return _answer(request, _templates.get_template("page.html").render(context).encode(), "text/html; charset=utf-8", english=english)


@routes.get("/dashboard/style.css")
async def style(request: Request) -> Response:
    """How the page looks."""
    return _answer(request, _style(), "text/css; charset=utf-8")


@cache
def _style() -> bytes:
    return (FOLDER / "style.css").read_bytes()


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


def _links(programme_id: UUID | None, sort: str, lang: str) -> Any:
    """`link(sort="name")`: this page with something changed."""
    now = {"programme_id": str(programme_id) if programme_id else "", "sort": "" if sort == "rank" else sort, "lang": lang}

    def link(**changes: str) -> str:
        query = urlencode({name: value for name, value in (now | changes).items() if value})
        return f"dashboard?{query}" if query else "dashboard"

    return link


async def _compared(request: Request, programme_id: UUID) -> Reconciliation | ServiceUnreachable:
    reconciler: Reconciler = request.app.state.reconciler
    try:
        return await reconciler.compare(programme_id, max_age=COMPARED_WITHIN_SECONDS, timeout=COMPARISON_TIMEOUT_SECONDS)
    except ServiceUnreachable as unreachable:
        return unreachable


def _answer(request: Request, body: bytes, media_type: str, *, english: bool | None = None) -> Response:
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"', "Cache-Control": "no-cache", "Content-Security-Policy": SECURITY}
    if english is not None:
        headers["Content-Language"] = "en" if english else "id"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
