"""Measures of poverty and of local potential: pure functions of figures, with the publication that each follows."""
