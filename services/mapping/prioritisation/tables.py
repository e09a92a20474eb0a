"""The tables of prioritisation models, runs, results and priority locations."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Insert, Integer, Numeric, Select, Table, Text, UniqueConstraint, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from services.mapping.prioritisation.domain import AlreadyPublished, PrioritisationRun, RunStatus, SelectedLocation
from services.mapping.regions.tables import regions
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

runs = persisted(
    metadata,
    PrioritisationRun,
    "prioritisation_runs",
    Column("programme_id", Uuid, ForeignKey("programmes.programme_id"), nullable=False),
    Column("model_id", Uuid, ForeignKey("prioritisation_models.id"), nullable=False),
    Column("model_code", Text, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("population_period", Text, nullable=False),
    Column("area_quota", Integer, nullable=False),
    Column("province_quota", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("analyst", Text),
    Column("locked_by", Text),
    Column("published_by", Text),
    Column("status", Code(RunStatus), nullable=False),
    Column("candidate_count", Integer),
    Column("excluded_region_codes", Typed(list[str]), nullable=False),
    Column("input_hash", Text),
    Column("result_hash", Text),
    Column("selected", Typed(list[SelectedLocation]), nullable=False),
    Column("decree_ref", Text),
    Column("effective_from", Date),
    refusals={"uq_prioritisation_runs_published": AlreadyPublished},
)
Index("uq_prioritisation_runs_published", runs.c.programme_id, unique=True, postgresql_where=runs.c.status == RunStatus.PUBLISHED.value)

results = Table(
    "prioritisation_results",
    metadata,
    Column("run_id", Uuid, ForeignKey("prioritisation_runs.id"), primary_key=True),
    Column("document", Text, nullable=False, comment="canonical JSON, byte for byte as it was hashed"),
)

priority_locations = Table(
    "priority_locations",
    metadata,
    Column("location_priority_id", Uuid, primary_key=True),
    Column("programme_id", Uuid, ForeignKey("programmes.programme_id"), nullable=False),
    Column("run_id", Uuid, ForeignKey("prioritisation_runs.id"), nullable=False),
    Column("region_code", Text, ForeignKey("regions.region_code"), nullable=False),
    Column("province_code", Text, ForeignKey("regions.region_code"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("score", Numeric(7, 6), nullable=False),
    Column("poverty_score", Numeric(7, 6), nullable=False),
    Column("potential_score", Numeric(7, 6), nullable=False),
    Column("effective_from", Date, nullable=False),
    UniqueConstraint("programme_id", "region_code"),
)


def store_result(run_id: UUID, document: str) -> Insert:
    """Keep the result of a run; computing again replaces it."""
    statement = insert(results).values(run_id=run_id, document=document)
    return statement.on_conflict_do_update(index_elements=[results.c.run_id], set_={"document": statement.excluded.document})


def result_of(run_id: UUID) -> Select[Any]:
    """The stored result of a run."""
    return select(results.c.document).where(results.c.run_id == run_id)


def published_locations(programme_id: UUID | None, province_code: str | None) -> Select[Any]:
    """Priority locations with their names and centroids."""
    province = regions.alias("province")
    statement = (
        select(
            priority_locations,
            regions.c.name,
            regions.c.latitude,
            regions.c.longitude,
            province.c.name.label("province_name"),
        )
        .join(regions, regions.c.region_code == priority_locations.c.region_code)
        .join(province, province.c.region_code == priority_locations.c.province_code)
    )
    if programme_id:
        statement = statement.where(priority_locations.c.programme_id == programme_id)
    if province_code:
        statement = statement.where(priority_locations.c.province_code == province_code)
    return statement


def totals_of(programme_id: UUID) -> Select[Any]:
    """A programme's priority locations, to be compared with what others counted."""
    columns = (priority_locations.c.region_code, priority_locations.c.province_code, priority_locations.c.rank)
    return select(*columns).where(priority_locations.c.programme_id == programme_id).order_by(priority_locations.c.region_code)
