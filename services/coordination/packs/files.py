"""The pack as PDF and as XLSX, made from its content alone: the same bytes each time."""

import io
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from shared.pages.formats import Formats

_TEMPLATE = Path(__file__).with_name("pack.typ")
_TOTALS = {
    "locations": ("Lokasi prioritas", "Priority locations"),
    "commitments": ("Komitmen sampai akhir triwulan", "Commitments up to the end of the quarter"),
    "due_in_quarter": ("Jatuh tempo dalam triwulan", "Due in the quarter"),
    "fulfilled": ("Terpenuhi", "Fulfilled"),
    "overdue": ("Terlambat", "Overdue"),
    "planned_idr": ("Rencana (Rp)", "Planned (Rp)"),
    "pledged_idr": ("Dijanjikan (Rp)", "Pledged (Rp)"),
    "verified_idr": ("Terverifikasi (Rp)", "Verified (Rp)"),
}
_SHEETS: dict[str, tuple[str, dict[str, str]]] = {
    "institutions": (
        "Lembaga - Institutions",
        {
            "code": "Kode / Code",
            "name": "Lembaga / Institution",
            "planned_idr": "Rencana / Planned (Rp)",
            "commitments": "Komitmen / Commitments",
            "due_in_quarter": "Jatuh tempo / Due",
            "fulfilled": "Terpenuhi / Fulfilled",
            "overdue": "Terlambat / Overdue",
            "pledged_idr": "Dijanjikan / Pledged (Rp)",
            "verified_idr": "Terverifikasi / Verified (Rp)",
        },
    ),
    "locations": (
        "Lokasi - Locations",
        {
            "code": "Kode Kemendagri / Code",
            "convergence_score": "Konvergensi / Convergence",
            "missing_intervention_codes": "Belum ada / Missing",
            "commitments": "Komitmen / Commitments",
            "due_in_quarter": "Jatuh tempo / Due",
            "fulfilled": "Terpenuhi / Fulfilled",
            "overdue": "Terlambat / Overdue",
            "pledged_idr": "Dijanjikan / Pledged (Rp)",
            "verified_idr": "Terverifikasi / Verified (Rp)",
        },
    ),
    "overdue": (
        "Terlambat - Overdue",
        {
            "institution": "Lembaga / Institution",
            "location_code": "Lokasi / Location",
            "intervention_code": "Intervensi / Intervention",
            "due_on": "Tenggat / Due",
            "outstanding_output": "Sisa keluaran / Output left",
            "output_unit": "Satuan / Unit",
            "outstanding_idr": "Sisa / Left (Rp)",
            "escalation_level": "Eskalasi / Escalation",
            "commitment_id": "Id",
        },
    ),
    "action_items": (
        "Tindak lanjut - Action items",
        {
            "owner": "Penanggung jawab / Owner",
            "title": "Tindak lanjut / Action item",
            "origin": "Asal / Origin",
            "due_on": "Tenggat / Due",
            "status": "Status",
            "obstacle": "Hambatan / Obstacle",
            "id": "Id",
        },
    ),
}


def to_xlsx(content: dict[str, Any], content_hash: str) -> bytes:
    """Five worksheets; codes stay text, rupiah are numbers, nothing is a formula."""
    from xlsxwriter import Workbook  # costs a start of every service a moment

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        # The day of the pack, not of the writing: otherwise no two files would be the same.
        as_of = datetime.fromisoformat(content["pack"]["as_of"]).replace(tzinfo=UTC)
        book.set_properties({"title": f"{content['programme']['code']} {content['pack']['quarter']}", "comments": content_hash, "created": as_of})
        bold, number = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), book.add_format({"num_format": "#,##0"})
        front = book.add_worksheet("Ringkasan - Summary")
        lines: list[tuple[str, Any]] = [
            ("Program / Programme", f"{content['programme']['code']} {content['programme']['title']}"),
            ("Dasar hukum / Legal basis", content["programme"]["legal_basis"]),
            ("Triwulan / Quarter", content["pack"]["quarter"]),
            ("Formulir PP 39/2006 / Form", content["pack"]["form"]),
            ("Batas waktu / Deadline", content["pack"]["deadline"]),
            ("Keadaan per / As of", content["pack"]["as_of"]),
            ("Versi / Version", content["pack"]["pack_version"]),
            *((" / ".join(both), content["totals"][name]) for name, both in _TOTALS.items()),
            ("SHA-256", content_hash),
        ]
        for row, (name, value) in enumerate(lines):
            front.write(row, 0, name, bold)
            front.write(row, 1, value, number if isinstance(value, int) else None)
        front.autofit(500)
        for key, (title, columns) in _SHEETS.items():
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 1)
            sheet.write_row(0, 0, list(columns.values()), bold)
            for row, entry in enumerate(content[key], 1):
                for column, name in enumerate(columns):
                    value = ", ".join(entry[name]) if isinstance(entry[name], list) else entry[name]
                    sheet.write(row, column, value, number if isinstance(value, int) else None)
            sheet.autofit(400)
    return out.getvalue()


