"""The table of prioritisation models."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, Select, Text, UniqueConstraint, func, select

from services.mapping.models.domain import PrioritisationModel, WeightedIndicator
from services.mapping.models.state import AnotherCurrent, ModelStatus, ModelVersionTaken
from services.mapping.models.weighting import Weighting
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

models = persisted(
    metadata,
    PrioritisationModel,
    "prioritisation_models",
    Column("code", Text, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("rationale", Text, nullable=False),
    Column("criteria", Typed(list[WeightedIndicator]), nullable=False),
    Column("normalisation", Text, nullable=False),
    Column("aggregation", Text, nullable=False),
    Column("missing", Text, nullable=False),
    Column("model_hash", Text, nullable=False),
    Column("weighting", Typed(Weighting), nullable=False),
    Column("author", Text, nullable=False),
    Column("submitted_by", Text),
    Column("approved_by", Text),
    Column("effective_from", Date),
    Column("retired_reason_code", Text),
    Column("status", Code(ModelStatus), nullable=False),
    UniqueConstraint("code", "model_version"),
    refusals={"uq_prioritisation_models_code_model_version": ModelVersionTaken, "uq_prioritisation_models_current": AnotherCurrent},
)
Index("uq_prioritisation_models_current", models.c.code, unique=True, postgresql_where=models.c.status == ModelStatus.CURRENT.value)


def newest_version(model_code: str) -> Select[Any]:
    """The highest version of a model, 0 where there is none."""
    return select(func.coalesce(func.max(models.c.model_version), 0)).where(models.c.code == model_code)


def current_beside(model_id: UUID) -> Select[Any]:
    """The id of the current version of the same model, if that is another one."""
    code = select(models.c.code).where(models.c.id == model_id).scalar_subquery()
    return select(models.c.id).where(models.c.code == code, models.c.status == ModelStatus.CURRENT, models.c.id != model_id)


def due(on: date) -> Select[Any]:
    """The ids of scheduled versions whose day has come, earliest first."""
    return select(models.c.id).where(models.c.status == ModelStatus.SCHEDULED, models.c.effective_from <= on).order_by(models.c.effective_from, models.c.id)
