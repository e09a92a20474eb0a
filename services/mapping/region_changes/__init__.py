"""Changes of the register of regions under a decree: written down by one person, confirmed by another."""
