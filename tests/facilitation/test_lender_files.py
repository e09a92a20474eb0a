"""A lender's file, row by row: what matches is booked, what does not is reported, and nothing is half applied."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook

from services.facilitation.lender_files.receiving import XLSX
from shared.security.identity import Role
from tests.facilitation.banking import Bank

HEADINGS = ("nomor_akad", "nomor_transaksi", "jenis", "jumlah", "tanggal", "pokok", "sisa_pokok", "tutup_sisa")


def as_csv(rows: Sequence[Sequence[Any]], separator: str = ",") -> str:
    return "\n".join(separator.join(map(str, row)) for row in (HEADINGS, *rows))


def as_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (HEADINGS, *rows):
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


async def outcomes(bank: Bank, answer: Any) -> list[tuple[int, str, str | None]]:
    rows = (await bank.served.get(f"/v1/lender-files/{answer.json()['id']}/rows?limit=200", bank.lender)).json()["items"]
    return [(row["row_number"], row["outcome"], row["code"]) for row in rows]


async def test_every_row_is_booked_or_reported(bank: Bank) -> None:
    first = await bank.loan(bank.members[0], reference="AKAD-2024/1")
    second, third = await bank.loan(bank.members[1], reference="PK-7/1"), await bank.loan(bank.members[2], reference="PK-71")
    day = "2024-01-31"
    rows = [
        ("AKAD-2024/1", "T2", "angsuran", 100_000, day, 90_000, 8_910_000, ""),  # written before its disbursement, of the same day
        ("akad 2024 1", "T1", "pencairan", 9_000_000, day, "", "", ""),  # the same contract, written otherwise
        ("AKAD-9", "T3", "pencairan", 5_000, day, "", "", ""),
        ("PK 7 1", "T4", "pencairan", 6_000, day, "", "", ""),  # PK-7/1 or PK-71
        ("PK-71", "T5", "pencairan", 9_000_001, day, "", "", ""),
        ("PK-71", "T6", "pencairan", 1_000_000, day, "", 999_999, "ya"),
        ("PK-71", "T6", "pencairan", 1_000_000, day, "", "", ""),
        ("PK-71", "T7", "angsuran", 1_000, day, 2_000, "", ""),
        ("PK-71", "T8", "angsuran", "1.000", day, "", "", ""),
        ("PK-71", "T9", "hadiah", 1_000, day, "", "", ""),
        ("PK-71", "T10", "angsuran", 1_000, "31/01/2024", "", "", ""),
        ("PK-71", "T11", "angsuran", 2_000_000, day, "", "", ""),
    ]
    answer = await bank.send("/v1/lender-files", as_csv(rows), bank.lender)
    assert answer.status_code == 201, answer.text
    assert await outcomes(bank, answer) == [
        (2, "refused", "illegal_transition"),
        (3, "matched", None),
        (4, "unmatched", "unknown_lender_reference"),
        (5, "ambiguous", "matches_two_loans"),
        (6, "over", "disbursement_above_granted"),
        (7, "matched", "outstanding_differs"),
        (8, "repeated", "lender_transaction_taken"),
        (9, "refused", "principal_above_payment"),
        (10, "refused", "amount_malformed"),
        (11, "refused", "kind_unknown"),
        (12, "refused", "date_malformed"),
        (13, "over", "repayment_above_outstanding"),
    ]
    body = answer.json()
    assert body["counts"] == {"matched": 2, "unmatched": 1, "ambiguous": 1, "over": 2, "repeated": 1, "refused": 5}
    assert (body["booked_idr"], body["difference_idr"]) == (10_000_000, 100_000 + 5_000 + 6_000 + 9_000_001 + 1_000 + 1_000 + 1_000 + 2_000_000)
    [event] = [row.data for row in await bank.served.outbox() if row.type.endswith("FinancingReconciled.v1")]
    assert f'"matched_count":2,"unmatched_count":9,"difference_idr":{body["difference_idr"]}' in event
    stands = [(await bank.read(loan))["status"] for loan in (first, second, third)]
    assert stands == ["active", "granted", "active"]
    assert (await bank.read(third))["outstanding_idr"] == 1_000_000, "what is refused or over leaves nothing behind"
    booked = (await bank.served.get(f"/v1/loans/{third}/transactions", bank.lender)).json()["items"]
    assert [each["reference"] for each in booked] == ["T6"]


@pytest.mark.parametrize("kind", ["csv", "semicolons", "xlsx"])
async def test_csv_and_xlsx_are_read_alike(bank: Bank, kind: str) -> None:
    loan = await bank.loan(bank.members[0], reference="AKAD-1")
    rows = [("AKAD-1", "T1", "pencairan", 9_000_000, "2024-01-31", "", "", ""), ("AKAD-1", "T2", "angsuran", 9_000_000, "2024-01-31", 9_000_000, 0, "")]
    content = as_xlsx(rows) if kind == "xlsx" else as_csv(rows, ";" if kind == "semicolons" else ",")
    answer = await bank.send("/v1/lender-files", content, bank.lender, XLSX if kind == "xlsx" else "text/csv")
    assert (answer.status_code, answer.json()["counts"]["matched"]) == (201, 2), answer.text
    assert (await bank.read(loan))["status"] == "settled"
    again = await bank.send("/v1/lender-files", content, bank.lender, XLSX if kind == "xlsx" else "text/csv")
    assert (again.status_code, again.json()["code"]) == (409, "lender_file_sent_before")


async def test_the_same_file_sent_many_times_at_once_is_booked_once(bank: Bank) -> None:
    await bank.loan(bank.members[0], reference="AKAD-1")
    content = as_csv([("AKAD-1", "T1", "pencairan", 1_000_000, "2024-01-31", "", "", "")])
    answers = await asyncio.gather(*(bank.send("/v1/lender-files", content, bank.lender) for _ in range(20)))
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} == {201, 409}
    [file] = (await bank.served.get("/v1/lender-files", bank.lender)).json()["items"]
    assert file["booked_idr"] == 1_000_000


async def test_a_file_is_its_lenders_alone(bank: Bank) -> None:
    await bank.loan(bank.members[0], reference="AKAD-1")
    stranger = bank.person(Role.LENDER, institution_id=uuid4())
    content = as_csv([("AKAD-1", "T1", "pencairan", 1_000_000, "2024-01-31", "", "", "")])
    theirs = await bank.send("/v1/lender-files", content, stranger)
    assert await_outcome(theirs.json()) == {"unmatched": 1}
    path = f"/v1/lender-files/{theirs.json()['id']}"
    assert [(await bank.served.get(each, bank.lender)).status_code for each in (path, f"{path}/rows")] == [404, 404]
    assert (await bank.served.get("/v1/lender-files", bank.lender)).json()["items"] == []
    assert (await bank.served.get(path, bank.owner)).status_code == 200
    nobody = await bank.send("/v1/lender-files", content, bank.person(Role.LENDER))
    assert (nobody.status_code, nobody.json()["code"]) == (403, "no_institution")


def await_outcome(body: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in body["counts"].items() if count}


@pytest.mark.parametrize(
    ("content", "media", "status", "code"),
    [
        (b"", "text/csv", 422, "columns_missing"),
        (b"nomor_akad,jumlah\n", "text/csv", 422, "columns_missing"),
        (b"\xff\xfe\x00", "text/csv", 422, "file_unreadable"),
        (b"PK", XLSX, 422, "file_unreadable"),
        (b"{}", "application/json", 415, "file_media_type"),
        (b"x" * (4 << 20) + b"x", "text/csv", 413, "file_too_large"),
        (as_csv([("A", f"T{n}", "angsuran", 1, "2024-01-31", "", "", "") for n in range(5001)]).encode(), "text/csv", 422, "too_many_rows"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(bank: Bank, content: bytes, media: str, status: int, code: str) -> None:
    answer = await bank.send("/v1/lender-files", content, bank.lender, media)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await bank.served.get("/v1/lender-files", bank.lender)).json()["items"] == []
