"""Alembic's entry."""

from services.coordination.app import SERVICE
from shared.migrations import run

run(SERVICE.metadata)
