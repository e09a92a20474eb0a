"""The tables of runs, results, selection rules, priority locations, and of what is under way there."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Insert,
    Integer,
    Numeric,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Update,
    Uuid,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.errors import AlreadyPublished, RulesVersionTaken
from services.mapping.prioritisation.outcome import Deprioritised, Override, RunConstraints, SelectedLocation, Waiver
from services.mapping.prioritisation.rules import Policy, SelectionRules
from services.mapping.prioritisation.state import RunStatus
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.tables import regions
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

selection_rules = persisted(
    metadata,
    SelectionRules,
    "selection_rules",
    Column("programme_id", Uuid, ForeignKey("programmes.programme_id"), nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("override_cap", Integer, nullable=False),
    Column("objection_days", Integer, nullable=False),
    Column("answer_days", Integer, nullable=False),
    Column("set_by", Text, nullable=False),
    UniqueConstraint("programme_id", "rules_version"),
    refusals={"uq_selection_rules_programme_id_rules_version": RulesVersionTaken},
)

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
    Column("policy", Typed(Policy), nullable=False),
    Column("constraints", Typed(RunConstraints), nullable=False),
    Column("author", Text, nullable=False),
    Column("analyst", Text),
    Column("submitted_by", Text),
    Column("locked_by", Text),
    Column("published_by", Text),
    Column("status", Code(RunStatus), nullable=False),
    Column("candidate_count", Integer),
    Column("excluded_region_codes", Typed(list[str]), nullable=False),
    Column("waiver", Typed(Waiver)),
    Column("waived_region_codes", Typed(list[str]), nullable=False),
    Column("input_hash", Text),
    Column("result_hash", Text),
    Column("selected", Typed(list[SelectedLocation]), nullable=False),
    Column("overrides", Typed(list[Override]), nullable=False),
    Column("opens_on", Date),
    Column("closes_on", Date),
    Column("decree_ref", Text),
    Column("effective_from", Date),
    Column("deprioritised", Typed(list[Deprioritised]), nullable=False),
    Column("replaced_by_run_id", Uuid, ForeignKey("prioritisation_runs.id")),
    Column("ended_reason_code", Text),
    Column("ended_on", Date),
    CheckConstraint("(opens_on IS NULL) = (closes_on IS NULL)", name="window_whole"),
    CheckConstraint("(status IN ('revoked', 'discarded')) = (ended_reason_code IS NOT NULL)", name="ended_has_reason"),
    refusals={"uq_prioritisation_runs_in_force": AlreadyPublished},
)
Index(
    "uq_prioritisation_runs_in_force",
    runs.c.programme_id,
    unique=True,
    postgresql_where=(runs.c.status == RunStatus.PUBLISHED.value) & runs.c.replaced_by_run_id.is_(None),
)

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
    Column("ended_on", Date, comment="null while it is on the list"),
)
Index(
    "uq_priority_locations_in_force",
    priority_locations.c.programme_id,
    priority_locations.c.region_code,
    unique=True,
    postgresql_where=priority_locations.c.ended_on.is_(None),
)

facilitation_under_way = Table(
    "facilitation_under_way",
    metadata,
    Column("subject_id", Uuid, primary_key=True, comment="of a group or an application"),
    Column("kind", Text, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("amount_idr", BigInteger, nullable=False),
    CheckConstraint("kind IN ('group', 'application', 'credit')", name="kind_known"),
)
Index("ix_facilitation_under_way_programme_id_region_code", facilitation_under_way.c.programme_id, facilitation_under_way.c.region_code)


def store_result(run_id: UUID, document: str) -> Insert:
    """Keep the result of a run; computing again replaces it."""
    statement = insert(results).values(run_id=run_id, document=document)
    return statement.on_conflict_do_update(index_elements=[results.c.run_id], set_={"document": statement.excluded.document})


def result_of(run_id: UUID) -> Select[Any]:
    """The stored result of a run."""
    return select(results.c.document).where(results.c.run_id == run_id)


def latest_start(programme_id: UUID) -> Select[Any]:
    """When the last of a programme's lists took effect, revoked or not; null before there is one."""
    return select(func.max(runs.c.effective_from)).where(runs.c.programme_id == programme_id)


def run_in_force(programme_id: UUID) -> Select[Any]:
    """The id of the run whose list a programme has in force, if any."""
    return select(runs.c.id).where(runs.c.programme_id == programme_id, runs.c.status == RunStatus.PUBLISHED.value, runs.c.replaced_by_run_id.is_(None))


def newest_rules(programme_id: UUID) -> Select[Any]:
    """The rules of a programme that apply now, if it has any."""
    c = selection_rules.c
    return select(selection_rules).where(c.programme_id == programme_id).order_by(c.rules_version.desc()).limit(1)


def place_names() -> Select[Any]:
    """Code, name and level of every province, regency and city."""
    return select(regions.c.region_code, regions.c.name, regions.c.level).where(regions.c.level.in_([RegionLevel.PROVINCE, RegionLevel.REGENCY]))


def end_locations(run_id: UUID, on: date, region_codes: Collection[str] | None = None) -> Update:
    """Take a run's locations off the list, all of them or these."""
    c = priority_locations.c
    statement = update(priority_locations).where(c.run_id == run_id, c.ended_on.is_(None)).values(ended_on=on)
    return statement if region_codes is None else statement.where(c.region_code.in_(region_codes))


def under_way_in(programme_id: UUID, region_codes: Collection[str]) -> Select[Any]:
    """How many groups, open applications and credits a programme has in each region, and their rupiah."""
    c = facilitation_under_way.c
    return (
        select(c.region_code, c.kind, func.count().label("count"), func.sum(c.amount_idr).label("amount_idr"))
        .where(c.programme_id == programme_id, c.region_code.in_(region_codes))
        .group_by(c.region_code, c.kind)
    )


def published_locations(programme_id: UUID | None, province_code: str | None, run_id: UUID | None = None) -> Select[Any]:
    """Priority locations with their names and centroids: those in force, or all of one run."""
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
        .where(priority_locations.c.run_id == run_id if run_id else priority_locations.c.ended_on.is_(None))
    )
    if programme_id:
        statement = statement.where(priority_locations.c.programme_id == programme_id)
    if province_code:
        statement = statement.where(priority_locations.c.province_code == province_code)
    return statement


def totals_of(programme_id: UUID) -> Select[Any]:
    """A programme's priority locations in force, to be compared with what others counted."""
    c = priority_locations.c
    return select(c.region_code, c.province_code, c.rank).where(c.programme_id == programme_id, c.ended_on.is_(None)).order_by(c.region_code)
