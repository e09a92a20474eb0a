"""What makes an enterprise micro: one row for each regulation, by the days on which it holds."""

from dataclasses import dataclass
from datetime import date

from shared.money import Rupiah


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleCriteria:
    """Limits in rupiah, both inclusive ("paling banyak"); capital excludes land and buildings of the place of business."""

    valid_from: date
    valid_to: date | None
    source: str
    micro_capital_max_idr: Rupiah
    micro_annual_sales_max_idr: Rupiah

    def is_micro(self, *, capital_idr: int, annual_sales_idr: int) -> bool:
        """By capital or by annual sales: one of them suffices."""
        return capital_idr <= self.micro_capital_max_idr or annual_sales_idr <= self.micro_annual_sales_max_idr


SCALE_CRITERIA = (
    ScaleCriteria(
        valid_from=date(2021, 2, 2),
        valid_to=None,
        source="PP 7/2021 Pasal 35",
        micro_capital_max_idr=Rupiah(1_000_000_000),
        micro_annual_sales_max_idr=Rupiah(2_000_000_000),
    ),
)


def criteria_on(day: date) -> ScaleCriteria:
    """The criteria in force on a day; `LookupError` before the first."""
    for criteria in SCALE_CRITERIA:
        if criteria.valid_from <= day and (criteria.valid_to is None or day <= criteria.valid_to):
            return criteria
    raise LookupError(f"no scale criteria were in force on {day}")
