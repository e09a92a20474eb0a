"""What each type of group must show, and when an active one counts as dormant: by the days on which a rule holds."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.facilitation.groups.minimums import GroupType


@dataclass(frozen=True, slots=True)
class DormancyRule:
    """Dormant after so many months without any event, or so many book years without an annual meeting (RAT)."""

    inactive_months: int
    missed_annual_meetings: int


@cache
def _rules() -> dict[str, list[dict[str, Any]]]:
    document: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parent / "rules.json").read_text())
    return document


def _in_force(kind: str, on: date) -> list[dict[str, Any]]:
    day = on.isoformat()
    return [rule for rule in _rules()[kind] if rule["valid_from"] <= day and (rule["valid_to"] is None or day <= rule["valid_to"])]


def required_facts(group_type: GroupType, on: date) -> list[str]:
    """The facts that a type of group must give on a day."""
    return [fact for rule in _in_force("facts", on) for fact in rule.get(group_type, [])]


def dormancy_rule(on: date) -> DormancyRule:
    """The rule in force on a day; `LookupError` before the first."""
    for rule in _in_force("dormant", on):
        return DormancyRule(rule["inactive_months"], rule["missed_annual_meetings"])
    raise LookupError(f"no rule of dormancy was in force on {on}")
