"""Sums over facilitation's own tables."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, func, literal, select, union_all

from services.facilitation.enterprises.tables import enterprises
from services.facilitation.financing.state import FinancingStatus
from services.facilitation.financing.tables import financing_applications
from services.facilitation.groups.domain import GroupStatus
from services.facilitation.groups.tables import groups

_NAMES = ("enterprises", "groups", "active_groups", "applications", "requested_idr", "grants", "granted_idr", "declined")


def totals_by_region(programme_id: UUID) -> "Select[*tuple[Any, ...]]":
    """For each regency/city: all its enterprises and groups, and a programme's applications that were ever submitted."""
    g, a = groups.c, financing_applications.c
    submitted, granted = a.submitted_on.is_not(None), a.status == FinancingStatus.GRANTED
    every = union_all(
        _figures(enterprises.c.region_code, enterprises=func.count()),
        _figures(g.region_code, groups=func.count(), active_groups=func.count().filter(g.status == GroupStatus.ACTIVE)),
        _figures(
            a.region_code,
            applications=func.count(),
            requested_idr=func.sum(a.requested_amount_idr),
            grants=func.count().filter(granted),
            granted_idr=func.coalesce(func.sum(a.granted_amount_idr).filter(granted), 0),
            declined=func.count().filter(a.status == FinancingStatus.DECLINED),
        ).where(a.programme_id == programme_id, submitted),
    ).subquery()
    sums = [func.sum(every.c[name]).cast(BigInteger).label(name) for name in _NAMES]
    return select(every.c.region_code, *sums).group_by(every.c.region_code).order_by(every.c.region_code)


def _figures(region_code: ColumnElement[str], **figures: ColumnElement[Any]) -> "Select[*tuple[Any, ...]]":
    columns = [figures.get(name, literal(0)).cast(BigInteger).label(name) for name in _NAMES]
    return select(region_code.label("region_code"), *columns).group_by(region_code)
