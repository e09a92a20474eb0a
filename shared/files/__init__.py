"""Files that people send: received as a stream, read row by row, bounded in every way."""
