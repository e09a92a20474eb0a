"""Mapping (pemetaan): where poverty and local potential are, and which places come first."""
