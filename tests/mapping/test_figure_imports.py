"""Files of figures over HTTP: template, check in the background, refused rows to mend, taking over by another person, suspicions."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow
import pytest
from openpyxl import Workbook, load_workbook
from pyarrow import parquet
from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.figure_imports.handlers import fail_abandoned
from services.mapping.figure_imports.values import HINTS, parsed
from services.mapping.reference import load_reference_tables
from shared.files.receiving import PARQUET, XLSX
from shared.security.identity import Role
from tests.kit import Person, Served
from tests.mapping.life import MODEL

CSV = "text/csv"
PLAIN = {"scheme": "kemendagri", "decimals": "point", "source_code": "dinas-sosial-2024", "indicator": "poverty_rate", "period": "2024-03"}
NEW_SOURCE = {"publisher": "Dinas Sosial", "title": "Pendataan kemiskinan daerah 2024", "source_year": 2024}


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


class Desk:
    """Who sends and who decides, and what they do again and again."""

    def __init__(self, served: Served, person: Callable[..., Person]) -> None:
        self.served = served
        self.sender, self.other = person(Role.PROGRAMME_OWNER, name="sender"), person(Role.COORDINATOR, name="other")
        self.keys = 0

    async def send(self, content: str | bytes, media: str = CSV, **declared: Any) -> Any:
        self.keys += 1
        body = content.encode() if isinstance(content, str) else content
        headers = {"Content-Type": media, "Idempotency-Key": f"figures-{self.keys}"}
        params = {name: value for name, value in (PLAIN | NEW_SOURCE | declared).items() if value is not None}
        return await self.served.client.post(
            "/v1/figure-imports", content=body, params=params, headers=headers | {"Authorization": f"Bearer {self.sender.token}"}
        )

    async def checked(self, content: str | bytes, media: str = CSV, **declared: Any) -> dict[str, Any]:
        answer = await self.send(content, media, **declared)
        assert answer.status_code == 201, answer.text
        return await self.settled(f"/v1/figure-imports/{answer.json()['id']}")

    async def settled(self, path: str) -> dict[str, Any]:
        for _ in range(600):
            found: dict[str, Any] = (await self.served.get(path, self.other)).json()
            if found["status"] != "checking":
                return found | {"path": path}
            await asyncio.sleep(0.05)
        raise AssertionError("still checking")

    async def refused(self, found: dict[str, Any]) -> list[tuple[int, str, str]]:
        items = (await self.served.get(f"{found['path']}/refused-rows?limit=200", self.other)).json()["items"]
        assert all(item["hint"] and item["hint_en"] and item["hint"] != item["hint_en"] for item in items)
        return [(item["row_number"], item["column"], item["code"]) for item in items]

    async def commit(self, found: dict[str, Any], who: Person | None = None, **body: Any) -> Any:
        return await self.served.act(found["path"], "commit", who or self.other, body)

    async def value(self, region: str, indicator: str = "poverty_rate", period: str = "2024-03") -> Any:
        items = (await self.served.get(f"/v1/indicators/{indicator}/values?period={period}")).json()["items"]
        return next((item["value"] for item in items if item["region_code"] == region), "absent")


@pytest.fixture
def desk(served: Served, person: Callable[..., Person]) -> Desk:
    return Desk(served, person)


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


async def test_a_file_is_checked_taken_over_by_another_person_and_then_counts(desk: Desk) -> None:
    found = await desk.checked("kode,nilai,galat\n11.01,13.18,0.6\n11.02,13.41,\n")
    assert (found["status"], found["counts"]) == ("checked", {"rows": 2, "refused_rows": 0, "entered": 2, "changed": 0, "unchanged": 0})
    progress = (await desk.served.get(f"{found['path']}/progress", desk.other)).json()
    assert progress == {"status": "checked", "rows_read": 2, "refused_rows": 0}
    assert (await desk.served.get("/v1/indicators/poverty_rate/values?period=2024-03")).status_code == 422, "nothing counts before it is taken over"
    own = await desk.commit(found, desk.sender)
    assert (own.status_code, own.json()["code"]) == (409, "four_eyes")
    done = await desk.commit(found)
    assert (done.status_code, done.json()["status"]) == (200, "committed")
    assert (await desk.value("11.01"), await desk.value("11.10")) == ("13.18", "absent")
    sources = {each["source_code"]: each for each in (await desk.served.get("/v1/sources?limit=200")).json()["items"]}
    assert sources["dinas-sosial-2024"]["publisher"] == "Dinas Sosial"
    again = await desk.send("kode,nilai,galat\n11.01,13.18,0.6\n11.02,13.41,\n")
    assert (again.status_code, again.json()["code"]) == (409, "figures_known")
    other = await desk.checked("kode,nilai,galat\n11.01,13.18,0.6\n11.02,13.40,\n")
    assert other["counts"] == {"rows": 2, "refused_rows": 0, "entered": 0, "changed": 1, "unchanged": 1}
    events = [row.type.split(".")[2] for row in await desk.served.outbox() if row.type.split(".")[2].startswith("Figure")]
    assert events == ["FigureImportReceived", "FigureImportChecked", "FigureImportCommitted", "FigureImportReceived", "FigureImportChecked"]


ROWS: list[tuple[str, str, str]] = [
    ("11.1,12.5", "kode", "code_read_as_number"),
    ("9471,12.5", "kode", "code_of_another_scheme"),
    ("99.99,12.5", "kode", "unknown_code"),
    (",12.5", "kode", "code_missing"),
    ("11.03,2018-09-18", "nilai", "date_for_number"),
    ("11.03,08:10:50", "nilai", "date_for_number"),
    ('11.03,"12,5"', "nilai", "decimal_comma"),
    ('11.03,"1,234,567"', "nilai", "thousands_separator"),
    ("11.03,=A1+1", "nilai", "formula"),
    ("11.03,dua belas", "nilai", "not_a_number"),
    ("11.03,NaN", "nilai", "not_a_number"),
    ("11.03,834", "nilai", "out_of_range"),
    ("11.03,-1", "nilai", "out_of_range"),
    ("11.03,", "nilai", "value_missing"),
    ("11.04,12.5", "kode", "duplicate_row"),
    ("11.04,12.6", "kode", "duplicate_row"),
]


async def test_each_wrong_row_has_its_own_code_and_says_what_to_do(desk: Desk) -> None:
    content = "\n".join(["kode,nilai", *(row for row, _, _ in ROWS), "11.02,13.41"])
    found = await desk.checked(content)
    assert await desk.refused(found) == [(number, column, code) for number, (_, column, code) in enumerate(ROWS, start=2)]
    assert found["counts"]["rows"] == len(ROWS) + 1 and found["counts"]["refused_rows"] == len(ROWS)
    whole = await desk.commit(found)
    assert (whole.status_code, whole.json()["code"]) == (409, "figures_have_refused_rows")

    workbook = load_workbook(io.BytesIO((await desk.served.get(f"{found['path']}/refused-rows.xlsx", desk.other)).content))
    sheet = list(workbook.active.iter_rows(values_only=True))
    assert len(sheet) == len(ROWS) + 1 and [row[10] for row in sheet[1:]] == [code for _, _, code in ROWS]
    # The rows are mended where they were refused, and sent again by themselves.
    mended = workbook.active
    for row in range(2, mended.max_row + 1):
        mended.cell(row, 1).value, mended.cell(row, 5).value = f"12.{row - 1:02d}", str(10 + row / 4)
    out = io.BytesIO()
    workbook.save(out)
    alone = await desk.checked(out.getvalue(), XLSX)
    assert (alone["counts"]["rows"], alone["counts"]["refused_rows"]) == (len(ROWS), 0), await desk.refused(alone)

    by_row = await desk.checked(content, atomic="row")
    assert (await desk.commit(by_row)).status_code == 200
    assert (await desk.value("11.02"), await desk.value("11.04")) == ("13.41", "absent")


async def test_codes_of_bps_are_taken_when_they_are_declared_and_land_on_the_region_of_today(desk: Desk) -> None:
    # 9404 of 2021 is Nabire, then in Papua, now in Papua Tengah under 94.01 of Kemendagri.
    found = await desk.checked('kode;nilai\n9404;"23,95"\n1101;"18,98"\n', scheme="bps-2021", decimals="comma", period="2021-03")
    assert found["counts"]["refused_rows"] == 0, await desk.refused(found)
    async with desk.served.runtime.engine.connect() as connection:
        rows = await connection.execute(text("SELECT region_code, value FROM figure_import_rows ORDER BY row_number"))
        assert [tuple(row) for row in rows] == [("94.01", Decimal("23.95")), ("11.09", Decimal("18.98"))]
    point = await desk.checked("kode;nilai\n1101;18.98\n", scheme="bps-2021", decimals="comma")
    assert await desk.refused(point) == [(2, "nilai", "decimal_point")]


async def test_a_workbook_tells_dates_from_numbers_and_codes_from_numbers(desk: Desk) -> None:
    rows = [
        ["Kode", "Nilai"], ["11.01", 13.18], ["11.02", date(2018, 9, 18)], ["11.03", time(8, 10, 50)], [11.1, 12.5], ["11.05", "=1+1"], ["11.06", 12],
        ["11.07", "13,5"], [None, None], ["11.08", 12.25],
    ]  # fmt: skip
    found = await desk.checked(workbook(rows), XLSX)
    assert await desk.refused(found) == [
        (3, "nilai", "date_for_number"), (4, "nilai", "date_for_number"), (5, "kode", "code_read_as_number"), (6, "nilai", "formula"),
        (8, "nilai", "decimal_comma"),
    ]  # fmt: skip
    assert found["counts"]["rows"] == 8


async def test_systems_send_parquet_with_codes_as_texts(desk: Desk) -> None:
    out = io.BytesIO()
    table = {"kode": ["11.01", "11.02", "11.1", "11.03"], "nilai": [13.18, 13.41, 12.5, None], "alasan": [None, None, None, "belum ada"]}
    parquet.write_table(pyarrow.table(table), out)
    found = await desk.checked(out.getvalue(), PARQUET, atomic="row")
    assert found["counts"] == {"rows": 4, "refused_rows": 1, "entered": 3, "changed": 0, "unchanged": 0}
    assert await desk.refused(found) == [(4, "kode", "code_read_as_number")]
    numbers = io.BytesIO()
    parquet.write_table(pyarrow.table({"kode": [11.01, 11.1], "nilai": ["1.5", "2.5"]}), numbers)
    assert await desk.refused(await desk.checked(numbers.getvalue(), PARQUET)) == [(3, "kode", "code_read_as_number")]
    broken = await desk.checked(out.getvalue()[:-30], PARQUET)
    assert (broken["status"], broken["reason_code"]) == ("failed", "file_unreadable")


async def test_the_template_comes_back_filled_in_and_an_old_one_is_refused(desk: Desk) -> None:
    answer = await desk.served.get("/v1/figure-imports/template?indicator=poverty_rate&period=2024-03")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["angka", "petunjuk", "indikator", "sumber"]
    sheet = book["angka"]
    assert sheet.max_row == 515 and [cell.value for cell in sheet[1]][-1] == "templat_1"
    for row in range(2, 516):
        sheet.cell(row, 5).value = 5 + row / 100
    sheet.cell(2, 5).value, sheet.cell(2, 7).value = None, "belum dipublikasikan"
    out = io.BytesIO()
    book.save(out)
    found = await desk.checked(out.getvalue(), XLSX, indicator=None, period=None)
    assert (found["counts"]["rows"], found["counts"]["refused_rows"], found["counts"]["entered"]) == (514, 0, 514), await desk.refused(found)
    assert (await desk.commit(found, accepted_reason="Angka uji.")).status_code == 200
    assert (await desk.value("11.01"), await desk.value("11.02")) == (None, "5.03")

    plain = (await desk.served.get("/v1/figure-imports/template?indicator=poverty_rate&period=2024-03&format=csv")).content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(plain)))) == 515
    old = await desk.checked(plain.replace("templat_1", "templat_0"))
    assert (old["status"], old["reason_code"]) == ("failed", "template_outdated")


async def test_files_that_are_no_files_of_figures_fail_by_name(desk: Desk) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as packed:
        for number in range(300):
            packed.writestr(f"{number}.xml", b"")
    cases: list[tuple[bytes, str, str]] = [
        (bomb.getvalue(), XLSX, "workbook_too_large"),
        (many.getvalue(), XLSX, "workbook_too_large"),
        (b"PK\x03\x04 this is no workbook", XLSX, "file_unreadable"),
        (b"kode,nama\n11.01,x\n", CSV, "columns_missing"),
        (b"", CSV, "columns_missing"),
        ("kode,nilai\n11.01,1\n".encode("utf-16"), CSV, "file_unreadable"),
        (b'kode,nilai\n"11.01,1\n', CSV, "file_unreadable"),
    ]
    for content, media, code in cases:
        found = await desk.checked(content, media)
        assert (found["status"], found["reason_code"]) == ("failed", code), (content[:30], found)
    wrong = await desk.send(b"{}", "application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (415, "file_media_type")
    unknown = await desk.send("kode,nilai\n11.01,1\n", publisher=None, title=None, source_year=None)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "source_undescribed")
    empty = await desk.checked("kode,nilai\n99.99,1\n", atomic="row")
    assert (await desk.commit(empty)).json()["code"] == "nothing_to_commit"
    derived = await desk.checked("kode,nilai\n11.01,1\n", indicator="number_of_poor")
    assert [code for _, _, code in await desk.refused(derived)] == ["indicator_derived"]


async def test_a_file_can_be_cancelled_while_it_is_read_and_one_whose_reader_is_gone_fails(desk: Desk) -> None:
    long = "kode,nilai\n" + "11.01,1\n" * 400_000
    answer = await desk.send(long)
    path = f"/v1/figure-imports/{answer.json()['id']}"
    for _ in range(400):
        if (await desk.served.get(f"{path}/progress", desk.other)).json()["rows_read"] >= 5_000:
            break
        await asyncio.sleep(0.02)
    assert (await desk.served.act(path, "discard", desk.sender, {"reason_code": "wrong_file"})).status_code == 200
    found = await desk.settled(path)
    assert (found["status"], found["reason_code"]) == ("discarded", "wrong_file")
    short = await desk.checked("kode,nilai\n11.01,2\n")  # the next one is read
    assert short["status"] == "checked"
    async with desk.served.runtime.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM figure_import_rows WHERE import_id::text = :id"), {"id": path.rsplit("/", 1)[1]}) == 0

    async with desk.served.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE figure_imports SET status = 'checking' WHERE id::text = :id"), {"id": short["path"].rsplit("/", 1)[1]})
        await connection.execute(text("UPDATE figure_import_progress SET beat = beat - interval '3 minutes'"))
    assert await fail_abandoned(desk.served.runtime.database) == 1
    gone = (await desk.served.get(short["path"], desk.other)).json()
    assert (gone["status"], gone["reason_code"]) == ("failed", "interrupted")
    assert (await desk.checked("kode,nilai\n11.01,2\n"))["status"] == "checked", "it can be sent again"


async def test_sources_stand_side_by_side_and_the_preferred_one_is_used(desk: Desk) -> None:
    shipped = await desk.value("11.01", period="2021-03")
    found = await desk.checked("kode,nilai,galat\n11.01,15.00,1.2\n", period="2021-03")
    assert (await desk.commit(found)).status_code == 200
    assert await desk.value("11.01", period="2021-03") == shipped, "an import does not displace what BPS published"
    (item,) = (await desk.served.get("/v1/indicators/poverty_rate/sources?period=2021-03")).json()["items"]
    first, second = item["values"]
    assert (first["value"], second["value"], second["margin"]) == (shipped, "15.00", "1.2")
    assert Decimal(second["difference"]) == Decimal("15.00") - Decimal(shipped)
    assert second["relative_difference"] == pytest.approx(float((Decimal("15.00") - Decimal(shipped)) / Decimal(shipped)))


async def test_another_method_ends_a_series(desk: Desk) -> None:
    for year, method in ((2022, "line_2020"), (2023, "line_2020"), (2024, "line_2024")):
        found = await desk.checked(f"kode,nilai\n11.01,{10 + year % 10}.5\n", period=f"{year}-03", method=method, source_code="dinas-sosial-series")
        assert (await desk.commit(found)).status_code == 200
    refused = await desk.served.get("/v1/indicators/poverty_rate/series?region_code=11.01")
    assert (refused.status_code, refused.json()["code"], refused.json()["break_periods"]) == (409, "series_broken", ["2022-03", "2024-03"])
    asked = (await desk.served.get("/v1/indicators/poverty_rate/series?region_code=11.01&across_breaks=true")).json()
    assert [(each["period"], each["breaks"]) for each in asked["items"]] == [("2021-03", False), ("2022-03", True), ("2023-03", False), ("2024-03", True)]


async def test_corrupted_files_are_recognised_by_what_is_wrong_with_them(desk: Desk, served: Served) -> None:
    shipped = {item["region_code"]: item["value"] for item in (await served.get("/v1/indicators/poverty_rate/values?period=2021-03")).json()["items"]}
    spending = {item["region_code"]: item["value"] for item in (await served.get("/v1/indicators/grdp_constant_2010/values")).json()["items"]}
    codes = sorted(code for code in shipped if code.startswith(("62", "63", "64", "71", "72")))

    def content(figures: dict[str, Any]) -> str:
        return "kode,nilai\n" + "".join(f"{code},{value}\n" for code, value in figures.items())

    # A spreadsheet read 18.98 as eighteen hours and more: minutes of a day.
    times = {code: f"{round(float(value) * 431) / 1440:.8f}" if place % 3 == 0 else value for place, (code, value) in enumerate(shipped.items())}
    found = await desk.checked(content(times), period="2025-03")
    assert "time_share" in [each["rule"] for each in found["suspicions"]], found["suspicions"]
    refused = await desk.commit(found)
    assert (refused.status_code, refused.json()["code"]) == (409, "figures_suspicious")

    # Regencies with the figures of others.
    copied = {code: spending[codes[place % 4]] if place % 2 else spending[code] for place, code in enumerate(codes)}
    found = await desk.checked(content(copied), indicator="grdp_constant_2010", period="2022")
    rules = {each["rule"]: each for each in found["suspicions"]}
    assert {"copied_values", "jumps"} <= set(rules), found["suspicions"]
    assert set(rules["copied_values"]["region_codes"]) <= set(codes)
    accepted = await desk.commit(found, accepted_reason="Dicocokkan dengan penerbit.")
    assert (accepted.status_code, accepted.json()["accepted_reason"]) == (200, "Dicocokkan dengan penerbit.")

    exchanged = dict(shipped)
    first, second = "53.01", "53.17"
    exchanged[first], exchanged[second] = shipped[second], shipped[first]
    found = await desk.checked(content(exchanged), period="2023-03")
    (rule,) = [each for each in found["suspicions"] if each["rule"] == "exchanged_values"]
    assert {first, second} <= set(rule["region_codes"])

    honest = await desk.checked(content({code: round(float(value) * 1.02 + 0.01, 2) for code, value in shipped.items()}), period="2024-09")
    assert honest["suspicions"] == [], "figures that merely moved are not suspicious"

    province = {code: value for code, value in spending.items() if code.startswith("11.")}
    total = sum(Decimal(value) for value in province.values())
    right = await desk.checked(content({"11": total, **province}), indicator="grdp_constant_2010", period="2021", source_code="bps-total")
    assert "parts_and_total" not in [each["rule"] for each in right["suspicions"]]
    wrong = await desk.checked(content({"11": total * 2, **province}), indicator="grdp_constant_2010", period="2021", source_code="bps-total")
    assert "parts_and_total" in [each["rule"] for each in wrong["suspicions"]]


def test_numbers_are_never_guessed() -> None:
    cases = {
        ("12.5", "point"): Decimal("12.5"), ("12,5", "comma"): Decimal("12.5"), ("1500", "comma"): Decimal(1500), ("1.5E+3", "point"): Decimal(1500),
        ("1.234", "comma"): "thousands_separator", ("1,234", "point"): "thousands_separator", ("1.234,5", "comma"): "thousands_separator",
        ("12.5", "comma"): "decimal_point", ("12,5", "point"): "decimal_comma", ("١٢", "point"): "not_a_number", ("1" * 31, "point"): "not_a_number",
        ("Infinity", "point"): "not_a_number", ("1E+99", "point"): "not_a_number", ("=1", "point"): "formula", ("18/09/2018", "point"): "date_for_number",
    }  # fmt: skip
    assert {case: parsed(*case) for case in cases} == cases
    assert all(indonesian and english for indonesian, english in HINTS.values())


async def test_villages_are_ranked_by_the_same_rule_and_leave_the_regencies_figures_alone(desk: Desk, person: Callable[..., Person]) -> None:
    villages = {f"{regency}.01.2{number:03}": number + place for place, regency in enumerate(("11.01", "12.01", "53.04")) for number in range(1, 8)}
    lines = ["kode,nama", *(f"{code}.01,Kecamatan" for code in ("11.01", "12.01", "53.04")), *(f"{code},Desa {code[-3:]}" for code in villages)]
    decree = {"effective_from": "2025-04-25", "decree_ref": "Kepmendagri 300.2.2-2430/2025"}
    headers = {"Authorization": f"Bearer {desk.sender.token}", "Idempotency-Key": "villages", "Content-Type": CSV}
    listed = await desk.served.client.post("/v1/region-imports", params=decree, content="\n".join(lines).encode(), headers=headers)
    assert (await desk.served.act(f"/v1/region-imports/{listed.json()['id']}", "commit", desk.other)).status_code == 200, listed.text
    rows = [f"{code},{indicator},2025-03,{value}" for code, number in villages.items() for indicator, value in (("poverty_rate", 5 + number), ("labour_force_participation", 60 + (number * 7) % 11))]  # fmt: skip # noqa: E501
    found = await desk.checked("\n".join(["kode,indikator,periode,nilai", *rows]), indicator=None, period=None, source_code="desa-2025")
    assert found["counts"]["refused_rows"] == 0, await desk.refused(found)
    assert (await desk.commit(found, accepted_reason="Angka uji.")).status_code == 200
    regencies = (await desk.served.get("/v1/indicators/poverty_rate/values?period=2021-03")).json()["items"]
    assert len(regencies) == 514 and all(len(item["region_code"]) == 5 for item in regencies)

    criteria = [
        {"indicator_code": "poverty_rate", "weight": "0.6", "direction": "benefit", "dimension": "poverty"},
        {"indicator_code": "labour_force_participation", "weight": "0.4", "direction": "benefit", "dimension": "potential"},
    ]
    drafted = await desk.served.post("/v1/prioritisation-models", desk.sender, MODEL | {"code": "villages", "criteria": criteria})
    body = {"area_quota": 4, "province_quota": 2, "level": "village", "period": "2025-03"}
    seen = await desk.served.post(f"/v1/prioritisation-models/{drafted.json()['id']}/preview", desk.sender, body)
    assert seen.status_code == 200, seen.text
    chosen = [location["region_code"] for location in seen.json()["selected"]]
    assert seen.json()["candidate_count"] == len(villages) and len(chosen) == 4 and len({code[:2] for code in chosen}) == 2
    rate, work = {code: (5 + n - 6) / 8 for code, n in villages.items()}, {code: (n * 7) % 11 for code, n in villages.items()}
    low, high = min(work.values()), max(work.values())
    score = {code: 0.6 * rate[code] + 0.4 * (work[code] - low) / (high - low) for code in villages}
    best = max(
        (sum(sorted((score[code] for code in villages if code[:2] in pair), reverse=True)[:4]), pair) for pair in (("11", "12"), ("11", "53"), ("12", "53"))
    )
    assert sum(score[code] for code in chosen) == pytest.approx(best[0])
    assert seen.json()["names"][chosen[0]].startswith("Desa ")