def to_pdf(content: dict[str, Any], content_hash: str) -> bytes:
    """The printable pack, Indonesian with English beside it, as accessible PDF (PDF/UA-1). Takes some tenths of a second: call it off the event loop."""
    import typst  # costs a start of every service a moment

    described = json.dumps(_described(content, content_hash), ensure_ascii=False).encode()
    document: bytes = typst.compile({"main.typ": _template(), "pack.json": described}, format="pdf", pdf_standards=["ua-1"])  # type: ignore[call-overload]
    return document


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _described(content: dict[str, Any], content_hash: str) -> dict[str, Any]:
    f, pack, programme = Formats(english=False), content["pack"], content["programme"]
    day = {name: f.day(datetime.fromisoformat(pack[name]).date()) for name in ("last_day", "deadline", "as_of")}
    late = ("institution", "location_code", "intervention_code", "due_on")
    return {
        "title": f"Laporan Triwulan {pack['quarter']}",
        "subtitle": f"{programme['code']} · {programme['title']}",
        "basis": f"{programme['legal_basis']} · PP 39/2006 Formulir {pack['form']} · batas waktu {day['deadline']}",
        "as_of": f"Keadaan per {day['as_of']} · versi {pack['pack_version']} · sumber data {content['policy']['data_source'].upper()}",
        "totals": [[" / ".join(both), f.number(content["totals"][name])] for name, both in _TOTALS.items()],
        "institution_headings": ["Lembaga / Institution", "Rencana Rp", "Komitmen", "Terpenuhi", "Terlambat", "Dijanjikan Rp", "Terverifikasi Rp"],
        "institutions": [
            [each["name"], *(f.number(each[name]) for name in ("planned_idr", "commitments", "fulfilled", "overdue", "pledged_idr", "verified_idr"))]
            for each in content["institutions"]
        ],
        "location_headings": ["Lokasi / Location", "Konvergensi", "Belum ada / Missing", "Komitmen", "Terpenuhi", "Terlambat", "Terverifikasi Rp"],
        "locations": [
            [
                each["code"],
                each["convergence_score"].replace(".", ","),
                ", ".join(each["missing_intervention_codes"]) or "–",
                *(f.number(each[name]) for name in ("commitments", "fulfilled", "overdue", "verified_idr")),
            ]
            for each in content["locations"]
        ],
        "overdue_headings": ["Lembaga / Institution", "Lokasi", "Intervensi", "Tenggat", "Sisa keluaran", "Sisa Rp", "Eskalasi"],
        "overdue": [
            [
                *(each[name] for name in late),
                f"{f.number(each['outstanding_output'])} {each['output_unit']}",
                f.number(each["outstanding_idr"]),
                str(each["escalation_level"]),
            ]
            for each in content["overdue"]
        ],
        "item_headings": ["Penanggung jawab / Owner", "Tindak lanjut / Action item", "Tenggat", "Status", "Hambatan"],
        "items": [[each["owner"], each["title"], each["due_on"], each["status"], each["obstacle"] or "–"] for each in content["action_items"]],
        "hash": content_hash,
    }
