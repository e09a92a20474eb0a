"""Assessments (penilaian) of poverty and of local potential: who says what of a region, who checked it, and until when it holds."""
