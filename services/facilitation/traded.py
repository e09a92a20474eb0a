"""What has a buyer beside its place: demands, linkages, orders."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.facilitation.located import Located


class Side(StrEnum):
    """A side of a trade."""

    GROUP = "group"
    BUYER = "buyer"


@dataclass(eq=False, kw_only=True)
class Traded(Located):
    """An aggregate in a regency/city with a buying institution."""

    buyer_institution_id: UUID
