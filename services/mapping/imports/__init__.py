"""Import of figures (impor angka): a file is validated first, seen by a second person, and committed as a whole or by row."""
