"""The tables of files of figures: what was sent, its rows until it is decided, the rows refused, and how far the reading got."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Delete,
    Insert,
    Integer,
    Numeric,
    Select,
    Table,
    Text,
    TextClause,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.figure_imports.domain import Declared, FigureCounts, FigureImport, FigureImportStatus, Suspicion
from services.mapping.figure_imports.rows import StagedRow
from services.mapping.figure_imports.values import RefusedRow
from services.mapping.indicators.tables import sources
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

imports = persisted(
    metadata,
    FigureImport,
    "figure_imports",
    Column("content_hash", Text, nullable=False, index=True),
    Column("declared", Typed(Declared), nullable=False),
    Column("counts", Typed(FigureCounts), nullable=False),
    Column("suspicions", Typed(list[Suspicion]), nullable=False),
    Column("author", Text, nullable=False),
    Column("decided_by", Text),
    Column("reason_code", Text),
    Column("accepted_reason", Text),
    Column("status", Code(FigureImportStatus), nullable=False),
)

# Without a foreign key: they are written while their file is still being read, and go when it is decided.
staged = Table(
    "figure_import_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("indicator_code", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("value", Numeric),
    Column("margin", Numeric),
    Column("missing_reason", Text),
)

refused = Table(
    "figure_import_refused_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("column_name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("facts", Typed(dict[str, str]), nullable=False),
)

progress = Table(
    "figure_import_progress",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("rows_read", Integer, nullable=False),
    Column("refused_rows", Integer, nullable=False),
    Column("beat", DateTime(timezone=True), nullable=False, comment="when the reader was last seen"),
)

LONG = text("SET LOCAL statement_timeout = '15min'")
"""A million rows take longer than the statements of a command may."""

# Which of the rows is meant nobody can tell: all of them are refused.
_DUPLICATES = """
WITH twice AS (
    SELECT row_number, region_code, min(row_number) OVER same AS first, max(row_number) OVER same AS last, count(*) OVER same AS times
    FROM figure_import_rows WHERE import_id = :import_id WINDOW same AS (PARTITION BY indicator_code, period, region_code)
), gone AS (
    DELETE FROM figure_import_rows AS r USING twice WHERE r.import_id = :import_id AND r.row_number = twice.row_number AND twice.times > 1
)
INSERT INTO figure_import_refused_rows (import_id, row_number, column_name, code, value, facts)
SELECT :import_id, row_number, 'kode', 'duplicate_row', region_code,
       jsonb_build_object('first_row', (CASE WHEN row_number = first THEN last ELSE first END)::text)
FROM twice WHERE times > 1
"""
_DIFFERS = "(v.value, v.missing_reason, v.margin, v.method) IS DISTINCT FROM (r.value, r.missing_reason, r.margin, CAST(:method AS text))"
_MEASURE = f"""
SELECT count(*) FILTER (WHERE v.region_code IS NULL) AS entered,
       count(*) FILTER (WHERE v.region_code IS NOT NULL AND {_DIFFERS}) AS changed,
       count(*) FILTER (WHERE v.region_code IS NOT NULL AND NOT {_DIFFERS}) AS unchanged,
       coalesce(array_agg(DISTINCT r.indicator_code), '{{}}') AS indicator_codes, coalesce(array_agg(DISTINCT r.period), '{{}}') AS periods
FROM figure_import_rows AS r
LEFT JOIN indicator_values AS v ON (v.indicator_code, v.period, v.region_code) = (r.indicator_code, r.period, r.region_code) AND v.source_code = :source_code
WHERE r.import_id = :import_id
"""  # noqa: S608
_TAKE_OVER = """
INSERT INTO indicator_values AS v (indicator_code, period, region_code, value, missing_reason, source_code, method, margin, import_id)
SELECT indicator_code, period, region_code, value, missing_reason, :source_code, CAST(:method AS text), margin, import_id
FROM figure_import_rows WHERE import_id = :import_id
ON CONFLICT (indicator_code, period, region_code, source_code) DO UPDATE
SET value = excluded.value, missing_reason = excluded.missing_reason, method = excluded.method, margin = excluded.margin, import_id = excluded.import_id
WHERE (v.value, v.missing_reason, v.margin, v.method) IS DISTINCT FROM (excluded.value, excluded.missing_reason, excluded.margin, excluded.method)
"""


def sql(query: str) -> TextClause:
    """A statement about one file."""
    return text(query).bindparams(bindparam("import_id", type_=Uuid))


async def copy_rows(connection: AsyncConnection, import_id: UUID, rows: Sequence[StagedRow]) -> None:
    """Write rows with `COPY`, in the transaction of `connection`, which has begun."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table("figure_import_rows", records=((import_id, *row) for row in rows), columns=[column.name for column in staged.columns])


