"""The ministry's own settings of the review, by the day on which they hold: who decides in which order, and by when answers are due."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "policy.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of the review (tahap telaah) and the role that decides it."""

    code: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _StageRule:
    applicant_type: str
    up_to_idr: int | None
    stages: list[Stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """One dated version of the settings; days are calendar days."""

    valid_from: date
    valid_to: date | None
    source: str
    respond_within_days: int
    answer_within_days: int
    rules: list[_StageRule]

    def stages_for(self, applicant_type: str, amount_idr: int) -> list[Stage]:
        """Who decides on such an application, in order."""
        return next(rule.stages for rule in self.rules if rule.applicant_type == applicant_type and (rule.up_to_idr is None or amount_idr <= rule.up_to_idr))


@cache
def review_policies() -> list[ReviewPolicy]:
    """Every version, the earliest first."""
    return [
        ReviewPolicy(
            valid_from=date.fromisoformat(each["valid_from"]),
            valid_to=date.fromisoformat(each["valid_to"]) if each["valid_to"] else None,
            source=each["source"],
            respond_within_days=each["respond_within_days"],
            answer_within_days=each["answer_within_days"],
            rules=[
                _StageRule(applicant_type=rule["applicant_type"], up_to_idr=rule["up_to_idr"], stages=[Stage(**stage) for stage in rule["stages"]])
                for rule in each["stages"]
            ],
        )
        for each in json.loads(_FILE.read_text())
    ]


def review_policy_on(day: date) -> ReviewPolicy:
    """The settings in force on a day; before the first, the first."""
    found = [policy for policy in review_policies() if policy.valid_from <= day]
    return found[-1] if found else review_policies()[0]
