"""The tree of institutions on a day."""

from datetime import date
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from services.coordination.institutions.domain import Institution, InstitutionStatus, InstitutionType
from services.coordination.institutions.tables import institutions
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.requests import router
from shared.security.identity import Role

routes = router("institutions")
READERS = tuple(role for role in Role if role is not Role.PUBLIC)


class Node(BaseModel):
    """An institution as it stood on the day asked for."""

    id: UUID
    code: str
    name: str
    institution_type: InstitutionType
    status: InstitutionStatus
    children: "list[Node]"


class Tree(BaseModel):
    """The roots, each with what stands below it."""

    on: date
    roots: list[Node]


@routes.get("/institution-tree", operation_id="institution_tree", summary="Pohon lembaga / Tree of institutions", dependencies=[allow(*READERS)])
async def tree(request: Request, on: date | None = None) -> Tree:
    """Names and parents as they were on a day, today by default; without those that had ended."""
    day = on or today()
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(institutions.select().order_by(institutions.c.code))).all()
    known = [Institution(**row._mapping) for row in rows]
    known = [each for each in known if each.ended_on is None or day < each.ended_on]
    ids = {each.id for each in known}
    below: dict[UUID | None, list[Institution]] = {}
    for each in known:
        parent = each.as_of(day).parent_institution_id
        below.setdefault(parent if parent in ids else None, []).append(each)

    def node(each: Institution) -> Node:
        children = [node(child) for child in below.get(each.id, [])]
        return Node(id=each.id, code=each.code, name=each.as_of(day).name, institution_type=each.institution_type, status=each.status, children=children)

    return Tree(on=day, roots=[node(each) for each in below.get(None, [])])
