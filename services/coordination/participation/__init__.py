"""Participation (keikutsertaan): which institution takes part in which programme, in what role."""
