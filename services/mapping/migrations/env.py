"""Alembic's entry."""

from services.mapping.app import SERVICE
from shared.migrations import run

run(SERVICE.metadata)
