"""The programme's own rules of training, by the day on which they hold: `rules.json` has one entry for each version, with its source."""

import calendar
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("rules.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnoverBand:
    """A band of monthly turnover in whole rupiah, up to and including `up_to_idr`; null for the last."""

    code: str
    up_to_idr: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRules:
    """What is asked after a training, when, and how long is waited."""

    valid_from: date
    valid_to: date | None
    source: str
    no_show_grace_days: int
    tracer_months: tuple[int, ...]
    tracer_grace_days: int
    applied_skill_codes: tuple[str, ...]
    turnover_bands: tuple[TurnoverBand, ...]


@cache
def _all() -> tuple[TrainingRules, ...]:
    return tuple(
        TrainingRules(
            valid_from=date.fromisoformat(entry["valid_from"]),
            valid_to=date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None,
            source=entry["source"],
            no_show_grace_days=entry["no_show_grace_days"],
            tracer_months=tuple(entry["tracer_months"]),
            tracer_grace_days=entry["tracer_grace_days"],
            applied_skill_codes=tuple(entry["applied_skill_codes"]),
            turnover_bands=tuple(TurnoverBand(**band) for band in entry["turnover_bands"]),
        )
        for entry in json.loads(_FILE.read_text())
    )


def rules_on(day: date) -> TrainingRules:
    """The rules in force on a day; `LookupError` before the first."""
    for rules in _all():
        if rules.valid_from <= day and (rules.valid_to is None or day <= rules.valid_to):
            return rules
    raise LookupError(f"no rules of training were in force on {day}")


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
