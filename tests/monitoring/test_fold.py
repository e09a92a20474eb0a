"""The fold, without I/O."""

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.monitoring.overview.fold import Change, Figures, Known, RegionFigures, UnknownCommitment, fold, subjects_to_know
from shared.contracts import coordination_commitments as k
from shared.contracts import facilitation as f
from shared.envelope import Message
from tests.monitoring.story import Story, interleaved, messages

STORY = Story(size=2, busy=2, quiet=0)
SLOTS = [n for n, (_, events) in enumerate(STORY.streams) for _ in events]


class View:
    """The view in memory: what the projection does in PostgreSQL."""

    def __init__(self) -> None:
        self.commitments: dict = {}
        self.groups: dict = {}
        self.sums: dict[tuple[str, str], int] = {}
        self.places: set = set()

    def apply(self, batch: Sequence[Message]) -> Change:
        commitments, groups = subjects_to_know(batch)
        known = Known({id: self.commitments[id] for id in commitments if id in self.commitments}, {id: self.groups[id] for id in groups if id in self.groups})
        change = fold(batch, known)
        self.commitments |= change.commitments
        self.groups |= change.groups
        self.places |= change.locations.keys()
        for (_, region), figures in change.figures.items():
            self._add(region, figures)
        for region, figures in change.region_figures.items():
            self._add(region, figures)
        return change

    def _add(self, region: str, figures: Figures | RegionFigures) -> None:
        for field in fields(figures):
            key = region, field.name
            self.sums[key] = self.sums.get(key, 0) + getattr(figures, field.name)

    @property
    def figures(self) -> dict[tuple[str, str], int]:
        return {key: value for key, value in self.sums.items() if value}


@settings(max_examples=60, deadline=None)
@given(slots=st.permutations(SLOTS), size=st.integers(1, 200))
def test_any_interleaving_of_subjects_in_any_batches_gives_the_same_figures(slots: list[int], size: int) -> None:
    events = messages(interleaved(STORY.streams, slots))
    view = View()
    for start in range(0, len(events), size):
        view.apply(events[start : start + size])
    assert view.figures == STORY.expected
    assert len(view.places) == 2


def test_a_grant_may_come_before_its_location() -> None:
    grant = f.FinancingGranted(
        application_id=uuid4(), programme_id=uuid4(), group_id=uuid4(), enterprise_id=uuid4(), lender_institution_id=uuid4(),
        product_code="kur", granted_amount_idr=10, tenor_months=1, granted_on="2026-01-01", region_code="53.04", province_code="53",
    )  # fmt: skip
    view = View()
    view.apply(messages([(uuid4(), 1, grant)]))
    assert view.figures == {("53.04", "grants"): 1, ("53.04", "granted_idr"): 10}


def test_members_of_a_group_not_yet_formed_count_once_its_region_is_known() -> None:
    group = uuid4()
    joined = f.GroupMemberJoined(membership_id=uuid4(), group_id=group, enterprise_id=uuid4(), member_role="member", joined_on="2026-01-01")
    formed = f.GroupFormed(group_id=group, group_type="kelompok", region_code="53.04", kbli_section="C")
    view = View()
    view.apply(messages([(uuid4(), 1, joined), (uuid4(), 1, joined)]))
    assert view.figures == {}
    view.apply(messages([(group, 1, formed)]))
    assert view.figures == {("53.04", "groups"): 1, ("53.04", "members"): 2}


def test_verified_amounts_are_cumulative_and_may_be_corrected_downwards() -> None:
    id, programme = uuid4(), uuid4()
    view = View()
    view.apply(messages([(id, 1, _pledge(id, programme, 100))]))
    view.apply(messages([(id, 2, _verified(id, 60)), (id, 3, _verified(id, 80))]))
    view.apply(messages([(id, 4, _verified(id, 50))]))
    assert view.figures == {("53.04", "commitments"): 1, ("53.04", "pledged_idr"): 100, ("53.04", "verified_idr"): 50}


def test_progress_of_a_commitment_without_a_pledge_is_refused() -> None:
    with pytest.raises(UnknownCommitment):
        View().apply(messages([(uuid4(), 2, _verified(uuid4(), 1))]))


def test_unknown_types_change_nothing_but_are_counted() -> None:
    (message,) = messages([(uuid4(), 1, STORY.streams[0][1][0])])
    unknown = Message(**{field.name: getattr(message, field.name) for field in fields(message)} | {"event": None, "type": "entaskan.mapping.Later.v9"})
    change = View().apply([unknown])
    assert not change.figures
    assert [freshness.events for freshness in change.freshness.values()] == [1]


def test_of_two_publications_of_a_place_the_later_counts_whatever_the_order() -> None:
    from dataclasses import replace
    from datetime import date

    first = next(events[0] for _, events in STORY.streams if type(events[0]).__name__ == "LocationPrioritised")
    second = replace(first, rank=99, effective_from=date(2025, 1, 1))
    for order in ([first, second], [second, first]):
        change = fold(messages([(uuid4(), 1, event) for event in order]), Known())
        assert [location.rank for location in change.locations.values()] == [99]


def test_the_fold_does_not_touch_what_it_was_given() -> None:
    id, programme = uuid4(), uuid4()
    pledged = fold(messages([(id, 1, _pledge(id, programme, 100))]), Known())
    fold(messages([(id, 2, _verified(id, 60))]), Known(commitments=pledged.commitments))
    assert pledged.commitments[id].verified_idr == 0


def test_what_is_amended_or_released_is_promised_no_longer_and_what_was_verified_stays() -> None:
    id, programme = uuid4(), uuid4()
    amended = k.CommitmentAmended(
        commitment_id=id, changed_fields=["amount_idr"], amount_idr=150, output_quantity=1, change_request_id=uuid4(), amount_change_idr=50
    )
    released = k.CommitmentReleased(commitment_id=id, reason_code="budget_cut", successor_commitment_id=None, amount_idr=150)
    events = [_pledge(id, programme, 100), _verified(id, 60), amended, released]
    for size in (1, 2, 4):  # whatever the batches are
        view, seen = {"commitments": 0, "pledged_idr": 0, "verified_idr": 0}, []
        known = Known()
        for first in range(0, len(events), size):
            change = fold(messages([(id, first + n + 1, event) for n, event in enumerate(events[first : first + size])]), known)
            known = Known(commitments={**known.commitments, **change.commitments})
            for name in view:
                view[name] += sum(getattr(figures, name) for figures in change.figures.values())
            seen.append(dict(view))
        assert seen[-1] == {"commitments": 0, "pledged_idr": 0, "verified_idr": 60}
    assert {id} == set(subjects_to_know(messages([(id, 4, released)]))[0])


def _pledge(id: UUID, programme: UUID, amount: int) -> k.CommitmentPledged:
    return k.CommitmentPledged(
        commitment_id=id, programme_id=programme, institution_id=uuid4(), location_code="53.04", intervention_code="training",
        amount_idr=amount, funding_source="apbn", output_quantity=1, output_unit="enterprises", due_on="2026-12-01",
    )  # fmt: skip


def _verified(id: UUID, amount: int) -> k.CommitmentProgressVerified:
    return k.CommitmentProgressVerified(commitment_id=id, report_id=uuid4(), verified_by_institution_id=uuid4(), verified_output=1, verified_amount_idr=amount)
