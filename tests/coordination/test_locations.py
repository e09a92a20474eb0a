"""Locations follow the priorities that mapping announces: they open, stay open, close and open again, in whatever order lists arrive."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.coordination.app import SERVICE
from services.coordination.locations.domain import Location
from shared.clock import new_id
from shared.contracts.coordination import LocationClosed, LocationConfirmed, LocationOpened, LocationReopened
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.messages import record

FIRST, SECOND = UUID(int=1), UUID(int=2)
T0 = datetime(2024, 3, 1, tzinfo=UTC)
ON = date(2024, 3, 1)


def opened() -> Location:
    location = Location.open(
        id=UUID(int=9), programme_id=UUID(int=8), region_code="53.04", province_code="53", rank=3, location_priority_id=FIRST, prioritised_at=T0, on=ON
    )
    assert [type(event) for event in location.recorded] == [LocationOpened]
    location.recorded.clear()
    return location


def again(location: Location, priority: UUID, *, later: int, rank: int = 5) -> list[type]:
    location.recorded.clear()
    location.prioritise_again(rank=rank, location_priority_id=priority, prioritised_at=T0 + timedelta(days=later), on=ON)
    return [type(event) for event in location.recorded]


def test_a_later_list_keeps_it_open_with_the_new_rank_and_the_end_of_the_earlier_changes_nothing() -> None:
    location = opened()
    assert again(location, SECOND, later=1) == [LocationConfirmed]
    assert location.rank == 5
    location.recorded.clear()
    location.close(location_priority_id=FIRST, on=ON)
    assert (location.recorded, location.closed_on) == ([], None)


def test_it_closes_once_and_opens_again_with_a_later_list() -> None:
    location = opened()
    location.close(location_priority_id=FIRST, on=ON)
    location.close(location_priority_id=FIRST, on=ON)
    assert [type(event) for event in location.recorded] == [LocationClosed]
    assert again(location, FIRST, later=0) == []  # the announcement that opened it, once more
    assert again(location, SECOND, later=1) == [LocationReopened]
    assert location.closed_on is None


def test_an_older_list_that_arrives_late_changes_nothing() -> None:
    location = opened()
    assert again(location, SECOND, later=-1, rank=1) == []
    assert (location.rank, location.location_priority_id) == (3, FIRST)


def test_what_was_opened_before_priorities_could_end_closes_with_its_only_one() -> None:
    location = opened()
    location.location_priority_id = location.prioritised_at = None
    location.close(location_priority_id=FIRST, on=ON)
    assert [type(event) for event in location.recorded] == [LocationClosed]


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    return service


def prioritised(programme: UUID, priority: UUID, rank: int) -> LocationPrioritised:
    return LocationPrioritised(
        location_priority_id=priority, programme_id=programme, run_id=uuid4(), region_code="53.04", province_code="53", rank=rank,
        score="0.900000", poverty_score="0.900000", potential_score="0.900000", model_version=1, effective_from=date(2024, 1, 1),  # type: ignore[arg-type]
    )  # fmt: skip


def ended(programme: UUID, priority: UUID) -> LocationDeprioritised:
    return LocationDeprioritised(
        run_id=uuid4(), location_priority_id=priority, programme_id=programme, region_code="53.04", reason_code="decree_revoked",
        effective_from=date(2024, 6, 1), replaced_by_run_id=None,
    )  # fmt: skip


async def test_lists_of_several_runs_lead_to_one_location_and_nothing_is_parked(
    served: Served, person: Callable[..., Person], eventually: Callable[..., Any]
) -> None:
    programme, reader = new_id(), person(Role.COORDINATOR)
    runs = [uuid4() for _ in range(3)]
    log = served.runtime.event_log
    await log.start(served.runtime.topics)

    async def listed(closed: bool = False) -> list[int]:
        answer = await served.get("/v1/locations", reader, params={"programme_id": str(programme), "closed": closed})
        return [item["rank"] for item in answer.json()["items"]]

    async def becomes(ranks: list[int], closed: list[int]) -> None:
        async def so() -> bool:
            return (await listed(), await listed(closed=True)) == (ranks, closed)

        await eventually(so)

    await log.append([record(prioritised(programme, FIRST, 3), subject=runs[0], sequence=1)])
    await becomes([3], [])
    await log.append([record(prioritised(programme, SECOND, 7), subject=runs[1], sequence=1)])
    await becomes([7], [])
    await log.append([record(ended(programme, SECOND), subject=runs[1], sequence=2)])
    await becomes([], [7])
    await log.append([record(prioritised(programme, UUID(int=3), 9), subject=runs[2], sequence=1)])
    await becomes([9], [])
    names = [row.type.split(".")[2] for row in await served.outbox()]
    assert names == ["LocationOpened", "LocationConfirmed", "LocationClosed", "LocationReopened"]
    assert len({row.subject for row in await served.outbox()}) == 1
