"""Periods of figures: a year, a month (`2021-03`), a semester (`2021-S1`) or a quarter (`2021-Q4`)."""

import calendar
from datetime import date

PATTERN = r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2]|S[12]|Q[1-4]))?$"


def last_day(period: str) -> date:
    """The last day of a period that fits `PATTERN`."""
    year, part = int(period[:4]), period[5:]
    month = 12 if not part else int(part[1]) * {"S": 6, "Q": 3}[part[0]] if part[0] in "SQ" else int(part)
    return date(year, month, calendar.monthrange(year, month)[1])


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another; the last day of a month counts as reached on the last day of a shorter one."""
    whole = (last.year - first.year) * 12 + last.month - first.month
    ends = last.day == calendar.monthrange(last.year, last.month)[1]
    return whole if last.day >= first.day or ends else whole - 1
