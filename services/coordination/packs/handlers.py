"""What can be done with a pack, and what the calendar does to it."""

import asyncio
import json
from datetime import date, timedelta
from uuid import UUID

from services.coordination.calendar.days import calendar
from services.coordination.convergence.domain import last_day_of, quarter_of
from services.coordination.packs.content import canonical, compile_content, hash_of
from services.coordination.packs.domain import Form, Hashes, QuarterlyPack, QuarterOutsideProgramme
from services.coordination.packs.files import to_pdf, to_xlsx
from services.coordination.packs.tables import file_of, kept, pack_of, to_freeze
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme
from services.coordination.programmes.tables import running_programmes
from shared.clock import new_id
from shared.database import Database, Transaction, UnitOfWork
from shared.errors import Conflict


def deadline_of(quarter: str, form: Form) -> date:
    """The working day by which a form is due (PP 39/2006), by the policy in force at the end of the quarter."""
    last = last_day_of(quarter)
    days = next(each.working_days for each in policy_on(last).pack_deadlines if each.form == form)
    return calendar().plus(last, days)


async def begin_pack(transaction: Transaction, *, programme_id: UUID, quarter: str, form: Form, on: date) -> QuarterlyPack:
    """Compile the pack of a quarter for the first time."""
    async with transaction() as uow:
        programme, last = await uow.get(Programme, programme_id), last_day_of(quarter)
        if last < programme.valid_from or quarter > quarter_of(programme.valid_to):
            raise QuarterOutsideProgramme(valid_from=str(programme.valid_from), valid_to=str(programme.valid_to))
        deadline = deadline_of(quarter, form)
        body = canonical(await compile_content(uow.connection, programme, quarter, form, deadline, 1, on))
        pack = QuarterlyPack.begin(id=new_id(), programme_id=programme_id, quarter=quarter, form=form, deadline=deadline, content_hash=hash_of(body))
        uow.add(pack)
        uow.also(kept(pack.id, 1, "json", pack.content_hash, body))
    return pack


async def _content(uow: UnitOfWork, pack: QuarterlyPack, pack_version: int, on: date) -> bytes:
    programme = await uow.get(Programme, pack.programme_id)
    return canonical(await compile_content(uow.connection, programme, pack.quarter, pack.form, pack.deadline, pack_version, on))


async def compile_anew(transaction: Transaction, pack_id: UUID, on: date) -> QuarterlyPack:
    """Compile it from the data of the moment."""
    async with transaction() as uow:
        pack = await uow.get(QuarterlyPack, pack_id)
        body = await _content(uow, pack, pack.pack_version, on)
        pack.compile_anew(hash_of(body))
        uow.also(kept(pack.id, pack.pack_version, "json", pack.content_hash, body))
    return pack


async def freeze_pack(transaction: Transaction, pack_id: UUID, on: date) -> QuarterlyPack:
    """Compile it once more, make its files, and leave all as it is."""
    async with transaction() as uow:
        pack = await uow.get(QuarterlyPack, pack_id)
        pack.may("freeze")
        body = await _content(uow, pack, pack.pack_version, on)
        content, hashed = json.loads(body), hash_of(body)
        pdf, xlsx = await asyncio.to_thread(to_pdf, content, hashed), await asyncio.to_thread(to_xlsx, content, hashed)
        hashes = Hashes(content=hashed, pdf=hash_of(pdf), xlsx=hash_of(xlsx))
        pack.freeze(hashes, on, last_day_of(pack.quarter))
        for kind, sha256, file in (("json", hashes.content, body), ("pdf", hashes.pdf, pdf), ("xlsx", hashes.xlsx, xlsx)):
            uow.also(kept(pack.id, pack.pack_version, kind, sha256, file))
    return pack


async def correct_pack(transaction: Transaction, pack_id: UUID, reason_code: str, on: date) -> QuarterlyPack:
    """Begin a further version of a frozen pack."""
    async with transaction() as uow:
        pack = await uow.get(QuarterlyPack, pack_id)
        pack.may("correct")
        body = await _content(uow, pack, pack.pack_version + 1, on)
        pack.correct(reason_code, hash_of(body))
        uow.also(kept(pack.id, pack.pack_version, "json", pack.content_hash, body))
    return pack


async def read_file(database: Database, pack_id: UUID, pack_version: int, kind: str) -> tuple[str, bytes] | None:
    """SHA-256 and bytes of a file, if there is one."""
    async with database.reading() as connection:
        row = (await connection.execute(file_of(pack_id, pack_version, kind))).one_or_none()
    return (row.sha256, row.body) if row else None


async def keep_packs(database: Database, on: date) -> int:
    """Begin the pack of the last quarter of every programme in force, and freeze those whose deadline has passed; how many there were."""
    done = 0
    ended = quarter_of(date(on.year, 3 * ((on.month - 1) // 3) + 1, 1) - timedelta(days=1))
    async with database.reading() as connection:
        programmes = [Programme(**row._mapping) for row in await connection.execute(running_programmes())]
    for programme in programmes:
        form = Form(policy_on(last_day_of(ended)).pack_form)
        if last_day_of(ended) < programme.valid_from or on > deadline_of(ended, form):
            continue
        async with database.reading() as connection:
            known = await connection.scalar(pack_of(programme.id, ended, form))
        if known is None:
            try:
                await begin_pack(database.transaction, programme_id=programme.id, quarter=ended, form=form, on=on)
                done += 1
            except Conflict:
                continue  # somebody began it at this moment
    async with database.reading() as connection:
        ids = (await connection.scalars(to_freeze(on))).all()
    for id in ids:
        try:
            await freeze_pack(database.transaction, id, on)
            done += 1
        except Conflict:
            continue  # somebody froze it at this moment
    return done
