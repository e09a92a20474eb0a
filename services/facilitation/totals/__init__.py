"""Totals (jumlah): facilitation's own sums by region, against which monitoring reconciles its view."""
