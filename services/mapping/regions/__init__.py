"""Regions (wilayah): provinces, regencies and cities with the codes of Kemendagri and of BPS."""
