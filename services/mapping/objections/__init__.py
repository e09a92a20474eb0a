"""Objections (keberatan) of regions to a prioritisation, filed within a window and decided before publication."""
