"""The read model of institutions that may hold trainings."""

from uuid import UUID

from sqlalchemy import Column, Select, Table, Uuid, select

from services.facilitation.providers.domain import ProviderStatus
from services.facilitation.schema import metadata
from shared.tables import Code

training_providers = Table(
    "training_providers",
    metadata,
    Column("institution_id", Uuid, primary_key=True),
    Column("status", Code(ProviderStatus), nullable=False),
)


def verified(institution_id: UUID) -> "Select[UUID]":
    """The institution, if it is verified now."""
    c = training_providers.c
    return select(c.institution_id).where(c.institution_id == institution_id, c.status == ProviderStatus.VERIFIED)
