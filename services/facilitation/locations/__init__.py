"""Priority locations (lokasi prioritas) as facilitation knows them: from `LocationPrioritised` alone."""
