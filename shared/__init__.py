"""The kit that all four services stand on; it knows none of them."""
