"""Financing (pembiayaan): applications for credit of an enterprise through its group; the lender decides."""
