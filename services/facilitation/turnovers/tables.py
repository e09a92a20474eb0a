"""The table of turnovers."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Text, UniqueConstraint, Uuid

from services.facilitation.schema import metadata
from services.facilitation.turnovers.domain import GroupTurnover, TurnoverExists
from shared.tables import persisted

group_turnovers = persisted(
    metadata,
    GroupTurnover,
    "group_turnovers",
    Column("region_code", Text, nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("month", Text, nullable=False),
    Column("turnover_idr", BigInteger, nullable=False),
    UniqueConstraint("group_id", "month"),
    CheckConstraint("turnover_idr >= 0", name="turnover_not_negative"),
    refusals={"uq_group_turnovers_group_id_month": TurnoverExists},
)
