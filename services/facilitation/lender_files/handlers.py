"""Reconciling a lender's file: each row is booked whole on the one loan that it names, or reported; all of it in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from services.facilitation.lender_files.domain import COLUMNS, NEEDED, LenderFile, Line, Outcome, RowResult, line_of
from services.facilitation.lender_files.reading import FileKind, read_rows
from services.facilitation.lender_files.tables import lender_file_rows
from services.facilitation.loans.domain import Loan
from services.facilitation.loans.errors import DisbursementAboveGranted, LenderTransactionTaken, RepaymentAboveOutstanding
from services.facilitation.loans.handlers import pay_back, pay_out
from services.facilitation.loans.tables import known_references, loans_by_reference, plain
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.errors import Problem

_OVER = (DisbursementAboveGranted, RepaymentAboveOutstanding)


async def reconcile_file(
    transaction: Transaction, lender_institution_id: UUID, author: str, *, kind: FileKind, content: bytes, content_hash: str, today: date
) -> LenderFile:
    """Book what matches, oldest first, and say of every other row why not."""
    read = [line_of(number, cells) for number, cells in read_rows(kind, content, COLUMNS, NEEDED)]
    lines = sorted((each for each in read if isinstance(each, Line)), key=lambda line: (line.on, line.number))
    async with transaction() as uow:
        booking = _Booking(uow, today)
        await booking.look_up(lender_institution_id, lines)
        results = [each for each in read if isinstance(each, RowResult)] + [await booking.book(line) for line in lines]
        results.sort(key=lambda result: result.row_number)
        file = LenderFile.reconcile(
            id=new_id(), lender_institution_id=lender_institution_id, content_hash=content_hash, author=author, on=today, results=results
        )
        uow.add(file)
        if results:
            uow.also(lender_file_rows.insert(), [{"batch_id": file.id, **asdict(each)} for each in results])
    return file


class _Booking:
    """The loans and transactions that a file speaks of, as far as they are known."""

    def __init__(self, uow: UnitOfWork, today: date) -> None:
        self._uow = uow
        self._today = today
        self._exact: dict[str, UUID] = {}
        self._alike: dict[str, list[UUID]] = defaultdict(list)
        self._booked: set[str] = set()

    async def look_up(self, lender_institution_id: UUID, lines: Sequence[Line]) -> None:
        connection = self._uow.connection
        for row in await connection.execute(loans_by_reference(lender_institution_id, [line.reference for line in lines])):
            self._exact[row.lender_reference] = row.id
            self._alike[plain(row.lender_reference)].append(row.id)
        self._booked = set(await connection.scalars(known_references(lender_institution_id, [line.transaction for line in lines])))

    async def book(self, line: Line) -> RowResult:
        if line.transaction in self._booked:
            return RowResult(row_number=line.number, outcome=Outcome.REPEATED, code=LenderTransactionTaken.code, amount_idr=line.amount_idr)
        exact = self._exact.get(line.reference)
        found = [exact] if exact else self._alike.get(plain(line.reference), [])
        if len(found) != 1:
            outcome, code = (Outcome.AMBIGUOUS, "matches_two_loans") if found else (Outcome.UNMATCHED, "unknown_lender_reference")
            return RowResult(row_number=line.number, outcome=outcome, code=code, amount_idr=line.amount_idr)
        loan = await self._uow.get(Loan, found[0])
        try:
            self._apply(loan, line)
        except Problem as problem:
            outcome = Outcome.OVER if isinstance(problem, _OVER) else Outcome.REFUSED
            return RowResult(row_number=line.number, outcome=outcome, code=problem.code, loan_id=loan.id, amount_idr=line.amount_idr)
        self._booked.add(line.transaction)
        difference = 0 if line.outstanding_idr is None else line.outstanding_idr - loan.outstanding_idr
        return RowResult(
            row_number=line.number,
            outcome=Outcome.MATCHED,
            code="outstanding_differs" if difference else None,
            loan_id=loan.id,
            amount_idr=line.amount_idr,
            difference_idr=difference,
        )

    def _apply(self, loan: Loan, line: Line) -> None:
        amount, on, reference = line.amount_idr, line.on, line.transaction
        if line.kind == "disbursement":
            pay_out(self._uow, loan, amount_idr=amount, on=on, reference=reference, closes_remainder=line.closes_remainder, today=self._today)
        else:
            pay_back(self._uow, loan, amount_idr=amount, principal_idr=line.principal_idr, on=on, reference=reference, today=self._today)
