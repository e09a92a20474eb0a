"""Turnovers (omzet): what a group sells in a month, and what a linkage has to do with it."""
