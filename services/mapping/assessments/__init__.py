"""Assessments (asesmen) of poverty and of local potential: drafted, validated by another person, superseded, expired."""
