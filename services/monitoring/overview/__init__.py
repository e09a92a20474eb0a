"""Overview (ikhtisar): the figures of every priority location, folded from the events of all services."""
