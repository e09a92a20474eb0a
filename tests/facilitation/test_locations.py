"""Priority locations as facilitation knows them: of several lists the one published last counts, and what ended admits no group."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.facilitation.app import SERVICE
from services.facilitation.locations.tables import priority_in_force
from shared.clock import new_id, today
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from tests.facilitation.story import REGION, Story
from tests.kit import Person, Served
from tests.messages import record

FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
async def story(serving: Callable[..., Any], person: Callable[..., Person]) -> Story:
    served: Served = await serving(SERVICE)
    return Story(served, person)


class Lists:
    """What mapping announces about one place."""

    def __init__(self, story: Story, eventually: Callable[..., Any]) -> None:
        self.story, self.eventually, self.subject = story, eventually, {FIRST: uuid4(), SECOND: uuid4()}
        self.sequence = dict.fromkeys(self.subject, 0)

    def named(self, priority: UUID, begins: date) -> Any:
        event = LocationPrioritised(
            location_priority_id=priority, programme_id=UUID(self.story.programme_id), run_id=self.subject[priority], region_code=REGION,
            province_code=REGION[:2], rank=1, score="0.900000", poverty_score="0.900000", potential_score="0.900000", model_version=1,  # type: ignore[arg-type]
            effective_from=begins,
        )  # fmt: skip
        return self._record(priority, event)

    def ended(self, priority: UUID, ends: date) -> Any:
        event = LocationDeprioritised(
            run_id=self.subject[priority], location_priority_id=priority, programme_id=UUID(self.story.programme_id), region_code=REGION,
            reason_code="decree_revoked", effective_from=ends, replaced_by_run_id=None,
        )  # fmt: skip
        return self._record(priority, event)

    def _record(self, priority: UUID, event: Any) -> Any:
        self.sequence[priority] += 1
        return record(event, subject=self.subject[priority], sequence=self.sequence[priority])

    async def told(self, *records: Any) -> None:
        """Announce them, in this order."""
        runtime = self.story.served.runtime
        await runtime.event_log.start(runtime.topics)
        for each in records:
            await runtime.event_log.append([each])

    async def holds(self, on: date) -> UUID | None:
        async with self.story.served.runtime.engine.connect() as connection:
            found: UUID | None = await connection.scalar(priority_in_force(UUID(self.story.programme_id), REGION, on))
        return found

    async def becomes(self, on: date, priority: UUID | None) -> None:
        async def so() -> bool:
            return await self.holds(on) == priority

        await self.eventually(so)


@pytest.fixture
def lists(story: Story, eventually: Callable[..., Any]) -> Lists:
    return Lists(story, eventually)


async def test_a_priority_ends_on_its_day_and_a_later_list_brings_it_back(lists: Lists) -> None:
    await lists.told(lists.named(FIRST, date(2024, 1, 1)))
    await lists.becomes(date(2024, 1, 1), FIRST)
    await lists.told(lists.ended(FIRST, date(2024, 6, 1)))
    await lists.becomes(date(2024, 6, 1), None)
    assert await lists.holds(date(2024, 5, 31)) == FIRST
    await lists.told(lists.named(SECOND, date(2024, 9, 1)))
    await lists.becomes(date(2024, 9, 1), SECOND)
    assert await lists.holds(date(2024, 8, 31)) is None


async def test_a_place_that_the_next_list_keeps_holds_without_a_gap_and_the_end_of_the_earlier_changes_nothing(lists: Lists) -> None:
    await lists.told(lists.named(FIRST, date(2024, 1, 1)))
    await lists.becomes(date(2024, 1, 1), FIRST)
    await lists.told(lists.named(SECOND, date(2025, 1, 1)))
    await lists.becomes(date(2024, 6, 1), SECOND)
    await lists.told(lists.ended(FIRST, date(2025, 1, 1)), lists.ended(SECOND, date(2026, 1, 1)))
    await lists.becomes(date(2026, 1, 1), None)
    assert await lists.holds(date(2025, 12, 31)) == SECOND


async def test_an_older_list_that_arrives_late_changes_nothing(lists: Lists) -> None:
    late = lists.named(FIRST, date(2024, 1, 1))  # announced first, by its time
    await lists.told(lists.named(SECOND, date(2025, 1, 1)))
    await lists.becomes(date(2025, 1, 1), SECOND)
    await lists.told(late, lists.ended(SECOND, date(2025, 6, 1)))
    await lists.becomes(date(2025, 6, 1), None)
    assert await lists.holds(date(2024, 6, 1)) is None


async def test_no_group_is_activated_where_the_priority_ended(story: Story, lists: Lists) -> None:
    await lists.told(lists.named(FIRST, date(2024, 1, 1)))
    await lists.becomes(today(), FIRST)
    await story.active_group()
    await lists.told(lists.ended(FIRST, today()))
    await lists.becomes(today(), None)
    members = [await story.enterprise(serial) for serial in (4, 5, 6)]
    group = await story.group(name=f"G-{new_id()}")
    for member in members:
        assert (await story.join(group, member)).status_code == 200
    refused = await story.activate(group)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_prioritised_location")
