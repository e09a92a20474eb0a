"""The tables of official lists: what was sent, its rows until it is decided, and the rows refused; and how a list is taken over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Delete, Index, Integer, Select, Table, Text, TextClause, Uuid, bindparam, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.region_imports.domain import Counts, RegionImport, RegionImportStatus
from services.mapping.region_imports.rows import Listed, RefusedRow
from services.mapping.regions.domain import RegionStatus, id_of
from services.mapping.regions.tables import UPPER, regions
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

imports = persisted(
    metadata,
    RegionImport,
    "region_imports",
    Column("content_hash", Text, nullable=False, index=True),
    Column("effective_from", Date, nullable=False),
    Column("decree_ref", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("counts", Typed(Counts), nullable=False),
    Column("author", Text, nullable=False),
    Column("decided_by", Text),
    Column("reason_code", Text),
    Column("status", Code(RegionImportStatus), nullable=False),
)

# Without a foreign key: they are there before their list is, and go when it is decided.
listed = Table(
    "region_import_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_region_code", Text, nullable=False),
)
Index("ix_region_import_rows_code", listed.c.import_id, listed.c.region_code)

refused = Table(
    "region_import_refused_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("column_name", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("facts", Typed(dict[str, str]), nullable=False),
)

_DUPLICATES = """
INSERT INTO region_import_refused_rows (import_id, row_number, column_name, code, value, facts)
SELECT import_id, row_number, 'code', 'duplicate_code', region_code, jsonb_build_object('first_row', first::text)
FROM (SELECT *, min(row_number) OVER (PARTITION BY region_code) AS first FROM region_import_rows WHERE import_id = :import_id) AS each
WHERE row_number > first
"""
_ORPHANS = """
INSERT INTO region_import_refused_rows (import_id, row_number, column_name, code, value, facts)
SELECT import_id, row_number, 'code', 'parent_unknown', region_code, jsonb_build_object('expected', parent_region_code)
FROM region_import_rows AS village
WHERE import_id = :import_id AND level = 'village'
  AND NOT EXISTS (SELECT FROM region_import_rows AS d WHERE d.import_id = :import_id AND d.region_code = village.parent_region_code)
  AND (:complete OR NOT EXISTS (SELECT FROM regions AS r WHERE r.region_code = village.parent_region_code AND r.status = 'active'))
"""
# What the list says otherwise than the register. A code that had ended and is listed again is of today again.
_DIFFERS = "(r.name, r.kind, r.status) IS DISTINCT FROM (l.name, l.kind, 'active')"
# Districts and villages of today that a complete list leaves out of a regency that it names.
_LEFT_OUT = """
r.level IN ('district', 'village') AND r.status = 'active'
AND left(r.region_code, 5) IN (SELECT DISTINCT left(region_code, 5) FROM region_import_rows WHERE import_id = :import_id)
AND NOT EXISTS (SELECT FROM region_import_rows AS l WHERE l.import_id = :import_id AND l.region_code = r.region_code)
"""
_MEASURE = f"""
SELECT count(*) FILTER (WHERE l.level = 'district') AS districts,
       count(*) FILTER (WHERE l.level = 'village') AS villages,
       count(*) FILTER (WHERE r.id IS NULL) AS entered,
       count(*) FILTER (WHERE r.id IS NOT NULL AND {_DIFFERS}) AS changed,
       count(*) FILTER (WHERE r.id IS NOT NULL AND NOT {_DIFFERS}) AS unchanged,
       count(*) FILTER (WHERE u.status <> 'active') AS stranded,
       (SELECT count(*) FROM regions AS r WHERE :complete AND {_LEFT_OUT}) AS ended
FROM region_import_rows AS l
LEFT JOIN regions AS r ON r.region_code = l.region_code
JOIN regions AS u ON u.region_code = left(l.region_code, 5)
WHERE l.import_id = :import_id
"""  # noqa: S608
# A regency's first list says nothing about when its villages began: as long ago as the regency's code.
_TAKE_OVER = """
INSERT INTO regions AS r (id, version, region_code, level, kind, name, parent_region_code, valid_from, status, source_codes)
SELECT l.id, 0, l.region_code, l.level, l.kind, l.name, l.parent_region_code,
       CASE WHEN known.regency IS NULL THEN COALESCE(u.valid_from, began.day) ELSE CAST(:effective_from AS date) END,
       'active', jsonb_build_array('region-import:' || CAST(:import_id AS text))
