"""The tables of loans and of what the lender paid out and received."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Insert, Integer, Select, Table, Text, UniqueConstraint, Uuid, func, select

from services.facilitation.loans.domain import Loan, LoanStatus, Share
from services.facilitation.loans.errors import LenderTransactionTaken
from services.facilitation.loans.schedule import Method
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted, refuse

loans = persisted(
    metadata,
    Loan,
    "loans",
    Column("region_code", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("financing_applications.id"), nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("lender_institution_id", Uuid, nullable=False),
    Column("lender_reference", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("shares", Typed(list[Share]), nullable=False),
    Column("granted_amount_idr", BigInteger, nullable=False),
    Column("granted_on", Date, nullable=False),
    Column("annual_rate_percent", Text, nullable=False),
    Column("tenor_months", Integer, nullable=False),
    Column("method", Code(Method), nullable=False),
    Column("status", Code(LoanStatus), nullable=False),
    Column("disbursed_idr", BigInteger, nullable=False),
    Column("disbursed_on", Date),
    Column("outstanding_idr", BigInteger, nullable=False, comment="principal paid out and not paid back"),
    Column("starts_on", Date, comment="the day from which instalments count"),
    Column("scheduled_idr", BigInteger, nullable=False, comment="the principal of the present schedule"),
    Column("paid_idr", BigInteger, nullable=False, comment="paid under the present schedule, principal and interest"),
    Column("last_paid_on", Date),
    Column("days_past_due", Integer, nullable=False),
    Column("collectability_class", Integer, nullable=False),
    Column("look_on", Date, comment="when the calendar has to look at it again"),
    Column("ended_on", Date),
    Column("reason_code", Text),
    UniqueConstraint("application_id"),
    UniqueConstraint("lender_institution_id", "lender_reference"),
    CheckConstraint("disbursed_idr BETWEEN 0 AND granted_amount_idr", name="disbursed_within_granted"),
    CheckConstraint("outstanding_idr BETWEEN 0 AND disbursed_idr", name="outstanding_within_disbursed"),
)
_c = loans.c
Index("ix_loans_look_on", _c.look_on)
Index("ix_loans_programme_id_region_code", _c.programme_id, _c.region_code)

loan_transactions = Table(
    "loan_transactions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("loan_id", Uuid, ForeignKey("loans.id"), nullable=False),
    Column("lender_institution_id", Uuid, nullable=False),
    Column("reference", Text, nullable=False, comment="the lender's number of the transaction"),
    Column("kind", Text, nullable=False, comment="disbursement or repayment"),
    Column("amount_idr", BigInteger, nullable=False),
    Column("principal_idr", BigInteger, nullable=False),
    Column("interest_idr", BigInteger, nullable=False),
    Column("period_no", Integer, comment="the instalment that a repayment reached"),
    Column("happened_on", Date, nullable=False),
    UniqueConstraint("lender_institution_id", "reference"),
)
Index("ix_loan_transactions_loan_id", loan_transactions.c.loan_id)
refuse(metadata, {"uq_loan_transactions_lender_institution_id_reference": LenderTransactionTaken})


def recorded(id: UUID, loan: Loan, kind: str, reference: str, amount_idr: int, principal_idr: int, period_no: int | None, on: date) -> Insert:
    """A transaction of the lender, to be written with the loan."""
    return loan_transactions.insert().values(
        id=id,
        loan_id=loan.id,
        lender_institution_id=loan.lender_institution_id,
        reference=reference,
        kind=kind,
        amount_idr=amount_idr,
        principal_idr=principal_idr,
        interest_idr=amount_idr - principal_idr,
        period_no=period_no,
        happened_on=on,
    )


def known_references(lender_institution_id: UUID, references: Sequence[str]) -> "Select[str]":
    """Those of a lender's transaction references that were recorded before."""
    c = loan_transactions.c
    return select(c.reference).where(c.lender_institution_id == lender_institution_id, c.reference.in_(references))


def plain(reference: str) -> str:
    """A reference without what people write differently: case, spaces and punctuation."""
    return "".join(char for char in reference.upper() if char.isascii() and char.isalnum())


def loans_by_reference(lender_institution_id: UUID, references: Sequence[str]) -> "Select[*tuple[Any, ...]]":
    """Id and reference of a lender's loans whose references are these, however they are written."""
    written = func.upper(func.regexp_replace(_c.lender_reference, "[^A-Za-z0-9]", "", "g"))
    wanted = sorted({plain(each) for each in references})
    return select(_c.id, _c.lender_reference).where(_c.lender_institution_id == lender_institution_id, written.in_(wanted))


def loans_to_look_at(on: date) -> "Select[UUID]":
    """Ids of the loans that may have fallen into arrears, or into another class, by that day."""
    return select(_c.id).where(_c.look_on <= on).order_by(_c.look_on, _c.id)
