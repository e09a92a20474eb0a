"""The tables of facilitation."""

from shared.tables import service_metadata

metadata = service_metadata()
