"""The table of runs."""

from sqlalchemy import BigInteger, Column, Date, Integer, Text

from services.facilitation.matching.domain import MatchRun, Outcome
from services.facilitation.schema import metadata
from shared.tables import Typed, persisted

match_runs = persisted(
    metadata,
    MatchRun,
    "match_runs",
    Column("ran_on", Date, nullable=False),
    Column("algorithm_version", Text, nullable=False),
    Column("demand_count", Integer, nullable=False),
    Column("product_count", Integer, nullable=False),
    Column("matched_count", Integer, nullable=False),
    Column("partly_matched_count", Integer, nullable=False),
    Column("unmatched_count", Integer, nullable=False),
    Column("weighted_quantity", BigInteger, nullable=False),
    Column("bound", BigInteger, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("outcomes", Typed(list[Outcome]), nullable=False),
)
