"""What a batch of events changes in the view: a pure fold, free of any order between subjects.

Counts and sums are additive. Each subject's own events come in order, so cumulative amounts become differences against the last
one known of the same subject; whatever other subjects say is added up in any order.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.coordination import ProgrammeActivated
from shared.contracts.coordination_commitments import (
    CommitmentAmended,
    CommitmentFulfilled,
    CommitmentPledged,
    CommitmentProgressVerified,
    CommitmentReleased,
)
from shared.contracts.facilitation import (
    EnterpriseRegistered,
    FinancingApplied,
    FinancingDeclined,
    FinancingGranted,
    GroupActivated,
    GroupFormed,
    GroupMemberJoined,
    GroupMemberLeft,
)
from shared.contracts.facilitation_registry import GroupBecameDormant, GroupDissolved, GroupMerged, GroupSplit
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised, RegionRegistered
from shared.envelope import Message

Place = tuple[UUID, str]
"""A programme and a region code."""


class UnknownCommitment(Exception):
    """An event of a commitment whose pledge was never applied here (an operator discarded it)."""

    code = "unknown_commitment"


@dataclass(slots=True)
class Figures:
    """Sums for one programme in one region; rupiah are whole. `applications` counts what was ever submitted."""

    commitments: int = 0
    pledged_idr: int = 0
    verified_idr: int = 0
    fulfilled: int = 0
    active_groups: int = 0
    applications: int = 0
    requested_idr: int = 0
    grants: int = 0
    granted_idr: int = 0
    declined: int = 0


@dataclass(slots=True)
class RegionFigures:
    """Sums for one region whatever the programme; `members` are present memberships of groups."""

    enterprises: int = 0
    groups: int = 0
    members: int = 0


@dataclass(slots=True)
class Commitment:
    """What must be remembered of a commitment to turn its cumulative amounts into differences."""

    programme_id: UUID
    region_code: str
    verified_idr: int = 0


@dataclass(slots=True)
class Group:
    """What must be remembered of a group; its region is unknown until `GroupFormed` arrives."""

    region_code: str | None = None
    members: int = 0


@dataclass(slots=True)
class Location:
    """A priority location as last published."""

    province_code: str
    rank: int
    score: Any
    poverty_score: Any
    potential_score: Any
    effective_from: date
    prioritised_at: datetime
    location_priority_id: UUID | None = None

    @property
    def recency(self) -> tuple[date, datetime]:
        """Of two publications for one place the later counts."""
        return self.effective_from, self.prioritised_at


@dataclass(slots=True)
class Ended:
    """A priority that ended; the place is on the list no more if it stood on this one."""

    programme_id: UUID
    region_code: str
    effective_from: date


@dataclass(slots=True)
class Freshness:
    """How much of one publisher's events the view holds."""

    newest_event_at: datetime
    events: int = 0


@dataclass(slots=True)
class Known:
    """What the view already holds of the subjects in a batch."""

    commitments: Mapping[UUID, Commitment] = field(default_factory=dict)
    groups: Mapping[UUID, Group] = field(default_factory=dict)


@dataclass(slots=True)
class Change:
    """What a batch changes: figures are to be added, everything else replaces what was there."""

    programmes: dict[UUID, ProgrammeActivated] = field(default_factory=dict)
    regions: dict[str, RegionRegistered] = field(default_factory=dict)
    locations: dict[Place, Location] = field(default_factory=dict)
    ended: dict[UUID, Ended] = field(default_factory=dict)
    figures: dict[Place, Figures] = field(default_factory=dict)
    region_figures: dict[str, RegionFigures] = field(default_factory=dict)
    commitments: dict[UUID, Commitment] = field(default_factory=dict)
    groups: dict[UUID, Group] = field(default_factory=dict)
    freshness: dict[str, Freshness] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def at(self, programme_id: UUID, region_code: str) -> Figures:
        """The figures of a place, to be added to."""
        place = programme_id, region_code
        figures = self.figures.get(place)
        if figures is None:
            figures = self.figures[place] = Figures()
        return figures

    def region(self, region_code: str) -> RegionFigures:
        """The figures of a region, to be added to."""
        figures = self.region_figures.get(region_code)
        if figures is None:
            figures = self.region_figures[region_code] = RegionFigures()
        return figures

    def commitment(self, id: UUID) -> Commitment:
        """The commitment as of now; `UnknownCommitment` where it was never pledged."""
        if id not in self.commitments:
            if id not in self.known.commitments:
                raise UnknownCommitment("the pledge of this commitment was not applied")
            self.commitments[id] = replace(self.known.commitments[id])
        return self.commitments[id]

    def group(self, id: UUID) -> Group:
        """The group as of now, possibly not yet formed."""
        if id not in self.groups:
            self.groups[id] = replace(self.known.groups.get(id, Group()))
        return self.groups[id]


def fold(messages: Iterable[Message], known: Known) -> Change:
    """What `messages` change, given what is `known` of the subjects named by `subjects_to_know`."""
    change = Change(known=known)
    for message in messages:
        freshness = change.freshness.get(message.source)
        if freshness is None:
            freshness = change.freshness[message.source] = Freshness(message.time)
        freshness.events += 1
        if message.time > freshness.newest_event_at:
            freshness.newest_event_at = message.time
        if effect := _EFFECTS.get(type(message.event)):
            effect(change, message.event, message)
    return change


