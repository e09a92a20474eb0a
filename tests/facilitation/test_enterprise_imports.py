"""Files of enterprises: good rows enter, refused ones are listed, a killed import goes on, and the register is a file again."""

import asyncio
import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from services.facilitation.enterprise_imports import worker as working
from services.facilitation.enterprise_imports.rows import COLUMNS, EXAMPLE
from shared.files.receiving import CSV, XLSX
from shared.security.identity import Role
from tests.facilitation.story import Story, nik
from tests.kit import Person

PATH = "/v1/enterprise-imports"
HEADINGS = list(COLUMNS.values())


def row(serial: int, born: str = "570889", **given: str) -> list[str]:
    cells = EXAMPLE | {"owner_nik": nik(serial, born=born), "name": f"Usaha {serial}", "owner_name": f"Pemilik Nomor {serial}"} | given
    return [cells[field] for field in COLUMNS]


def as_csv(rows: list[list[str]], headings: list[str] = HEADINGS, separator: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([headings, *rows])
    return out.getvalue().encode("utf-8-sig")


async def send(story: Story, content: bytes, kind: str = CSV, person: Person | None = None) -> Any:
    return await story.served.client.post(PATH, content=content, headers={"Authorization": f"Bearer {(person or story.regency).token}", "Content-Type": kind})


async def ended(story: Story, import_id: str, eventually: Callable[..., Any]) -> dict[str, Any]:
    async def over() -> Any:
        found = (await story.served.get(f"{PATH}/{import_id}", story.regency)).json()
        return found if found["state"] != "running" else None

    found: dict[str, Any] = await eventually(over, 30)
    return found


async def imported(story: Story, content: bytes, eventually: Callable[..., Any], kind: str = CSV) -> dict[str, Any]:
    sent = await send(story, content, kind)
    assert sent.status_code == 202, sent.text
    return await ended(story, sent.json()["id"], eventually)


async def test_good_rows_enter_the_register_and_refused_ones_say_why(story: Story, eventually: Callable[..., Any]) -> None:
    await story.enterprise(90)
    rows = [
        row(1),
        row(2, owner_nik="12345"),
        row(3, owner_name=""),
        row(4, capital_idr="1.000.000"),
        row(5, region_code="11.01"),
        row(6, capital_idr="2000000000", annual_sales_idr="3000000000"),
        row(7, kbli_code="01111"),
        row(1),
        row(90),
        row(8, name="=HYPERLINK()"),
        row(9, consent_on="2099-01-01"),
        row(10, nib="9120012345678"),
        row(11, nib="9120012345678"),
        row(12, owner_sex="L"),
    ]
    found = await imported(story, as_csv(rows), eventually)
    assert (found["state"], found["rows_read"], found["registered"], found["refused"]) == ("done", 15, 3, 11)
    refused = (await story.served.get(f"{PATH}/{found['id']}/refused-rows", story.regency)).json()["items"]
    assert [(item["row_number"], item["column"], item["code"]) for item in refused] == [
        (3, "nik", "nik_malformed"),
        (4, "nama_pemilik", "missing_value"),
        (5, "modal", "invalid_value"),
        (6, "kode_wilayah", "outside_your_regions"),
        (7, "modal", "not_micro"),
        (8, "kode_kbli", "kbli_outside_section"),
        (9, "nik", "nik_in_file_twice"),
        (10, "nik", "nik_already_registered"),
        (11, "nama_usaha", "formula"),
        (12, "tanggal_persetujuan", "consent_in_future"),
        (14, "nib", "nib_in_file_twice"),
    ]
    assert all(item["advice"][0] and item["advice"][1] for item in refused)
    events = [event for event in await story.served.outbox() if '"registration_channel":"import"' in event.data.replace(" ", "")]
    assert [event.sequence for event in events] == [1, 1, 1]
    listed = (await story.served.get("/v1/enterprises", story.regency)).json()["items"]
    one = next(item for item in listed if item["name"] == "Usaha 12")
    read = (await story.served.get(f"/v1/enterprises/{one['id']}", story.regency)).json()
    assert (read["owner_nik"], read["warnings"], read["owner_sex"]) == ("530499******0012", ["nik_sex_differs"], "male")
    verified = await story.served.act(f"/v1/enterprises/{one['id']}", "verify", story.mentor, {"method": "field_visit"})
    assert verified.status_code == 200, "what came by file lives like the others"


async def test_a_workbook_and_other_separators_are_read(story: Story, eventually: Callable[..., Any]) -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    for serial in range(1, 4):
        book.active.append(row(serial))
    out = io.BytesIO()
    book.save(out)
    assert (await imported(story, out.getvalue(), eventually, XLSX))["registered"] == 3
    assert (await imported(story, as_csv([row(4)], separator=";"), eventually))["registered"] == 1
    assert (await imported(story, as_csv([row(5)], headings=list(COLUMNS)), eventually))["registered"] == 1


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"nik;nama\n", CSV, 202, "columns_missing"),
        (b"\xff\xfe\x00", CSV, 202, "file_unreadable"),
        (b"no workbook", XLSX, 202, "file_unreadable"),
        (b"{}", "application/json", 415, "file_media_type"),
    ],
)
async def test_what_is_no_such_file_fails_as_a_whole(story: Story, eventually: Callable[..., Any], content: bytes, kind: str, status: int, code: str) -> None:
    sent = await send(story, content, kind)
    assert sent.status_code == status, sent.text
    if status == 202:
        found = await ended(story, sent.json()["id"], eventually)
        assert (found["state"], found["reason_code"], found["registered"]) == ("failed", code, 0)
    else:
        assert sent.json()["code"] == code


