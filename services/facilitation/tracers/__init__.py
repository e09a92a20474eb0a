"""Tracers (penelusuran): what became of a training, asked months after it."""
