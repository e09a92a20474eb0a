"""The table of nomination lists."""

from sqlalchemy import Column, Date, ForeignKey, Index, Text, Uuid

from services.facilitation.nominations.domain import Nomination, NominationRow
from services.facilitation.schema import metadata
from shared.tables import Typed, persisted

nominations = persisted(
    metadata,
    Nomination,
    "nominations",
    Column("region_code", Text, nullable=False),
    Column("training_id", Uuid, ForeignKey("trainings.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("groups.id"), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("rows", Typed(list[NominationRow]), nullable=False),
)
Index("ix_nominations_training_id", nominations.c.training_id)
