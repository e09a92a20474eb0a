"""How far a caller reaches: the same rule over a loaded aggregate and in SQL."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true

from services.facilitation.located import Located
from shared.database import UnitOfWork
from shared.errors import NotFound
from shared.security.identity import REGIONAL, Caller

L = TypeVar("L", bound=Located)


async def get_within(uow: UnitOfWork, aggregate: type[L], id: UUID, caller: Caller) -> L:
    """The aggregate by its id; `NotFound` where there is none or it lies outside the caller's regions."""
    found = await uow.get(aggregate, id)
    if not caller.covers(found.region_code):
        raise NotFound
    return found


def within(region_code: ColumnElement[Any], caller: Caller) -> ColumnElement[bool]:
    """The condition that `Caller.covers` states, over a column; a regional caller without regions reaches nothing."""
    if not caller.regions:
        return false() if caller.role in REGIONAL else true()
    return under(region_code, *caller.regions)


def under(region_code: ColumnElement[Any], *prefixes: str) -> ColumnElement[bool]:
    """One of these regions, or part of one: a prefix ends at a dot."""
    return or_(*(condition for code in prefixes for condition in (region_code == code, region_code.startswith(f"{code}.", autoescape=True))))
