"""Routes of timelines."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field
from sqlalchemy import Table, select

from services.facilitation.enterprises.api import READERS
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.groups.tables import groups
from services.facilitation.scope import within
from services.facilitation.timeline.tables import timeline
from shared.catalogue.indonesian import SENTENCES
from shared.contracts import EVENT_TYPES
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.pages import Page, Paging
from shared.http.requests import router
from shared.outbox import outbox_of
from shared.security.identity import Caller

routes = router("timeline")


class Happening(BaseModel):
    """One event (peristiwa) about an enterprise or a group, as it was published, with what it says in Indonesian and in English."""

    event_id: UUID
    type: str = Field(examples=["entaskan.facilitation.GroupMemberJoined.v1"])
    happened_at: datetime
    text: tuple[str, str]
    data: dict[str, Any]


@routes.get(
    "/enterprises/{enterprise_id}/timeline",
    operation_id="enterprise_timeline",
    summary="Riwayat usaha / An enterprise's timeline",
    response_model=Page[Happening],
)
async def of_enterprise(request: Request, page: Paging, enterprise_id: UUID, caller: Caller = allow(*READERS)) -> Any:
    """Everything that happened to it in mentoring, training, financing and markets, in order."""
    return await _story(request, page, enterprises, enterprise_id, caller)


@routes.get("/groups/{group_id}/timeline", operation_id="group_timeline", summary="Riwayat kelompok / A group's timeline", response_model=Page[Happening])
async def of_group(request: Request, page: Paging, group_id: UUID, caller: Caller = allow(*READERS)) -> Any:
    """Everything that happened to it and through it, in order."""
    return await _story(request, page, groups, group_id, caller)


async def _story(request: Request, page: Paging, whose: Table, id: UUID, caller: Caller) -> Page[Happening]:
    database: Database = request.app.state.database
    outbox = outbox_of(database.metadata)
    mentioned = select(timeline.c.position).where(timeline.c.entity_id == id)
    statement = outbox.select().where((outbox.c.subject == id) | outbox.c.position.in_(mentioned))
    async with database.reading() as connection:
        if not await connection.scalar(select(whose.c.id).where(whose.c.id == id, within(whose.c.region_code, caller))):
            raise NotFound
        rows, cursor = await page.of(connection, statement, by=[outbox.c.position])
    return Page(items=[_happening(row) for row in rows], next_cursor=cursor)


def _happening(row: Any) -> Happening:
    kind = EVENT_TYPES[row.type]
    english = (kind.event_class.__doc__ or "").split("\n")[0]
    return Happening(event_id=row.id, type=row.type, happened_at=row.time, text=(SENTENCES[kind.name], english), data=json.loads(row.data))
