"""A location: a prioritised regency/city, open for a programme's commitments."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.coordination import LocationOpened


@dataclass(eq=False, kw_only=True)
class Location(Aggregate):
    """One regency/city of one programme, by Kemendagri's codes."""

    programme_id: UUID
    region_code: str
    province_code: str
    rank: int
    opened_on: date

    @classmethod
    def open(cls, *, id: UUID, programme_id: UUID, region_code: str, province_code: str, rank: int, on: date) -> Self:
        """Take commitments from now on."""
        location = cls(id=id, programme_id=programme_id, region_code=region_code, province_code=province_code, rank=rank, opened_on=on)
        location.record(LocationOpened(location_id=id, programme_id=programme_id, region_code=region_code, province_code=province_code, opened_on=on))
        return location
