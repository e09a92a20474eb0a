"""Loans as SIKP wants to see them: one row for each borrower."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, column, func, select, true
from sqlalchemy.dialects.postgresql import JSONB

from services.facilitation.enterprises.tables import enterprises
from services.facilitation.loans.tables import loans


def borrowers_for_sikp(visible: ColumnElement[bool], after: UUID | None, limit: int) -> "Select[*tuple[Any, ...]]":
    """Each borrower of so many loans, in the order in which they were granted."""
    page = select(loans).where(visible).order_by(loans.c.id).limit(limit)
    of = (page if after is None else page.where(loans.c.id > after)).subquery()
    share = func.jsonb_array_elements(of.c.shares).table_valued(column("value", JSONB), name="share").render_derived()
    enterprise_id, amount = share.c.value["enterprise_id"].astext.cast(Uuid), share.c.value["amount_idr"].astext.cast(BigInteger)
    return (
        select(of, enterprises.c.id.label("borrower_id"), enterprises.c.owner_nik, enterprises.c.owner_nik_masked, amount.label("share_idr"))
        .select_from(of)
        .join(share, true())
        .join(enterprises, enterprises.c.id == enterprise_id)
        .order_by(of.c.id, enterprises.c.id)
    )
