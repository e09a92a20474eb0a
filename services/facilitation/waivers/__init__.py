"""Waivers (dispensasi): dated and signed leave to facilitate where no priority holds."""
