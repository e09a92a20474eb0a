"""Routes of notices: an institution's inbox (kotak masuk) and its digest (ringkasan)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, computed_field
from sqlalchemy import func, select, update

from services.coordination.notices.domain import Kind, NoticeStatus, Priority, words
from services.coordination.notices.tables import notices
from shared.clock import now
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.pages import Page, Paging
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("notices")
MEMBERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN, Role.MENTOR))
OVERSEERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.AUDITOR)


class NoticeOut(BaseModel):
    """A notice (pemberitahuan), worded in Indonesian and English."""

    id: UUID
    institution_id: UUID
    kind: Kind
    priority: Priority
    subject_id: UUID = Field(description="the commitment, plan, action item, … that it is about")
    raised_at: datetime
    status: NoticeStatus
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    facts: dict[str, Any]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text(self) -> tuple[str, str]:
        """In Indonesian and in English."""
        return words(self.kind, self.facts)


class DigestLine(BaseModel):
    """So many notices of a kind that nobody acknowledged, the oldest of then."""

    kind: Kind
    priority: Priority
    count: int
    oldest: datetime


class Digest(BaseModel):
    """What waits for an institution, the pressing first."""

    institution_id: UUID
    as_of: datetime
    active: int
    lines: list[DigestLine]


def _whose(caller: Caller, institution_id: UUID | None) -> UUID:
    """The institution asked for, if the caller may read its inbox."""
    if institution_id is None or caller.acts_for(institution_id):
        if caller.institution_id is None:
            raise NotFound
        return caller.institution_id
    if caller.role not in OVERSEERS:
        raise NotFound
    return institution_id


@routes.get("/notices", operation_id="list_notices", summary="Kotak masuk pemberitahuan / Notices", response_model=Page[NoticeOut])
async def list_notices(
    request: Request,
    page: Paging,
    institution_id: UUID | None = None,
    status: NoticeStatus | None = None,
    kind: Kind | None = None,
    caller: Caller = allow(*MEMBERS),
) -> Any:
    """Those of the caller's institution, the oldest first; overseers may name another."""
    statement = select(notices).where(notices.c.institution_id == _whose(caller, institution_id))
    for column, value in (("status", status), ("kind", kind)):
        if value is not None:
            statement = statement.where(notices.c[column] == value)
    return await page.listing(request, statement, NoticeOut, by=[notices.c.raised_at, notices.c.id])


@routes.get("/notices/digest", operation_id="notice_digest", summary="Ringkasan pemberitahuan / Digest of notices")
async def digest(request: Request, institution_id: UUID | None = None, caller: Caller = allow(*MEMBERS)) -> Digest:
    """What is active, counted by kind; the pressing kinds first."""
    whose, n = _whose(caller, institution_id), notices.c
    database: Database = request.app.state.database
    counted = select(n.kind, n.priority, func.count().label("count"), func.min(n.raised_at).label("oldest")).where(
        n.institution_id == whose, n.status == NoticeStatus.ACTIVE
    )
    async with database.reading() as connection:
        rows = (await connection.execute(counted.group_by(n.kind, n.priority))).all()
    lines = [DigestLine(**row._mapping) for row in rows]
    lines.sort(key=lambda line: (line.priority is not Priority.HIGH, -line.count, line.kind))
    return Digest(institution_id=whose, as_of=now(), active=sum(line.count for line in lines), lines=lines)


@routes.post("/notices/{notice_id}/acknowledge", operation_id="acknowledge_notice", summary="Tandai sudah dibaca / Acknowledge")
async def acknowledge(request: Request, notice_id: UUID, caller: Annotated[Caller, allow(*MEMBERS)]) -> NoticeOut:
    """By the institution itself. Doing it again changes nothing: who was first stays."""
    database: Database = request.app.state.database
    mine = notices.c.id == notice_id, notices.c.institution_id == caller.institution_id
    async with database.engine.begin() as connection:
        await connection.execute(
            update(notices)
            .where(*mine, notices.c.status == NoticeStatus.ACTIVE)
            .values(status=NoticeStatus.ACKNOWLEDGED, acknowledged_by=caller.subject, acknowledged_at=func.now())
        )
        row = (await connection.execute(select(notices).where(*mine))).one_or_none()
    if row is None:
        raise NotFound
    return NoticeOut(**{name: row._mapping[name] for name in NoticeOut.model_fields})
