"""A lender's file: what became of each of its rows. Nothing is half applied: the rows that match are booked in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.facilitation_loans import FinancingReconciled
from shared.errors import Conflict
from shared.money import MAX_RUPIAH

COLUMNS = {
    "reference": ("nomor_akad", "lender_reference"),
    "transaction": ("nomor_transaksi", "transaction_reference"),
    "kind": ("jenis", "kind"),
    "amount": ("jumlah", "amount_idr"),
    "on": ("tanggal", "date"),
    "principal": ("pokok", "principal_idr"),
    "outstanding": ("sisa_pokok", "outstanding_idr"),
    "closes": ("tutup_sisa", "closes_remainder"),
}
NEEDED = ("reference", "transaction", "kind", "amount", "on")
_KINDS = {"pencairan": "disbursement", "disbursement": "disbursement", "angsuran": "repayment", "repayment": "repayment"}
_YES = frozenset({"ya", "yes", "true", "1"})


class FileSentBefore(Conflict):
    """A file is taken once."""

    code = "lender_file_sent_before"
    message = ("Berkas yang sama sudah diterima.", "The same file was received before.")
    action = ("Lihat hasilnya pada GET /facilitation/v1/lender-files.", "See its result at GET /facilitation/v1/lender-files.")


class Outcome(StrEnum):
    """What became of a row."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    AMBIGUOUS = "ambiguous"
    OVER = "over"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row that can be read."""

    number: int
    reference: str
    transaction: str
    kind: str
    amount_idr: int
    on: date
    principal_idr: int | None
    outstanding_idr: int | None
    closes_remainder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a row; `code` says why it was not booked, or that the balances differ afterwards."""

    row_number: int
    outcome: Outcome
    code: str | None = None
    loan_id: UUID | None = None
    amount_idr: int = 0
    difference_idr: int = 0


def line_of(number: int, cells: dict[str, str]) -> Line | RowResult:
    """The row, or why it cannot be read."""
    amount, on, kind = _amount(cells["amount"]), _day(cells["on"]), _KINDS.get(cells["kind"].lower())
    principal, outstanding = cells.get("principal", ""), cells.get("outstanding", "")
    wrong = {
        "lender_reference_missing": not cells["reference"],
        "transaction_reference_malformed": not (0 < len(cells["transaction"]) <= 64 and cells["transaction"].isascii() and cells["transaction"].isprintable()),
        "kind_unknown": kind is None,
        "amount_malformed": not amount,
        "date_malformed": on is None,
        "principal_malformed": bool(principal) and _amount(principal) is None,
        "outstanding_malformed": bool(outstanding) and _amount(outstanding) is None,
    }
    if code := next((code for code, holds in wrong.items() if holds), None):
        return RowResult(row_number=number, outcome=Outcome.REFUSED, code=code, amount_idr=amount or 0)
    assert kind is not None
    assert amount is not None
    assert on is not None
    return Line(
        number=number,
        reference=cells["reference"],
        transaction=cells["transaction"],
        kind=kind,
        amount_idr=amount,
        on=on,
        principal_idr=_amount(principal) if principal else None,
        outstanding_idr=_amount(outstanding) if outstanding else None,
        closes_remainder=cells.get("closes", "").lower() in _YES,
    )


def _amount(text: str) -> int | None:
    """Whole rupiah; separators are refused, for a comma may be a thousand or a sen."""
    amount = int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None
    return amount if amount is not None and amount <= MAX_RUPIAH else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(eq=False, kw_only=True)
class LenderFile(Aggregate):
    """A file that was reconciled; its rows' results are beside it."""

    lender_institution_id: UUID
    content_hash: str
    author: str
    received_on: date
    counts: dict[str, int]
    booked_idr: int
    difference_idr: int

    @classmethod
    def reconcile(cls, *, id: UUID, lender_institution_id: UUID, content_hash: str, author: str, on: date, results: Sequence[RowResult]) -> Self:
        """Sum up what became of the rows. What was booked before is no difference."""
        counts = Counter(each.outcome for each in results)
        missed = sum(each.amount_idr for each in results if each.outcome not in (Outcome.MATCHED, Outcome.REPEATED))
        file = cls(
            id=id,
            lender_institution_id=lender_institution_id,
            content_hash=content_hash,
            author=author,
            received_on=on,
            counts={str(outcome): counts[outcome] for outcome in Outcome},
            booked_idr=sum(each.amount_idr for each in results if each.outcome is Outcome.MATCHED),
            difference_idr=missed,
        )
        file.record(
            FinancingReconciled(
                batch_id=id,
                lender_institution_id=lender_institution_id,
                matched_count=counts[Outcome.MATCHED],
                unmatched_count=len(results) - counts[Outcome.MATCHED] - counts[Outcome.REPEATED],
                difference_idr=missed,
            )
        )
        return file
