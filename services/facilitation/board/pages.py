"""The pages of facilitation; public, without anybody's name."""

import math
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.facilitation.board.queries import CASELOADS, MARKET, PROGRAMMES, SHORTFALLS, STEPS, funnel_of, reasons_of
from services.facilitation.board.words import WORDS
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.pages import Pages, links
from shared.pages.map import coast

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
Lang = Annotated[str, Query(max_length=8)]
SMALLEST, LARGEST = 5.0, 17.0
BANDS = 5
"""Classes of colour, k1 to k5 in the style sheet; s0 for nobody."""

_pages = Pages(Path(__file__).parent / "templates", WORDS)


@routes.get("/funnel")
async def funnel(request: Request, programme: UUID | None = None, lang: Lang = "") -> Response:
    """How many enterprises came how far in a programme's locations, and why others stopped."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        known = list((await connection.execute(PROGRAMMES)).scalars())
        if programme is not None and programme not in known:
            raise NotFound
        chosen = programme or (known[0] if known else None)
        counts: Any = (await connection.execute(funnel_of(chosen))).mappings().one() if chosen else {}
        reasons: Any = (await connection.execute(reasons_of(chosen))).all() if chosen else []
    steps = [{"code": step, "count": counts[step], "reasons": [each for each in reasons if each.step == step]} for step in STEPS] if chosen else []
    return _pages.show(
        request, "funnel.html", links(request, "funnel"), lang, programmes=known, programme=chosen, steps=steps, page="funnel",
    )  # fmt: skip


@routes.get("/caseload")
async def caseload(request: Request, lang: Lang = "") -> Response:
    """Mentoring by regency/city: on the map and as a table."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = [dict(row) for row in (await connection.execute(CASELOADS)).mappings()]
    outline, most = coast(), max((row["members"] for row in rows), default=0)
    for row in rows:
        row["band"] = math.ceil(BANDS * min(1.0, row["mentored"] / row["members"])) if row["members"] else 0
        row["r"] = round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(row["members"] / most), 1) if most else SMALLEST
    placed = sorted((row for row in rows if row["longitude"] is not None), key=lambda row: -row["r"])
    circles = [{"row": row, "x": outline.x(row["longitude"]), "y": outline.y(row["latitude"]), "r": row["r"]} for row in placed]
    return _pages.show(request, "caseload.html", links(request, "caseload"), lang, rows=rows, circles=circles, outline=outline, page="caseload")


@routes.get("/market")
async def market(request: Request, lang: Lang = "") -> Response:
    """What buyers want and groups can make, by category, and why demands are not met."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(MARKET)).all()
        obstacles = (await connection.execute(SHORTFALLS)).all()
    return _pages.show(request, "market.html", links(request, "market"), lang, rows=rows, obstacles=obstacles, page="market")
