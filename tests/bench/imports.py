"""A file of 1,000,000 figures, from its bytes to figures that count, against `COPY` of the same rows into the same table.

Ours reads the file, checks every row, stages it, looks for what is suspicious, and takes it over as another person; `COPY` does none of it.
"""

import asyncio
import csv
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, product
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import uvloop

from services.mapping.figure_imports import handlers, worker
from services.mapping.figure_imports.domain import Declared
from services.mapping.reference import load_reference_tables
from services.mapping.regions.codes import Scheme
from services.mapping.schema import metadata
from shared.database import Database, create_engine
from tests.bench.rig import RUNS, Result, World, apart, dsn, sizes, spread

SOURCE = "bench-figures"
INDICATORS = ("population", "grdp_constant_2010")
FIRST_YEAR, MONTHS = 1925, 12
DECLARED = Declared(
    kind="csv", scheme=Scheme.KEMENDAGRI, decimals="point", atomic="all", source_code=SOURCE, publisher="-", title="Made for a measurement", source_year=2024
)


def measure(world: World) -> list[Result]:
    """Files of growing size; the ratio is that of the largest."""
    url = world.postgres.url("mapping")
    uvloop.run(_prepared(url))
    growth: dict[int, Any] = {}
    ratios: list[float] = []
    for size in sizes("IMPORT_ROWS", "10000,100000,1000000"):
        path = world.folder / f"figures-{size}.csv"
        codes = uvloop.run(_codes(url))
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("kode", "indikator", "periode", "nilai"), *islice(_rows(codes), size)])
        mine, theirs, peaks = [], [], []
        for _ in range(RUNS if size < 1_000_000 else max(1, RUNS // 2)):
            theirs.append(uvloop.run(_copied(url, path)))
            uvloop.run(_emptied(url))
            alone = apart(_imported, url, str(path))
            mine.append(alone.value)
            peaks.append((alone.before_mb, alone.peak_mb))
            uvloop.run(_emptied(url))
        ratios = [copy / ours for ours, copy in zip(mine, theirs, strict=True)]
        growth[size] = {"seconds": spread(mine), "copy_seconds": spread(theirs), "mb_before_and_peak": [median(each) for each in zip(*peaks, strict=True)]}
    return [Result(f"import of {size:,} figures, checked and taken over", "`COPY` of the same rows", 0.15, ratios, details={"by_size": growth})]


def _rows(codes: list[str]) -> Iterator[tuple[str, str, str, str]]:
    for year in range(FIRST_YEAR, 2025):
        for month, indicator, (place, code) in product(range(1, MONTHS + 1), INDICATORS, enumerate(codes)):
            yield code, indicator, f"{year}-{month:02d}", str(100_000 + (place * 7919 + year * 31 + month) % 899_999)


async def _prepared(url: str) -> None:
    engine = create_engine(url)
    await load_reference_tables(Database(engine, metadata))
    await engine.dispose()


async def _codes(url: str) -> list[str]:
    """Regencies that have had their code all the time, so that every row is good."""
    connection = await asyncpg.connect(dsn(url))
    rows = await connection.fetch("SELECT region_code FROM regions WHERE level = 'regency' AND region_code NOT IN (SELECT to_code FROM region_crosswalk)")
    await connection.close()
    return sorted(row["region_code"] for row in rows if row["region_code"][:2] not in ("91", "92", "93", "94", "95", "96", "65"))


async def _copied(url: str, path: Path) -> float:
    connection = await asyncpg.connect(dsn(url))
    await connection.execute(
        "INSERT INTO sources (source_code, publisher, title, year, licence_note, retrieved_via, nature, covers, preference) "
        "VALUES ($1, '-', '-', 2024, '-', '-', 'published', '-', 100) ON CONFLICT DO NOTHING",
        SOURCE,
    )
    with path.open(newline="") as file:
        rows = [(indicator, period, code, Decimal(value), SOURCE) for code, indicator, period, value in islice(csv.reader(file), 1, None)]
    started = time.perf_counter()
    await connection.copy_records_to_table("indicator_values", records=rows, columns=["indicator_code", "period", "region_code", "value", "source_code"])
    seconds = time.perf_counter() - started
    await connection.close()
    return seconds


async def _emptied(url: str) -> None:
    connection = await asyncpg.connect(dsn(url))
    await connection.execute("DELETE FROM indicator_values WHERE source_code = $1", SOURCE)
    await connection.execute("VACUUM indicator_values")
    await connection.close()


def _imported(url: str, path: str) -> float:
    return uvloop.run(_import(url, path))


async def _import(url: str, path: str) -> float:
    engine = create_engine(url)
    database = Database(engine, metadata)
    started = time.perf_counter()
    found = await handlers.receive(database.transaction, f"{time.time_ns():064d}", DECLARED, "sender")
    with await asyncio.to_thread(open, path, "rb") as file:
        await worker.check_file(database, found.id, file)
    checked = await handlers.commit(database.transaction, found.id, "somebody else", "measured")
    seconds = time.perf_counter() - started
    assert checked.counts.refused_rows == 0 and checked.counts.entered == checked.counts.rows, checked.counts
    await engine.dispose()
    return seconds
