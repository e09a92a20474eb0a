"""Loans over the real service: from a grant to what its lender reports, and a calendar that moves when it is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.facilitation.app import SERVICE
from tests.facilitation.story import Story
from tests.kit import Person, Served

CONSENT = {"consent_on": "2024-01-02", "consent_hash": "ab" * 32}


class Calendar:
    """Today, as far as the services know."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: date) -> None:
        self.today = start
        monkeypatch.setattr("shared.clock._system", lambda: datetime(self.today.year, self.today.month, self.today.day, 5, tzinfo=UTC))


class Bank(Story):
    """A story with an active group and its members, a lender, and a calendar."""

    def __init__(self, served: Served, person: Callable[..., Person], calendar: Calendar) -> None:
        super().__init__(served, person)
        self.calendar = calendar
        self.group_id = ""
        self.members: list[str] = []

    async def loan(self, enterprise_id: str, *, reference: str | None = None, amount: int = 9_000_000, tenor: int = 12, **given: Any) -> str:
        """A loan that was granted and not paid out; its id."""
        application = await self.forwarded(enterprise_id, requested_amount_idr=amount)
        body = {
            "amount_idr": amount,
            "tenor_months": tenor,
            "granted_on": str(self.calendar.today),
            "lender_reference": reference or f"AKAD-{uuid4().hex[:8]}",
        }
        answer = await self.act(application, "grant", self.lender, body | given)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["financing_id"])

    async def report(self, loan_id: str, verb: str, body: Any, person: Person | None = None) -> httpx.Response:
        """What the lender reports of a loan."""
        return await self.served.act(f"/v1/loans/{loan_id}", verb, person or self.lender, body)

    async def pay_out(self, loan_id: str, amount: int = 9_000_000, **given: Any) -> httpx.Response:
        """A disbursement today."""
        body = {"amount_idr": amount, "disbursed_on": str(self.calendar.today), "reference": f"C-{uuid4().hex[:8]}"}
        return await self.report(loan_id, "disbursements", body | given)

    async def pay_back(self, loan_id: str, amount: int, **given: Any) -> httpx.Response:
        """A repayment today."""
        body = {"amount_idr": amount, "paid_on": str(self.calendar.today), "reference": f"A-{uuid4().hex[:8]}"}
        return await self.report(loan_id, "repayments", body | given)

    async def active_loan(self, enterprise_id: str, **given: Any) -> str:
        """A loan paid out today."""
        loan_id = await self.loan(enterprise_id, **given)
        answer = await self.pay_out(loan_id, given.get("amount", 9_000_000))
        assert (answer.status_code, answer.json()["status"]) == (200, "active"), answer.text
        return loan_id

    async def read(self, loan_id: str) -> dict[str, Any]:
        answer = await self.served.get(f"/v1/loans/{loan_id}", self.owner)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def schedule(self, loan_id: str) -> dict[str, Any]:
        body: dict[str, Any] = (await self.served.get(f"/v1/loans/{loan_id}/schedule", self.owner)).json()
        return body

    async def events(self, subject: str) -> list[str]:
        """Names of the events of one subject, in order."""
        return [row.type.split(".")[2] for row in await self.served.outbox() if str(row.subject) == subject]

    async def send(self, path: str, content: bytes | str, person: Person, media: str = "text/csv") -> httpx.Response:
        """A file."""
        headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": uuid4().hex, "Content-Type": media}
        return await self.served.client.post(path, content=content, headers=headers)


async def opened(
    serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any], start: date
) -> Bank:
    """The service on a day, with an active group of three."""
    bank = Bank(await serving(SERVICE), person, Calendar(monkeypatch, start))
    await bank.prioritise()
    await eventually(bank.knows)
    bank.group_id, bank.members = await bank.active_group()
    return bank
