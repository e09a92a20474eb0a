"""Quarterly packs (laporan triwulan): compiled from the data, frozen at the deadline, the same byte for byte ever after."""
