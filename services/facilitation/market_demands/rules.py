"""When a demand that nobody closed is closed: dated, with its source."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "rules.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRules:
    """A demand is closed so many days after it was needed."""

    valid_from: date
    valid_to: date | None
    source: str
    close_after_days: int


@cache
def _rules() -> tuple[DemandRules, ...]:
    return tuple(
        DemandRules(
            **entry | {"valid_from": date.fromisoformat(entry["valid_from"]), "valid_to": date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None}
        )
        for entry in json.loads(_FILE.read_text(encoding="utf-8"))
    )


def rules_on(on: date) -> DemandRules:
    """The rules of a day; `LookupError` before the first."""
    for each in _rules():
        if each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    raise LookupError(f"no rules of demands were in force on {on}")
