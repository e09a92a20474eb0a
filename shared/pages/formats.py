"""Numbers, rupiah and times as people in Indonesia, or readers of English, write them."""

from datetime import date, datetime
from decimal import Decimal

from shared.clock import WIB

_MONTHS = (
    ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
)
_EXCHANGED = str.maketrans(",.", ".,")


class Formats:
    """One language's way of writing values."""

    def __init__(self, *, english: bool) -> None:
        self._english = english

    def number(self, value: int) -> str:
        """`1.500`; in English `1,500`."""
        grouped = f"{value:,}"
        return grouped if self._english else grouped.replace(",", ".")

    def rupiah(self, value: int) -> str:
        """`Rp1.500.000`; in English `Rp1,500,000`."""
        return f"{'-' if value < 0 else ''}Rp{self.number(abs(value))}"

    def score(self, value: Decimal) -> str:
        """Three decimals: `0,875`; in English `0.875`."""
        return self.decimal(value, 3)

    def decimal(self, value: Decimal | float, places: int) -> str:
        """So many decimals: `1.234,50`; in English `1,234.50`."""
        written = f"{value:,.{places}f}"
        return written if self._english else written.translate(_EXCHANGED)

    def percent(self, part: int, whole: int) -> str:
        """Whole per cent, rounded down, so that only a whole is 100; a dash of nothing."""
        return f"{part * 100 // whole}%" if whole else "–"

    def day(self, value: date) -> str:
        """`24 November 2026`."""
        return f"{value.day} {_MONTHS[self._english][value.month - 1]} {value.year}"

    def moment(self, value: datetime) -> str:
        """`24 November 2026 14.30 WIB`; in English `24 November 2026, 14:30 WIB`."""
        local = value.astimezone(WIB)
        return f"{self.day(local.date())}{', ' if self._english else ' '}{local:{'%H:%M' if self._english else '%H.%M'}} WIB"
