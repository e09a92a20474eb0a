"""Procurement (pengadaan): what institutions buy from small business and from domestic production, as two indicators."""
