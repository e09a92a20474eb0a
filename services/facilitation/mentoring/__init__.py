"""Mentoring (pendampingan): who accompanies which group, with diagnosis, development plan and goals."""
