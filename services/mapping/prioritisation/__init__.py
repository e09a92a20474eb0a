"""Prioritisation (penetapan lokasi prioritas): a rule with weights, its runs, and the locations they name."""
