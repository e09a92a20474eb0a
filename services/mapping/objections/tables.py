"""The table of objections."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Select, Text, UniqueConstraint, Uuid, func, select

from services.mapping.objections.domain import Decision, Grounds, LocationObjection, ObjectionExists, ObjectionStatus
from services.mapping.schema import metadata
from shared.tables import Code, persisted

objections = persisted(
    metadata,
    LocationObjection,
    "location_objections",
    Column("run_id", Uuid, ForeignKey("prioritisation_runs.id"), nullable=False),
    Column("region_code", Text, ForeignKey("regions.region_code"), nullable=False),
    Column("grounds_code", Code(Grounds), nullable=False),
    Column("note", Text, nullable=False),
    Column("institution_id", Uuid),
    Column("filed_by", Text, nullable=False),
    Column("filed_on", Date, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("status", Code(ObjectionStatus), nullable=False),
    Column("decision_code", Code(Decision)),
    Column("reason_code", Text),
    Column("decision_note", Text),
    Column("decided_by", Text),
    Column("decided_on", Date),
    UniqueConstraint("run_id", "region_code", "grounds_code"),
    CheckConstraint("(status = 'decided') = (decision_code IS NOT NULL)", name="decided_has_decision"),
    refusals={"uq_location_objections_run_id_region_code_grounds_code": ObjectionExists},
)


def objections_to(run_id: UUID) -> Select[Any]:
    """All objections to a run."""
    return select(objections).where(objections.c.run_id == run_id)


def undecided_in(run_id: UUID) -> Select[Any]:
    """Each region of which an objection is undecided, and the earliest day by which it had to be answered."""
    c = objections.c
    return select(c.region_code, func.min(c.answer_by).label("answer_by")).where(c.run_id == run_id, c.status == ObjectionStatus.FILED).group_by(c.region_code)
