"""What can be done with official lists of districts and villages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.region_imports.domain import Counts, ListEmpty, ListKnown, RegionImport, RegisterChangedMeanwhile
from services.mapping.region_imports.rows import Checked, Listed, RefusedRow, check, read
from services.mapping.region_imports.tables import (
    abandoned_rows,
    copy_rows,
    forget_refused,
    forget_rows,
    measure,
    refuse_among_rows,
    refused_count,
    take_over,
    taken_over,
    upper_levels,
    write_refused,
)
from shared.clock import new_id, now
from shared.database import Database, Transaction

BATCH = 2000
MAX_REFUSED_KEPT = 20_000
_ON_ITS_WAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentList:
    """A list as it was sent: its lines, the SHA-256 of its bytes, and what was said about it."""

    lines: Iterable[str]
    content_hash: str
    effective_from: date
    decree_ref: str
    complete: bool


async def check_list(transaction: Transaction, database: Database, sent: SentList, author: str) -> RegionImport:
    """Read and check a list; its rows wait beside the register until another person takes it over. Memory does not grow with the list."""
    import_id = new_id()
    try:
        async with database.engine.begin() as connection:
            counts = await _kept(connection, import_id, sent)
        async with transaction() as uow:
            for row in (await uow.connection.execute(taken_over(sent.content_hash))).mappings():
                if (row["effective_from"], row["complete"]) == (sent.effective_from, sent.complete):
                    raise ListKnown
            found = RegionImport.checked(
                id=import_id,
                content_hash=sent.content_hash,
                effective_from=sent.effective_from,
                decree_ref=sent.decree_ref,
                complete=sent.complete,
                counts=counts,
                author=author,
            )
            uow.add(found)
    except BaseException:
        async with database.engine.begin() as connection:
            await connection.execute(forget_rows(import_id))
            await connection.execute(forget_refused(import_id))
        raise
    return found


async def _kept(connection: AsyncConnection, import_id: UUID, sent: SentList) -> Counts:
    await connection.execute(abandoned_rows(_id_at_time()))
    upper = {row.region_code: row.active for row in await connection.execute(upper_levels())}
    rows = above = refused = 0
    checked = (check(number, row, upper) for number, row in read(sent.lines))
    for batch in _batches(checked):
        good = [each for each in batch if isinstance(each, Listed)]
        wrong = [each for each in batch if isinstance(each, RefusedRow)]
        if good:
            await copy_rows(connection, import_id, good)
        if kept := wrong[: max(0, MAX_REFUSED_KEPT - refused)]:
            await write_refused(connection, import_id, kept)
        rows, refused, above = rows + len(batch), refused + len(wrong), above + len(batch) - len(good) - len(wrong)
    for statement, parameters in refuse_among_rows(import_id, complete=sent.complete):
        await connection.execute(statement, parameters)
    together: int = await connection.scalar(refused_count(import_id)) or 0
    counts = await _counted(connection, import_id, sent.complete, rows, above, max(refused, together))
    if counts.districts + counts.villages + counts.refused_rows == 0:
        raise ListEmpty
    return counts


def _batches(checked: Iterator[Checked]) -> Iterator[list[Checked]]:
    while batch := list(islice(checked, BATCH)):
        yield batch


async def _counted(connection: AsyncConnection, import_id: UUID, complete: bool, rows: int, above: int, refused: int) -> Counts:
    found: Any = (await connection.execute(*measure(import_id, complete=complete))).mappings().one()
    if found["stranded"]:
        raise RegisterChangedMeanwhile
    counted = {name: found[name] for name in ("districts", "villages", "entered", "changed", "unchanged", "ended")}
    return Counts(rows=rows, listed_above=above, refused_rows=refused, **counted)


def _id_at_time() -> UUID:
    """The smallest id that a list sent an hour ago can have: ids begin with their time."""
    milliseconds = int((now() - _ON_ITS_WAY).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


async def commit_list(transaction: Transaction, import_id: UUID, by: str) -> RegionImport:
    """Take a list over, all of it in one transaction; `by` is another person than who sent it."""
    async with transaction() as uow:
        found = await uow.get(RegionImport, import_id)
        found.require_committable(by)
        before = found.counts
        found.commit(by, await _counted(uow.connection, import_id, found.complete, before.rows, before.listed_above, before.refused_rows))
        for statement, parameters in take_over(found):
            uow.also(statement, parameters)
        uow.also(forget_rows(import_id))
    return found


async def discard_list(transaction: Transaction, import_id: UUID, by: str, reason_code: str) -> RegionImport:
    """Throw a list away."""
    async with transaction() as uow:
        found = await uow.get(RegionImport, import_id)
        found.discard(by, reason_code)
        uow.also(forget_rows(import_id))
    return found
