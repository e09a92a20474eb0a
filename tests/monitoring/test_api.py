"""The public routes of the overview."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.eventlog.postgres import PostgresLog
from tests.kit import Served
from tests.monitoring.conftest import events_applied
from tests.monitoring.story import Story, records

STORY = Story(size=6, busy=4)


@pytest.fixture
async def served(monitoring: Served, log: PostgresLog, eventually: Callable[..., Any]) -> Served:
    feed = records(STORY.shuffled(1))
    await log.append(feed)

    async def applied() -> bool:
        return await events_applied(monitoring.runtime.engine) == len(feed)

    await eventually(applied)
    return monitoring


async def _json(served: Served, path: str) -> Any:
    answer = await served.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-cache"
    return answer.json()


def _sum(items: list[dict[str, Any]], figure: str) -> int:
    return sum(item[figure] for item in items)


async def test_locations_carry_names_ranks_and_figures(served: Served) -> None:
    body = await _json(served, f"/v1/locations?programme_id={STORY.programme}")
    assert [item["region_code"] for item in body["items"]] == [place["region_code"] for place in STORY.places]
    first, place = body["items"][0], STORY.places[0]
    assert (first["name"], first["province_code"], first["rank"], first["score"]) == (place["name"], place["province_code"], 1, "0.999000")
    assert first["province_name"]
    assert abs(first["latitude"] - float(place["latitude"])) < 1e-9
    for item in body["items"]:
        for figure in ("granted_idr", "verified_idr", "members", "enterprises", "active_groups"):
            assert item[figure] == STORY.expected.get((item["region_code"], figure), 0)


async def test_every_answer_says_how_current_it_is(served: Served) -> None:
    body = await _json(served, "/v1/programmes")
    assert [source["source"] for source in body["sources"]] == ["/entaskan/coordination", "/entaskan/facilitation", "/entaskan/mapping"]
    assert body["as_of"] == max(source["newest_event_at"] for source in body["sources"])


async def test_locations_of_one_province(served: Served) -> None:
    province = STORY.places[0]["province_code"]
    body = await _json(served, f"/v1/locations?province_code={province}")
    assert [item["region_code"] for item in body["items"]] == [p["region_code"] for p in STORY.places if p["province_code"] == province]
    assert (await served.get("/v1/locations?province_code=5x")).status_code == 422


async def test_provinces_and_programme_add_up_to_their_locations(served: Served) -> None:
    locations = (await _json(served, "/v1/locations"))["items"]
    provinces = (await _json(served, f"/v1/provinces?programme_id={STORY.programme}"))["items"]
    programme = await _json(served, f"/v1/programmes/{STORY.programme}")
    assert _sum(provinces, "locations") == programme["locations"] == 6
    assert programme["provinces"] == len(provinces)
    for figure, total in programme["totals"].items():
        assert total == _sum(locations, figure) == _sum(provinces, figure)
    assert programme["programme"]["area_quota"] == 6
    funnel = programme["funnel"]
    assert funnel["prioritised"] == 6
    assert funnel["granted"] == sum(item["grants"] > 0 for item in locations)


async def test_what_is_not_known(served: Served) -> None:
    assert (await served.get(f"/v1/programmes/{uuid4()}")).status_code == 404
    assert (await served.get(f"/v1/reconciliation?programme_id={uuid4()}")).status_code == 404
    assert (await served.get("/v1/reconciliation")).status_code == 422
    assert (await _json(served, f"/v1/locations?programme_id={uuid4()}"))["items"] == []
