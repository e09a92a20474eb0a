"""Priority locations (lokasi prioritas) as facilitation knows them: from mapping's events alone."""
