"""Government credits by owner: the one rule, and lists that SIKP gives."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.facilitation_loans import SikpListRecorded
from shared.errors import Conflict

_FILE = Path(__file__).parent / "reference" / "sikp_statuses.json"


class OpenGovernmentCredit(Conflict):
    """One open government credit for each owner, over all products and lenders."""

    code = "open_government_credit"
    message = ("Pemilik masih memiliki kredit program yang terbuka.", "The owner has a government credit open.")
    action = (
        "Lunasi kredit itu lebih dahulu, atau minta penyalurnya melaporkan pelunasan.",
        "Have that credit repaid first, or its lender report that it was.",
    )


class CreditRecordedTwice(Conflict):
    """A contract is recorded once for each owner."""

    code = "credit_recorded_twice"
    message = ("Akad ini sudah tercatat untuk pemilik tersebut.", "This contract is recorded for that owner already.")
    action = ("Periksa nomor akad.", "Check the number of the contract.")


class Effect(StrEnum):
    """What a status of SIKP means for the rule."""

    NONE = "none"
    OPEN = "open"
    CLOSED = "closed"


@cache
def _statuses() -> dict[str, Any]:
    statuses: dict[str, Any] = json.loads(_FILE.read_text())
    return statuses


def effect_of(sikp_status: str) -> Effect | None:
    """What it means; nothing for a status that is not known."""
    found = _statuses()["effects"].get(sikp_status)
    return Effect(found) if found else None


def sikp_status_of(application_status: str, loan_status: str | None) -> str | None:
    """How SIKP calls it; nothing for what is not reported there."""
    statuses = _statuses()
    found: str | None = statuses["loans"][loan_status] if loan_status else statuses["applications"].get(application_status)
    return found


@dataclass(eq=False, kw_only=True)
class SikpImport(Aggregate):
    """A list from SIKP that was taken over, row by row; refused rows are named by number and code alone."""

    content_hash: str
    author: str
    received_on: date
    counts: dict[str, int]
    refused_rows: list[dict[str, Any]]

    @classmethod
    def take_over(cls, *, id: UUID, content_hash: str, author: str, on: date, counts: dict[str, int], refused_rows: list[dict[str, Any]]) -> Self:
        """Write down what became of its rows."""
        taken = cls(id=id, content_hash=content_hash, author=author, received_on=on, counts=counts, refused_rows=refused_rows)
        taken.record(
            SikpListRecorded(
                import_id=id,
                opened_count=counts["opened"],
                closed_count=counts["closed"],
                unchanged_count=counts["unchanged"],
                refused_count=counts["refused"],
            )
        )
        return taken
