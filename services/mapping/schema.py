"""The tables of mapping."""

from shared.tables import service_metadata

metadata = service_metadata()
