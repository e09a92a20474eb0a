"""Commitments (komitmen): what was pledged where, how far it is, and who confirmed it."""
