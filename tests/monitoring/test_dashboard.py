"""The page: what it says, that it is escaped, small, reachable and in two languages."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from services.monitoring.app import SERVICE
from services.monitoring.dashboard.map import LARGEST, SMALLEST, circles
from shared.contracts import mapping as m
from shared.eventlog.postgres import PostgresLog
from shared.pages.formats import Formats
from shared.pages.map import coast
from tests.kit import Served
from tests.monitoring.conftest import events_applied
from tests.monitoring.story import Story, records
from tests.pages import Page


@pytest.fixture
async def told(monitoring: Served, log: PostgresLog, eventually: Callable[..., Any]) -> Callable[..., Any]:
    async def tell(story: Story) -> Served:
        feed = records(story.shuffled(1))
        await log.append(feed)

        async def applied() -> bool:
            return await events_applied(monitoring.runtime.engine) == len(feed)

        await eventually(applied)
        return monitoring

    return tell


async def test_an_empty_view_says_so(monitoring: Served) -> None:
    answer = await monitoring.get("/dashboard")
    assert answer.status_code == 200
    said = Page(answer.text).said
    assert "Belum ada program yang berlaku." in said
    assert "belum ada peristiwa" in said


async def test_the_page_of_48_locations(told: Callable[..., Any]) -> None:
    story = Story(size=48, busy=3)
    answer = await (await told(story)).get("/dashboard")
    page = Page(answer.text)
    assert len(answer.content) < 100_000
    assert page.all("html")[0]["lang"] == answer.headers["content-language"] == "id"
    assert len([a for a in page.all("tr") if (a.get("id") or "").startswith("r-")]) == 48
    assert len([a for a in page.all("a") if (a.get("href") or "").startswith("#r-")]) == len(page.all("circle")) - 5 == 48
    granted = sum(value for (_, name), value in story.expected.items() if name == "granted_idr")
    assert Formats(english=False).rupiah(granted) in page.said
    for place in story.places:
        assert place["name"] in page.said
    assert "Data peragaan" in page.said
    assert re.search(r"Data per \d{1,2} \w+ \d{4} \d\d\.\d\d WIB", page.said)
    assert "Belum dapat dibandingkan" in page.said  # nobody serves the other services here


async def test_headings_tables_and_links_can_be_read_aloud(told: Callable[..., Any]) -> None:
    page = Page((await (await told(Story(size=6))).get("/dashboard")).text)
    page.accessible()
    assert [th for th in page.all("th") if th.get("aria-sort")] == [{"scope": "col", "class": "n", "aria-sort": "ascending"}]


async def test_english_by_parameter_or_by_header(told: Callable[..., Any]) -> None:
    served = await told(Story(size=6))
    for path, headers in (("/dashboard?lang=en", {}), ("/dashboard", {"Accept-Language": "en-GB,en;q=0.9"})):
        answer = await served.get(path, headers=headers)
        page = Page(answer.text)
        assert page.all("html")[0]["lang"] == answer.headers["content-language"] == "en"
        assert "Demonstration data" in page.said
        assert re.search(r"Data as of \d{1,2} \w+ \d{4}, \d\d:\d\d WIB", page.said)
    assert Page((await served.get("/dashboard?lang=id", headers={"Accept-Language": "en"})).text).all("html")[0]["lang"] == "id"


async def test_the_table_is_sorted_by_the_server(told: Callable[..., Any]) -> None:
    story = Story(size=12, quiet=0)
    served = await told(story)
    answer = Page((await served.get("/dashboard?sort=granted_idr&lang=en")).text)
    order = [str(tr["id"]).removeprefix("r-") for tr in answer.all("tr") if tr.get("id")]
    granted = [story.expected.get((region, "granted_idr"), 0) for region in order]
    assert granted == sorted(granted, reverse=True)
    assert [th["aria-sort"] for th in answer.all("th") if th.get("aria-sort")] == ["descending"]
    unknown = Page((await served.get("/dashboard?sort=%3Cscript%3E")).text)
    assert [str(tr["id"]) for tr in unknown.all("tr") if tr.get("id")] == [f"r-{place['region_code']}" for place in story.places]


async def test_names_are_escaped(told: Callable[..., Any]) -> None:
    story = Story(size=2)
    evil = "<script>alert(1)</script>\"'&"
    story.add(
        m.RegionRegistered(
            region_code=story.places[0]["region_code"], bps_code=None, region_level="regency", parent_region_code=None,
            name=evil, latitude=0, longitude=110, valid_from=None,
        ),
        subject=uuid4(),
    )  # fmt: skip
    served = await told(story)
    async with served.runtime.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE view.regions SET name = $1 WHERE region_code = $2", (evil, story.places[0]["region_code"]))
    source = (await served.get("/dashboard")).text
    assert "<script" not in source
    assert evil in Page(source).said


async def test_headers(told: Callable[..., Any]) -> None:
    served = await told(Story(size=2))
    page, style = await served.get("/dashboard"), await served.get("/style.css")
    assert style.headers["content-type"].startswith("text/css")
    for answer in (page, style):
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert "Accept-Language" in page.headers["vary"]
    again = await served.get("/style.css", headers={"If-None-Match": style.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_an_unknown_programme_is_not_found(told: Callable[..., Any]) -> None:
    served = await told(Story(size=2))
    assert (await served.get(f"/dashboard?programme_id={uuid4()}")).status_code == 404


async def test_several_programmes_can_be_chosen(told: Callable[..., Any]) -> None:
    one, two = Story(size=2, seed=1), Story(size=2, seed=2)
    one.streams += two.streams
    served = await told(one)
    page = Page((await served.get(f"/dashboard?programme_id={two.programme}&lang=en")).text)
    assert [a.get("aria-current") for a in page.all("a") if f"programme_id={two.programme}" in (a.get("href") or "") and a.get("aria-current")] == ["page"]


def test_the_routes_of_the_page_are_not_in_the_api_document() -> None:
    (dashboard,) = [router for router in SERVICE.routers if any(route.path == "/dashboard" for route in router.routes)]  # type: ignore[attr-defined]
    assert not any(route.include_in_schema for route in dashboard.routes)  # type: ignore[attr-defined]


def test_formats() -> None:
    from datetime import UTC, datetime

    indonesian, english = Formats(english=False), Formats(english=True)
    assert (indonesian.rupiah(1_500_000), english.rupiah(1_500_000), indonesian.rupiah(-5)) == ("Rp1.500.000", "Rp1,500,000", "-Rp5")
    moment = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert (indonesian.moment(moment), english.moment(moment)) == ("24 November 2026 14.30 WIB", "24 November 2026, 14:30 WIB")
    assert (indonesian.percent(999, 1000), indonesian.percent(1, 1), indonesian.percent(0, 0)) == ("99%", "100%", "–")


def test_places_lie_on_the_map_and_areas_follow_the_rupiah() -> None:
    outline = coast()
    rows = [
        {"latitude": 5.55, "longitude": 95.32, "granted_idr": 0},  # Banda Aceh
        {"latitude": -8.5, "longitude": 140.4, "granted_idr": 400},  # Merauke
        {"latitude": -10.17, "longitude": 123.6, "granted_idr": 100},  # Kupang
        {"latitude": None, "longitude": None, "granted_idr": 0},
    ]
    placed = circles(rows)
    assert [circle.row["granted_idr"] for circle in placed] == [400, 100, 0]
    assert all(0 < circle.x < outline.width and 0 < circle.y < outline.height for circle in placed)
    assert (placed[0].r, placed[-1].r) == (LARGEST, SMALLEST)
    aceh, merauke = placed[2], placed[0]
    assert aceh.x < merauke.x
    assert aceh.y < merauke.y
    assert len(outline.path) < 30_000
