"""Loans (pinjaman): the mirror of the lender's account from the contract to the last instalment."""