def subjects_to_know(messages: Iterable[Message]) -> tuple[list[UUID], list[UUID]]:
    """The ids of the commitments and of the groups whose state the fold of `messages` needs."""
    commitments: set[UUID] = set()
    groups: set[UUID] = set()
    for message in messages:
        event = message.event
        if isinstance(event, (CommitmentProgressVerified, CommitmentFulfilled, CommitmentAmended, CommitmentReleased)):
            commitments.add(event.commitment_id)
        elif isinstance(event, (GroupFormed, GroupMemberJoined, GroupMemberLeft)):
            groups.add(event.group_id)
    return sorted(commitments), sorted(groups)


def _programme_activated(change: Change, event: ProgrammeActivated, _: Message) -> None:
    change.programmes[event.programme_id] = event


def _region_registered(change: Change, event: RegionRegistered, _: Message) -> None:
    change.regions[event.region_code] = event


def _location_prioritised(change: Change, event: LocationPrioritised, message: Message) -> None:
    scores = event.score, event.poverty_score, event.potential_score
    location = Location(event.province_code, event.rank, *scores, event.effective_from, message.time, event.location_priority_id)
    place = event.programme_id, event.region_code
    earlier = change.locations.get(place)
    if earlier is None or location.recency >= earlier.recency:
        change.locations[place] = location


def _location_deprioritised(change: Change, event: LocationDeprioritised, _: Message) -> None:
    change.ended[event.location_priority_id] = Ended(event.programme_id, event.region_code, event.effective_from)


def _commitment_pledged(change: Change, event: CommitmentPledged, _: Message) -> None:
    change.commitments[event.commitment_id] = Commitment(event.programme_id, event.location_code)
    figures = change.at(event.programme_id, event.location_code)
    figures.commitments += 1
    figures.pledged_idr += event.amount_idr


def _verified(change: Change, commitment_id: UUID, cumulative_idr: int) -> Figures:
    commitment = change.commitment(commitment_id)
    figures = change.at(commitment.programme_id, commitment.region_code)
    figures.verified_idr += cumulative_idr - commitment.verified_idr
    commitment.verified_idr = cumulative_idr
    return figures


def _progress_verified(change: Change, event: CommitmentProgressVerified, _: Message) -> None:
    _verified(change, event.commitment_id, event.verified_amount_idr)


def _commitment_fulfilled(change: Change, event: CommitmentFulfilled, _: Message) -> None:
    _verified(change, event.commitment_id, event.verified_amount_idr).fulfilled += 1


def _commitment_amended(change: Change, event: CommitmentAmended, _: Message) -> None:
    commitment = change.commitment(event.commitment_id)
    change.at(commitment.programme_id, commitment.region_code).pledged_idr += event.amount_change_idr


def _commitment_released(change: Change, event: CommitmentReleased, _: Message) -> None:
    """It is promised no longer; what was verified of it stays."""
    commitment = change.commitment(event.commitment_id)
    figures = change.at(commitment.programme_id, commitment.region_code)
    figures.commitments -= 1
    figures.pledged_idr -= event.amount_idr


def _enterprise_registered(change: Change, event: EnterpriseRegistered, _: Message) -> None:
    change.region(event.region_code).enterprises += 1


def _group_formed(change: Change, event: GroupFormed, _: Message) -> None:
    group = change.group(event.group_id)
    group.region_code = event.region_code
    region = change.region(event.region_code)
    region.groups += 1
    region.members += group.members


def _members(change: Change, group_id: UUID, by: int) -> None:
    group = change.group(group_id)
    group.members += by
    if group.region_code is not None:
        change.region(group.region_code).members += by


def _member_joined(change: Change, event: GroupMemberJoined, _: Message) -> None:
    _members(change, event.group_id, 1)


def _member_left(change: Change, event: GroupMemberLeft, _: Message) -> None:
    _members(change, event.group_id, -1)


def _group_activated(change: Change, event: GroupActivated, _: Message) -> None:
    change.at(event.programme_id, event.region_code).active_groups += 1


def _group_ended(change: Change, event: GroupBecameDormant | GroupDissolved | GroupMerged | GroupSplit, _: Message) -> None:
    if event.active_in_programme_id is not None:
        change.at(event.active_in_programme_id, event.region_code).active_groups -= 1


def _financing_applied(change: Change, event: FinancingApplied, _: Message) -> None:
    figures = change.at(event.programme_id, event.region_code)
    figures.applications += 1
    figures.requested_idr += event.requested_amount_idr


def _financing_granted(change: Change, event: FinancingGranted, _: Message) -> None:
    figures = change.at(event.programme_id, event.region_code)
    figures.grants += 1
    figures.granted_idr += event.granted_amount_idr


def _financing_declined(change: Change, event: FinancingDeclined, _: Message) -> None:
    change.at(event.programme_id, event.region_code).declined += 1


_EFFECTS: dict[type, Callable[[Change, Any, Message], None]] = {
    ProgrammeActivated: _programme_activated,
    RegionRegistered: _region_registered,
    LocationPrioritised: _location_prioritised,
    LocationDeprioritised: _location_deprioritised,
    CommitmentPledged: _commitment_pledged,
    CommitmentProgressVerified: _progress_verified,
    CommitmentFulfilled: _commitment_fulfilled,
    CommitmentAmended: _commitment_amended,
    CommitmentReleased: _commitment_released,
    EnterpriseRegistered: _enterprise_registered,
    GroupFormed: _group_formed,
    GroupMemberJoined: _member_joined,
    GroupMemberLeft: _member_left,
    GroupActivated: _group_activated,
    GroupBecameDormant: _group_ended,
    GroupDissolved: _group_ended,
    GroupMerged: _group_ended,
    GroupSplit: _group_ended,
    FinancingApplied: _financing_applied,
    FinancingGranted: _financing_granted,
    FinancingDeclined: _financing_declined,
}
