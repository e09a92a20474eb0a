"""What lies in a region: every aggregate of facilitation, and hence who may see it."""

from dataclasses import dataclass

from shared.aggregate import Aggregate


@dataclass(eq=False, kw_only=True)
class Located(Aggregate):
    """An aggregate in a regency/city, by Kemendagri's code."""

    region_code: str