async def write_refused(connection: AsyncConnection, import_id: UUID, rows: Sequence[RefusedRow]) -> None:
    """Keep what is wrong with rows."""
    values = [
        {"import_id": import_id, "row_number": row.row_number, "column_name": row.column, "code": row.code, "value": row.value, "facts": row.facts}
        for row in rows
    ]
    await connection.execute(insert(refused), values)


def refuse_duplicates(import_id: UUID) -> tuple[TextClause, dict[str, Any]]:
    """Refuse every row whose region, indicator and period are in another row too."""
    return sql(_DUPLICATES), {"import_id": import_id}


def measure(found: FigureImport) -> tuple[TextClause, dict[str, Any]]:
    """What taking the file over would do now."""
    return sql(_MEASURE), {"import_id": found.id, "source_code": found.declared.source_code, "method": found.declared.method}


def take_over(found: FigureImport) -> list[tuple[Any, Any]]:
    """Make the figures say what the file says, and its source known."""
    d = found.declared
    source = {
        "source_code": d.source_code, "publisher": d.publisher, "title": d.title, "year": d.source_year, "licence_note": "as stated by the sender",
        "retrieved_via": f"figure-import:{found.id}", "nature": "published", "covers": d.indicator_code or "several indicators",
    }  # fmt: skip
    statements: list[tuple[Any, Any]] = [(insert(sources).values(source).on_conflict_do_nothing(), None)] if d.publisher else []
    return [*statements, (sql(_TAKE_OVER), {"import_id": found.id, "source_code": d.source_code, "method": d.method})]


def beat(import_id: UUID, rows_read: int, refused_rows: int, now: datetime) -> Insert:
    """Say how far the reading got, and that somebody reads."""
    values = {"rows_read": rows_read, "refused_rows": refused_rows, "beat": now}
    return insert(progress).values(import_id=import_id, **values).on_conflict_do_update(index_elements=[progress.c.import_id], set_=values)


def progress_of(import_id: UUID) -> Select[Any]:
    """How far the reading got."""
    return select(progress).where(progress.c.import_id == import_id)


def status_of(import_id: UUID) -> Select[Any]:
    """Where a file stands."""
    return select(imports.c.status).where(imports.c.id == import_id)


def abandoned(before: datetime) -> Select[Any]:
    """Files that nobody has read on with since then."""
    return (
        select(imports.c.id)
        .join(progress, progress.c.import_id == imports.c.id, isouter=True)
        .where(imports.c.status == FigureImportStatus.CHECKING, func.coalesce(progress.c.beat, before) <= before)
    )


def forget_rows(import_id: UUID) -> Delete:
    """Drop the rows of a file that was decided; what was refused stays readable."""
    return delete(staged).where(staged.c.import_id == import_id)


def refused_rows(import_id: UUID) -> Select[Any]:
    """What was refused of a file."""
    return select(refused).where(refused.c.import_id == import_id)


def refused_count(import_id: UUID) -> Select[Any]:
    """How many rows are kept as refused."""
    return select(func.count()).select_from(refused).where(refused.c.import_id == import_id)


def taken_over(content_hash: str) -> Select[Any]:
    """What was declared of files of the same bytes that were taken over."""
    return select(imports.c.declared).where(imports.c.content_hash == content_hash, imports.c.status == FigureImportStatus.COMMITTED)


def source_known(source_code: str) -> Select[Any]:
    """Whether a source is in the register."""
    return select(sources.c.source_code).where(sources.c.source_code == source_code)
