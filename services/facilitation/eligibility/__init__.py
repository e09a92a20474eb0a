"""Eligibility (kelayakan): whether a service is open to an enterprise, by dated rules."""
