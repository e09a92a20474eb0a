"""Whatever a lender reports in whatever order, the sums of a loan hold and it is in arrears exactly when something due is unpaid."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.facilitation.loans.domain import CLOSED, Loan, LoanStatus, Share
from services.facilitation.loans.schedule import Method
from shared.contracts.facilitation_loans import FinancingDisbursed, FinancingPartiallyDisbursed
from shared.errors import Problem
from shared.money import Rupiah

ME, DAY = UUID(int=1), date(2024, 1, 31)
REPORTS = st.one_of(
    st.tuples(st.just("disburse"), st.integers(1, 12_000_000), st.booleans()),
    st.tuples(st.just("repay"), st.integers(1, 3_000_000), st.none() | st.integers(0, 3_000_000)),
    st.tuples(st.just("pay_instalment"), st.integers(1, 3), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 120), st.none()),
    st.tuples(st.just("restructure"), st.integers(1, 36), st.none()),
)


def opened(method: Method) -> Loan:
    return Loan.open(
        id=ME, application_id=ME, programme_id=ME, enterprise_id=ME, group_id=ME, region_code="53.04", lender_institution_id=ME, lender_reference="A",
        product_code="kur_super_mikro", product_version=2, shares=[Share(enterprise_id=ME, amount_idr=Rupiah(9_000_000))],
        granted_amount_idr=Rupiah(9_000_000), granted_on=DAY, annual_rate_percent="6", tenor_months=12, method=method,
    )  # fmt: skip


def report(loan: Loan, today: date, what: str, size: int, more: Any) -> date:
    if what == "wait":
        today += timedelta(days=size)
        if loan.status == LoanStatus.IN_ARREARS:
            loan.reclassify(today)
        elif loan.status in (LoanStatus.ACTIVE, LoanStatus.RESTRUCTURED) and loan.overdue_days(today):
            loan.arrears(today)
    elif what == "disburse":
        loan.disburse(disbursement_id=ME, amount_idr=Rupiah(size), on=today, today=today, closes_remainder=more)
    elif what == "restructure":
        loan.restructure(tenor_months=size, annual_rate_percent=None, effective_from=today, today=today)
    else:
        amount = size if what == "repay" else sum(each.amount_idr for each in loan.instalments[:size])
        loan.repay(amount_idr=Rupiah(amount), principal_idr=more, on=today, today=today)
    return today


@settings(max_examples=300)
@given(st.sampled_from(Method), st.lists(REPORTS, max_size=25))
def test_sums_hold_whatever_is_reported(method: Method, reports: list[tuple[str, int, Any]]) -> None:
    loan, today, repaid = opened(method), DAY, 0
    for what, size, more in reports:
        outstanding, events = loan.outstanding_idr, len(loan.recorded)
        try:
            today = report(loan, today, what, size, more)
        except Problem:
            assert (loan.outstanding_idr, len(loan.recorded)) == (outstanding, events), "what is refused changes nothing"
            continue
        if what in ("repay", "pay_instalment"):
            repaid += outstanding - loan.outstanding_idr
        assert 0 <= loan.outstanding_idr == loan.disbursed_idr - repaid
        assert loan.disbursed_idr <= loan.granted_amount_idr
        assert (loan.status == LoanStatus.SETTLED) == (loan.disbursed_idr > 0 and loan.outstanding_idr == 0)
        if loan.status in (LoanStatus.ACTIVE, LoanStatus.RESTRUCTURED) and what in ("wait", "repay", "pay_instalment"):
            assert loan.overdue_days(today) == 0 or (loan.look_on is not None and loan.look_on <= today), "the calendar will find it"
        if loan.status == LoanStatus.IN_ARREARS:
            assert loan.overdue_days(today) > 0
        if loan.status in CLOSED:
            assert loan.look_on is None
    paid_out = [each.amount_idr for each in loan.recorded if isinstance(each, (FinancingPartiallyDisbursed, FinancingDisbursed))]
    assert sum(paid_out) == loan.disbursed_idr


@given(st.sampled_from(Method), st.lists(st.integers(1, 800_000), min_size=1, max_size=60))
def test_any_payments_in_order_split_into_the_schedules_principal_and_interest(method: Method, amounts: list[int]) -> None:
    loan = opened(method)
    loan.disburse(disbursement_id=ME, amount_idr=Rupiah(9_000_000), on=DAY, today=DAY)
    total = sum(each.amount_idr for each in loan.instalments)
    interest = 0
    for amount in amounts:
        pay = min(amount, loan.left_to_pay_idr)
        if loan.status in CLOSED:
            break
        interest += loan.repay(amount_idr=Rupiah(pay), on=DAY, today=DAY).interest_idr
    if loan.status not in CLOSED:
        while loan.status not in CLOSED:
            interest += loan.repay(amount_idr=Rupiah(min(500_000, loan.left_to_pay_idr)), on=DAY, today=DAY).interest_idr
    assert (loan.outstanding_idr, interest, loan.paid_idr) == (0, sum(each.interest_idr for each in loan.instalments), total)
