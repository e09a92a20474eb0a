"""What can be done with files of points."""

import asyncio
import contextlib
from collections import Counter
from typing import IO, Literal
from uuid import UUID

from services.mapping.figure_imports.reading import read_csv, read_xlsx
from services.mapping.region_points.domain import PointCounts, RegionPoints
from services.mapping.region_points.rows import Point, RefusedPoint, check, read_geojson
from services.mapping.region_points.tables import forget, keep_refused, measure, present_points, stage, take_over
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.crosswalk import Crosswalk
from services.mapping.regions.tables import load_crosswalk
from shared.clock import new_id
from shared.database import Transaction

Form = Literal["csv", "xlsx", "geojson"]
COLUMNS = ("code", "latitude", "longitude")


async def check_points(transaction: Transaction, file: IO[bytes], form: Form, content_hash: str, source: str, author: str) -> RegionPoints:
    """Read and check a file of points; nothing moves until another person takes it over."""
    async with transaction() as uow:
        crosswalk = await load_crosswalk(uow.connection, levels=list(RegionLevel))
        places = {row.region_code: (row.latitude, row.longitude) for row in await uow.connection.execute(present_points())}
        good, wrong = await asyncio.to_thread(_checked, file, form, crosswalk, places)
        import_id = new_id()
        moved = sum(places.get(point.region_code) != (point.latitude, point.longitude) for point in good)
        counts = PointCounts(rows=len(good) + len(wrong), refused_rows=len(wrong), moved=moved, unchanged=len(good) - moved)
        found = RegionPoints.checked(id=import_id, content_hash=content_hash, source=source, counts=counts, author=author)
        uow.add(found)
        if good:
            uow.also(*stage(import_id, good))
        if wrong:
            uow.also(*keep_refused(import_id, wrong))
    return found


def _checked(file: IO[bytes], form: Form, crosswalk: Crosswalk, places: dict[str, tuple[float, float]]) -> tuple[list[Point], list[RefusedPoint]]:
    rows = read_geojson(file) if form == "geojson" else read_csv(file, COLUMNS) if form == "csv" else read_xlsx(file, COLUMNS)
    with contextlib.closing(rows):
        checked = [check(number, row, crosswalk, places) for number, row in rows]
    good = [each for each in checked if isinstance(each, Point)]
    times = Counter(point.region_code for point in good)
    first: dict[str, int] = {}
    twice = []
    for point in good:
        if times[point.region_code] > 1:
            other = first.setdefault(point.region_code, point.row_number)
            twice.append(RefusedPoint(point.row_number, point.region_code, "duplicate_row", {"first_row": str(other)}))
    wrong = [*(each for each in checked if isinstance(each, RefusedPoint)), *twice]
    return [point for point in good if times[point.region_code] == 1], wrong


async def commit_points(transaction: Transaction, import_id: UUID, by: str) -> RegionPoints:
    """Move the points, all in one transaction; `by` is another person than who sent them."""
    async with transaction() as uow:
        found = await uow.get(RegionPoints, import_id)
        said = (await uow.connection.execute(*measure(import_id))).mappings().one()
        counts = PointCounts(rows=found.counts.rows, refused_rows=found.counts.refused_rows, moved=said["moved"], unchanged=said["given"] - said["moved"])
        found.commit(by, counts)
        uow.also(*take_over(import_id))
        uow.also(forget(import_id))
    return found


async def discard_points(transaction: Transaction, import_id: UUID, by: str, reason_code: str) -> RegionPoints:
    """Throw a file away."""
    async with transaction() as uow:
        found = await uow.get(RegionPoints, import_id)
        found.discard(by, reason_code)
        uow.also(forget(import_id))
    return found
