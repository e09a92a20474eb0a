"""Money is whole rupiah in an `int`; sen have not circulated for decades and are never used in the programme's records."""

from typing import NewType

Rupiah = NewType("Rupiah", int)

MAX_RUPIAH = Rupiah(2**53 - 1)
"""Above it a JSON number is no longer exact in every reader."""
