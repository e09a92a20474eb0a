"""Official lists of districts (kecamatan) and villages (desa/kelurahan): checked when sent, taken over by another person."""
