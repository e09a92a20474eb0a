"""Prioritisation models (model prioritas): the rule by which places are ranked, drafted by one person and approved by another."""
