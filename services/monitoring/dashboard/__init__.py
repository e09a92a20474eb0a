"""Dashboard (dasbor): the public page of the overview."""
