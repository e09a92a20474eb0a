"""The pages: board, heat map, calendar of due dates, institution; in both languages, well formed, without what is not for everybody."""

from datetime import date
from uuid import uuid4

import pytest

from shared.contracts.mapping import RegionRegistered
from shared.security.identity import Role
from tests.coordination.world import EVIDENCE, World
from tests.messages import record
from tests.pages import Page


async def page(world: World, path: str, lang: str = "id") -> Page:
    answer = await world.served.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-language"] == lang
    assert "script" not in answer.headers["content-security-policy"]
    read = Page(answer.text)
    read.accessible()
    return read


@pytest.mark.parametrize("path", ["/board", "/matrix", "/due"])
async def test_without_a_programme_a_page_says_so(empty: World, path: str) -> None:
    assert "Belum ada program yang berlaku." in (await page(empty, path)).said
    assert "No programme is in force yet." in (await page(empty, path, "en")).said


async def test_the_pages_show_who_promised_what_where_and_whether_it_is_done(world: World) -> None:
    region = RegionRegistered(
        region_code="53.04", bps_code=None, region_level="regency", parent_region_code="53", name="Kabupaten Belu", latitude=0.0, longitude=0.0, valid_from=None
    )
    await world.served.runtime.event_log.append([record(region, subject=uuid4(), sequence=1)])
    await world.plan("kemendag", [world.line("53.04", "business_training", "2026-Q1")])
    plan = await world.plan("kemnaker", [world.line("53.04", "business_training", "2026-Q1"), world.line("53.05", "market_access", "2026-Q1")])
    late = await world.commit("kemnaker", "53.04", due_on="2026-01-14", plan_id=plan)
    await world.commit("kemnaker", "53.05", "market_access", due_on="2026-01-30", plan_id=plan)
    await world.create("/v1/commitments", world.people["kemendag"], world.pledge("53.05", "secret_proposal", propose_only=True))
    body = {"cumulative_output": 1, "cumulative_amount_idr": 100, "as_of": "2026-01-05", "evidence_hashes": [EVIDENCE]}
    await world.change(late, "progress-reports", world.people["kemnaker"], body)
    await world.pass_days_to(date(2026, 1, 19))
    await world.settled()

    board = await page(world, "/board")
    assert "Kabupaten Belu 53.04" in board.said
    assert "Terlambat" in board.said
    assert "14 Januari 2026" in board.said
    assert EVIDENCE not in board.said
    assert "secret_proposal" not in board.said, "a proposal binds nobody"
    only = await page(world, "/board?status=overdue&institution=kemnaker", "en")
    assert "Commitments (1)" in only.said
    matrix = await page(world, "/matrix?year=2026")
    assert "⚠ tumpang tindih 2026-Q1" in matrix.said
    assert "Sel wajib yang kosong: 4 · Tumpang tindih: 1" in matrix.said
    classes = [attributes.get("class") for attributes in matrix.all("td")]
    assert (classes.count("h-overlap"), classes.count("h-gap"), classes.count("h1")) == (1, 4, 1)
    month = await page(world, "/due?month=2026-01")
    assert "1 komitmen" in month.said
    assert "Isra Mikraj" in month.said
    assert "Laporan 2025-Q4 (C)" in month.said
    institution = await page(world, "/institution/kemnaker", "en")
    assert "Action plans (1)" in institution.said
    assert "Commitments (2)" in institution.said
    assert (await world.served.get("/institution/nobody")).status_code == 404
    assert (await world.served.get("/due?month=2026-13")).status_code == 422
    assert (await world.served.get("/board?programme=00000000-0000-7000-8000-000000000000")).status_code == 404


async def test_names_are_text_wherever_they_come_from(empty: World) -> None:
    await empty.add_institution("nakal", name="<script>alert(1)</script>", role=Role.PARTNER_MINISTRY)
    await empty.start_programme("nakal", title="<b>judul</b>")
    for path in ("/board", "/matrix", "/due", "/institution/nakal"):
        read = await page(empty, path)
        assert not read.all("script")
        assert not read.all("b")
