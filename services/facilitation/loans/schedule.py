"""Instalments (jadwal angsuran) in whole rupiah.

`annuity`: equal instalments A = P·r / (1 − (1 + r)⁻ⁿ) with r a twelfth of the effective annual rate, interest on the balance.
`flat`: equal parts of the principal, interest on the whole principal throughout. Both round to the rupiah, half a rupiah up, and the
last instalment carries what rounding left: the parts of the principal sum to it, and the last balance is 0.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from shared.money import Rupiah


class Method(StrEnum):
    """How interest is computed."""

    ANNUITY = "annuity"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One instalment (angsuran), counted from 1; `balance_idr` is the principal left after it."""

    number: int
    due_on: date
    principal_idr: Rupiah
    interest_idr: Rupiah
    balance_idr: Rupiah

    @property
    def amount_idr(self) -> Rupiah:
        """What is to be paid."""
        return Rupiah(self.principal_idr + self.interest_idr)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month: 31 January, 28 February, 31 March."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def schedule(principal_idr: int, annual_rate_percent: str, months: int, method: Method, starts_on: date) -> list[Instalment]:
    """The instalments of a loan paid out on `starts_on`, the first of them due a month later."""
    rate = Fraction(Decimal(annual_rate_percent)) / 1200
    parts = _annuity(principal_idr, rate, months) if method is Method.ANNUITY else _flat(principal_idr, rate, months)
    balance, instalments = principal_idr, []
    for number, (principal, interest) in enumerate(parts, start=1):
        balance -= principal
        instalments.append(
            Instalment(
                number=number,
                due_on=add_months(starts_on, number),
                principal_idr=Rupiah(principal),
                interest_idr=Rupiah(interest),
                balance_idr=Rupiah(balance),
            )
        )
    return instalments


def _annuity(principal: int, rate: Fraction, months: int) -> list[tuple[int, int]]:
    instalment = _rounded(principal * rate / (1 - (1 + rate) ** -months) if rate else Fraction(principal, months))
    balance, parts = principal, []
    for number in range(1, months + 1):
        interest = _rounded(balance * rate)
        part = balance if number == months else min(instalment - interest, balance)
        parts.append((part, interest))
        balance -= part
    return parts


def _flat(principal: int, rate: Fraction, months: int) -> list[tuple[int, int]]:
    whole = _rounded(principal * rate * months)
    parts = [(principal // months, whole // months)] * (months - 1)
    return [*parts, (principal - sum(part for part, _ in parts), whole - sum(interest for _, interest in parts))]


def _rounded(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
