"""Trainings (pelatihan): a course held at a place on certain days, from the plan to the results."""
