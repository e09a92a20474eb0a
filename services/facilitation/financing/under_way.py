"""Whether credit is under way: what stands in the way of an enterprise that leaves, or a group that ends."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from services.facilitation.financing.products import ApplicantType
from services.facilitation.financing.state import OPEN
from services.facilitation.financing.tables import financing_applications, financing_borrowers
from services.facilitation.loans.tables import loans

_a, _b, _l = financing_applications.c, financing_borrowers.c, loans.c


def credit_of_group(group_id: UUID) -> "Select[int]":
    """How many applications through a group wait for an answer, and how many loans of the group as a whole are not paid back."""
    asked = select(func.count()).where(_a.group_id == group_id, _a.status.in_(sorted(OPEN)))
    joint = loans.join(financing_applications, _a.id == _l.application_id)
    owed = select(func.count()).select_from(joint).where(_l.group_id == group_id, _l.ended_on.is_(None), _a.applicant_type == ApplicantType.GROUP)
    return _sum(asked, owed)


def credit_of_enterprise(enterprise_id: UUID) -> "Select[int]":
    """How many of an enterprise's applications wait for an answer, alone or through its group, and how many of its loans are not paid back."""
    asked = select(func.count()).where(_b.enterprise_id == enterprise_id, _b.open)
    borrowed = loans.join(financing_borrowers, _b.application_id == _l.application_id)
    owed = select(func.count()).select_from(borrowed).where(_b.enterprise_id == enterprise_id, _l.ended_on.is_(None))
    return _sum(asked, owed)


def _sum(asked: Any, owed: Any) -> "Select[int]":
    return select(asked.scalar_subquery() + owed.scalar_subquery())
