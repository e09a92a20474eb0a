"""Courses (kursus): the catalogue of what is taught, by whom, and what it takes to pass."""
