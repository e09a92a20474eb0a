"""Streams of events, one a subject, as the other services would publish them; and what they must add up to."""

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.contracts import coordination as c
from shared.contracts import coordination_commitments as k
from shared.contracts import event_type_of
from shared.contracts import facilitation as f
from shared.contracts import mapping as m
from shared.envelope import Message
from shared.eventlog import Record
from tests.messages import record

Stream = tuple[UUID, list[Any]]
REFERENCE = Path(__file__).parents[2] / "services/mapping/regions/reference"
PROVINCES = ("32", "33", "35", "53", "52", "73", "81", "94")
START = datetime(2026, 1, 5, tzinfo=UTC)


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


class Story:
    """A programme with `size` locations and what happened in them; the same for the same seed."""

    def __init__(self, *, size: int = 4, busy: int = 6, seed: int = 1, quiet: float = 0.2) -> None:
        self._random = random.Random(seed)
        self.programme = self.id()
        self.institution = self.id()
        chosen = [row for row in read("regencies") if row["province_code"] in PROVINCES]
        self.places = self._random.sample(chosen, size)
        self.streams: list[Stream] = []
        self._programme(size)
        self._regions()
        for n, place in enumerate(self.places):
            self._location(place, n + 1)
            if self._random.random() >= quiet:
                self._commitments(place["region_code"], self._random.randint(1, busy))
                self._enterprises(place["region_code"], self._random.randint(1, busy))

    def id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def add(self, *events: Any, subject: UUID | None = None) -> None:
        self.streams.append((subject or self.id(), list(events)))

    def _programme(self, size: int) -> None:
        p, day = self.programme, date(2024, 1, 1)
        self.add(
            c.ProgrammeDrafted(programme_id=p, programme_code="PKE-2024", fiscal_year_from=2024, fiscal_year_to=2026, lead_institution_id=self.institution),
            c.ProgrammeSubmitted(programme_id=p, area_quota=size, province_quota=8),
            c.ProgrammeActivated(
                programme_id=p, programme_code="PKE-2024", area_quota=size, province_quota=8,
                valid_from=day, valid_to=date(2026, 12, 31), legal_basis_ref="Inpres 4/2022",
            ),
            subject=p,
        )  # fmt: skip

    def _regions(self) -> None:
        for row in read("provinces"):
            self._region(row, "province", None)
        for row in self.places:
            self._region(row, "regency", row["province_code"])

    def _region(self, row: dict[str, str], level: str, parent: str | None) -> None:
        self.add(
            m.RegionRegistered(
                region_code=row["region_code"], bps_code=row["bps_code_2024"] or None, region_level=level, parent_region_code=parent,
                name=row["name"], latitude=float(row["latitude"]), longitude=float(row["longitude"]), valid_from=None,
            )
        )  # fmt: skip

    def _location(self, place: dict[str, str], rank: int) -> None:
        score = Decimal(1000 - rank) / 1000
        self.add(
            m.LocationPrioritised(
                location_priority_id=self.id(), programme_id=self.programme, run_id=self.id(), region_code=place["region_code"],
                province_code=place["province_code"], rank=rank, score=score, poverty_score=score, potential_score=score,
                model_version=1, effective_from=date(2024, 2, 1),
            )
        )  # fmt: skip

    def _commitments(self, region: str, count: int) -> None:
        for _ in range(count):
            id, amount = self.id(), self._random.randint(50, 900) * 1_000_000
            events: list[Any] = [
                k.CommitmentPledged(
                    commitment_id=id, programme_id=self.programme, institution_id=self.institution, location_code=region, intervention_code="business_training",
                    amount_idr=amount, funding_source="apbn", output_quantity=100, output_unit="enterprises", due_on=date(2026, 12, 1),
                )
            ]  # fmt: skip
            for part in range(self._random.randint(0, 3)):
                verified = amount * (part + 1) // 4
                events.append(k.CommitmentProgressVerified(
                    commitment_id=id, report_id=self.id(), verified_by_institution_id=self.id(), verified_output=25 * (part + 1), verified_amount_idr=verified
                ))  # fmt: skip
            if self._random.random() < 0.4:
                events.append(k.CommitmentFulfilled(
                    commitment_id=id, programme_id=self.programme, institution_id=self.institution, location_code=region, intervention_code="business_training",
                    fulfilled_on=date(2026, 6, 1), verified_output=100, verified_amount_idr=amount, days_late=0,
                ))  # fmt: skip
            self.add(*events, subject=id)

    def _enterprises(self, region: str, groups: int) -> None:
        for _ in range(groups):
            group = self.id()
            events: list[Any] = [f.GroupFormed(group_id=group, group_type="kelompok", region_code=region, kbli_section="C")]
            for _ in range(self._random.randint(2, 12)):
                enterprise = self.id()
                self.add(f.EnterpriseRegistered(enterprise_id=enterprise, region_code=region, kbli_section="C", scale_code="micro"), subject=enterprise)
                joined = f.GroupMemberJoined(
                    membership_id=self.id(), group_id=group, enterprise_id=enterprise, member_role="member", joined_on=date(2026, 3, 1)
                )
                events.append(joined)
                if self._random.random() < 0.1:
                    events.append(f.GroupMemberLeft(
                        membership_id=joined.membership_id, group_id=group, enterprise_id=enterprise, reason_code="moved", left_on=date(2026, 4, 1)
                    ))  # fmt: skip
                elif self._random.random() < 0.5:
                    self._application(region, group, enterprise)
            if self._random.random() < 0.7:
                events.append(f.GroupActivated(group_id=group, group_type="kelompok", region_code=region, programme_id=self.programme, member_count=5))
            self.add(*events, subject=group)

    def _application(self, region: str, group: UUID, enterprise: UUID) -> None:
        id, amount = self.id(), self._random.randint(2, 50) * 500_000
        common: dict[str, Any] = {"application_id": id, "programme_id": self.programme, "region_code": region}
        events: list[Any] = [
            f.FinancingApplied(**common, group_id=group, enterprise_id=enterprise, product_code="kur_super_mikro", requested_amount_idr=amount),
            f.FinancingReviewStarted(application_id=id),
        ]
        outcome = self._random.random()
        if outcome < 0.6:
            events.append(f.FinancingGranted(
                **common, group_id=group, enterprise_id=enterprise, lender_institution_id=self.id(), product_code="kur_super_mikro",
                granted_amount_idr=amount - 250_000, tenor_months=24, granted_on=date(2026, 5, 1), province_code=region[:2],
            ))  # fmt: skip
        elif outcome < 0.8:
            events.append(f.FinancingDeclined(**common, lender_institution_id=self.id(), reason_codes=["collateral"]))
        self.add(*events, subject=id)

    @property
    def expected(self) -> dict[tuple[str, str], int]:
        """Each figure by region code, added up the plain way; zeros are left out."""
        return expected(self.streams)

    def shuffled(self, seed: int) -> list[tuple[UUID, int, Any]]:
        """All events as (subject, sequence, event): any interleaving that keeps each subject's own order."""
        chooser = random.Random(seed)
        slots = [n for n, (_, events) in enumerate(self.streams) for _ in events]
        chooser.shuffle(slots)
        return interleaved(self.streams, slots)


