"""Duplicates (calon duplikat): enterprises that may be the same; two people decide, and facilitation goes on meanwhile."""
