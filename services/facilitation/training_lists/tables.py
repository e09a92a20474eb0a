"""The tables of lists, and of what they said about each participant."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import Insert, insert

from services.facilitation.enrolments.tables import enrolments
from services.facilitation.schema import metadata
from services.facilitation.training_lists.domain import ListKind, RefusedRow, TrainingList
from shared.tables import Code, Typed, persisted

training_lists = persisted(
    metadata,
    TrainingList,
    "training_lists",
    Column("region_code", Text, nullable=False),
    Column("training_id", Uuid, ForeignKey("trainings.id"), nullable=False),
    Column("list_kind", Code(ListKind), nullable=False),
    Column("session_no", Integer),
    Column("content_hash", Text, nullable=False),
    Column("accepted_count", Integer, nullable=False),
    Column("refused", Typed(list[RefusedRow]), nullable=False),
    Column("missing", Typed(list[UUID]), nullable=False),
)
Index("ix_training_lists_training_id", training_lists.c.training_id)

attendance_marks = Table(
    "attendance_marks",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id"), primary_key=True),
    Column("session_no", Integer, primary_key=True),
    Column("present", Boolean, nullable=False),
)
test_scores = Table(
    "test_scores",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id"), primary_key=True),
    Column("test", Code(ListKind), primary_key=True),
    Column("score", Integer, nullable=False),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_of_100"),
)


def marked(session_no: int, present: Mapping[UUID, int]) -> Insert:
    """Write down who was present; what was said before about the same session is replaced."""
    rows = [{"enrolment_id": id, "session_no": session_no, "present": bool(value)} for id, value in present.items()]
    statement = insert(attendance_marks).values(rows)
    return statement.on_conflict_do_update(index_elements=["enrolment_id", "session_no"], set_={"present": statement.excluded.present})


def scored(test: ListKind, scores: Mapping[UUID, int]) -> Insert:
    """Write scores down; a later one replaces an earlier."""
    statement = insert(test_scores).values([{"enrolment_id": id, "test": test, "score": value} for id, value in scores.items()])
    return statement.on_conflict_do_update(index_elements=["enrolment_id", "test"], set_={"score": statement.excluded.score})


def marks_of(training_id: UUID) -> Select[Any]:
    """Every mark of a training's participants."""
    return select(attendance_marks).join(enrolments).where(enrolments.c.training_id == training_id)


def scores_of(training_id: UUID) -> Select[Any]:
    """Every score of a training's participants."""
    return select(test_scores).join(enrolments).where(enrolments.c.training_id == training_id)
