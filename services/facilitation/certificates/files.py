"""The certificate on paper: the same bytes each time."""

import json
from pathlib import Path
from typing import Any

from shared.pages.formats import Formats

_TEMPLATE = Path(__file__).with_name("certificate.typ")


def to_pdf(row: Any) -> bytes:
    """As accessible PDF (PDF/UA-1), from a row of `for_paper`. Takes some tenths of a second: call it off the event loop."""
    import typst  # costs a start of every service a moment

    described = json.dumps(_described(row), ensure_ascii=False).encode()
    document: bytes = typst.compile(  # type: ignore[call-overload]
        {"main.typ": _TEMPLATE.read_bytes(), "certificate.json": described}, format="pdf", pdf_standards=["ua-1"]
    )
    return document


def _described(row: Any) -> dict[str, str]:
    day = Formats(english=False).day
    valid = f"berlaku sampai {day(row.certificate_valid_until)}" if row.certificate_valid_until else "berlaku tanpa batas waktu"
    return {
        "title": f"Sertifikat {row.certificate_number}",
        "number": row.certificate_number,
        "owner": row.owner_name,
        "enterprise": row.name,
        "course": row.title,
        "detail": f"{row.course_hours} jam pelajaran / lessons, {day(row.starts_on)} – {day(row.ends_on)}",
        "units": "Unit kompetensi / Competence units: " + ", ".join(row.versions[row.course_version - 1].competence_unit_codes),
        "dates": f"Diterbitkan {day(row.certificate_issued_on)}, {valid}",
        "verify": f"Periksa keasliannya / Verify it: /facilitation/v1/certificates/{row.certificate_code}",
    }
