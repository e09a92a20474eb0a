"""The ladder: steps in order, each with criteria that are met or not, and graduation after the last one held for so many quarters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What criteria look at: counts are of events by their name."""

    member: bool
    nib: bool
    annual_sales_idr: int
    events: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion, what it asks for and whether it is met."""

    code: str
    at_least: int | None
    any_of: tuple[str, ...]
    actual: int
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The steps in force on a day."""

    version: int
    source: str
    steps: tuple[str, ...]
    criteria: Mapping[str, Sequence[Mapping[str, Any]]]
    last: str
    consecutive_quarters: int

    def after(self, step: str) -> str | None:
        """The next step; None after the last."""
        at = self.steps.index(step)
        return self.steps[at + 1] if at + 1 < len(self.steps) else None

    def judged(self, step: str, facts: Facts) -> list[Criterion]:
        """A step's criteria over the facts."""
        return [_judge(asked, facts) for asked in self.criteria[step]]


def _judge(asked: Mapping[str, Any], facts: Facts) -> Criterion:
    code, wanted = asked["code"], asked.get("any_of", ())
    if code == "events":
        actual = sum(facts.events.get(name, 0) for name in wanted)
    elif code == "no_arrears":
        # Every fall into arrears was cured, or ended with the loan.
        ended = sum(facts.events.get(name, 0) for name in ("FinancingArrearsCured", "FinancingSettled"))
        actual = int(facts.events.get("FinancingFellIntoArrears", 0) <= ended)
    else:
        actual = {"active_membership": int(facts.member), "nib_recorded": int(facts.nib), "annual_sales_idr": facts.annual_sales_idr}[code]
    at_least = asked.get("at_least", 1)
    return Criterion(code=code, at_least=asked.get("at_least"), any_of=tuple(wanted), actual=actual, met=actual >= at_least)


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((Path(__file__).parent / "criteria.json").read_text())
    return rows


def ladder_on(day: date) -> Ladder:
    """The ladder in force on a day; `LookupError` before the first."""
    for row in _rows():
        if row["valid_from"] <= day.isoformat() and (row["valid_to"] is None or day.isoformat() <= row["valid_to"]):
            return Ladder(
                version=row["version"],
                source=row["source"],
                steps=tuple(step["code"] for step in row["steps"]),
                criteria={step["code"]: step["criteria"] for step in row["steps"]},
                last=row["graduation"]["step"],
                consecutive_quarters=row["graduation"]["consecutive_quarters"],
            )
    raise LookupError(f"no ladder was in force on {day}")


def quarter_of(day: date) -> int:
    """Quarters counted through, so that the one before is one less."""
    return day.year * 4 + (day.month - 1) // 3
