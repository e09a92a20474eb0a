"""The table of participations, and whether an institution takes part."""

from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Select, UniqueConstraint, Uuid, select

from services.coordination.participation.domain import AlreadyInvited, Participation, ParticipationRole, ParticipationStatus
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


def accepted_participations(programme_id: UUID, institution_id: UUID) -> "Select[UUID]":
    """Ids of the participations by which an institution takes part in a programme."""
    return select(participations.c.id).where(
        participations.c.programme_id == programme_id,
        participations.c.institution_id == institution_id,
        participations.c.status == ParticipationStatus.ACCEPTED,
    )
