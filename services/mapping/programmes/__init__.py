"""Programmes (program) as far as mapping needs them: quota and dates, known from coordination's events alone."""
