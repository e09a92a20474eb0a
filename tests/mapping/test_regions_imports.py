"""Official lists of districts and villages: each mistake has its code and a sentence, and a list of the whole country fits in little memory."""

import asyncio
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.reference import load_reference_tables, shipped_regions
from services.mapping.region_imports.domain import ColumnsMissing, ListUnreadable
from services.mapping.region_imports.rows import HINTS, Listed, ListedAbove, RefusedRow, check, hint, read
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.domain import RegionKind
from shared.security.identity import Role
from tests.kit import Person, Served

DECREE = {"effective_from": "2025-04-25", "decree_ref": "Kepmendagri 300.2.2-2430/2025"}
UPPER = {"11": True, "11.01": True, "11.10": True, "11.99": False}
LIST = """kode,nama,induk
11,Aceh,
11.01,Kabupaten Aceh Selatan,11
11.01.01,Bakongan,11.01
11.01.01.2001,Keude Bakongan,11.01.01
11.01.01.1002,Ujong Mangki,11.01.01
1101012003,Ujong Padang,110101
11.01.02,Kluet Utara,11.01
11.01.02.2001,Fajar Harapan,11.01.02
"""


def checked(code: str, name: str = "Bakongan", parent: str = "") -> Any:
    return check(2, {"code": code, "name": name, "parent": parent}, UPPER)


@pytest.mark.parametrize(
    ("code", "level", "kind", "written"),
    [
        ("11.01.01", RegionLevel.DISTRICT, RegionKind.KECAMATAN, "11.01.01"),
        ("110101", RegionLevel.DISTRICT, RegionKind.KECAMATAN, "11.01.01"),
        ("11.01.01.1001", RegionLevel.VILLAGE, RegionKind.KELURAHAN, "11.01.01.1001"),
        ("1101012001", RegionLevel.VILLAGE, RegionKind.DESA, "11.01.01.2001"),
        ("11.01.01.3001", RegionLevel.VILLAGE, RegionKind.DESA_ADAT, "11.01.01.3001"),
    ],
)
def test_a_row_says_what_it_is(code: str, level: RegionLevel, kind: RegionKind, written: str) -> None:
    assert checked(code) == Listed(2, written, level, kind, "Bakongan", written.rpartition(".")[0])
    assert checked("11") == checked("11.10") == ListedAbove(2)


@pytest.mark.parametrize(
    ("code", "name", "parent", "problem"),
    [
        ("", "x", "", "code_missing"),
        ("11.1", "x", "", "code_read_as_number"),
        ("110101.0", "x", "", "code_read_as_number"),
        ("1.101E+09", "x", "", "code_read_as_number"),
        ("2001-01-11", "x", "", "code_read_as_date"),
        ("11/01/2001", "x", "", "code_read_as_date"),
        ("1101010", "x", "", "code_of_another_scheme"),
        ("1101010001", "x", "", "code_of_another_scheme"),
        ("11.01.01.40001", "x", "", "code_malformed"),
        ("Aceh", "x", "", "code_malformed"),
        ("11.01.01.4001", "x", "", "village_kind_unknown"),
        ("11.01.01.2001", "x", "11.01.02", "parent_differs"),
        ("11.02.01", "x", "", "regency_unknown"),
        ("11.99.01", "x", "", "regency_unknown"),
        ("97", "x", "", "upper_level_by_decree"),
        ("11.99", "x", "", "upper_level_by_decree"),
        ("11.01.01", "", "", "name_missing"),
        ("11.01.01", "x" * 201, "", "name_too_long"),
        ("11.01.01", "Ba\u200bkongan", "", "name_control_character"),
        ("11.01.01", "=1+1", "", "name_is_formula"),
    ],
)
def test_each_mistake_has_its_code(code: str, name: str, parent: str, problem: str) -> None:
    found = checked(code, name, parent)
    assert isinstance(found, RefusedRow)
    assert found.code == problem
    assert hint(found.code, found.facts).endswith(".")
    assert hint(found.code, found.facts, english=True).endswith(".")
    assert found.value.isprintable()


def test_a_code_read_as_a_number_names_what_it_may_have_been() -> None:
    assert checked("11.1").facts == {"candidates": "11.10"}
    assert checked("110101.0").facts == {"candidates": "11.01.01"}
    assert checked("1.101E+09").facts == {"candidates": "-"}, "the other digits are gone"
    assert "11.10" in hint("code_read_as_number", {"candidates": "11.10"})


