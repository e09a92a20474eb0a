"""The tables of applications, of who would borrow and of what was decided; and where an enterprise stands."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Update,
    Uuid,
    and_,
    func,
    select,
)

from services.facilitation.enterprises.tables import enterprises
from services.facilitation.financing.applicants import Allocation
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.eligibility import Outcome
from services.facilitation.financing.errors import LenderReferenceTaken, OpenApplicationExists
from services.facilitation.financing.policy import Stage
from services.facilitation.financing.products import ApplicantType, Purpose
from services.facilitation.financing.state import FinancingStatus, Officer
from services.facilitation.groups.domain import GroupStatus
from services.facilitation.groups.tables import groups, memberships
from services.facilitation.locations.tables import priority_locations
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted, refuse

financing_applications = persisted(
    metadata,
    FinancingApplication,
    "financing_applications",
    Column("region_code", Text, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("applicant_type", Code(ApplicantType), nullable=False),
    Column("allocations", Typed(list[Allocation]), nullable=False),
    Column("product_code", Text, nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("purpose", Code(Purpose), nullable=False),
    Column("requested_amount_idr", BigInteger, nullable=False),
    Column("business_started_on", Date),
    Column("documents", Typed(dict[str, str]), nullable=False, comment="SHA-256 by code"),
    Column("status", Code(FinancingStatus), nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("submitted_on", Date),
    Column("prescreen_outcome", Code(Outcome)),
    Column("stages", Typed(list[Stage]), nullable=False),
    Column("stage_no", Integer, nullable=False, comment="how many stages agreed"),
    Column("deciders", Typed(list[str]), nullable=False),
    Column("duplicate_flag", Boolean, nullable=False),
    Column("missing_item_codes", Typed(list[str]), nullable=False),
    Column("conditions_codes", Typed(list[str]), nullable=False),
    Column("answer_by", Date, comment="when a referral or the lender's turn expires"),
    Column("approved_by", Text),
    Column("lender_institution_id", Uuid),
    Column("forwarded_on", Date),
    Column("financing_id", Uuid, comment="the loan"),
    Column("granted_amount_idr", BigInteger),
    Column("tenor_months", Integer),
    Column("granted_on", Date),
    Column("lender_reference", Text),
    Column("reason_codes", Typed(list[str]), nullable=False),
    UniqueConstraint("lender_institution_id", "lender_reference", name="uq_financing_applications_lender_reference"),
    CheckConstraint("requested_amount_idr > 0", name="requested_positive"),
    CheckConstraint("granted_amount_idr BETWEEN 1 AND requested_amount_idr", name="granted_within_requested"),
    CheckConstraint("(status = 'granted') = (granted_amount_idr IS NOT NULL)", name="granted_has_amount"),
    refusals={"uq_financing_applications_lender_reference": LenderReferenceTaken},
)
_c = financing_applications.c
Index("ix_financing_applications_programme_id_region_code", _c.programme_id, _c.region_code)
Index("ix_financing_applications_lender_institution_id", _c.lender_institution_id)
Index("ix_financing_applications_answer_by", _c.answer_by)

financing_borrowers = Table(
    "financing_borrowers",
    metadata,
    Column("application_id", Uuid, ForeignKey("financing_applications.id"), primary_key=True),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), primary_key=True),
    Column("product_code", Text, nullable=False),
    Column("open", Boolean, nullable=False, comment="until the application is answered"),
)
_b = financing_borrowers.c
Index("ix_financing_borrowers_enterprise_id", _b.enterprise_id)
Index("uq_financing_borrowers_open", _b.enterprise_id, _b.product_code, unique=True, postgresql_where=_b.open)

financing_decisions = Table(
    "financing_decisions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey("financing_applications.id"), nullable=False),
    Column("stage", Text, nullable=False),
    Column("verdict", Text, nullable=False, comment="approved, referred, rejected or undone"),
    Column("role", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("reason_codes", Typed(list[str]), nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("ix_financing_decisions_application_id", financing_decisions.c.application_id)
refuse(metadata, {"uq_financing_borrowers_open": OpenApplicationExists})


def borrowers_named(application: FinancingApplication) -> Insert:
    """Who would borrow: one open application of each for a product."""
    names = application.borrowers or [application.enterprise_id]  # a cooperative is known by who signs for it
    rows = [{"application_id": application.id, "enterprise_id": id, "product_code": application.product_code, "open": True} for id in sorted(names)]
    return financing_borrowers.insert().values(rows)


def borrowers_freed(application_id: UUID) -> Update:
    """The application is answered; its borrowers may ask again."""
    return financing_borrowers.update().where(_b.application_id == application_id).values(open=False)


def applications_of(enterprise_id: UUID) -> "Select[UUID]":
    """Ids of the applications in which an enterprise would borrow, alone or through its group."""
    return select(_b.application_id).where(_b.enterprise_id == enterprise_id)


def decided(*, id: UUID, application_id: UUID, stage: str, verdict: str, by: Officer, comment: str, reason_codes: Sequence[str] = ()) -> Insert:
    """A decision as it was taken; such rows never change."""
    return financing_decisions.insert().values(
        id=id,
        application_id=application_id,
        stage=stage,
        verdict=verdict,
        role=by.role,
        decided_by=by.subject,
        comment=comment,
        reason_codes=list(reason_codes),
    )


def applications_unanswered(on: date) -> "Select[UUID]":
    """Ids of referrals and forwarded applications whose day is over."""
    waiting = (FinancingStatus.REFERRED, FinancingStatus.FORWARDED)
    return select(_c.id).where(_c.status.in_(waiting), _c.answer_by < on).order_by(_c.answer_by, _c.id)


def standings_of(enterprise_ids: Sequence[UUID], programme_id: UUID, on: date) -> "Select[*tuple[Any, ...]]":
    """The fields of each enterprise's `Standing` in a programme, with its id and its owner's blind index; no row for an unknown one."""
    e, m, g, p = enterprises.c, memberships.c, groups.c, priority_locations.c
    return (
        select(
            e.id,
            e.owner_nik_index,
            e.region_code,
            p.region_code.is_not(None).label("prioritised"),
            m.group_id,
            (g.status.is_not_distinct_from(GroupStatus.ACTIVE)).label("group_is_active"),
            g.group_type,
        )
        .select_from(enterprises)
        .outerjoin(memberships, and_(m.enterprise_id == e.id, m.left_on.is_(None)))
        .outerjoin(groups, g.id == m.group_id)
        .outerjoin(priority_locations, and_(p.programme_id == programme_id, p.region_code == e.region_code, p.effective_from <= on))
        .where(e.id.in_(enterprise_ids))
    )
