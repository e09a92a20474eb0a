"""What the instructions of the President (Inpres) set, and what we set ourselves, by the day on which it holds.

`reference/policies.json` has one entry for each instruction. Lead, data source, reporting interval, targets and pillars come from it;
tiers, thresholds, the ladder and the rules of gaps are settings of the ministry, which no regulation fixes. The deadlines of the
quarterly forms are those of PP 39/2006. Between two instructions the settings of the former one go on until `settings_until`.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.errors import Refused

_FILE = Path(__file__).parent / "reference" / "policies.json"


class NoPolicy(Refused):
    """No instruction holds on that day, and no settings go on."""

    code = "no_policy"
    message = ("Tidak ada kebijakan yang berlaku pada {on}.", "No policy is in force on {on}.")
    action = ("Gunakan tanggal sejak {first}.", "Use a date from {first} on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """A step of approval and the role that decides it."""

    tier: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A step of the ladder of escalation: whom to tell so many working days after the due date."""

    level: int
    after_working_days: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule:
    """An indicator's value, as a decimal string, to be reached by a day."""

    indicator_code: str
    value: str
    by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Pillar:
    """A pillar of the strategy (pilar strategi)."""

    code: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackDeadline:
    """A form of PP 39/2006 and the working days after the quarter within which it is due."""

    form: str
    working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Days, both included, on which no programme is activated."""

    frozen_from: date
    frozen_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One instruction with its settings; dates are included, `valid_to` null means until further notice."""

    code: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    settings_until: date | None
    lead_institution_code: str
    data_source: str
    reporting_months: int
    report_recipients: tuple[str, ...]
    targets: tuple[TargetRule, ...]
    pillars: tuple[Pillar, ...]
    funding_sources: tuple[str, ...]
    citation: str
    citation_checked: bool
    due_soon_working_days: tuple[int, ...]
    escalation: tuple[Rung, ...]
    programme_tiers: tuple[TierRule, ...]
    plan_tiers: tuple[TierRule, ...]
    freeze_periods: tuple[Freeze, ...]
    gap_grace_working_days: int
    gap_due_working_days: int
    action_item_due_working_days: int
    pack_deadlines: tuple[PackDeadline, ...]
    pack_form: str
    required_interventions: tuple[str, ...]
    default_pillar_codes: tuple[str, ...]
    overlap_rule_version: int
    gap_rule_version: int

    def freeze_period(self, on: date) -> tuple[date, date] | None:
        """The freeze period that a day lies in."""
        return next(((each.frozen_from, each.frozen_to) for each in self.freeze_periods if each.frozen_from <= on <= each.frozen_to), None)

    def in_force(self, on: date) -> bool:
        """Whether the instruction itself holds on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _policy(entry: dict[str, Any]) -> Policy:
    return Policy(
        **entry
        | {
            "valid_from": date.fromisoformat(entry["valid_from"]),
            "valid_to": _day(entry["valid_to"]),
            "settings_until": _day(entry["settings_until"]),
            "report_recipients": tuple(entry["report_recipients"]),
            "targets": tuple(TargetRule(indicator_code=t["indicator_code"], value=t["value"], by=date.fromisoformat(t["by"])) for t in entry["targets"]),
            "pillars": tuple(Pillar(**each) for each in entry["pillars"]),
            "funding_sources": tuple(entry["funding_sources"]),
            "due_soon_working_days": tuple(entry["due_soon_working_days"]),
            "escalation": tuple(Rung(**each) for each in entry["escalation"]),
            "programme_tiers": tuple(TierRule(**each) for each in entry["programme_tiers"]),
            "plan_tiers": tuple(TierRule(**each) for each in entry["plan_tiers"]),
            "freeze_periods": tuple(
                Freeze(frozen_from=date.fromisoformat(each["frozen_from"]), frozen_to=date.fromisoformat(each["frozen_to"])) for each in entry["freeze_periods"]
            ),
            "pack_deadlines": tuple(PackDeadline(**each) for each in entry["pack_deadlines"]),
            "required_interventions": tuple(entry["required_interventions"]),
            "default_pillar_codes": tuple(entry["default_pillar_codes"]),
        }
    )


@cache
def policies() -> tuple[Policy, ...]:
    """All of them, the earliest first."""
    return tuple(sorted(map(_policy, json.loads(_FILE.read_text(encoding="utf-8"))), key=lambda policy: policy.valid_from))


def policy_on(on: date) -> Policy:
    """The instruction in force on a day, or the former one whose settings go on; `NoPolicy` for none."""
    known = policies()
    found = next((policy for policy in known if policy.in_force(on)), None)
    found = found or next((policy for policy in known if policy.settings_until and policy.valid_from <= on <= policy.settings_until), None)
    if found is None:
        raise NoPolicy(on=str(on), first=str(known[0].valid_from))
    return found
