"""The pages: funnel, caseload, demand and supply; in both languages, well formed, without anybody's name."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.mapping import RegionRegistered
from tests.facilitation.market import Market
from tests.facilitation.story import Story, grant
from tests.messages import record
from tests.pages import Page


async def page(served: Any, path: str, lang: str = "id") -> Page:
    answer = await served.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-language"] == lang
    assert "script" not in answer.headers["content-security-policy"]
    read = Page(answer.text)
    read.accessible()
    return read


@pytest.mark.parametrize(
    ("path", "indonesian", "english"),
    [
        ("/funnel", "Belum ada lokasi prioritas.", "There is no priority location yet."),
        ("/caseload", "Belum ada data.", "There is nothing to show yet."),
        ("/market", "Belum ada data.", "There is nothing to show yet."),
    ],
)
async def test_a_page_without_data_says_so(story: Story, path: str, indonesian: str, english: str) -> None:
    assert indonesian in (await page(story.served, path)).said
    assert english in (await page(story.served, path, "en")).said


async def test_the_funnel_counts_enterprises_once_at_each_step_and_says_why_others_stopped(prioritised: Story, eventually: Callable[..., Any]) -> None:
    story = prioritised
    _, members = await story.active_group(name="Kelompok Rahasia")
    await story.enterprise(50, owner_name="Orang Rahasia")
    granted = await story.forwarded(members[0])
    assert (await story.act(granted, "grant", story.lender, grant())).status_code == 200
    declined = await story.forwarded(members[1])
    assert (await story.act(declined, "decline", story.lender, {"reason_codes": ["insufficient_cash_flow"]})).status_code == 200
    read = await page(story.served, "/funnel", "en")
    for line in ("Located 4 100%", "Grouped 3 75%", "Mentored 0 0%", "Applied 2 50%", "Granted 1 25% insufficient_cash_flow (1 times)", "Disbursed 0 0%"):
        assert line in read.said, read.said
    assert "Rahasia" not in read.said
    assert (await story.served.get("/funnel", params={"programme": str(uuid4())})).status_code == 404
    assert (await story.served.get("/funnel", params={"programme": "x"})).status_code == 422


async def test_the_caseload_is_on_the_map_and_in_the_table(prioritised: Story, eventually: Callable[..., Any]) -> None:
    story = prioritised
    await story.active_group()
    region = RegionRegistered(
        region_code="53.04",
        bps_code=None,
        region_level="regency",
        parent_region_code="53",
        name="Kabupaten <Belu>",
        latitude=-9.1,
        longitude=124.9,
        valid_from=None,
    )
    await story.served.runtime.event_log.append([record(region, subject=uuid4(), sequence=1)])

    async def named() -> Any:
        read = await page(story.served, "/caseload")
        return read if "Kabupaten <Belu> 53.04" in read.said else None

    read = await eventually(named)
    assert [attributes["class"] for attributes in read.all("circle")] == ["s0"], "three members, nobody is mentored"
    assert not read.all("belu")


async def test_demand_and_supply_meet_on_a_page(market: Market) -> None:
    group_id, _ = await market.group()
    await market.product(group_id)
    await market.register(quantity=900)
    await market.match()
    read = await page(market.served, "/market", "en")
    assert "woven_cloth piece 1 900" in read.said
    assert "(1 times)" in read.said, "why it is not met"
    assert group_id not in read.said
