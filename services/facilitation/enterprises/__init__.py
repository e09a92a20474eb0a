"""Enterprises (usaha mikro): the register, and who owns what; owners never leave it."""
