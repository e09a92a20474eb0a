"""Whether credit is under way: what stands in the way of an enterprise that leaves, or a group that ends."""

from uuid import UUID

from sqlalchemy import Select, func, select

from services.facilitation.financing.domain import OPEN
from services.facilitation.financing.tables import financing_applications


def applications_under_way(*, group_id: UUID | None = None, enterprise_id: UUID | None = None) -> "Select[int]":
    """How many applications of a group or of an enterprise are between draft and the lender's answer."""
    c = financing_applications.c
    whose = c.group_id == group_id if group_id else c.enterprise_id == enterprise_id
    return select(func.count()).where(whose, c.status.in_(sorted(OPEN)))
