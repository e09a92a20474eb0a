"""The dated policy of assessments: how old they may become, what they must say, and how far two sources may differ."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "policy.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentPolicy:
    """What holds from `valid_from` until the next one.

    `max_months` and `mandatory` are by kind of assessment; `discrepancy_threshold` is a share of the larger of two values.
    Results from fewer records than `min_public_records` are not shown to everybody, who could tell a household from them.
    """

    valid_from: date
    max_months: dict[str, int]
    mandatory: dict[str, list[str]]
    discrepancy_threshold: Decimal
    min_public_records: int


def policy_on(day: date) -> AssessmentPolicy:
    """The policy in force on a day; before the first one, the first."""
    known = _policies()
    return next((policy for policy in reversed(known) if policy.valid_from <= day), known[0])


@cache
def _policies() -> list[AssessmentPolicy]:
    """Oldest first."""
    read = [
        AssessmentPolicy(
            valid_from=date.fromisoformat(row["valid_from"]),
            max_months=row["max_months"],
            mandatory=row["mandatory"],
            discrepancy_threshold=Decimal(row["discrepancy_threshold"]),
            min_public_records=row["min_public_records"],
        )
        for row in json.loads(_FILE.read_text(encoding="utf-8"))
    ]
    return sorted(read, key=lambda policy: policy.valid_from)
