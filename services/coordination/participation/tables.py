"""The table of participations, and whether an institution takes part."""

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Select, UniqueConstraint, Uuid, select

from services.coordination.participation.domain import Participation, ParticipationRole, ParticipationStatus
from services.coordination.participation.problems import AlreadyInvited
from services.coordination.schema import metadata
from shared.tables import Code, Typed, persisted

participations = persisted(
    metadata,
    Participation,
    "participations",
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("institution_id", Uuid, ForeignKey("institutions.id"), nullable=False),
    Column("role_code", Code(ParticipationRole), nullable=False),
    Column("area_scope", Typed(list[str]), nullable=False),
    Column("respond_by", Date, nullable=False),
    Column("status", Code(ParticipationStatus), nullable=False),
    UniqueConstraint("programme_id", "institution_id", "role_code"),
    refusals={"uq_participations_programme_id_institution_id_role_code": AlreadyInvited},
)
Index("ix_participations_respond_by", participations.c.respond_by, postgresql_where=participations.c.status == ParticipationStatus.INVITED)
RUNNING = (ParticipationStatus.INVITED, ParticipationStatus.ACCEPTED, ParticipationStatus.SUSPENDED)


def participations_in(programme_id: UUID) -> "Select[UUID]":
    """Ids of a programme's participations that have not come to an end."""
    return select(participations.c.id).where(participations.c.programme_id == programme_id, participations.c.status.in_(RUNNING))


def participations_of(institution_id: UUID) -> "Select[UUID]":
    """Ids of an institution's participations that have not come to an end."""
    return select(participations.c.id).where(participations.c.institution_id == institution_id, participations.c.status.in_(RUNNING))


def unanswered(before: date) -> "Select[UUID]":
    """Ids of invitations that were to be answered before a day."""
    return select(participations.c.id).where(participations.c.status == ParticipationStatus.INVITED, participations.c.respond_by < before)


def accepted_participations(programme_id: UUID, institution_id: UUID) -> "Select[UUID]":
    """Ids of the participations by which an institution takes part in a programme."""
    return select(participations.c.id).where(
        participations.c.programme_id == programme_id,
        participations.c.institution_id == institution_id,
        participations.c.status == ParticipationStatus.ACCEPTED,
    )
