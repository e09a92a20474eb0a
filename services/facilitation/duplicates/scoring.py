"""How much two enterprises look like one, by dated weights: never enough to decide, only enough to ask.

A NIK is unique, so the same person twice means two NIKs: what remains is the name, the date of birth and sex that both NIKs hold, the
business and the place. A name of one word says less than a name of several.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

from services.facilitation.enterprises.names import likeness


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared of an enterprise."""

    owner_keys: list[str]
    name_keys: list[str]
    owner_birth_index: bytes | None
    region_code: str

    @classmethod
    def of(cls, found: Any) -> Self:
        """Of an enterprise, or a row of its table."""
        return cls(found.owner_keys, found.name_keys, found.owner_birth_index, found.region_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRules:
    """Points for what agrees, out of 100, and from how many on two people are asked."""

    version: int
    threshold: int
    alike_from: float
    weights: dict[str, int]
    one_word_owner_name: int
    reversible_days: int


@dataclass(frozen=True, slots=True)
class Score:
    """How many points, and for what."""

    points: int
    matched: tuple[str, ...]


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((Path(__file__).parent / "rules.json").read_text())
    return rows


def rules_on(day: date) -> DuplicateRules:
    """The rules in force on a day; `LookupError` before the first."""
    for row in _rows():
        if row["valid_from"] <= day.isoformat() and (row["valid_to"] is None or day.isoformat() <= row["valid_to"]):
            return DuplicateRules(**{name: row[name] for name in DuplicateRules.__dataclass_fields__})
    raise LookupError(f"no rules about duplicates were in force on {day}")


def score(one: Compared, other: Compared, rules: DuplicateRules) -> Score:
    """Compare two enterprises."""
    points: dict[str, float] = {}
    if (alike := likeness(one.owner_keys, other.owner_keys)) >= rules.alike_from:
        of_one_word = min(len(one.owner_keys), len(other.owner_keys)) == 1
        points["owner_name"] = alike * (rules.one_word_owner_name if of_one_word else rules.weights["owner_name"])
    if one.owner_birth_index and one.owner_birth_index == other.owner_birth_index:
        points["owner_birth"] = rules.weights["owner_birth"]
    if (alike := likeness(one.name_keys, other.name_keys)) >= rules.alike_from:
        points["business_name"] = alike * rules.weights["business_name"]
    if one.region_code == other.region_code:
        points["region"] = rules.weights["region"]
    return Score(round(sum(points.values())), tuple(points))
