"""Convergence (konvergensi): where help overlaps, and where nobody helps."""
