"""The table of demands."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Select, Text, Uuid, select

from services.facilitation.group_products.domain import CertificateKind
from services.facilitation.market_demands.domain import MATCHABLE, UNFINISHED, DemandStatus, Lot, MarketDemand, Shortfall
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

market_demands = persisted(
    metadata,
    MarketDemand,
    "market_demands",
    Column("region_code", Text, nullable=False),
    Column("buyer_institution_id", Uuid, nullable=False),
    Column("category_code", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("needed_by", Date, nullable=False),
    Column("price_ceiling_idr", BigInteger, nullable=False),
    Column("certificates", Typed(list[CertificateKind]), nullable=False),
    Column("specifications", Typed(list[str]), nullable=False),
    Column("max_distance_km", Integer),
    Column("registered_on", Date, nullable=False),
    Column("status", Code(DemandStatus), nullable=False),
    Column("match_id", Uuid),
    Column("algorithm_version", Text),
    Column("matched_quantity", Integer, nullable=False),
    Column("lots", Typed(list[Lot]), nullable=False),
    Column("shortfalls", Typed(list[Shortfall]), nullable=False),
    Column("reason_code", Text),
)
_c = market_demands.c
Index("ix_market_demands_status_needed_by", _c.status, _c.needed_by)
Index("ix_market_demands_buyer_institution_id", _c.buyer_institution_id)


def matchable(on: date) -> "Select[UUID]":
    """Ids of what a run looks at on a day."""
    return select(_c.id).where(_c.status.in_(MATCHABLE), _c.needed_by >= on).order_by(_c.id)


def planned() -> "Select[*tuple[Any, ...]]":
    """What is planned for demands that a run leaves as they are: they hold the capacity of their lots."""
    return select(_c.id, _c.needed_by, _c.lots).where(_c.status == DemandStatus.MATCHED)


def needed_before(last: date) -> "Select[UUID]":
    """Ids of unfinished demands that were needed before a day."""
    return select(_c.id).where(_c.status.in_(UNFINISHED), _c.needed_by < last).order_by(_c.needed_by, _c.id)
