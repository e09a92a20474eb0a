"""What the programme sets for mentoring, by the day on which it holds, and which competence a topic asks for.

`reference/rules.json` has one entry for each version, `reference/topics.json` one for each topic. Topics name units of SKKNI 181/2017; only
units whose title could be read in a published copy are asked for (009: planning of mentoring, 021: business plans); further ones are rows.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.errors import Refused

_FOLDER = Path(__file__).parent / "reference"


class NoMentoringRules(Refused):
    """No version of the rules holds on that day."""

    code = "no_mentoring_rules"
    message = ("Tidak ada ketentuan pendampingan yang berlaku pada {on}.", "No rules of mentoring are in force on {on}.")
    action = ("Gunakan tanggal sejak {first}.", "Use a date from {first} on.")


class UnknownTopic(Refused):
    """The topic is not in the list."""

    code = "unknown_topic"
    message = ("Topik tidak dikenal: {unknown}.", "There is no such topic: {unknown}.")
    action = ("Gunakan: {known}.", "Use: {known}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MentoringRules:
    """One version; dates are included, `valid_to` null means until further notice. The ceiling counts enterprises mentored at one time."""

    version: int
    valid_from: date
    valid_to: date | None
    source: str
    case_ceiling: int
    case_ceiling_max: int
    respond_days: int
    assignment_months: int
    planned_visits: int
    goal_due_days: int
    max_distance_km: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What mentoring can be about (topik pendampingan), and the units of competence that it asks for."""

    code: str
    name_id: str
    name_en: str
    unit_codes: tuple[str, ...]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def all_rules() -> tuple[MentoringRules, ...]:
    """Every version, the earliest first."""
    entries = json.loads((_FOLDER / "rules.json").read_text(encoding="utf-8"))
    made = (MentoringRules(**e | {"valid_from": date.fromisoformat(e["valid_from"]), "valid_to": _day(e["valid_to"])}) for e in entries)
    return tuple(sorted(made, key=lambda each: each.valid_from))


def rules_on(on: date) -> MentoringRules:
    """The version in force on a day; `NoMentoringRules` for none."""
    for each in all_rules():
        if each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    raise NoMentoringRules(on=str(on), first=str(all_rules()[0].valid_from))


@cache
def topics() -> dict[str, Topic]:
    """Every topic, by code."""
    entries = json.loads((_FOLDER / "topics.json").read_text(encoding="utf-8"))
    return {e["code"]: Topic(**e | {"unit_codes": tuple(e["unit_codes"])}) for e in entries}


def units_for(topic_codes: Collection[str]) -> frozenset[str]:
    """The units that these topics ask for together; `UnknownTopic` for one that is not in the list."""
    if unknown := sorted(set(topic_codes) - topics().keys()):
        raise UnknownTopic(unknown=unknown, known=sorted(topics()))
    return frozenset(unit for code in topic_codes for unit in topics()[code].unit_codes)