def test_no_hint_without_a_row_that_needs_it() -> None:
    assert set(HINTS) >= {"duplicate_code", "parent_unknown"}
    assert all(len(sentences) == 2 and all(each.endswith(".") for each in sentences) for sentences in HINTS.values())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_headings(separator: str) -> None:
    lines = [separator.join(cells) + "\r\n" for cells in (("No", "KODE", "Nama ", "induk"), ("1", "11.01.01", '"Bakongan"', "11.01"), ("", "", "", ""))]
    assert list(read(lines)) == [(2, {"code": "11.01.01", "name": "Bakongan", "parent": "11.01"})]


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(ColumnsMissing) as missing:
        list(read(["kode;judul\n"]))
    assert missing.value.facts["missing_columns"] == ["name"]
    with pytest.raises(ColumnsMissing):
        list(read([]))
    with pytest.raises(ListUnreadable) as unreadable:
        list(read(["kode,nama\n", "11.01.01,a\n", '11.01.02,"a\n', *["11.01.03,b\n"] * 20_000]))
    assert unreadable.value.facts["row_number"] == 2


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


@pytest.fixture
def sender(person: Callable[..., Person]) -> Person:
    return person(Role.PROGRAMME_OWNER)


@pytest.fixture
def coordinator(person: Callable[..., Person]) -> Person:
    return person(Role.COORDINATOR)


async def send(served: Served, who: Person | None, content: str | bytes, *, key: str | None = None, media: str = "text/csv", **params: Any) -> Any:
    headers = {"Authorization": f"Bearer {who.token}"} if who else {}
    headers |= {"Idempotency-Key": key or f"k{time.perf_counter_ns()}", "Content-Type": media}
    return await served.client.post("/v1/region-imports", params=DECREE | params, content=content, headers=headers)


async def taken_over(served: Served, sender: Person, coordinator: Person, content: str, **params: Any) -> dict[str, Any]:
    sent = await send(served, sender, content, **params)
    assert sent.status_code == 201, sent.text
    answer = await served.act(f"/v1/region-imports/{sent.json()['id']}", "commit", coordinator)
    assert answer.status_code == 200, answer.text
    counts: dict[str, Any] = answer.json()["counts"]
    return counts


async def scalar(served: Served, query: str) -> Any:
    async with served.runtime.engine.connect() as connection:
        return await connection.scalar(text(query))


async def test_a_list_is_checked_and_then_taken_over_by_another(served: Served, sender: Person, coordinator: Person) -> None:
    sent = await send(served, sender, LIST)
    assert sent.status_code == 201, sent.text
    assert sent.json()["counts"] == {
        "rows": 8, "districts": 2, "villages": 4, "listed_above": 2, "refused_rows": 0, "entered": 6, "changed": 0, "unchanged": 0, "ended": 0,
    }  # fmt: skip
    assert (await served.get("/v1/regions/11.01.01")).status_code == 404
    path = f"/v1/region-imports/{sent.json()['id']}"
    assert (await served.act(path, "commit", sender)).json()["code"] == "four_eyes"
    assert (await served.act(path, "commit", coordinator)).json()["status"] == "committed"
    village = (await served.get("/v1/regions/11.01.01.2003")).json()
    assert (village["name"], village["level"], village["kind"], village["parent_region_code"]) == ("Ujong Padang", "village", "desa", "11.01.01")
    assert (village["latitude"], village["valid_from"], village["children_count"]) == (None, None, 0)
    assert (await served.get("/v1/regions/11.01.01")).json()["children_count"] == 3
    assert (await served.get("/v1/regions/11.01")).json()["children_count"] == 2
    found = (await served.get("/v1/regions/resolve", params={"code": "1101011002", "scheme": "kemendagri"})).json()
    assert (found["name"], found["level"]) == ("Ujong Mangki", "village")
    inside = (await served.get("/v1/regions", params={"parent": "11.01.01"})).json()["items"]
    assert [item["kind"] for item in inside] == ["kelurahan", "desa", "desa"]
    events = [row.type.split(".")[2] for row in (await served.outbox())[552:]]
    assert events == ["RegionListChecked", "RegionListCommitted"], "districts and villages have no events of their own"
    assert await scalar(served, "SELECT count(*) FROM region_import_rows") == 0


async def test_the_same_list_twice_changes_nothing(served: Served, sender: Person, coordinator: Person) -> None:
    await taken_over(served, sender, coordinator, LIST)
    again = await send(served, sender, LIST)
    assert (again.status_code, again.json()["code"]) == (409, "list_known")
    assert await scalar(served, "SELECT count(*) FROM region_import_rows") == 0
    counts = await taken_over(served, sender, coordinator, LIST + "\n")
    assert (counts["entered"], counts["changed"], counts["unchanged"], counts["ended"]) == (0, 0, 6, 0)


