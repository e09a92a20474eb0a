"""After how many silent days a delivery is accepted, and when an invoice is due: dated, with its source."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "terms.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """Calendar days; `payment_due_days` holds where an invoice names no day."""

    valid_from: date
    valid_to: date | None
    source: str
    accepted_after_silent_days: int
    payment_due_days: int


@cache
def _terms() -> tuple[OrderTerms, ...]:
    return tuple(
        OrderTerms(
            **entry | {"valid_from": date.fromisoformat(entry["valid_from"]), "valid_to": date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None}
        )
        for entry in json.loads(_FILE.read_text(encoding="utf-8"))
    )


def terms_on(on: date) -> OrderTerms:
    """The terms of a day; `LookupError` before the first."""
    for each in _terms():
        if each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    raise LookupError(f"no terms of orders were in force on {on}")
