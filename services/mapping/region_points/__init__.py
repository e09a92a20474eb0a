"""Points of regions (titik wilayah) from GeoJSON, CSV or XLSX: checked when sent, taken over by another person."""
