"""The computation of a prioritisation: pure functions of figures, a method and constraints, without database or network."""
