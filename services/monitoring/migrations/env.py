"""Alembic's entry."""

from services.monitoring.app import SERVICE
from shared.migrations import run

run(SERVICE.metadata, schemas=True)
