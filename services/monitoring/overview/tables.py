"""The tables of the view (schema `view`) and of its rebuilds (schema `public`)."""

from dataclasses import fields

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Double, Integer, Numeric, Table, Text, Uuid, func

from services.monitoring.overview.fold import Figures, RegionFigures
from services.monitoring.schema import VIEW, metadata

FIGURES = [figure.name for figure in fields(Figures)]
REGION_FIGURES = [figure.name for figure in fields(RegionFigures)]


def _sums(names: list[str]) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


programmes = Table(
    "programmes",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("programme_code", Text, nullable=False),
    Column("area_quota", Integer, nullable=False),
    Column("province_quota", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("legal_basis_ref", Text, nullable=False),
    schema=VIEW,
)

regions = Table(
    "regions",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("bps_code", Text),
    Column("region_level", Text, nullable=False),
    Column("parent_region_code", Text),
    Column("name", Text, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("valid_from", Date),
    schema=VIEW,
)

locations = Table(
    "locations",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("province_code", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("score", Numeric(9, 6), nullable=False),
    Column("poverty_score", Numeric(9, 6), nullable=False),
    Column("potential_score", Numeric(9, 6), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("prioritised_at", DateTime(timezone=True), nullable=False),
    Column("location_priority_id", Uuid, comment="null: folded before priorities could end"),
    schema=VIEW,
)

ended_priorities = Table(
    "ended_priorities",
    metadata,
    Column("location_priority_id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    schema=VIEW,
)

figures = Table(
    "figures",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("region_code", Text, primary_key=True),
    *_sums(FIGURES),
    schema=VIEW,
)

region_figures = Table("region_figures", metadata, Column("region_code", Text, primary_key=True), *_sums(REGION_FIGURES), schema=VIEW)

commitments = Table(
    "commitments",
    metadata,
    Column("commitment_id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("verified_idr", BigInteger, nullable=False),
    schema=VIEW,
)

groups = Table(
    "groups",
    metadata,
    Column("group_id", Uuid, primary_key=True),
    Column("region_code", Text),
    Column("members", Integer, nullable=False),
    schema=VIEW,
)

freshness = Table(
    "freshness",
    metadata,
    Column("source", Text, primary_key=True),
    Column("newest_event_at", DateTime(timezone=True), nullable=False),
    Column("events", BigInteger, nullable=False),
    schema=VIEW,
)

rebuilds = Table(
    "rebuilds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False, comment="events that the serving view held; an estimate while running"),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    Column("failure", Text),
    CheckConstraint("state IN ('running', 'done', 'failed', 'interrupted')", name="state"),
)