async def test_a_killed_import_goes_on_behind_its_last_batch(story: Story, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "BATCH", 10)
    content = as_csv([row(serial) for serial in range(1, 96)])
    taken = working.Worker._take
    calls = 0

    async def dying(self: Any, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        await taken(self, *arguments)
        if calls == 4:
            raise OSError("the machine went down before the batch was committed")

    monkeypatch.setattr(working.Worker, "_take", dying)
    cut = await imported(story, content, eventually)
    assert (cut["state"], cut["rows_read"], cut["registered"]) == ("interrupted", 31, 30)
    again = await imported(story, content, eventually)
    assert again["id"] == cut["id"]
    assert (again["state"], again["registered"], again["refused"]) == ("done", 95, 0)
    assert (await imported(story, content, eventually))["registered"] == 95, "the same file once more changes nothing"
    async with story.served.runtime.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM enterprises")) == 95
        assert await connection.scalar(text("SELECT count(DISTINCT subject) FROM outbox WHERE type LIKE '%EnterpriseRegistered%'")) == 95


async def test_what_two_files_hold_is_registered_once(story: Story, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "BATCH", 7)
    both = await asyncio.gather(
        *(imported(story, as_csv([row(serial) for serial in range(start, start + 60)]), eventually) for start in (1, 31)),
        *(story.enterprise(serial) for serial in range(80, 90)),
    )
    assert sum(found["registered"] for found in both[:2]) == 80
    async with story.served.runtime.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM enterprises")) == 90


async def test_look_alikes_in_a_file_are_asked_about(story: Story, eventually: Callable[..., Any]) -> None:
    await story.enterprise(1, owner_name="H. Moh. Soekarno")
    found = await imported(story, as_csv([row(2, owner_name="Muhammad Sukarno"), row(3, owner_name="Lodia Nenohai")]), eventually)
    assert (found["registered"], found["candidates"]) == (2, 1)
    assert len((await story.served.get("/v1/duplicate-candidates", story.regency)).json()["items"]) == 1


async def test_an_import_is_its_senders_and_needs_regions(story: Story, eventually: Callable[..., Any], person: Callable[..., Person]) -> None:
    found = await imported(story, as_csv([row(1)]), eventually)
    other = person(Role.REGENCY, regions=["53.04"])
    for path in (f"{PATH}/{found['id']}", f"{PATH}/{found['id']}/refused-rows"):
        assert (await story.served.get(path, other)).status_code == 404
    assert (await send(story, as_csv([row(1)]), person=person(Role.REGENCY))).json()["code"] == "regions_missing"
    assert (await send(story, as_csv([row(1)]), person=story.mentor)).status_code == 403


async def test_the_register_as_a_file_masks_niks_and_holds_no_formula(story: Story) -> None:
    await story.enterprise(1, name="=cmd|' /C calc'!A0")
    await story.enterprise(2, name='Warung, "Berkah"')
    answer = await story.served.get("/v1/enterprises/export.csv", story.regency, params={"region_code": "53"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["'=cmd|' /C calc'!A0", 'Warung, "Berkah"']
    assert nik(1) not in answer.text
    template = (await story.served.get(f"{PATH}/template")).content.decode("utf-8-sig")
    assert next(iter(csv.reader(io.StringIO(template)))) == HEADINGS
