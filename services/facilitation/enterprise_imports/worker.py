"""Reads files of enterprises one after the other in the background.

A batch of rows, what became of them, and how far the file was read are one transaction: after a kill the same file, sent again, goes on
behind the last batch, and nothing is in the register twice.
"""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.facilitation.duplicates.domain import DuplicateCandidate
from services.facilitation.duplicates.handlers import candidate_id
from services.facilitation.duplicates.scoring import Compared, rules_on, score
from services.facilitation.duplicates.tables import compared_of
from services.facilitation.enterprise_imports.domain import RefusedRow
from services.facilitation.enterprise_imports.rows import COLUMNS, RowRefused, parsed, places_of
from services.facilitation.enterprise_imports.tables import LOOK_ALIKE, enter, enterprise_imports, keep_refused, known_numbers
from services.facilitation.enterprises.domain import Channel, Enterprise
from services.facilitation.enterprises.handlers import sealed_owner
from services.facilitation.enterprises.names import keys_of
from shared import telemetry
from shared.clock import new_id, now, today
from shared.database import Database
from shared.errors import Problem
from shared.failures import is_transient
from shared.files.reading import Row, read_csv, read_xlsx
from shared.money import Rupiah
from shared.security.personal_data import Vault

BATCH = 5_000
TRIES = 5
READERS = {"csv": read_csv, "xlsx": read_xlsx}
_COLUMN_OF = {
    "nik_malformed": "owner_nik",
    "nik_birth_date_impossible": "owner_nik",
    "nik_serial_zero": "owner_nik",
    "not_micro": "capital_idr",
    "consent_in_future": "consent_on",
    "kbli_outside_section": "kbli_code",
}
log = telemetry.logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that can enter the register unless its numbers are there already."""

    row_number: int
    enterprise: Enterprise


class Worker:
    """Files wait here until they are read; `put` takes them over with what is open of them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._waiting: asyncio.Queue[tuple[UUID, IO[bytes]]] = asyncio.Queue()

    def put(self, import_id: UUID, file: IO[bytes]) -> None:
        """Have a file read, which is closed afterwards."""
        self._waiting.put_nowait((import_id, file))

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until the service stops; a file that is not read by then goes on when it is sent again."""
        ended = asyncio.ensure_future(stopping.wait())
        try:
            while not stopping.is_set():
                waiting = asyncio.ensure_future(self._waiting.get())
                await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    break
                import_id, file = waiting.result()
                with file:
                    await self._read(import_id, file, stopping)
        finally:
            ended.cancel()
            while not self._waiting.empty():
                self._waiting.get_nowait()[1].close()

    async def _read(self, import_id: UUID, file: IO[bytes], stopping: asyncio.Event) -> None:
        try:
            async with self._database.reading() as connection:
                found = (await connection.execute(select(enterprise_imports).where(enterprise_imports.c.id == import_id))).one()
            with contextlib.closing(READERS[found.kind](file, places_of)) as rows:
                fresh = (row for row in rows if row[0] > found.rows_read)
                while batch := await asyncio.to_thread(lambda: list(islice(fresh, BATCH))):
                    if stopping.is_set():
                        await self._say(import_id, state="interrupted")
                        return
                    await self._enter(found, batch)
            await self._say(import_id, state="done")
        except Problem as problem:
            await self._say(import_id, state="failed", reason_code=problem.code)
        except Exception as error:
            passing = is_transient(error)
            log.error("a file of enterprises could not be read to its end", import_id=str(import_id), exc_info=error)
            await self._say(import_id, state="interrupted" if passing else "failed", reason_code=None if passing else "internal_error")

    async def _say(self, import_id: UUID, **values: Any) -> None:
        try:
            async with self._database.engine.begin() as connection:
                await connection.execute(update(enterprise_imports).where(enterprise_imports.c.id == import_id).values(beat=now(), **values))
        except Exception as error:
            # Its beat is old then, and it counts as interrupted.
            log.error("the end of a file could not be recorded", import_id=str(import_id), exc_info=error)

    async def _enter(self, found: Any, batch: list[Row]) -> None:
        ready, refused = await asyncio.to_thread(self._checked, batch, found.regions, found.sent_by, today())
        for attempt in range(1, TRIES + 1):
            try:
                async with self._database.engine.begin() as connection:
                    await self._take(connection, found, batch[-1][0], ready, refused)
            except IntegrityError:  # somebody registered one of them between our look and our write
                if attempt == TRIES:
                    raise
            else:
                return

    async def _take(self, connection: AsyncConnection, found: Any, last_row: int, ready: list[Ready], refused: list[RefusedRow]) -> None:
        given = [each.enterprise for each in ready]
        niks, nibs = await known_numbers(connection, [each.owner_nik_index for each in given], [each.nib for each in given if each.nib])
        good, wrong = [], list(refused)
        for each in ready:
            enterprise = each.enterprise
            if enterprise.owner_nik_index in niks:
                wrong.append(RefusedRow(each.row_number, COLUMNS["owner_nik"], "nik_already_registered"))
            elif enterprise.nib in nibs:
                wrong.append(RefusedRow(each.row_number, COLUMNS["nib"], "nib_already_registered"))
            else:
                good.append(enterprise)
        with telemetry.within(replace(telemetry.current(), correlation_id=str(found.id), actor=found.sent_by)):
            await enter(connection, good, found.sent_by)
            candidates = await self._ask_about(connection, [enterprise.id for enterprise in good])
        await keep_refused(connection, found.id, wrong)
        i = enterprise_imports.c
        counted = {"registered": i.registered + len(good), "refused": i.refused + len(wrong), "candidates": i.candidates + candidates}
        await connection.execute(update(enterprise_imports).where(i.id == found.id).values(rows_read=last_row, beat=now(), **counted))

    async def _ask_about(self, connection: AsyncConnection, ids: list[UUID]) -> int:
        """Flag those that look like earlier ones by birth and name; those of one place and business are found by a run over the regency."""
        rules = rules_on(today())
        pairs = (await connection.execute(LOOK_ALIKE, {"ids": ids})).all()
        compared = {row.id: Compared.of(row) for row in (await connection.execute(compared_of({id for pair in pairs for id in pair}))).all()}
        alike = [(pair, score(compared[pair.enterprise_id], compared[pair.other_id], rules)) for pair in pairs]
        asked = [(pair, found) for pair, found in alike if found.points >= rules.threshold]
        if asked:
            async with self._database.joining(connection)() as uow:
                for pair, found in asked:
                    uow.add(
                        DuplicateCandidate.flag(
                            id=candidate_id(pair.enterprise_id, pair.other_id),
                            region_code=compared[pair.enterprise_id].region_code,
                            enterprise_id=pair.enterprise_id,
                            other_enterprise_id=pair.other_id,
                            score=found,
                            rule_version=rules.version,
                        )
                    )
        return len(asked)

    def _checked(self, batch: list[Row], regions: list[str], by: str, on: date) -> tuple[list[Ready], list[RefusedRow]]:
        """Each row as an enterprise, or why it is none; of two with one number the first counts."""
        ready: list[Ready] = []
        refused: list[RefusedRow] = []
        niks: set[bytes] = set()
        nibs: set[str] = set()
        for number, cells in batch:
            try:
                enterprise = self._enterprise(cells, regions, by, on)
                if enterprise.owner_nik_index in niks:
                    raise RowRefused(COLUMNS["owner_nik"], "nik_in_file_twice")
                if enterprise.nib and enterprise.nib in nibs:
                    raise RowRefused(COLUMNS["nib"], "nib_in_file_twice")
            except RowRefused as wrong:
                refused.append(RefusedRow(number, wrong.column, wrong.code))
            except Problem as problem:
                refused.append(RefusedRow(number, COLUMNS[_COLUMN_OF.get(problem.code, "owner_nik")], problem.code))
            else:
                niks.add(enterprise.owner_nik_index)
                nibs.update([enterprise.nib] if enterprise.nib else [])
                ready.append(Ready(number, enterprise))
        return ready, refused

    def _enterprise(self, cells: dict[str, str], regions: list[str], by: str, on: date) -> Enterprise:
        body = parsed(cells)
        if not any(body.region_code == region or body.region_code.startswith(f"{region}.") for region in regions):
            raise RowRefused(COLUMNS["region_code"], "outside_your_regions")
        id = new_id()
        owner = sealed_owner(self._vault, id, owner_name=body.owner_name, owner_nik=body.owner_nik, owner_sex=body.owner_sex, on=on)
        return Enterprise.register(
            id=id,
            name=body.name,
            name_keys=keys_of(body.name),
            owner=owner,
            region_code=body.region_code,
            kbli_section=body.kbli_section,
            kbli_code=body.kbli_code,
            capital_idr=Rupiah(body.capital_idr),
            annual_sales_idr=Rupiah(body.annual_sales_idr),
            nib=body.nib,
            consent_purpose=body.consent_purpose,
            consent_on=body.consent_on,
            by=by,
            channel=Channel.IMPORT,
            duplicate_candidates=0,
            on=on,
        )
