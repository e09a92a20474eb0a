"""Locations (lokasi): prioritised regencies and cities that take commitments of a programme."""
