"""Certificates (sertifikat): anybody verifies one by its code; products and linkages ask whether a course was passed."""
