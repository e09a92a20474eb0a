"""Providers (lembaga penyelenggara): which institutions coordination verified, as far as facilitation has heard."""
