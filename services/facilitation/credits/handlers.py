"""Taking over a list of SIKP: who has a government credit elsewhere, known by the blind index of the NIK alone."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.facilitation.credits.domain import Effect, OpenGovernmentCredit, SikpImport, effect_of
from services.facilitation.credits.tables import credits, credits_of
from services.facilitation.enterprises.nik import checked_nik
from services.facilitation.financing.products import PRODUCTS
from services.facilitation.lender_files.reading import FileKind, read_rows
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import Problem
from shared.security.personal_data import Vault

COLUMNS = {
    "nik": ("nik",),
    "lender": ("kode_penyalur", "lender_code"),
    "contract": ("nomor_akad", "contract_reference"),
    "scheme": ("skema", "scheme"),
    "status": ("status",),
    "opened_on": ("tanggal_akad", "opened_on"),
    "closed_on": ("tanggal_selesai", "closed_on"),
}
NEEDED = ("nik", "lender", "contract", "scheme", "status", "opened_on")


@dataclass(frozen=True, slots=True)
class _Credit:
    """A row of the list."""

    number: int
    owner: bytes
    lender: str
    contract: str
    scheme: str
    status: str
    effect: Effect
    opened_on: date
    closed_on: date | None

    @property
    def key(self) -> tuple[str, str, bytes]:
        return self.lender, self.contract, self.owner

    @property
    def family(self) -> str:
        return next((product.family for product in PRODUCTS if product.code == self.scheme), self.scheme.partition("_")[0])


@dataclass(slots=True)
class _Known:
    """What is recorded of a credit; `ours` is closed by its lender's reports and by nothing else."""

    id: UUID
    ours: bool
    open: bool


async def take_over_list(transaction: Transaction, vault: Vault, author: str, *, kind: FileKind, content: bytes, content_hash: str, today: date) -> SikpImport:
    """Open, close or leave each credit; a row that cannot be is refused by name, and the others count all the same."""
    read = [_read(number, cells, vault, today) for number, cells in read_rows(kind, content, COLUMNS, NEEDED)]
    refused = [each for each in read if not isinstance(each, _Credit)]
    listed = [each for each in read if isinstance(each, _Credit)]
    counts = Counter(opened=0, closed=0, unchanged=0, refused=0)
    async with transaction() as uow:
        rows = (await uow.connection.execute(credits_of(sorted({each.owner for each in listed})))).all()
        known = {(row.lender_code, row.contract_reference, row.owner_nik_index): _Known(row.id, bool(row.loan_id), row.closed_on is None) for row in rows}
        for credit in listed:
            became = _take_over(uow, known, credit, today)
            counts[became] += 1
            if became == "refused":
                refused.append({"row_number": credit.number, "code": OpenGovernmentCredit.code})
        counts["refused"] = len(refused)
        refused.sort(key=lambda each: each["row_number"])
        taken = SikpImport.take_over(id=new_id(), content_hash=content_hash, author=author, on=today, counts=dict(counts), refused_rows=refused)
        uow.add(taken)
    return taken


def _take_over(uow: UnitOfWork, known: dict[tuple[str, str, bytes], _Known], credit: _Credit, today: date) -> str:
    found = known.get(credit.key)
    closed_on = (credit.closed_on or today) if credit.effect is Effect.CLOSED else None
    if credit.effect is Effect.NONE or (found and (found.ours or not found.open or closed_on is None)):
        return "unchanged"
    if found:
        uow.also(credits.update().where(credits.c.id == found.id).values(closed_on=closed_on, status=credit.status))
        found.open = False
        return "closed"
    if closed_on is None and any(each.open for (_, _, owner), each in known.items() if owner == credit.owner):
        return "refused"
    id = new_id()
    uow.also(
        credits.insert().values(
            id=id,
            owner_nik_index=credit.owner,
            loan_id=None,
            lender_code=credit.lender,
            contract_reference=credit.contract,
            product_code=credit.scheme,
            family=credit.family,
            status=credit.status,
            opened_on=credit.opened_on,
            closed_on=closed_on,
        )
    )
    known[credit.key] = _Known(id, ours=False, open=closed_on is None)
    return "closed" if closed_on else "opened"


def _read(number: int, cells: dict[str, str], vault: Vault, today: date) -> _Credit | dict[str, Any]:
    """The row, or its number and why it cannot be read; the NIK goes no further than this."""
    effect, opened_on, closed_on = effect_of(cells["status"].lower()), _day(cells["opened_on"]), _day(cells.get("closed_on", ""))
    try:
        nik = checked_nik(cells["nik"], today)
    except Problem as problem:
        return {"row_number": number, "code": problem.code}
    wrong = {
        "lender_missing": not cells["lender"],
        "contract_missing": not cells["contract"],
        "scheme_missing": not cells["scheme"],
        "status_unknown": effect is None,
        "date_malformed": opened_on is None or (closed_on is None and bool(cells.get("closed_on"))),
    }
    if code := next((code for code, holds in wrong.items() if holds), None):
        return {"row_number": number, "code": code}
    assert effect is not None
    assert opened_on is not None
    owner = vault.blind_index(nik)
    return _Credit(number, owner, cells["lender"], cells["contract"], cells["scheme"].lower(), cells["status"].lower(), effect, opened_on, closed_on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
