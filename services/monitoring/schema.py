"""The tables of monitoring. Inbox and parked messages live beside the view, so that a rebuild swaps them together."""

from shared.tables import service_metadata

VIEW = "view"
"""The PostgreSQL schema of everything that is derived from events."""

metadata = service_metadata(inbox_schema=VIEW)
