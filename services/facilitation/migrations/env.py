"""Alembic's entry."""

from services.facilitation.app import SERVICE
from shared.migrations import run

run(SERVICE.metadata)
