"""Notices (pemberitahuan): what an institution should know or do, once, until it is acknowledged or settled."""
