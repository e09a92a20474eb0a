"""What can be done with files of figures."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.figure_imports.domain import Declared, FigureCounts, FigureImport
from services.mapping.figure_imports.errors import FiguresKnown, SourceUndescribed
from services.mapping.figure_imports.tables import LONG, abandoned, forget_rows, measure, source_known, take_over, taken_over
from shared.clock import new_id, now
from shared.database import Database, Transaction
from shared.errors import IllegalTransition, StaleVersion

SILENT = timedelta(minutes=2)
"""A reader that was not seen for so long is gone."""


async def receive(transaction: Transaction, content_hash: str, declared: Declared, author: str) -> FigureImport:
    """Take a file in; its rows are read afterwards. The same file with the same declaration that was taken over before is refused."""
    async with transaction() as uow:
        if declared in list((await uow.connection.execute(taken_over(content_hash))).scalars()):
            raise FiguresKnown
        known = await uow.connection.scalar(source_known(declared.source_code))
        if not known and not (declared.publisher and declared.title and declared.source_year):
            raise SourceUndescribed(source_code=declared.source_code)
        found = FigureImport.receive(id=new_id(), content_hash=content_hash, declared=declared, author=author)
        uow.add(found)
    return found


async def commit(transaction: Transaction, import_id: UUID, by: str, accepted_reason: str | None) -> FigureImport:
    """Take a file over, in one transaction; `by` is another person than who sent it."""
    async with transaction() as uow:
        found = await uow.get(FigureImport, import_id)
        found.require_committable(by, accepted_reason)
        await uow.connection.execute(LONG)
        counts, said = await measured(uow.connection, found)
        found.commit(by, counts, said["indicator_codes"], said["periods"], accepted_reason)
        uow.also(LONG)
        for statement, parameters in take_over(found):
            uow.also(statement, parameters)
        uow.also(forget_rows(import_id))
    return found


async def measured(connection: AsyncConnection, found: FigureImport, rows: int | None = None, refused_rows: int | None = None) -> tuple[FigureCounts, Any]:
    """What taking it over would do now, and which indicators and periods it is about."""
    said: Any = (await connection.execute(*measure(found))).mappings().one()
    counts = FigureCounts(
        rows=found.counts.rows if rows is None else rows,
        refused_rows=found.counts.refused_rows if refused_rows is None else refused_rows,
        entered=said["entered"],
        changed=said["changed"],
        unchanged=said["unchanged"],
    )
    return counts, said


async def discard(transaction: Transaction, import_id: UUID, by: str, reason_code: str) -> FigureImport:
    """Throw a file away; one that is being read is read no further."""
    async with transaction() as uow:
        found = await uow.get(FigureImport, import_id)
        found.discard(by, reason_code)
        uow.also(forget_rows(import_id))
    return found


async def fail(database: Database, import_id: UUID, reason_code: str) -> None:
    """Say that a file could not be read to its end, unless it was decided meanwhile."""
    try:
        async with database.transaction() as uow:
            (await uow.get(FigureImport, import_id)).fail(reason_code)
            uow.also(forget_rows(import_id))
    except (StaleVersion, IllegalTransition):
        return


async def fail_abandoned(database: Database) -> int:
    """Fail every file whose reader is gone, so that it can be sent again; how many there were."""
    async with database.reading() as connection:
        gone = list((await connection.execute(abandoned(now() - SILENT))).scalars())
    for import_id in gone:
        await fail(database, import_id, "interrupted")
    return len(gone)
