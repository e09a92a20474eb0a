"""Reads files of figures one after the other in the background, and says how far it got."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator, Iterator
from itertools import islice
from typing import IO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.figure_imports.domain import Declared, FigureImport, FigureImportStatus
from services.mapping.figure_imports.handlers import fail, fail_abandoned, measured
from services.mapping.figure_imports.reading import read_csv, read_parquet, read_xlsx
from services.mapping.figure_imports.rows import Checker, StagedRow
from services.mapping.figure_imports.suspicions import suspicions_of
from services.mapping.figure_imports.tables import LONG, beat, copy_rows, forget_rows, refuse_duplicates, refused_count, status_of, write_refused
from services.mapping.figure_imports.values import RefusedRow
from services.mapping.indicators.domain import DERIVATIONS
from services.mapping.indicators.tables import indicators
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.tables import load_crosswalk
from shared import telemetry
from shared.clock import now, pause
from shared.database import Database
from shared.errors import IllegalTransition, Problem

BATCH = 5_000
MAX_REFUSED_KEPT = 20_000
LOOK_SECONDS = 60.0
log = telemetry.logger(__name__)
Checked = StagedRow | RefusedRow


_READERS = {"csv": read_csv, "xlsx": read_xlsx, "parquet": read_parquet}


class _Decided(Exception):
    """Somebody discarded the file while it was read."""


class Reader:
    """Files wait here until they are read; `put` takes them over with what is open of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: asyncio.Queue[tuple[UUID, IO[bytes]]] = asyncio.Queue()

    def put(self, import_id: UUID, file: IO[bytes]) -> None:
        """Have a file read, which is closed afterwards."""
        self._waiting.put_nowait((import_id, file))

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until the service stops; what is not read by then is said to have been interrupted."""
        looking = asyncio.create_task(self._look(stopping))
        ended = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                waiting = asyncio.create_task(self._waiting.get())
                await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    break
                import_id, file = waiting.result()
                reading = asyncio.create_task(self._read(import_id, file))
                await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await reading
                    await fail(self._database, import_id, "interrupted")
        finally:
            looking.cancel()
            ended.cancel()
            while not self._waiting.empty():
                import_id, file = self._waiting.get_nowait()
                file.close()
                await fail(self._database, import_id, "interrupted")

    async def _look(self, stopping: asyncio.Event) -> None:
        """Once a minute, fail what a reader elsewhere left behind."""
        while not stopping.is_set():
            try:
                await fail_abandoned(self._database)
            except Exception as error:  # it waits a minute more
                log.warning("abandoned files could not be looked at", error=repr(error))
            await pause(stopping, LOOK_SECONDS)

    async def _read(self, import_id: UUID, file: IO[bytes]) -> None:
        try:
            with file:
                await check_file(self._database, import_id, file)
        except _Decided:
            await self._forget(import_id)
        except Problem as problem:
            await fail(self._database, import_id, problem.code)
        except Exception as error:
            log.error("a file of figures could not be read", import_id=str(import_id), exc_info=error)
            await fail(self._database, import_id, "internal_error")

    async def _forget(self, import_id: UUID) -> None:
        async with self._database.engine.begin() as connection:
            await connection.execute(forget_rows(import_id))


async def check_file(database: Database, import_id: UUID, file: IO[bytes]) -> None:
    """Stage the good rows, keep the refused ones, and say so; all rows are written in one transaction, progress beside it."""
    async with database.transaction() as uow:
        declared = (await uow.get(FigureImport, import_id)).declared
        checker = await _checker(uow.connection, declared)
    rows = refused = kept = 0
    async with database.engine.begin() as connection, _closing(_checked(file, declared, checker)) as checked:
        await connection.execute(LONG)
        while batch := await asyncio.to_thread(lambda: list(islice(checked, BATCH))):
            good = [each for each in batch if isinstance(each, StagedRow)]
            wrong = [each for each in batch if isinstance(each, RefusedRow)]
            if good:
                await copy_rows(connection, import_id, good)
            if keeping := wrong[: MAX_REFUSED_KEPT - kept]:
                await write_refused(connection, import_id, keeping)
            rows, refused, kept = rows + len(batch), refused + len(wrong), kept + len(keeping)
            await _say(database, import_id, rows, refused)
        await connection.execute(*refuse_duplicates(import_id))
        twice = (await connection.scalar(refused_count(import_id)) or 0) - kept
        found = await suspicions_of(connection, import_id, declared.source_code)
    try:
        async with database.transaction() as uow:
            received = await uow.get(FigureImport, import_id)
            counts, _ = await measured(uow.connection, received, rows, refused + twice)
            received.check(counts, found)
    except IllegalTransition as error:
        raise _Decided from error


@contextlib.asynccontextmanager
async def _closing(rows: Generator[Checked]) -> AsyncIterator[Iterator[Checked]]:
    """The rows, ended before their file is closed."""
    try:
        yield rows
    finally:
        rows.close()


def _checked(file: IO[bytes], declared: Declared, checker: Checker) -> Generator[Checked]:
    needed = ["code", "value", *(name for name, given in (("indicator", declared.indicator_code), ("period", declared.period)) if not given)]
    with contextlib.closing(_READERS[declared.kind](file, needed)) as rows:
        for number, row in rows:
            yield checker.check(number, row)


async def _checker(connection: AsyncConnection, declared: Declared) -> Checker:
    units = {row.indicator_code: row.unit for row in await connection.execute(indicators.select()) if row.indicator_code not in DERIVATIONS}
    return Checker(declared, await load_crosswalk(connection, levels=list(RegionLevel)), units, frozenset(DERIVATIONS))


async def _say(database: Database, import_id: UUID, rows: int, refused: int) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(beat(import_id, rows, refused, now()))
        if await connection.scalar(status_of(import_id)) is not FigureImportStatus.CHECKING:
            raise _Decided
