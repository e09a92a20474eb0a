"""The page that compares methods: which regions each would choose on the same figures and weights."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.mapping.previews.handlers import comparison
from services.mapping.previews.words import WORDS
from services.mapping.publication.handlers import newest_published, places_of
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.pages import Pages, links

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
_pages = Pages(Path(__file__).parent / "templates", WORDS)


@routes.get("/comparison")
async def methods(request: Request, run_id: UUID | None = None, lang: Annotated[str, Query(max_length=8)] = "") -> Response:
    """Of a published run, by default the newest."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        published, places = await newest_published(connection), await places_of(connection)
    if run_id is None and not published:
        raise NotFound
    run, found = await comparison(database, run_id or published[0].id, public_only=True)
    own = next((set(each.region_codes) for each in found.methods if each.own), set[str]())
    return _pages.show(request, "comparison.html", links(request, "comparison"), lang, run=run, found=found, own=own, places=places)
