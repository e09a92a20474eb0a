"""The printable annex to the decree (lampiran keputusan): table, map, method and hash as PDF, byte for byte the same each time."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from services.mapping.publication.domain import DecidedOtherwise, Sheet
from services.mapping.publication.words import WORDS
from shared.pages.formats import Formats
from shared.pages.map import coast

_TEMPLATE = Path(__file__).with_name("annex.typ")
COLUMNS = ("rank", "code", "location", "province", "score", "poverty", "potential")
CRITERIA_COLUMNS = ("criterion", "weight", "direction", "unit", "source_period")


def to_pdf(sheet: Sheet, *, english: bool) -> bytes:
    """The annex in one language, as accessible PDF (PDF/UA-1). Takes 0.1 to 0.4 s: call it off the event loop."""
    import typst  # costs a start of every service a moment, and few ask for the annex

    described = json.dumps(_described(sheet, english=english), ensure_ascii=False).encode()
    files = {"main.typ": _template(), "sheet.json": described, "map.svg": _map(sheet)}
    document: bytes = typst.compile(files, format="pdf", pdf_standards=["ua-1"])  # type: ignore[call-overload]  # the stubs lack virtual files
    return document


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _described(sheet: Sheet, *, english: bool) -> dict[str, Any]:
    """Everything that the template says, in one language."""
    t, f = {name: both[english] for name, both in WORDS.items()}, Formats(english=english)
    decree = f"{t['decree']} {sheet.decree_ref}" if sheet.decree_ref else t["no_decree"]
    valid = f" · {t['effective']} {f.day(sheet.effective_from)}" if sheet.effective_from else ""
    figures = {
        "areas": f.number(len(sheet.selected)),
        "provinces": f.number(len({row.place.province_code for row in sheet.selected})),
        "candidates": f.number(len(sheet.rows)),
        "waived": f.number(len(sheet.waived_region_codes)),
        "waiver_reason": sheet.waiver_reason,
        "model": f"{sheet.model_code} v{sheet.model_version}",
        "normalisation": t[f"normalisation_{sheet.normalisation}"],
        "aggregation": t[f"aggregation_{sheet.aggregation}"],
    }
    return {
        "lang": "en" if english else "id",
        "words": {
            "title": t["annex_title"],
            "lead": t["annex_lead"].format(**figures),
            "selection": t["selection"],
            "map": t["annex_map"],
            "map_alt": t["annex_map_alt"].format(**figures),
            "map_source": t["annex_map_source"],
            "method": t["method"],
            "method_text": t["method_text"].format(**figures),
            "exceptions": t["exceptions"],
            "exceptions_text": t["exceptions_text"] if sheet.exceptions else t["no_exceptions"],
            "waived": t["waived"].format(**figures) if sheet.waived_region_codes else t["none_waived"],
            "check": t["check"],
            "check_text": t["check_text"],
        },
        "subtitle": f"{decree}{valid}",
        "result_hash": sheet.result_hash,
        "headings": [t[f"column_{name}"] for name in COLUMNS],
        "rows": [
            [
                str(row.rank),
                row.region_code,
                row.place.name,
                row.place.province_name,
                *(_score(f, score) for score in (row.score, row.poverty_score, row.potential_score)),
            ]
            for row in sheet.selected
        ],
        "exceptions": [_exception(sheet, each, t) for each in sheet.exceptions],
        "criteria_headings": [t[f"column_{name}"] for name in CRITERIA_COLUMNS],
        "criteria": [
            [
                criterion.name_en if english else criterion.name_id,
                criterion.weight if english else criterion.weight.replace(".", ","),
                t[f"direction_{criterion.direction}"],
                criterion.unit,
                f"{criterion.source} ({criterion.period})",
            ]
            for criterion in sheet.criteria
        ],
        "hashes": [[t["run"], str(sheet.run_id)], [t["input_hash"], sheet.input_hash], [t["result_hash"], sheet.result_hash]],
    }


def _exception(sheet: Sheet, decided: DecidedOtherwise, t: dict[str, str]) -> str:
    names = {row.region_code: row.place.name for row in sheet.rows}
    facts = {"region": names.get(decided.region_code, decided.region_code), "reason": decided.reason_code}
    return t[f"exception_{decided.kind}"].format(in_place_of=names.get(decided.in_place_of or "", decided.in_place_of), **facts)


def _score(f: Formats, score: float | None) -> str:
    return "–" if score is None else f.decimal(score, 6)


def _map(sheet: Sheet) -> bytes:
    outline = coast()
    points = "".join(
        f'<circle cx="{outline.x(row.place.longitude)}" cy="{outline.y(row.place.latitude)}" r="5" fill="#b3261e" stroke="#fff"/>' for row in sheet.selected
    )
    land = f'<path transform="scale(.1)" d="{outline.path}" fill="#cfd6c8" stroke="#8f9a88" stroke-width="4"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outline.width} {outline.height}">{land}{points}</svg>'.encode()
