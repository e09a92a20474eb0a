"""Matching (pencocokan): lots pooled from several groups for the needs of buyers, and why a need stays without."""
