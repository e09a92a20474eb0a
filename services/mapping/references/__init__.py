"""Reference lists (daftar acuan): places that somebody else named, to compare a selection with, and the backtest on the list of 2021."""
