"""Who acts for the buyer and who for the group: a buyer for its own institution, ministries for any, companions for groups in their regions."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, false

from services.facilitation.scope import within
from services.facilitation.traded import Side, Traded
from shared.database import UnitOfWork
from shared.errors import Forbidden, NotFound
from shared.security.identity import Caller, Role

GROUP_SIDE = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
MINISTRIES = (Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY)
BUYER_SIDE = (Role.BUYER, *MINISTRIES)
BOTH_SIDES = (*GROUP_SIDE, *BUYER_SIDE)
READERS = (*BOTH_SIDES, Role.COORDINATOR, Role.AUDITOR)


class NotTheBuyer(Forbidden):
    """A buyer acts for its own institution only."""

    code = "not_the_buyer"
    message = ("Pembeli hanya bertindak untuk lembaganya sendiri.", "A buyer acts for its own institution only.")
    action = ("Gunakan institution_id dari token Anda.", "Use the institution_id of your token.")


def side_of(caller: Caller) -> Side:
    """The side for which a caller acts."""
    return Side.GROUP if caller.role in GROUP_SIDE else Side.BUYER


def acting_buyer(caller: Caller, buyer_institution_id: UUID) -> None:
    """Refuse a buyer that names another institution than its own."""
    if caller.role is Role.BUYER and not caller.acts_for(buyer_institution_id):
        raise NotTheBuyer(allowed_roles=[])


def concerns(caller: Caller, traded: Traded) -> bool:
    """Whether a caller may see it: a buyer what is its own, others what lies in their regions."""
    return caller.acts_for(traded.buyer_institution_id) if caller.role is Role.BUYER else caller.covers(traded.region_code)


T = TypeVar("T", bound=Traded)


async def get_concerning(uow: UnitOfWork, aggregate: type[T], id: UUID, caller: Caller) -> T:
    """The aggregate, if it concerns the caller; `NotFound` otherwise."""
    found = await uow.get(aggregate, id)
    if not concerns(caller, found):
        raise NotFound
    return found


def concerning(region_code: ColumnElement[Any], buyer_institution_id: ColumnElement[Any], caller: Caller) -> ColumnElement[bool]:
    """The condition that `concerns` states, over columns."""
    if caller.role is not Role.BUYER:
        return within(region_code, caller)
    return buyer_institution_id == caller.institution_id if caller.institution_id else false()
