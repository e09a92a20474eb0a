"""Government credits (kredit program) by owner: who has one open, here or according to SIKP."""
