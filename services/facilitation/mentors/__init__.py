"""Mentors (pendamping): competence, area and ceiling, under a random id and without a name."""
