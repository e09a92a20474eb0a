"""The quarterly pack: its deadline, its freezing, and that it stays the same byte for byte."""

import asyncio
import base64
import hashlib
import io
import json
from datetime import date

import openpyxl
import pypdf
import pytest

from services.coordination.packs.files import to_pdf, to_xlsx
from tests.coordination.world import World


async def test_the_deadlines_of_the_forms_are_working_days_after_the_quarter(empty: World) -> None:
    answer = (await empty.served.get("/v1/pack-deadlines?quarter=2025-Q4")).json()
    assert {item["form"]: item["deadline"] for item in answer["items"]} == {"A": "2026-01-08", "B": "2026-01-15", "C": "2026-01-22"}


async def test_a_pack_is_frozen_at_the_deadline_and_issued_again_with_the_same_hash(world: World) -> None:
    plan = await world.plan("kemnaker", [world.line("53.04", "business_training", "2026-Q1", amount=1_000)])
    path = await world.commit("kemnaker", "53.04", due_on="2026-03-02", amount=1_000, plan_id=plan)
    await world.pass_days_to(date(2026, 4, 1))
    await world.settled()
    listed = (await world.served.get(f"/v1/quarterly-packs?programme_id={world.programme_id}&quarter=2026-Q1", world.owner)).json()["items"]
    (pack,) = listed
    assert (pack["status"], pack["deadline"], pack["form"]) == ("compiled", "2026-04-21", "C"), "begun by itself when the quarter is over"
    url = f"/v1/quarterly-packs/{pack['id']}"
    assert (await world.served.get(f"{url}/files/pdf", world.owner)).status_code == 404, "no files before it is frozen"
    await world.pass_days_to(date(2026, 4, 22))
    frozen = (await world.served.get(url, world.owner)).json()
    assert (frozen["status"], frozen["frozen_on"]) == ("frozen", "2026-04-22")

    files = {kind: await world.served.get(f"{url}/files/{kind}", world.owner) for kind in ("json", "pdf", "xlsx")}
    for kind, name in (("json", "content_hash"), ("pdf", "pdf_hash"), ("xlsx", "xlsx_hash")):
        digest = hashlib.sha256(files[kind].content).digest()
        assert (digest.hex(), f"sha-256=:{base64.b64encode(digest).decode()}:") == (frozen[name], files[kind].headers["content-digest"])
    content = json.loads(files["json"].content)
    assert content["totals"]["overdue"] == 1
    assert (content["totals"]["planned_idr"], content["totals"]["verified_idr"]) == (1_000, 0)
    assert content["overdue"][0]["escalation_level"] == 3
    assert to_pdf(content, frozen["content_hash"]) == files["pdf"].content, "made again from the content alone: the same bytes"
    assert to_xlsx(content, frozen["content_hash"]) == files["xlsx"].content

    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["pdf"].content)).pages)
    assert "Laporan Triwulan 2026-Q1" in text
    assert "KEMNAKER" in text
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content))
    rows = list(book["Terlambat - Overdue"].iter_rows(values_only=True))
    assert rows[1][:4] == ("kemnaker", "53.04", "business_training", "2026-03-02")

    await world.report(path, "kemnaker", 10, 1_000)
    late = await world.act(url, "compile", world.owner)
    assert (late.status_code, late.json()["allowed_transitions"]) == (409, ["correct"])
    corrected = await world.change(url, "correct", world.coordinator, {"reason_code": "figures_corrected"})
    assert (corrected["pack_version"], corrected["status"]) == (2, "compiled")
    second = await world.change(url, "freeze", world.coordinator)
    former = await world.served.get(f"{url}/files/pdf?pack_version=1", world.owner)
    assert former.content == files["pdf"].content, "the frozen version stays as it was"
    assert second["pdf_hash"] != frozen["pdf_hash"]
    with pytest.raises(Exception, match="never written again"):
        async with world.served.runtime.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE quarterly_pack_files SET body = 'x' WHERE pack_version = 1")


async def test_a_pack_is_not_frozen_before_its_quarter_ends_and_exists_once(world: World) -> None:
    body = {"programme_id": world.programme_id, "quarter": "2026-Q1", "form": "B"}
    answers = await asyncio.gather(*(world.served.post("/v1/quarterly-packs", world.owner, body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    made = next(answer.json() for answer in answers if answer.status_code == 201)
    early = await world.act(f"/v1/quarterly-packs/{made['id']}", "freeze", world.owner)
    assert (early.status_code, early.json()["code"]) == (422, "quarter_not_over")
    outside = await world.served.post("/v1/quarterly-packs", world.owner, body | {"quarter": "2029-Q1"})
    assert (outside.status_code, outside.json()["code"]) == (422, "quarter_outside_programme")
