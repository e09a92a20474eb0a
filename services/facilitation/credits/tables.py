"""Who has a government credit open: one at most for each owner, over all products and lenders.

The owner is known by the blind index of the NIK alone. Rows come from grants here, in the transaction that opens the loan, and from
lists of SIKP; the index over open rows is what keeps two grants at the same moment from both succeeding.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Insert, LargeBinary, Select, Table, Text, UniqueConstraint, Update, Uuid, func, select

from services.facilitation.credits.domain import CreditRecordedTwice, OpenGovernmentCredit, SikpImport
from services.facilitation.schema import metadata
from shared.tables import Typed, persisted, refuse

credits = Table(
    "credits",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_nik_index", LargeBinary, nullable=False, comment="keyed hash, for equality"),
    Column("loan_id", Uuid, ForeignKey("loans.id"), comment="null: known from SIKP alone"),
    Column("lender_code", Text, nullable=False, comment="the institution's id, or the code that SIKP gives it"),
    Column("contract_reference", Text, nullable=False),
    Column("product_code", Text, nullable=False, comment="the product here, or the scheme that SIKP gives it"),
    Column("family", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date, comment="null while it is open"),
    UniqueConstraint("lender_code", "contract_reference", "owner_nik_index"),
)
_c = credits.c
Index("uq_credits_open_owner", _c.owner_nik_index, unique=True, postgresql_where=_c.closed_on.is_(None))
Index("ix_credits_owner_nik_index", _c.owner_nik_index)
Index("ix_credits_loan_id", _c.loan_id)
refuse(
    metadata,
    {"uq_credits_open_owner": OpenGovernmentCredit, "uq_credits_lender_code_contract_reference_owner_nik_index": CreditRecordedTwice},
)

sikp_imports = persisted(
    metadata,
    SikpImport,
    "sikp_imports",
    Column("content_hash", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("counts", Typed(dict[str, int]), nullable=False),
    Column("refused_rows", Typed(list[dict[str, Any]]), nullable=False),
)


def credit_opened(**values: Any) -> Insert:
    """A credit that begins; a second open one of the same owner is refused by the database."""
    return credits.insert().values(closed_on=None, **values)


def credit_closed(loan_id: UUID, status: str, on: date) -> Update:
    """The credits of a loan end with it."""
    return credits.update().where(_c.loan_id == loan_id, _c.closed_on.is_(None)).values(closed_on=on, status=str(status))


def open_credits(owners: Sequence[bytes]) -> "Select[int]":
    """How many of these owners have a government credit open."""
    return select(func.count()).where(_c.owner_nik_index.in_(owners), _c.closed_on.is_(None))


def former_credits(owners: Sequence[bytes]) -> "Select[*tuple[Any, ...]]":
    """For each of these owners, family and product of the credits that were opened, with their number."""
    return (
        select(_c.owner_nik_index, _c.family, _c.product_code, func.count().label("times"))
        .where(_c.owner_nik_index.in_(owners), _c.status != "cancelled")
        .group_by(_c.owner_nik_index, _c.family, _c.product_code)
    )


def credits_of(owners: Sequence[bytes]) -> "Select[*tuple[Any, ...]]":
    """The credits of these owners."""
    return select(credits).where(_c.owner_nik_index.in_(owners))
