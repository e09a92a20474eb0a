"""Groups (kelompok, sentra, klaster, koperasi): the programme reaches enterprises through them, never alone."""
