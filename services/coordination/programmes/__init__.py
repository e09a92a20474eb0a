"""Programmes (program): the legal frame, the quota and the dates of the effort."""
