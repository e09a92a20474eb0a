"""The ranking as files: CSV (RFC 4180, UTF-8), XLSX for people, GeoJSON (RFC 7946, WGS 84)."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.mapping.publication.classes import Classing, class_of, upper_bounds
from services.mapping.publication.domain import Place, Sheet, SheetRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

FACTS = {
    "rank": ("Peringkat", "Rank"),
    "region_code": ("Kode Kemendagri", "Kemendagri code"),
    "name": ("Kabupaten/kota", "Regency/city"),
    "province_code": ("Kode provinsi", "Province code"),
    "province_name": ("Provinsi", "Province"),
    "selected": ("Terpilih", "Selected"),
    "score": ("Skor", "Score"),
    "poverty_score": ("Skor kemiskinan", "Poverty score"),
    "potential_score": ("Skor potensi", "Potential score"),
}
"""The leading columns, with their headings for people."""


def _facts(row: SheetRow) -> list[Any]:
    place = row.place
    scores = (row.score, row.poverty_score, row.potential_score)
    return [row.rank, row.region_code, place.name, place.province_code, place.province_name, row.selected, *(_six(score) for score in scores)]


def _six(score: float | None) -> float | None:
    return None if score is None else round(score, 6)


def to_csv(sheet: Sheet) -> bytes:
    """One line for each candidate, best first: decimal point, empty where a figure is missing, true and false for the selection."""
    out = io.StringIO()
    writer = csv.writer(out)
    per_criterion = [f"{criterion.code}{kind}" for criterion in sheet.criteria for kind in ("", "_normalised", "_contribution")]
    writer.writerow([*FACTS, *per_criterion])
    for row in sheet.rows:
        figures = [figure for three in zip(row.values, row.normalised, row.contributions, strict=True) for figure in three]
        writer.writerow([_cell(value) for value in (*_facts(row), *figures)])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    """What a spreadsheet would take for a formula is made text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def to_xlsx(sheet: Sheet, *, english: bool) -> bytes:
    """Three worksheets: the ranking, the method with its sources, and how to check the hashes."""
    from xlsxwriter import Workbook  # costs a start of every service a moment

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        book.set_properties({"title": sheet.model_code, "comments": sheet.result_hash})
        bold, chosen = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), book.add_format({"bg_color": "#E3F1EC"})
        ranking = book.add_worksheet("Ranking" if english else "Peringkat")
        ranking.freeze_panes(1, 3)
        names = [criterion.name_en if english else criterion.name_id for criterion in sheet.criteria]
        kinds = ("{} ({})", "{}: contribution" if english else "{}: sumbangan")
        headings = [kind.format(name, criterion.unit) for criterion, name in zip(sheet.criteria, names, strict=True) for kind in kinds]
        ranking.write_row(0, 0, [*(both[english] for both in FACTS.values()), *headings], bold)
        yes, no = ("yes", "no") if english else ("ya", "tidak")
        for number, row in enumerate(sheet.rows, 1):
            facts = [yes if value is True else no if value is False else value for value in _facts(row)]
            figures = [figure for pair in zip(row.values, row.contributions, strict=True) for figure in pair]
            ranking.write_row(number, 0, [*facts, *figures], chosen if row.selected else None)
        ranking.autofilter(0, 0, len(sheet.rows), len(FACTS) + len(headings) - 1)
        ranking.autofit(300)
        method = book.add_worksheet("Method" if english else "Metode")
        for number, line in enumerate(_method_lines(sheet, names, english=english)):
            method.write_row(number, 0, line, bold if number in (0, METHOD_FACTS + 1) else None)
        method.autofit(400)
    return out.getvalue()


METHOD_FACTS = 10
"""Lines of the method's worksheet above the table of criteria."""


def _method_lines(sheet: Sheet, names: Sequence[str], *, english: bool) -> Iterator[list[Any]]:
    said: Mapping[str, tuple[str, str]] = {
        "method": ("Metode", "Method"),
        "run": ("Nomor penetapan", "Run"),
        "model": ("Model", "Model"),
        "normalisation": ("Normalisasi", "Normalisation"),
        "aggregation": ("Agregasi", "Aggregation"),
        "quota": ("Kuota wilayah / provinsi", "Quota of areas / provinces"),
        "decree": ("Keputusan", "Decree"),
        "input_hash": ("SHA-256 masukan", "SHA-256 of the inputs"),
        "result_hash": ("SHA-256 masukan dan hasil", "SHA-256 of inputs and result"),
    }
    facts = (
        "", sheet.run_id, f"{sheet.model_code} v{sheet.model_version}", sheet.normalisation, sheet.aggregation,
        f"{sheet.area_quota} / {sheet.province_quota}", sheet.decree_ref or "–", sheet.input_hash, sheet.result_hash,
    )  # fmt: skip
    for both, fact in zip(said.values(), facts, strict=True):
        yield [both[english], str(fact)]
    yield []
    yield []
    headings = ("Kriteria/Criterion", "Bobot/Weight", "Arah/Direction", "Dimensi/Dimension", "Satuan/Unit", "Sumber/Source", "Periode/Period")
    yield [heading.split("/")[english] for heading in headings]
    for criterion, name in zip(sheet.criteria, names, strict=True):
        yield [name, criterion.weight, criterion.direction, criterion.dimension, criterion.unit, criterion.source, criterion.period]


def to_geojson(sheet: Sheet) -> bytes:
    """A point for each candidate; `class` is the quartile of its score, 4 the highest."""
    bounds = upper_bounds([row.score for row in sheet.rows], 4, "quantile")
    features = [_feature(row.region_code, row.place, dict(zip(FACTS, _facts(row), strict=True)) | {"class": class_of(row.score, bounds)}) for row in sheet.rows]
    about = {"run_id": str(sheet.run_id), "result_hash": sheet.result_hash, "upper_bounds": bounds}
    return _collection(features, about)


def map_of(figures: Mapping[str, float], places: Mapping[str, Place], classes: int, classing: Classing, about: Mapping[str, Any]) -> bytes:
    """A point for each region that has a figure, with its class; the bounds of the classes beside them."""
    bounds = upper_bounds(list(figures.values()), classes, classing) if figures else []
    features = [
        _feature(code, places[code], {"region_code": code, "name": places[code].name, "value": value, "class": class_of(value, bounds)})
        for code, value in figures.items()
        if code in places
    ]
    return _collection(features, {**about, "classes": len(bounds), "classing": classing, "upper_bounds": bounds})


def _feature(code: str, place: Place, properties: Mapping[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    return {"type": "Feature", "id": code, "geometry": point, "properties": properties}


def _collection(features: Sequence[dict[str, Any]], about: Mapping[str, Any]) -> bytes:
    document = {"type": "FeatureCollection", **about, "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
