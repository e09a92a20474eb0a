"""A location: a prioritised regency/city, open for a programme's commitments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.coordination import ConvergenceGapClosed, ConvergenceGapDetected, LocationClosed, LocationConfirmed, LocationOpened, LocationReopened


@dataclass(eq=False, kw_only=True)
class Location(Aggregate):
    """One regency/city of one programme, by Kemendagri's codes.

    `location_priority_id` is the priority it stands on, announced at `prioritised_at`; unknown for what was opened before priorities
    could end. Announcements of different lists may arrive in any order: the one published last counts. `gaps` are the required
    interventions that nobody covers, by quarter in which that was found.
    """

    programme_id: UUID
    region_code: str
    province_code: str
    rank: int
    opened_on: date
    location_priority_id: UUID | None = None
    prioritised_at: datetime | None = None
    closed_on: date | None = None
    gaps: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def open(
        cls, *, id: UUID, programme_id: UUID, region_code: str, province_code: str, rank: int, location_priority_id: UUID, prioritised_at: datetime, on: date
    ) -> Self:
        """Take commitments from now on."""
        location = cls(
            id=id,
            programme_id=programme_id,
            region_code=region_code,
            province_code=province_code,
            rank=rank,
            opened_on=on,
            location_priority_id=location_priority_id,
            prioritised_at=prioritised_at,
        )
        location.record(LocationOpened(location_id=id, programme_id=programme_id, region_code=region_code, province_code=province_code, opened_on=on))
        return location

    def prioritise_again(self, *, rank: int, location_priority_id: UUID, prioritised_at: datetime, on: date) -> None:
        """A list names the place again: it stays open, or opens again. An older list, and the one it stands on, change nothing."""
        if location_priority_id == self.location_priority_id or (self.prioritised_at and prioritised_at < self.prioritised_at):
            return
        closed = self.closed_on is not None
        self.rank, self.location_priority_id, self.prioritised_at, self.closed_on = rank, location_priority_id, prioritised_at, None
        if closed:
            self.record(LocationReopened(location_id=self.id, programme_id=self.programme_id, region_code=self.region_code, reopened_on=on))
        else:
            self.record(LocationConfirmed(location_id=self.id, programme_id=self.programme_id, region_code=self.region_code, rank=rank))

    def close(self, *, location_priority_id: UUID, on: date) -> None:
        """Take no more commitments, if the priority that ended is the one it stands on."""
        if self.closed_on or self.location_priority_id not in (None, location_priority_id):
            return
        self.location_priority_id, self.closed_on = location_priority_id, on
        self.record(LocationClosed(location_id=self.id, programme_id=self.programme_id, region_code=self.region_code, closed_on=on))

    def differs(self, quarter: str, missing: Sequence[str]) -> bool:
        """Whether other interventions are missing than was known."""
        return sorted(missing) != self.gaps.get(quarter, [])

    def set_gaps(self, quarter: str, missing: Sequence[str], rule_version: int) -> None:
        """Say which required interventions nobody covers in a quarter; what is newly missing and newly covered is told apart."""
        before, now = set(self.gaps.get(quarter, [])), set(missing)
        if before == now:
            return
        self.gaps = {**self.gaps, quarter: sorted(now)}
        if newly := sorted(now - before):
            self.record(
                ConvergenceGapDetected(
                    location_id=self.id,
                    programme_id=self.programme_id,
                    location_code=self.region_code,
                    missing_intervention_codes=newly,
                    quarter=quarter,
                    rule_version=rule_version,
                )
            )
        if covered := sorted(before - now):
            self.record(
                ConvergenceGapClosed(
                    location_id=self.id,
                    programme_id=self.programme_id,
                    location_code=self.region_code,
                    covered_intervention_codes=covered,
                    quarter=quarter,
                    rule_version=rule_version,
                )
            )
