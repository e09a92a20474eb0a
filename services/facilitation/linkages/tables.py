"""The table of linkages."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Text, Uuid

from services.facilitation.linkages.domain import Channel, LinkageStatus, MarketLinkage
from services.facilitation.schema import metadata
from services.facilitation.traded import Side
from shared.tables import Code, Typed, persisted

market_linkages = persisted(
    metadata,
    MarketLinkage,
    "market_linkages",
    Column("region_code", Text, nullable=False),
    Column("buyer_institution_id", Uuid, nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("channel", Code(Channel), nullable=False),
    Column("category_codes", Typed(list[str]), nullable=False),
    Column("proposed_by", Code(Side), nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("status", Code(LinkageStatus), nullable=False),
    Column("contract_ref", Text),
    Column("contract_value_idr", BigInteger),
    Column("term_months", Integer),
    Column("contracted_on", Date),
    Column("listed_product_count", Integer),
    Column("reason_codes", Typed(list[str]), nullable=False),
)
Index("ix_market_linkages_group_id", market_linkages.c.group_id)
Index("ix_market_linkages_buyer_institution_id", market_linkages.c.buyer_institution_id)
