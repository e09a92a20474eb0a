"""Points of regencies and cities (titik wilayah), as mapping published them: what distances are measured between."""
