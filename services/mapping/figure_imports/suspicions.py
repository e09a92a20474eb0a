"""What makes a file as a whole doubtful, by rules that know no particular file; whoever takes it over answers for it.

* ``time_share``: figures that are whole minutes of a day (8.18055556 = 11,780 minutes), which is what a spreadsheet makes of 18.98.
* ``copied_values``: the same figure of six or more digits for several regions.
* ``exchanged_values``: two regions of a province whose figures are each other's in another source or period.
* ``jumps``: figures far from those of another source or period where the others hardly differ from theirs.
* ``parts_and_total``: regencies that do not sum to their province's figure in the same file, for what can be summed.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.figure_imports.domain import Suspicion
from services.mapping.figure_imports.tables import sql

NAMED = 20
"""So many regions are named with a suspicion."""

WORDS: dict[str, tuple[str, str]] = {
    "time_share": ("angka berupa jam atau tanggal lembar kerja", "figures that are a spreadsheet's times or dates"),
    "copied_values": ("angka yang sama persis pada beberapa wilayah", "the very same figure for several regions"),
    "exchanged_values": ("angka yang tertukar antarwilayah", "figures exchanged between regions"),
    "jumps": ("lonjakan terhadap sumber atau periode lain", "jumps against another source or period"),
    "parts_and_total": ("jumlah kabupaten/kota tidak sama dengan provinsinya", "regencies that do not sum to their province"),
}

_OTHERS = """
others AS (
    SELECT DISTINCT ON (r.row_number) r.row_number, r.indicator_code, r.period, r.region_code, r.value, v.value AS other
    FROM figure_import_rows AS r
    JOIN indicator_values AS v ON v.indicator_code = r.indicator_code AND v.region_code = r.region_code AND v.value IS NOT NULL
         AND (v.period, v.source_code) IS DISTINCT FROM (r.period, CAST(:source_code AS text))
    WHERE r.import_id = :import_id AND r.value IS NOT NULL
    ORDER BY r.row_number, (v.period = r.period) DESC, v.period DESC, v.source_code
)
"""
_RULES = {
    # Random digits come as near to a whole minute once in 5,000 figures.
    "time_share": """
        SELECT region_code FROM figure_import_rows
        WHERE import_id = :import_id AND scale(value) >= 6 AND abs(value * 1440 - round(value * 1440)) < 0.0001 AND value <> trunc(value)
        ORDER BY row_number
    """,
    "copied_values": """
        SELECT region_code FROM (
            SELECT region_code, row_number, count(*) OVER (PARTITION BY indicator_code, period, value) AS times
            FROM figure_import_rows
            WHERE import_id = :import_id AND length(trim(trailing '0' FROM replace(trim_scale(abs(value))::text, '.', ''))) >= 6
        ) AS each WHERE times > 1 ORDER BY row_number
    """,
    "exchanged_values": f"""
        WITH {_OTHERS}
        SELECT a.region_code FROM others AS a JOIN others AS b
          ON (a.indicator_code, a.period) = (b.indicator_code, b.period) AND left(a.region_code, 2) = left(b.region_code, 2) AND a.region_code <> b.region_code
        WHERE abs(a.value - b.other) <= 0.005 * abs(b.other) AND abs(b.value - a.other) <= 0.005 * abs(a.other) AND abs(a.other - b.other) > 0.1 * abs(a.other)
        ORDER BY a.row_number
    """,  # noqa: S608
    "jumps": f"""
        WITH {_OTHERS}, changes AS (SELECT *, abs(value - other) / nullif(abs(other), 0) AS change FROM others),
        usual AS (SELECT indicator_code, percentile_cont(0.5) WITHIN GROUP (ORDER BY change) AS median, count(*) AS rows FROM changes GROUP BY 1)
        SELECT region_code FROM changes JOIN usual USING (indicator_code)
        WHERE usual.rows >= 10 AND change > 0.5 AND change > 8 * usual.median ORDER BY row_number
    """,  # noqa: S608
    "parts_and_total": """
        WITH sums AS (
            SELECT r.indicator_code, r.period, left(r.region_code, 2) AS province, sum(value) AS parts, count(*) AS given
            FROM figure_import_rows AS r JOIN indicators AS i USING (indicator_code)
            WHERE import_id = :import_id AND length(region_code) = 5 AND i.unit IN ('persons', 'million_idr') GROUP BY 1, 2, 3
        )
        SELECT t.region_code FROM figure_import_rows AS t
        JOIN sums ON (sums.indicator_code, sums.period, sums.province) = (t.indicator_code, t.period, t.region_code)
        WHERE t.import_id = :import_id AND length(t.region_code) = 2 AND abs(t.value - sums.parts) > 0.01 * abs(t.value)
          AND sums.given = (SELECT count(*) FROM regions WHERE parent_region_code = sums.province AND level = 'regency' AND status = 'active')
        ORDER BY t.row_number
    """,
}
_FEWEST = {"time_share": 2, "copied_values": 4}
"""Fewer rows than these are chance."""


async def suspicions_of(connection: AsyncConnection, import_id: UUID, source_code: str) -> list[Suspicion]:
    """Everything doubtful about the staged rows of a file."""
    found = []
    # The rows were written a moment ago, and of what is compared with what the planner knows nothing: it would join them one by one.
    await connection.execute(text("ANALYZE figure_import_rows"))
    await connection.execute(text("SET LOCAL enable_nestloop = off"))
    for rule, query in _RULES.items():
        parameters: dict[str, Any] = {"import_id": import_id} | ({"source_code": source_code} if ":source_code" in query else {})
        codes = list((await connection.execute(sql(query), parameters)).scalars())
        if len(codes) >= _FEWEST.get(rule, 1):
            found.append(Suspicion(rule=rule, row_count=len(codes), region_codes=list(dict.fromkeys(codes))[:NAMED]))
    await connection.execute(text("SET LOCAL enable_nestloop = on"))
    return found
