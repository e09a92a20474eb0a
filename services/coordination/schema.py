"""The tables of coordination."""

from shared.tables import service_metadata

metadata = service_metadata()
