"""Facilitation (fasilitasi): enterprises, their groups, and the credit they reach through them."""
