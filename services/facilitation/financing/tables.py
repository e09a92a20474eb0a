"""The table of applications, and where an enterprise stands."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Select, Text, UniqueConstraint, Uuid, and_, select

from services.facilitation.enterprises.tables import enterprises
from services.facilitation.financing.domain import OPEN, FinancingApplication, FinancingStatus
from services.facilitation.financing.errors import LenderReferenceTaken, OpenApplicationExists
from services.facilitation.groups.domain import GroupStatus
from services.facilitation.groups.tables import groups, memberships
from services.facilitation.locations.tables import priority_locations
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

financing_applications = persisted(
    metadata,
    FinancingApplication,
    "financing_applications",
    Column("region_code", Text, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("product_code", Text, nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("requested_amount_idr", BigInteger, nullable=False),
    Column("status", Code(FinancingStatus), nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("submitted_on", Date),
    Column("approved_by", Text),
    Column("lender_institution_id", Uuid),
    Column("forwarded_on", Date),
    Column("granted_amount_idr", BigInteger),
    Column("tenor_months", Integer),
    Column("granted_on", Date),
    Column("lender_reference", Text),
    Column("reason_codes", Typed(list[str]), nullable=False),
    UniqueConstraint("lender_institution_id", "lender_reference", name="uq_financing_applications_lender_reference"),
    CheckConstraint("requested_amount_idr > 0", name="requested_positive"),
    CheckConstraint("granted_amount_idr BETWEEN 1 AND requested_amount_idr", name="granted_within_requested"),
    CheckConstraint("(status = 'granted') = (granted_amount_idr IS NOT NULL)", name="granted_has_amount"),
    refusals={
        "uq_financing_applications_open": OpenApplicationExists,
        "uq_financing_applications_lender_reference": LenderReferenceTaken,
    },
)
_c = financing_applications.c
Index("uq_financing_applications_open", _c.enterprise_id, _c.product_code, unique=True, postgresql_where=_c.status.in_(sorted(OPEN)))
Index("ix_financing_applications_programme_id_region_code", _c.programme_id, _c.region_code)
Index("ix_financing_applications_lender_institution_id", _c.lender_institution_id)


def standing_of(enterprise_id: UUID, programme_id: UUID, on: date) -> "Select[*tuple[Any, ...]]":
    """The fields of an enterprise's `Standing` in a programme, in one row; none for an unknown enterprise."""
    e, m, g, p = enterprises.c, memberships.c, groups.c, priority_locations.c
    return (
        select(
            e.region_code,
            p.region_code.is_not(None).label("prioritised"),
            m.group_id,
            (g.status.is_not_distinct_from(GroupStatus.ACTIVE)).label("group_is_active"),
        )
        .select_from(enterprises)
        .outerjoin(memberships, and_(m.enterprise_id == e.id, m.left_on.is_(None)))
        .outerjoin(groups, g.id == m.group_id)
        .outerjoin(priority_locations, and_(p.programme_id == programme_id, p.region_code == e.region_code, p.effective_from <= on))
        .where(e.id == enterprise_id)
    )
