"""The table of certificates."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Insert, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from services.mapping.certificates.domain import Certificate
from services.mapping.schema import metadata

certificates = Table(
    "certificates",
    metadata,
    Column("run_id", Uuid, ForeignKey("prioritisation_runs.id"), primary_key=True),
    Column("result_hash", Text, nullable=False, comment="of the result that it was made of"),
    Column("certificate_hash", Text, nullable=False),
    Column("document", Text, nullable=False, comment="canonical JSON"),
    Column("made_by", Text, nullable=False),
)


def store_certificate(certificate: Certificate) -> Insert:
    """Keep the certificate of a run; a new one replaces it."""
    values = {column.name: getattr(certificate, column.name) for column in certificates.c}
    return insert(certificates).values(values).on_conflict_do_update(index_elements=[certificates.c.run_id], set_=values)


def certificate_of(run_id: UUID) -> Select[Any]:
    """The certificate of a run."""
    return select(certificates).where(certificates.c.run_id == run_id)
