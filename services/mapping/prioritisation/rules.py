"""A programme's selection rules (aturan penetapan): how often people may override, and how long regions may object."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.mapping_runs import SelectionRulesSet


@dataclass(eq=False, kw_only=True)
class SelectionRules(Aggregate):
    """One version of the rules. The newest one applies to runs that are created after it.

    `override_cap` bounds the overrides of a run. Regions may object for `objection_days` at least; 0 demands no window. An
    objection is to be answered within `answer_days`.
    """

    programme_id: UUID
    rules_version: int
    override_cap: int
    objection_days: int
    answer_days: int
    set_by: str

    @classmethod
    def set(cls, *, id: UUID, programme_id: UUID, rules_version: int, override_cap: int, objection_days: int, answer_days: int, by: str) -> Self:
        """Write the next version down."""
        rules = cls(
            id=id,
            programme_id=programme_id,
            rules_version=rules_version,
            override_cap=override_cap,
            objection_days=objection_days,
            answer_days=answer_days,
            set_by=by,
        )
        rules.record(
            SelectionRulesSet(
                rules_id=id,
                programme_id=programme_id,
                rules_version=rules_version,
                override_cap=override_cap,
                objection_days=objection_days,
                answer_days=answer_days,
            )
        )
        return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules as a run takes them over; a programme without rules allows no override and demands no window."""

    override_cap: int = 0
    objection_days: int = 0
    answer_days: int = 14
