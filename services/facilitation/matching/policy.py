"""How needs are weighed and how far a lot may travel: dated, with its source."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "policy.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """A need due within so many days counts so much a unit; without days, however late it is due."""

    within_days: int | None
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingPolicy:
    """One version of the rule; days are included, `valid_to` null means until further notice."""

    valid_from: date
    valid_to: date | None
    source: str
    max_distance_km: int
    urgency: tuple[Urgency, ...]

    def weight(self, days_left: int) -> int:
        """What a unit of a need counts that is due in so many days."""
        return next(each.weight for each in self.urgency if each.within_days is None or days_left <= each.within_days)


@cache
def _policies() -> tuple[MatchingPolicy, ...]:
    entries = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        MatchingPolicy(
            valid_from=date.fromisoformat(entry["valid_from"]),
            valid_to=date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None,
            source=entry["source"],
            max_distance_km=entry["max_distance_km"],
            urgency=tuple(Urgency(**each) for each in entry["urgency"]),
        )
        for entry in entries
    )


def policy_on(on: date) -> MatchingPolicy:
    """The rule of a day; `LookupError` before the first."""
    for policy in _policies():
        if policy.valid_from <= on and (policy.valid_to is None or on <= policy.valid_to):
            return policy
    raise LookupError(f"no rule of matching was in force on {on}")
