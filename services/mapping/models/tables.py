"""The table of prioritisation models."""

from typing import Any

from sqlalchemy import Column, Integer, Select, Text, UniqueConstraint, func, select

from services.mapping.models.domain import ModelStatus, ModelVersionTaken, PrioritisationModel, WeightedIndicator
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
    Column("author", Text, nullable=False),
    Column("approved_by", Text),
    Column("status", Code(ModelStatus), nullable=False),
    UniqueConstraint("code", "model_version"),
    refusals={"uq_prioritisation_models_code_model_version": ModelVersionTaken},
)


def newest_version(model_code: str) -> Select[Any]:
    """The highest version of a model, 0 where there is none."""
    return select(func.coalesce(func.max(models.c.model_version), 0)).where(models.c.code == model_code)
