"""Visits of mentors (kunjungan pendampingan): planned, reported also without a network, checked, and decided by somebody else."""