def interleaved(streams: Sequence[Stream], slots: Iterable[int]) -> list[tuple[UUID, int, Any]]:
    """Take from the stream named by each slot its next event."""
    taken = [0] * len(streams)
    found = []
    for n in slots:
        subject, events = streams[n]
        taken[n] += 1
        found.append((subject, taken[n], events[taken[n] - 1]))
    return found


def messages(events: Iterable[tuple[UUID, int, Any]]) -> list[Message]:
    return [
        Message(
            id=UUID(int=n), type=event_type_of(event).wire_type, source=event_type_of(event).source, subject=str(subject), sequence=sequence,
            time=START + timedelta(seconds=n), correlation_id="-", causation_id=None, actor=None, traceparent=None, event=event,
        )
        for n, (subject, sequence, event) in enumerate(events)
    ]  # fmt: skip


def records(events: Iterable[tuple[UUID, int, Any]]) -> list[Record]:
    return [record(event, subject=subject, sequence=sequence) for subject, sequence, event in events]


def expected(streams: Iterable[Stream]) -> dict[tuple[str, str], int]:
    """A second, plain way to the figures: each subject's whole history at once."""
    sums: dict[tuple[str, str], int] = {}

    def add(region: str, **by: int) -> None:
        for name, value in by.items():
            sums[region, name] = sums.get((region, name), 0) + value

    for _, events in streams:
        first, last = events[0], events[-1]
        match first:
            case k.CommitmentPledged():
                verified = [getattr(event, "verified_amount_idr", 0) for event in events]
                fulfilled = int(isinstance(last, k.CommitmentFulfilled))
                add(first.location_code, commitments=1, pledged_idr=first.amount_idr, verified_idr=verified[-1], fulfilled=fulfilled)
            case f.EnterpriseRegistered():
                add(first.region_code, enterprises=1)
            case f.GroupFormed():
                joined, left = (sum(isinstance(event, kind) for event in events) for kind in (f.GroupMemberJoined, f.GroupMemberLeft))
                add(first.region_code, groups=1, members=joined - left, active_groups=int(isinstance(last, f.GroupActivated)))
            case f.FinancingApplied():
                add(first.region_code, applications=1, requested_idr=first.requested_amount_idr)
                if isinstance(last, f.FinancingGranted):
                    add(first.region_code, grants=1, granted_idr=last.granted_amount_idr)
                if isinstance(last, f.FinancingDeclined):
                    add(first.region_code, declined=1)
    return {key: value for key, value in sums.items() if value}
