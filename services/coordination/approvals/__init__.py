"""Approval tier by tier (persetujuan berjenjang): who decides in which order, and what was decided."""
