"""The tables of assessments and of the runs that rest on them."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Insert,
    Select,
    Table,
    Text,
    Uuid,
    exists,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.mapping.assessments.checks import Discrepancy
from services.mapping.assessments.content import Content
from services.mapping.assessments.domain import Assessment, AssessmentKind, AssessmentStatus
from services.mapping.assessments.errors import AnotherValidated
from services.mapping.indicators.tables import indicator_values, indicators, sources
from services.mapping.prioritisation.state import RunStatus
from services.mapping.prioritisation.tables import runs
from services.mapping.schema import metadata
from shared.security.identity import REGIONAL, Caller
from shared.tables import Code, Typed, persisted

assessments = persisted(
    metadata,
    Assessment,
    "assessments",
    Column("kind", Code(AssessmentKind), nullable=False),
    Column("region_code", Text, ForeignKey("regions.region_code"), nullable=False),
    Column("period", Text, nullable=False),
    Column("data_until", Date, nullable=False, comment="the last day of the period"),
    Column("source_code", Text, nullable=False),
    Column("content", Typed(Content), nullable=False),
    Column("findings", Typed(list[str]), nullable=False),
    Column("discrepancies", Typed(list[Discrepancy]), nullable=False),
    Column("author", Text, nullable=False),
    Column("submitted_by", Text),
    Column("decided_by", Text),
    Column("validated_on", Date),
    Column("comment", Text),
    Column("reason_code", Text),
    Column("superseded_by_id", Uuid),
    Column("ended_on", Date),
    Column("status", Code(AssessmentStatus), nullable=False),
    CheckConstraint("status NOT IN ('validated', 'superseded', 'expired') OR decided_by <> author", name="validated_by_another"),
    CheckConstraint("(status = 'superseded') = (superseded_by_id IS NOT NULL)", name="superseded_by_one"),
    CheckConstraint("(status IN ('superseded', 'expired', 'withdrawn')) = (ended_on IS NOT NULL)", name="ended_on_a_day"),
    refusals={"uq_assessments_current": AnotherValidated},
)
Index(
    "uq_assessments_current",
    assessments.c.region_code,
    assessments.c.kind,
    assessments.c.period,
    unique=True,
    postgresql_where=assessments.c.status == AssessmentStatus.VALIDATED.value,
)
Index("ix_assessments_region_code", assessments.c.region_code, assessments.c.kind, assessments.c.period)

assessment_uses = Table(
    "assessment_uses",
    metadata,
    Column("run_id", Uuid, ForeignKey("prioritisation_runs.id"), primary_key=True),
    Column("assessment_id", Uuid, ForeignKey("assessments.id"), primary_key=True, index=True),
)


def written_uses(run_id: UUID, assessment_ids: Collection[UUID]) -> tuple[Insert, list[dict[str, Any]]]:
    """Write down which assessments a run rests on; those of an earlier computation of it stay."""
    rows = [{"run_id": run_id, "assessment_id": assessment_id} for assessment_id in assessment_ids]
    return insert(assessment_uses).on_conflict_do_nothing(), rows


def used_by_published(assessment_id: UUID) -> Select[Any]:
    """Whether a run in force rests on the assessment."""
    joined = assessment_uses.join(runs, runs.c.id == assessment_uses.c.run_id)
    return select(exists(select(1).select_from(joined).where(assessment_uses.c.assessment_id == assessment_id, runs.c.status == RunStatus.PUBLISHED)))


def identity_of(assessment_id: UUID) -> Select[Any]:
    """Region, kind and period of one."""
    c = assessments.c
    return select(c.region_code, c.kind, c.period).where(c.id == assessment_id)


def current_of(region_code: str, kind: AssessmentKind, period: str) -> Select[Any]:
    """The id of the validated one of a region, kind and period."""
    c = assessments.c
    return select(c.id).where(c.region_code == region_code, c.kind == kind, c.period == period, c.status == AssessmentStatus.VALIDATED)


def validated() -> Select[Any]:
    """Id, kind and last day of every validated one, oldest data first."""
    c = assessments.c
    return select(c.id, c.kind, c.data_until).where(c.status == AssessmentStatus.VALIDATED).order_by(c.data_until, c.id)


def newest_validated(region_code: str) -> Select[Any]:
    """The validated ones of a region, the newest period of each kind first."""
    c = assessments.c
    return (
        select(assessments)
        .where(c.region_code == region_code, c.status == AssessmentStatus.VALIDATED)
        .order_by(c.kind, c.data_until.desc(), c.validated_on.desc())
    )


def accepted_of(region_codes: Collection[str], period: str | None) -> Select[Any]:
    """Those of regions, and of a period if one is named, that are validated, or were until their age ended them; the better one of a region and kind last."""
    c = assessments.c
    statement = (
        select(c.id, c.region_code, c.kind, c.data_until)
        .where(c.region_code.in_(list(region_codes)), c.status.in_([AssessmentStatus.VALIDATED, AssessmentStatus.EXPIRED]))
        .order_by(c.data_until, c.status == AssessmentStatus.VALIDATED, c.validated_on, c.id)
    )
    return statement if period is None else statement.where(c.period == period)


def neighbours_of(assessment: Assessment) -> Select[Any]:
    """Source and content of the others of the same region, kind and period that are submitted or validated."""
    c = assessments.c
    same = (c.region_code == assessment.region_code, c.kind == assessment.kind, c.period == assessment.period, c.id != assessment.id)
    return select(c.source_code, c.content).where(*same, c.status.in_([AssessmentStatus.SUBMITTED, AssessmentStatus.VALIDATED])).order_by(c.id)


def published_values(region_code: str, period: str) -> Select[Any]:
    """What the indicators say of a region and period."""
    v = indicator_values.c
    return (
        select(v.indicator_code, v.value, indicators.c.unit, v.source_code)
        .join(indicators, indicators.c.indicator_code == v.indicator_code)
        .where(v.region_code == region_code, v.period == period, v.value.is_not(None))
        .order_by(v.indicator_code)
    )


def newest_values(region_code: str) -> Select[Any]:
    """Each indicator's newest value of a region, with its definition; a missing one with its reason."""
    v, i = indicator_values.c, indicators.c
    return (
        select(v.indicator_code, i.name_id, i.name_en, i.unit, i.kind, v.period, v.value, v.missing_reason, v.source_code)
        .join(indicators, i.indicator_code == v.indicator_code)
        .join(sources, sources.c.source_code == v.source_code)
        .where(v.region_code == region_code)
        .ext(distinct_on(v.indicator_code))
        .order_by(v.indicator_code, v.period.desc(), sources.c.preference, v.source_code)
    )


def found(
    caller: Caller, region_code: str | None, kind: AssessmentKind | None, status: AssessmentStatus | None, period: str | None, on: date | None
) -> Select[Any]:
    """Those that the caller may read, filtered; `on` keeps those validated by that day and not ended by then."""
    c = assessments.c
    statement = select(assessments).where(_within(c.region_code, caller))
    for column, wanted in ((c.kind, kind), (c.status, status), (c.period, period)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if region_code:
        statement = statement.where(or_(c.region_code == region_code, c.region_code.startswith(f"{region_code}.", autoescape=True)))
    if on:
        statement = statement.where(c.validated_on <= on, c.ended_on.is_(None) | (c.ended_on > on))
    return statement


def _within(region_code: ColumnElement[Any], caller: Caller) -> ColumnElement[bool]:
    """The condition that `Caller.covers` states, over a column."""
    if not caller.regions:
        return false() if caller.role in REGIONAL else true()
    return or_(*(condition for code in caller.regions for condition in (region_code == code, region_code.startswith(f"{code}.", autoescape=True))))