async def test_a_repeated_request_is_answered_as_the_first(served: Served, sender: Person) -> None:
    first = await send(served, sender, LIST, key="one-key-for-both")
    second = await send(served, sender, LIST, key="one-key-for-both")
    assert (second.status_code, second.json()["id"], second.headers["Idempotency-Replayed"]) == (201, first.json()["id"], "true")
    other = await send(served, sender, LIST.replace("Bakongan", "Lain"), key="one-key-for-both")
    assert other.json()["code"] == "idempotency_key_reused"
    assert await scalar(served, "SELECT count(DISTINCT import_id) FROM region_import_rows") == 1


async def test_the_next_edition_names_enters_and_ends(served: Served, sender: Person, coordinator: Person) -> None:
    await taken_over(served, sender, coordinator, LIST)
    edition = LIST.replace("Kluet Utara", "Kluet Baru").replace("11.01.01.1002,Ujong Mangki", "11.01.01.2009,Desa Baru")
    kept = await taken_over(served, sender, coordinator, edition, effective_from="2026-01-01")
    assert (kept["entered"], kept["changed"], kept["unchanged"], kept["ended"]) == (1, 1, 4, 0)
    whole = await taken_over(served, sender, coordinator, edition, effective_from="2026-01-01", complete="true")
    assert (whole["entered"], whole["changed"], whole["unchanged"], whole["ended"]) == (0, 0, 6, 1)
    ended = (await served.get("/v1/regions/11.01.01.1002")).json()
    assert (ended["status"], ended["valid_to"]) == ("inactive", "2025-12-31")
    new = (await served.get("/v1/regions/11.01.01.2009")).json()
    assert new["valid_from"] == "2026-01-01"
    renamed = (await served.get("/v1/regions/11.01.02")).json()
    assert (renamed["name"], renamed["former_name"]) == ("Kluet Baru", "Kluet Utara")
    gone = {"code": "11.01.01.1002", "scheme": "kemendagri"}
    assert (await served.get("/v1/regions/resolve", params=gone)).json()["valid_to"] == "2025-12-31"
    assert (await served.get("/v1/regions/resolve", params=gone | {"on": "2025-12-31"})).json()["name"] == "Ujong Mangki"


async def test_refused_rows_are_listed_with_what_to_do(served: Served, sender: Person, coordinator: Person) -> None:
    wrong = LIST + "11.1,Salah,\n11.01.01.2001,Kembar,\n11.01.09.2001,Tanpa kecamatan,\n98.01.01,Jauh,\n11.01.03,=SUM(A1),\n"
    sent = await send(served, sender, wrong)
    assert sent.json()["counts"]["refused_rows"] == 5
    path = f"/v1/region-imports/{sent.json()['id']}"
    rows = (await served.get(f"{path}/refused-rows", coordinator)).json()["items"]
    assert [(row["row_number"], row["column"], row["value"], row["code"]) for row in rows] == [
        (10, "code", "11.1", "code_read_as_number"),
        (11, "code", "11.01.01.2001", "duplicate_code"),
        (12, "code", "11.01.09.2001", "parent_unknown"),
        (13, "code", "98.01.01", "regency_unknown"),
        (14, "name", "=SUM(A1)", "name_is_formula"),
    ]
    assert rows[0]["hint"] == "Kode terbaca sebagai angka; mungkin 11.10. Atur kolom kode sebagai teks."
    assert rows[1]["hint"] == "Kode ini juga ada pada baris 5; sisakan satu."
    refused = await served.act(path, "commit", coordinator)
    assert (refused.status_code, refused.json()["code"], refused.json()["refused_row_count"]) == (409, "list_has_refused_rows", 5)
    assert (await served.act(path, "discard", sender, {"reason_code": "wrong_edition"})).json()["status"] == "discarded"
    assert await scalar(served, "SELECT count(*) FROM region_import_rows") == 0
    assert await scalar(served, "SELECT count(*) FROM regions WHERE level IN ('district', 'village')") == 0


async def test_what_is_no_official_list_is_refused(served: Served, sender: Person, person: Callable[..., Person]) -> None:
    assert (await send(served, None, LIST)).status_code == 401
    assert (await send(served, person(Role.AUDITOR), LIST)).status_code == 403
    cases: list[tuple[Any, dict[str, Any], int, str]] = [
        (LIST, {"media": "application/json"}, 415, "list_not_csv"),
        (b"kode,nama\n11.01.01,\xff\xfe\n", {}, 422, "list_unreadable"),
        ("kode,judul\n11.01.01,x\n", {}, 422, "columns_missing"),
        ("", {}, 422, "columns_missing"),
        ("kode,nama\n11,Aceh\n", {}, 422, "list_empty"),
        ("kode,nama\n", {}, 422, "list_empty"),
        ("kode,nama\n11.01.01,a\x00b\n", {}, 201, ""),
        (LIST, {"effective_from": "besok"}, 422, "validation_failed"),
    ]
    for content, given, status, code in cases:
        answer = await send(served, sender, content, **given)
        assert (answer.status_code, answer.json().get("code", "")) == (status, code), content
    assert (await send(served, sender, "\ufeff" + LIST)).status_code == 201

    async def endless() -> Any:
        while True:
            yield b"x" * (1 << 20)

    headers = {"Authorization": f"Bearer {sender.token}", "Idempotency-Key": "endless", "Content-Type": "text/csv"}
    large = await served.client.post("/v1/region-imports", params=DECREE, content=endless(), headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "list_too_large")


