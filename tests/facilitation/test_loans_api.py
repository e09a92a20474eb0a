"""Loans from outside: paid out in parts, paid back, in arrears by the calendar, cured, restructured, settled."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.facilitation.loans.clock import pass_day
from shared.security.identity import Role
from tests.facilitation.banking import Bank

PRINCIPAL, INSTALMENT = 9_000_000, 762_243


async def test_a_loan_lives_from_grant_to_settlement(bank: Bank) -> None:
    loan = await bank.loan(bank.members[0])
    granted = [row for row in await bank.served.outbox() if row.type.endswith("FinancingGranted.v1")]
    assert f'"financing_id":"{loan}"' in granted[0].data
    first = await bank.pay_out(loan, 4_000_000)
    assert (first.json()["status"], first.json()["disbursed_idr"], first.json()["starts_on"]) == ("partially_disbursed", 4_000_000, None)
    assert (await bank.schedule(loan))["instalments"] == []
    second = await bank.pay_out(loan, 5_000_000)
    assert (second.json()["status"], second.json()["outstanding_idr"], second.json()["starts_on"]) == ("active", PRINCIPAL, "2024-01-31")
    plan = (await bank.schedule(loan))["instalments"]
    assert [each["due_on"] for each in plan[:3]] == ["2024-02-29", "2024-03-31", "2024-04-30"]
    for each in plan:
        bank.calendar.today = date.fromisoformat(each["due_on"])
        answer = await bank.pay_back(loan, each["amount_idr"])
        assert (answer.status_code, answer.json()["outstanding_idr"]) == (200, each["balance_idr"])
    assert (answer.json()["status"], answer.json()["ended_on"]) == ("settled", "2025-01-31")
    assert await bank.events(loan) == [
        "FinancingAccountOpened",
        "FinancingPartiallyDisbursed",
        "FinancingDisbursed",
        *["RepaymentRecorded"] * 12,
        "FinancingSettled",
    ]
    [settled] = [row.data for row in await bank.served.outbox() if row.type.endswith("FinancingSettled.v1")]
    assert '"on_time":true' in settled
    booked = (await bank.served.get(f"/v1/loans/{loan}/transactions", bank.lender)).json()["items"]
    assert sum(each["principal_idr"] for each in booked if each["kind"] == "repayment") == PRINCIPAL
    assert [each["period_no"] for each in booked if each["kind"] == "repayment"] == list(range(1, 13))
    again = await bank.pay_back(loan, 1)
    assert (again.status_code, again.json()["code"], again.json()["allowed_transitions"]) == (409, "illegal_transition", [])


async def test_only_its_lender_reports_and_nobody_else_sees_it(bank: Bank) -> None:
    loan = await bank.loan(bank.members[0])
    stranger, elsewhere = bank.person(Role.LENDER, institution_id=uuid4()), bank.person(Role.REGENCY, regions=["53.10"])
    body = {"amount_idr": 1, "disbursed_on": "2024-01-31", "reference": "X-1"}
    assert (await bank.served.post(f"/v1/loans/{loan}/disbursements", stranger, body, if_match='"1"')).status_code == 404
    assert (await bank.served.post(f"/v1/loans/{loan}/disbursements", bank.owner, body, if_match='"1"')).status_code == 403
    for person in (stranger, elsewhere, bank.person(Role.LENDER)):
        for path in (f"/v1/loans/{loan}", f"/v1/loans/{loan}/schedule", f"/v1/loans/{loan}/transactions"):
            assert (await bank.served.get(path, person)).status_code == 404
        assert (await bank.served.get("/v1/loans", person)).json()["items"] == []
    for person in (bank.lender, bank.regency, bank.owner):
        assert [each["id"] for each in (await bank.served.get("/v1/loans", person)).json()["items"]] == [loan]


async def test_a_hundred_disbursements_at_once_pay_out_what_was_granted_and_no_more(bank: Bank) -> None:
    loan = await bank.loan(bank.members[0])

    async def pay(number: int) -> httpx.Response:
        while True:
            answer = await bank.pay_out(loan, 2_000_000, reference=f"PAR-{number}")
            if answer.status_code not in (412, 503) and answer.json().get("code") != "concurrent_change":
                return answer

    answers = await asyncio.gather(*(pay(number) for number in range(100)))
    assert sorted({answer.json().get("code", "ok") for answer in answers}) == ["disbursement_above_granted", "ok"]
    assert [answer.status_code for answer in answers].count(200) == 4
    found = await bank.read(loan)
    assert (found["status"], found["disbursed_idr"]) == ("partially_disbursed", 8_000_000)
    closing = await bank.pay_out(loan, 500_000, closes_remainder=True)
    assert (closing.json()["status"], closing.json()["disbursed_idr"], closing.json()["outstanding_idr"]) == ("active", 8_500_000, 8_500_000)


async def test_a_hundred_repayments_at_once_pay_back_what_is_left_and_no_more(bank: Bank) -> None:
    loan = await bank.active_loan(bank.members[0])

    async def pay(number: int) -> httpx.Response:
        while True:
            answer = await bank.pay_back(loan, 2_000_000, principal_idr=2_000_000, reference=f"PAR-{number}")
            if answer.status_code not in (412, 503) and answer.json().get("code") != "concurrent_change":
                return answer

    answers = await asyncio.gather(*(pay(number) for number in range(100)))
    assert [answer.status_code for answer in answers].count(200) == 4
    assert {answer.json()["code"] for answer in answers if answer.status_code != 200} == {"repayment_above_outstanding"}
    assert (await bank.read(loan))["outstanding_idr"] == 1_000_000
    booked = (await bank.served.get(f"/v1/loans/{loan}/transactions", bank.lender, params={"limit": 200})).json()["items"]
    assert sum(each["amount_idr"] for each in booked if each["kind"] == "repayment") == 8_000_000


async def test_no_event_of_financing_says_who_it_is_about(bank: Bank) -> None:
    loan = await bank.active_loan(bank.members[0], reference="AKAD-RAHASIA-7")
    await bank.pay_back(loan, 1_000, reference="TRX-RAHASIA-7")
    published = "".join(row.data for row in await bank.served.outbox())
    assert len(published) > 1000
    for personal in ("530499", "Lodia", "Nenohai", "Mama", "RAHASIA", "Layak"):
        assert personal not in published


async def test_a_lenders_transaction_is_booked_once_over_all_its_loans(bank: Bank) -> None:
    first, second = await bank.loan(bank.members[0]), await bank.loan(bank.members[1])
    answers = await asyncio.gather(*(bank.pay_out(loan, 9_000_000, reference="SAMA") for loan in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [refused] = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["code"] == "lender_transaction_taken"
    found = [await bank.read(loan) for loan in (first, second)]
    assert sorted((each["status"], each["disbursed_idr"]) for each in found) == [("active", 9_000_000), ("granted", 0)]


@pytest.mark.parametrize(
    ("verb", "given", "code"),
    [
        ("disbursements", {"amount_idr": 9_000_001}, "disbursement_above_granted"),
        ("disbursements", {"amount_idr": 0}, "validation_failed"),
        ("disbursements", {"disbursed_on": "2024-01-30"}, "transaction_date_impossible"),
        ("disbursements", {"disbursed_on": "2024-02-01"}, "transaction_date_impossible"),
        ("disbursements", {"reference": "a b"}, "validation_failed"),
        ("repayments", {"amount_idr": 100_000_000}, "repayment_above_outstanding"),
        ("repayments", {"principal_idr": 2}, "principal_above_payment"),
        ("repayments", {"paid_on": "2024-01-30"}, "transaction_date_impossible"),
        ("repayments", {"paid_on": "2024-02-01"}, "transaction_date_impossible"),
        ("restructure", {"effective_from": "2024-02-01"}, "transaction_date_impossible"),
        ("restructure", {"annual_rate_percent": "101"}, "validation_failed"),
        ("restructure", {"tenor_months": 361}, "validation_failed"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(bank: Bank, verb: str, given: dict[str, Any], code: str) -> None:
    loan = await (bank.loan if verb == "disbursements" else bank.active_loan)(bank.members[0])
    bodies = {
        "disbursements": {"amount_idr": 1_000_000, "disbursed_on": "2024-01-31", "reference": "C-1"},
        "repayments": {"amount_idr": 1, "paid_on": "2024-01-31", "reference": "A-1"},
        "restructure": {"tenor_months": 24, "effective_from": "2024-01-31"},
    }
    before = await bank.read(loan)
    answer = await bank.report(loan, verb, bodies[verb] | given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await bank.read(loan) == before


async def test_the_calendar_finds_arrears_only_where_something_is_paid_out_due_and_left(bank: Bank) -> None:
    untouched, loan = await bank.loan(bank.members[0]), await bank.active_loan(bank.members[1])
    partly = await bank.loan(bank.members[2])
    await bank.pay_out(partly, 1_000_000)
    database = bank.served.runtime.database

    async def look(day: str) -> int:
        bank.calendar.today = date.fromisoformat(day)
        return await pass_day(database, bank.calendar.today)

    assert await look("2024-02-29") == 0, "an instalment may be paid on its day"
    assert await look("2024-03-01") == 1
    found = await bank.read(loan)
    assert (found["status"], found["days_past_due"], found["collectability_class"]) == ("in_arrears", 1, 2)
    assert await look("2024-03-01") == await look("2024-05-29") == 0, "once"
    assert await look("2024-05-30") == 1, "91 days"
    assert (await bank.read(loan))["collectability_class"] == 3
    assert [await look(day) for day in ("2024-06-28", "2024-06-29", "2024-08-27", "2024-08-28", "2025-08-28")] == [0, 1, 0, 1, 0], "121 and 181 days"
    assert (await bank.read(loan))["collectability_class"] == 5
    assert [(await bank.read(each))["status"] for each in (untouched, partly)] == ["granted", "partially_disbursed"]
    assert await bank.events(loan) == ["FinancingAccountOpened", "FinancingDisbursed", "FinancingFellIntoArrears", *["FinancingReclassified"] * 3]


async def test_arrears_are_cured_when_everything_overdue_is_paid(bank: Bank) -> None:
    loan = await bank.active_loan(bank.members[0])
    bank.calendar.today = date(2024, 4, 1)
    assert await pass_day(bank.served.runtime.database, bank.calendar.today) == 1
    stood = await bank.schedule(loan)
    assert (stood["overdue_days"], stood["overdue_idr"]) == (32, 2 * INSTALMENT)
    first = await bank.pay_back(loan, INSTALMENT)
    assert (first.json()["status"], first.json()["days_past_due"]) == ("in_arrears", 1)
    second = await bank.pay_back(loan, INSTALMENT)
    assert (second.json()["status"], second.json()["days_past_due"], second.json()["collectability_class"]) == ("active", 0, 1)
    assert (await bank.events(loan))[-3:] == ["RepaymentRecorded", "RepaymentRecorded", "FinancingArrearsCured"]
    assert await pass_day(bank.served.runtime.database, date(2024, 4, 30)) == 0
    assert await pass_day(bank.served.runtime.database, date(2024, 5, 1)) == 1, "it falls into arrears again"


async def test_a_restructured_loan_has_another_schedule_and_can_be_written_off(bank: Bank) -> None:
    loan = await bank.active_loan(bank.members[0])
    bank.calendar.today = date(2024, 6, 30)
    await pass_day(bank.served.runtime.database, bank.calendar.today)
    early = await bank.report(loan, "cancel", {"reason_code": "changed_mind"})
    assert (early.status_code, early.json()["allowed_transitions"]) == (409, ["cure", "reclassify", "repay", "restructure", "settle", "write_off"])
    answer = await bank.report(loan, "restructure", {"tenor_months": 24, "effective_from": "2024-06-30"})
    assert (answer.json()["status"], answer.json()["tenor_months"], answer.json()["days_past_due"]) == ("restructured", 24, 0)
    plan = (await bank.schedule(loan))["instalments"]
    assert (len(plan), plan[0]["due_on"], sum(each["principal_idr"] for each in plan)) == (24, "2024-07-30", PRINCIPAL)
    assert await pass_day(bank.served.runtime.database, date(2024, 7, 30)) == 0
    written_off = await bank.report(loan, "write-off", {"reason_code": "business_closed"})
    assert (written_off.json()["status"], written_off.json()["reason_code"]) == ("written_off", "business_closed")
    [event] = [row.data for row in await bank.served.outbox() if row.type.endswith("FinancingWrittenOff.v1")]
    assert '"outstanding_band":"up_to_10m"' in event


async def test_paying_off_early_needs_the_lenders_split(bank: Bank) -> None:
    """The borrower pays the principal and the interest of two weeks, and no more."""
    loan = await bank.active_loan(bank.members[0])
    bank.calendar.today += timedelta(days=14)
    answer = await bank.pay_back(loan, PRINCIPAL + 11_000, principal_idr=PRINCIPAL)
    assert (answer.status_code, answer.json()["status"], answer.json()["outstanding_idr"]) == (200, "settled", 0)


async def test_what_was_never_paid_out_can_be_cancelled(bank: Bank) -> None:
    loan = await bank.loan(bank.members[0])
    answer = await bank.report(loan, "cancel", {"reason_code": "changed_mind"})
    assert (answer.json()["status"], await bank.events(loan)) == ("cancelled", ["FinancingAccountOpened", "FinancingCancelled"])
    totals = (await bank.served.get("/v1/totals", params={"programme_id": bank.programme_id})).json()["items"]
    assert [(each["grants"], each["granted_idr"]) for each in totals] == [(1, 9_000_000)], "what was granted was granted"


async def test_anybody_may_compute_a_schedule(bank: Bank) -> None:
    body = {"principal_idr": 500_000_000, "annual_rate_percent": "6", "tenor_months": 48, "starts_on": "2024-01-31"}
    annuity = (await bank.served.post("/v1/loan-schedules", None, body)).json()
    assert (annuity["instalments"][0]["amount_idr"], annuity["instalments"][-1]["balance_idr"]) == (11_742_515, 0)
    flat = (await bank.served.post("/v1/loan-schedules", None, body | {"method": "flat"})).json()
    assert (flat["interest_idr"], flat["instalments"][0]["principal_idr"]) == (120_000_000, 10_416_666)
    assert (await bank.served.post("/v1/loan-schedules", None, body | {"annual_rate_percent": "NaN"})).status_code == 422