FROM region_import_rows AS l
JOIN regions AS u ON u.region_code = left(l.region_code, 5)
LEFT JOIN (SELECT DISTINCT left(region_code, 5) AS regency FROM regions WHERE level = 'district') AS known ON known.regency = u.region_code
LEFT JOIN (SELECT to_code, max(effective_from) AS day FROM region_crosswalk WHERE from_code <> to_code AND kind <> 'merge' GROUP BY to_code) AS began
       ON began.to_code = u.region_code
WHERE l.import_id = :import_id
ON CONFLICT (region_code) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, status = 'active', valid_to = NULL, source_codes = excluded.source_codes,
    former_name = CASE WHEN r.name = excluded.name THEN r.former_name ELSE r.name END
WHERE (r.name, r.kind, r.status) IS DISTINCT FROM (excluded.name, excluded.kind, 'active')
"""
_END = f"UPDATE regions AS r SET status = 'inactive', valid_to = :last_day WHERE {_LEFT_OUT}"  # noqa: S608


def _sql(query: str) -> TextClause:
    # Typed: an id is compared and shown as text in one statement.
    return text(query).bindparams(bindparam("import_id", type_=Uuid))


async def copy_rows(connection: AsyncConnection, import_id: UUID, rows: Sequence[Listed]) -> None:
    """Write rows with `COPY`, in the transaction of `connection`, which has begun."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    records = [
        (import_id, row.row_number, id_of(row.region_code), row.region_code, row.level.value, row.kind.value, row.name, row.parent_region_code) for row in rows
    ]
    await driver.copy_records_to_table("region_import_rows", records=records, columns=[column.name for column in listed.columns])


async def write_refused(connection: AsyncConnection, import_id: UUID, rows: Sequence[RefusedRow]) -> None:
    """Keep what is wrong with rows."""
    values = [
        {"import_id": import_id, "row_number": row.row_number, "column_name": row.column, "code": row.code, "value": row.value, "facts": row.facts}
        for row in rows
    ]
    await connection.execute(insert(refused), values)


def refuse_among_rows(import_id: UUID, *, complete: bool) -> list[tuple[TextClause, dict[str, Any]]]:
    """Keep what is wrong among the rows: a code twice, a village without its district."""
    return [(_sql(_DUPLICATES), {"import_id": import_id}), (_sql(_ORPHANS), {"import_id": import_id, "complete": complete})]


def measure(import_id: UUID, *, complete: bool) -> tuple[TextClause, dict[str, Any]]:
    """What taking the list over would do now, and how many of its rows lie in a regency that has ended."""
    return _sql(_MEASURE), {"import_id": import_id, "complete": complete}


def take_over(found: RegionImport) -> list[tuple[TextClause, dict[str, Any]]]:
    """Make the register say what the list says, district and village rows only."""
    statements: list[tuple[TextClause, dict[str, Any]]] = [(_sql(_TAKE_OVER), {"import_id": found.id, "effective_from": found.effective_from})]
    if found.complete:
        statements.append((_sql(_END), {"import_id": found.id, "last_day": found.effective_from - timedelta(days=1)}))
    return statements


def forget_rows(import_id: UUID) -> Delete:
    """Drop the rows of a list that was decided; what was refused stays readable."""
    return delete(listed).where(listed.c.import_id == import_id)


def forget_refused(import_id: UUID) -> Delete:
    """Drop what was refused of a list that never came to be."""
    return delete(refused).where(refused.c.import_id == import_id)


def abandoned_rows(before: UUID) -> Delete:
    """Drop rows whose list never came to be; `before` is an id of the time from which on one may still be on its way."""
    return delete(listed).where(listed.c.import_id < before, listed.c.import_id.not_in(select(imports.c.id)))


def refused_rows(import_id: UUID) -> Select[Any]:
    """What was refused of a list."""
    return select(refused).where(refused.c.import_id == import_id)


def refused_count(import_id: UUID) -> Select[Any]:
    """How many rows of a list were refused."""
    return select(func.count(refused.c.row_number.distinct())).where(refused.c.import_id == import_id)


def taken_over(content_hash: str) -> Select[Any]:
    """Lists of the same bytes that were taken over."""
    return select(imports).where(imports.c.content_hash == content_hash, imports.c.status == RegionImportStatus.COMMITTED)


def upper_levels() -> Select[Any]:
    """Every province and regency, and whether it is of today."""
    return select(regions.c.region_code, (regions.c.status == RegionStatus.ACTIVE).label("active")).where(regions.c.level.in_(UPPER))
