"""Whether a service is open to an enterprise: dated rules over facts, with a code for each that fails.

Not eligible and not compliant are different things: the first is who it is and where, the second is a duty not done yet.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any


class ServiceCode(StrEnum):
    """What facilitation offers."""

    MENTORING = "mentoring"
    TRAINING = "training"
    FINANCING = "financing"
    MARKET = "market"


class Outcome(StrEnum):
    """What an assessment came to."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    NOT_COMPLIANT = "not_compliant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The facts that rules look at; nothing about the person."""

    micro: bool
    consent: bool
    member: bool
    group_active: bool
    prioritised: bool
    waived: bool
    nib: bool
    certified: bool
    on: date

    @property
    def hash(self) -> str:
        """SHA-256 over the facts, sorted by name: the same facts, the same hash."""
        return sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The outcome, the codes of what failed, and by which rules."""

    service_code: ServiceCode
    outcome: Outcome
    reason_codes: tuple[str, ...]
    rule_version: int
    source: str


CHECKS: dict[str, Callable[[Inputs], bool]] = {
    "micro_scale": lambda facts: facts.micro,
    "consent_given": lambda facts: facts.consent,
    "active_membership": lambda facts: facts.member,
    "group_active": lambda facts: facts.group_active,
    "location_prioritised": lambda facts: facts.prioritised or facts.waived,
    "nib_recorded": lambda facts: facts.nib,
    "product_certified": lambda facts: facts.certified,
}


@cache
def _rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = json.loads((Path(__file__).parent / "rules.json").read_text())
    return rules


def assess(service_code: ServiceCode, facts: Inputs) -> Assessed:
    """By the rules in force on the day of the facts; `LookupError` before the first."""
    day = facts.on.isoformat()
    for rules in _rules():
        if rules["valid_from"] <= day and (rules["valid_to"] is None or day <= rules["valid_to"]):
            break
    else:
        raise LookupError(f"no rules of eligibility were in force on {day}")
    asked = rules["services"][service_code]
    unmet = {kind: [code for code in asked[kind] if not CHECKS[code](facts)] for kind in ("eligibility", "compliance")}
    outcome = Outcome.NOT_ELIGIBLE if unmet["eligibility"] else Outcome.NOT_COMPLIANT if unmet["compliance"] else Outcome.ELIGIBLE
    return Assessed(
        service_code=service_code,
        outcome=outcome,
        reason_codes=(*unmet["eligibility"], *unmet["compliance"]),
        rule_version=rules["version"],
        source=rules["source"],
    )
