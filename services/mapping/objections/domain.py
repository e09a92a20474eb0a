"""An objection (keberatan): a regency or city asks "why not us?", and gets a dated answer from another person."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.mapping_runs import LocationObjectionDecided, LocationObjectionFiled
from shared.errors import Conflict, SamePerson


class ObjectionStatus(StrEnum):
    """Where an objection stands."""

    FILED = "filed"
    DECIDED = "decided"


class Grounds(StrEnum):
    """Why a region objects."""

    DATA_WRONG = "data_wrong"
    DATA_OUTDATED = "data_outdated"
    METHOD_MISAPPLIED = "method_misapplied"
    POTENTIAL_OVERLOOKED = "potential_overlooked"
    BOUNDARY_CHANGED = "boundary_changed"
    DOES_NOT_WISH = "does_not_wish"


class Decision(StrEnum):
    """What came of it: dikabulkan or ditolak."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class ObjectionExists(Conflict):
    """A region objects once on each ground."""

    code = "objection_exists"
    message = ("Wilayah ini sudah mengajukan keberatan dengan alasan tersebut.", "This region already objected on that ground.")
    action = ("Lihat daftar keberatan penetapan ini.", "See the objections to this run.")


@dataclass(eq=False, kw_only=True)
class LocationObjection(Aggregate):
    """One region's objection to one run. `note` and `decision_note` stay here: no event and no public list has them."""

    run_id: UUID
    region_code: str
    grounds_code: Grounds
    note: str
    institution_id: UUID | None
    filed_by: str
    filed_on: date
    answer_by: date
    status: ObjectionStatus
    decision_code: Decision | None = None
    reason_code: str | None = None
    decision_note: str | None = None
    decided_by: str | None = None
    decided_on: date | None = None

    TRANSITIONS: ClassVar = {ObjectionStatus.FILED: frozenset({"decide"}), ObjectionStatus.DECIDED: frozenset()}

    @classmethod
    def file(
        cls, *, id: UUID, run_id: UUID, region_code: str, grounds: Grounds, note: str, institution_id: UUID | None, by: str, on: date, answer_days: int
    ) -> Self:
        """Take it down on a day within the run's window; an answer is due within so many days."""
        objection = cls(
            id=id,
            run_id=run_id,
            region_code=region_code,
            grounds_code=grounds,
            note=note,
            institution_id=institution_id,
            filed_by=by,
            filed_on=on,
            answer_by=on + timedelta(days=answer_days),
            status=ObjectionStatus.FILED,
        )
        objection.record(LocationObjectionFiled(objection_id=id, run_id=run_id, region_code=region_code, grounds_code=grounds))
        return objection

    def decide(self, decision: Decision, reason_code: str, note: str, by: str, on: date) -> None:
        """Answer it, as another person than who filed it."""
        self.refuse_unless(self.status, {ObjectionStatus.FILED})
        if by == self.filed_by:
            raise SamePerson
        self.status = ObjectionStatus.DECIDED
        self.decision_code, self.reason_code, self.decision_note = decision, reason_code, note
        self.decided_by, self.decided_on = by, on
        self.record(LocationObjectionDecided(objection_id=self.id, run_id=self.run_id, region_code=self.region_code, decision_code=decision))
