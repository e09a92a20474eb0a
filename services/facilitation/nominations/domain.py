"""A list of nominees of one group for one training, answered row by row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from services.facilitation.enrolments.domain import Enrolment
from services.facilitation.located import Located
from shared.contracts.facilitation_training import NominationListReceived
from shared.errors import Problem

REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class NominationRow:
    """The answer to a row: `outcome` is the state of its enrolment at that moment, or refused, with code and sentences."""

    row: int
    enterprise_id: UUID
    outcome: str
    enrolment_id: UUID | None = None
    seat_no: int | None = None
    position: int | None = None
    code: str | None = None
    hint: str | None = None
    hint_en: str | None = None

    @classmethod
    def accepted(cls, row: int, enrolment: Enrolment) -> Self:
        """It has an enrolment."""
        return cls(
            row=row,
            enterprise_id=enrolment.enterprise_id,
            outcome=enrolment.status.value,
            enrolment_id=enrolment.id,
            seat_no=enrolment.seat_no,
            position=enrolment.position,
        )

    @classmethod
    def refused(cls, row: int, enterprise_id: UUID, problem: Problem) -> Self:
        """It has none, and why."""
        hint, hint_en = (f"{problem.sentence(english=english)} {problem.advice(english=english)}" for english in (False, True))
        return cls(row=row, enterprise_id=enterprise_id, outcome=REFUSED, code=problem.code, hint=hint, hint_en=hint_en)


@dataclass(eq=False, kw_only=True)
class Nomination(Located):
    """A list as it was answered; kept, so that the same request is answered the same."""

    training_id: UUID
    group_id: UUID
    received_on: date
    rows: list[NominationRow]

    @classmethod
    def answer(cls, *, id: UUID, training_id: UUID, group_id: UUID, region_code: str, rows: Sequence[NominationRow], on: date) -> Self:
        """Write the answers down."""
        nomination = cls(id=id, region_code=region_code, training_id=training_id, group_id=group_id, received_on=on, rows=list(rows))
        count = Counter(row.outcome for row in rows)
        nomination.record(
            NominationListReceived(
                nomination_id=id,
                training_id=training_id,
                group_id=group_id,
                enrolled_count=count["enrolled"],
                waitlisted_count=count["waitlisted"],
                nominated_count=count["nominated"],
                refused_count=count[REFUSED],
            )
        )
        return nomination