async def test_a_list_waits_for_nothing_that_ended_meanwhile(served: Served, sender: Person, coordinator: Person) -> None:
    sent = await send(served, sender, LIST)
    async with served.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE regions SET status = 'inactive', valid_to = '2025-12-31' WHERE region_code = '11.01'"))
    answer = await served.act(f"/v1/region-imports/{sent.json()['id']}", "commit", coordinator)
    assert (answer.status_code, answer.json()["code"]) == (409, "register_changed_meanwhile")


async def test_a_regency_that_ends_takes_its_villages_along(served: Served, sender: Person, coordinator: Person) -> None:
    await taken_over(served, sender, coordinator, LIST)
    body = {"change_type": "recode", "region_code": "11.01", "new_region_code": "11.19", "effective_from": "2026-01-01", "decree_ref": "x", "reason": "x"}
    drafted = await served.post("/v1/region-changes", sender, body)
    assert (await served.act(f"/v1/region-changes/{drafted.json()['id']}", "confirm", coordinator)).status_code == 200
    village = (await served.get("/v1/regions/11.01.01.2001")).json()
    assert (village["status"], village["valid_to"]) == ("inactive", "2025-12-31")
    refused = await served.post("/v1/region-changes", sender, body | {"region_code": "11.19", "new_region_code": "11.01"})
    assert refused.json()["code"] == "region_code_taken"
    await taken_over(served, sender, coordinator, LIST.replace("11.01", "11.19").replace("1101", "1119"))
    assert (await served.get("/v1/regions/11.19.01.2001")).json()["valid_from"] == "2026-01-01"


def whole_country() -> Iterator[str]:
    """As many districts and villages as Indonesia has, dealt over its regencies."""
    regencies = [region.region_code for region in shipped_regions() if region.level is RegionLevel.REGENCY]
    yield "kode,nama,induk\n"
    districts = 0
    for place, regency in enumerate(regencies):
        for number in range(1, 1 + 7285 // 514 + (place < 7285 % 514)):
            district = f"{regency}.{number:02}"
            yield f"{district},Kecamatan {number} {regency},{regency}\n"
            for village in range(1, 1 + 83_762 // 7285 + (districts < 83_762 % 7285)):
                yield f"{district}.2{village:03},Desa {village} {district},{district}\n"
            districts += 1


async def test_the_whole_country_in_bounded_memory(served: Served, sender: Person, coordinator: Person) -> None:
    """7,285 districts and 83,762 villages: the counts, and a peak that is a small part of the 5 MB file and its objects."""
    content = "".join(whole_country()).encode()
    assert content.count(b"\n") == 1 + 7285 + 83_762

    async def streamed() -> Any:
        for begin in range(0, len(content), 1 << 16):
            yield content[begin : begin + (1 << 16)]

    tracemalloc.start()
    begin = time.perf_counter()
    try:
        sent = await send(served, sender, streamed())  # type: ignore[arg-type]
        checked_after = time.perf_counter() - begin
        assert sent.status_code == 201, sent.text
        counts = {"rows": 91_047, "districts": 7285, "villages": 83_762, "entered": 91_047, "refused_rows": 0}
        assert {name: sent.json()["counts"][name] for name in counts} == counts
        answer = await served.act(f"/v1/region-imports/{sent.json()['id']}", "commit", coordinator)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 200, answer.text
    print(f"checked in {checked_after:.1f} s, taken over after {time.perf_counter() - begin:.1f} s, peak {peak / 1e6:.1f} MB")
    assert peak < 24e6
    async with served.runtime.engine.connect() as connection:
        rows = await connection.execute(text("SELECT level, count(*) FROM regions GROUP BY level"))
        assert dict(map(tuple, rows.all())) == {"province": 38, "regency": 514, "district": 7285, "village": 83_762}
    assert len((await served.outbox())[552:]) == 2
    page = (await served.get("/v1/regions", params={"level": "village", "q": "desa 11 53.04.01"})).json()["items"]
    assert [item["region_code"] for item in page] == ["53.04.01.2011"]
    assert len((await served.get("/v1/regions/resolve", params={"code": "53.04.01.2011", "scheme": "kemendagri"})).json()["name"]) > 5
    same = await asyncio.gather(*(served.get("/v1/regions/53.04") for _ in range(4)))
    assert {answer.json()["children_count"] for answer in same} == {14}
