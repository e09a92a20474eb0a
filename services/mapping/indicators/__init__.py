"""Indicators (indikator): published figures of regencies and cities, and what is derived from them."""
