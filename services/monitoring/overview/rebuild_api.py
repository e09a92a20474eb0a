"""Routes of rebuilds, for operators."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.monitoring.overview.rebuild_requests import Rebuilder, recent
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("rebuilds")
OPERATOR = allow(Role.SYSTEM_ADMIN)


class Progress(BaseModel):
    """In events."""

    done: int = Field(description="in the new view")
    total: int = Field(description="in the serving view; an estimate of what there is to do")


class Rebuild(BaseModel):
    """The view, replayed from the beginning of the log; the old one serves until the new one takes its place."""

    id: UUID
    state: Literal["running", "done", "failed", "interrupted"]
    progress: Progress
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    failure: str | None


class Rebuilds(BaseModel):
    """The last ones, the newest first."""

    items: list[Rebuild]


@routes.post("/rebuilds", operation_id="request_rebuild", summary="Bangun ulang pandangan / Rebuild the view", status_code=202)
async def request_rebuild(request: Request, response: Response, caller: Caller = OPERATOR) -> Rebuild:
    """Starts in the background; 409 while another one runs."""
    rebuilder: Rebuilder = request.app.state.rebuilder
    id = await rebuilder.request(caller.subject)
    response.headers["Location"] = f"{request.url.path.rstrip('/')}/{id}"
    return (await _found(request, response, id))[0]


@routes.get("/rebuilds", operation_id="list_rebuilds", summary="Daftar pembangunan ulang / List rebuilds", dependencies=[OPERATOR])
async def list_rebuilds(request: Request, response: Response) -> Rebuilds:
    """The last twenty."""
    return Rebuilds(items=await _found(request, response))


@routes.get("/rebuilds/{rebuild_id}", operation_id="get_rebuild", summary="Kemajuan pembangunan ulang / A rebuild's progress", dependencies=[OPERATOR])
async def get_rebuild(request: Request, response: Response, rebuild_id: UUID) -> Rebuild:
    """Its state and progress."""
    if not (found := await _found(request, response, rebuild_id)):
        raise NotFound
    return found[0]


async def _found(request: Request, response: Response, id: UUID | None = None) -> list[Rebuild]:
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = await recent(connection, id)
    response.headers["Cache-Control"] = "no-store"
    return [_represented(row) for row in rows]


def _represented(row: dict[str, Any]) -> Rebuild:
    return Rebuild(progress=Progress(done=row.pop("done"), total=row.pop("total")), **row)
