"""Institutions (lembaga): ministries, Eselon I units, local governments, lenders and buyers."""
