"""Monitoring (pemantauan): what the other three stages published, as one public view."""
