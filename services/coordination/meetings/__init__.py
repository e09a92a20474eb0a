"""Coordination meetings (rapat koordinasi): agenda, attendance, minutes, decisions."""
