"""A loan: the mirror of the lender's account (financing), moved by what the lender reports and by the calendar.

Of its schedule only the terms are kept: the instalments follow from them. `paid_idr` counts what was paid under the present schedule,
principal and interest together; a restructuring begins another one with what is left.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.loans.collectability import collectability_on
from services.facilitation.loans.errors import (
    ArrearsLeft,
    DisbursementAboveGranted,
    NotInArrears,
    OutstandingLeft,
    PrincipalAbovePayment,
    RepaymentAboveOutstanding,
    TransactionDateImpossible,
)
from services.facilitation.loans.schedule import Instalment, Method, schedule
from services.facilitation.located import Located
from shared.aggregate import Living, step
from shared.contracts.facilitation_loans import (
    FinancingAccountOpened,
    FinancingArrearsCured,
    FinancingCancelled,
    FinancingDisbursed,
    FinancingFellIntoArrears,
    FinancingPartiallyDisbursed,
    FinancingReclassified,
    FinancingRestructured,
    FinancingSettled,
    FinancingWrittenOff,
    RepaymentRecorded,
)
from shared.errors import NotFound
from shared.money import Rupiah


class LoanStatus(StrEnum):
    """Where a loan stands."""

    GRANTED = "granted"
    PARTIALLY_DISBURSED = "partially_disbursed"
    ACTIVE = "active"
    IN_ARREARS = "in_arrears"
    RESTRUCTURED = "restructured"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"
    CANCELLED = "cancelled"


S = LoanStatus
NOTHING = Rupiah(0)
CLOSED = frozenset({S.SETTLED, S.WRITTEN_OFF, S.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Whose part of a loan is how much: one for an enterprise alone, one for each member where a group borrows."""

    enterprise_id: UUID
    amount_idr: Rupiah


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What a repayment was for, and which instalment it reached."""

    period_no: int
    principal_idr: Rupiah
    interest_idr: Rupiah


@dataclass(eq=False, kw_only=True)
class Loan(Located, Living):
    """A loan under one version of a product. Amounts are whole rupiah; `outstanding_idr` is principal paid out and not paid back."""

    application_id: UUID
    programme_id: UUID
    enterprise_id: UUID
    group_id: UUID
    lender_institution_id: UUID
    lender_reference: str
    product_code: str
    product_version: int
    shares: list[Share]
    granted_amount_idr: Rupiah
    granted_on: date
    annual_rate_percent: str
    tenor_months: int
    method: Method
    status: LoanStatus
    disbursed_idr: Rupiah = NOTHING
    disbursed_on: date | None = None
    outstanding_idr: Rupiah = NOTHING
    starts_on: date | None = None
    scheduled_idr: Rupiah = NOTHING
    paid_idr: Rupiah = NOTHING
    last_paid_on: date | None = None
    days_past_due: int = 0
    collectability_class: int = 1
    look_on: date | None = None
    ended_on: date | None = None
    reason_code: str | None = None
    _instalments: list[Instalment] | None = field(default=None, init=False, repr=False)

    LIFE: ClassVar = {
        "disburse_part": step(S.GRANTED, S.PARTIALLY_DISBURSED, to=S.PARTIALLY_DISBURSED),
        "disburse": step(S.GRANTED, S.PARTIALLY_DISBURSED, to=S.ACTIVE),
        "repay": step(S.ACTIVE, S.IN_ARREARS, S.RESTRUCTURED),
        "arrears": step(S.ACTIVE, S.RESTRUCTURED, to=S.IN_ARREARS),
        "reclassify": step(S.IN_ARREARS),
        "cure": step(S.IN_ARREARS, to=S.ACTIVE),
        "restructure": step(S.ACTIVE, S.IN_ARREARS, to=S.RESTRUCTURED),
        "settle": step(S.ACTIVE, S.IN_ARREARS, S.RESTRUCTURED, to=S.SETTLED),
        "write_off": step(S.IN_ARREARS, S.RESTRUCTURED, to=S.WRITTEN_OFF),
        "cancel": step(S.GRANTED, to=S.CANCELLED),
    }

    @classmethod
    def open(
        cls,
        *,
        id: UUID,
        application_id: UUID,
        programme_id: UUID,
        enterprise_id: UUID,
        group_id: UUID,
        region_code: str,
        lender_institution_id: UUID,
        lender_reference: str,
        product_code: str,
        product_version: int,
        shares: list[Share],
        granted_amount_idr: Rupiah,
        granted_on: date,
        annual_rate_percent: str,
        tenor_months: int,
        method: Method,
    ) -> Self:
        """Mirror the contract that the lender signed."""
        loan = cls(
            id=id, application_id=application_id, programme_id=programme_id, enterprise_id=enterprise_id, group_id=group_id, region_code=region_code,
            lender_institution_id=lender_institution_id, lender_reference=lender_reference, product_code=product_code, product_version=product_version,
            shares=shares, granted_amount_idr=granted_amount_idr, granted_on=granted_on, annual_rate_percent=annual_rate_percent, tenor_months=tenor_months,
            method=method, status=S.GRANTED,
        )  # fmt: skip
        loan.record(
            FinancingAccountOpened(
                financing_id=id,
                application_id=application_id,
                lender_institution_id=lender_institution_id,
                product_code=product_code,
                granted_amount_idr=granted_amount_idr,
                tenor_months=tenor_months,
                rate_percent=annual_rate_percent,
                method_code=method,
            )
        )
        return loan

    def require_lender(self, institution_id: UUID | None) -> None:
        """For any other institution it does not exist."""
        if institution_id != self.lender_institution_id:
            raise NotFound

    @property
    def instalments(self) -> list[Instalment]:
        """The present schedule; none before everything is paid out."""
        if self.starts_on is None:
            return []
        if self._instalments is None:
            self._instalments = schedule(self.scheduled_idr, self.annual_rate_percent, self.tenor_months, self.method, self.starts_on)
        return self._instalments

    @property
    def left_to_pay_idr(self) -> Rupiah:
        """What the schedule still asks for, principal and interest; the principal alone where that is more."""
        return Rupiah(max(self.outstanding_idr, sum(each.amount_idr for each in self.instalments) - self.paid_idr))

    def disburse(self, *, disbursement_id: UUID, amount_idr: Rupiah, on: date, today: date, closes_remainder: bool = False) -> None:
        """The lender paid out a part: the last one if it completes the sum granted, or if the lender will not pay out the rest."""
        limit = Rupiah(self.granted_amount_idr - self.disbursed_idr)
        last = amount_idr == limit or closes_remainder
        self.may("disburse" if last else "disburse_part")
        if not 0 < amount_idr <= limit:
            raise DisbursementAboveGranted(limit_idr=limit)
        _require_between(on, self.disbursed_on or self.granted_on, today)
        self.disbursed_idr = Rupiah(self.disbursed_idr + amount_idr)
        self.outstanding_idr, self.disbursed_on = self.disbursed_idr, on
        if not last:
            self.move("disburse_part")
            self.record(
                FinancingPartiallyDisbursed(
                    financing_id=self.id, disbursement_id=disbursement_id, amount_idr=amount_idr, cumulative_amount_idr=self.disbursed_idr, disbursed_on=on
                )
            )
            return
        self.move("disburse")
        self._begin_schedule(self.disbursed_idr, on)
        self._classify(0, today)
        self.record(
            FinancingDisbursed(
                financing_id=self.id, disbursement_id=disbursement_id, amount_idr=amount_idr, cumulative_amount_idr=self.disbursed_idr, disbursed_on=on
            )
        )

    def repay(self, *, amount_idr: Rupiah, on: date, today: date, principal_idr: Rupiah | None = None) -> Split:
        """Somebody paid; what part is principal says the lender, or else the schedule. Curing and settling follow by themselves."""
        self.may("repay")
        assert self.starts_on is not None, "no state from which a loan is repaid comes before its schedule"
        _require_between(on, self.starts_on, today)
        split = self._split(amount_idr, principal_idr)
        self.move("repay")
        self.paid_idr = Rupiah(self.paid_idr + amount_idr)
        self.outstanding_idr = Rupiah(self.outstanding_idr - split.principal_idr)
        self.last_paid_on = max(on, self.last_paid_on or on)
        self.record(RepaymentRecorded(financing_id=self.id, period_no=split.period_no, amount_idr=amount_idr, outstanding_idr=self.outstanding_idr, paid_on=on))
        if self.outstanding_idr == 0:
            self.settle(self.last_paid_on)
        elif self.status != S.IN_ARREARS:
            self._watch(today)
        elif days := self.overdue_days(today):
            self.reclassify(today)
            self._classify(days, today)
        else:
            self.cure(today)
        return split

    def _split(self, amount_idr: Rupiah, principal_idr: Rupiah | None) -> Split:
        if not 0 < amount_idr <= self.left_to_pay_idr:
            raise RepaymentAboveOutstanding(limit_idr=self.left_to_pay_idr)
        before, period_no, interest = self.paid_idr, len(self.instalments), 0
        after, start = before + amount_idr, 0
        for each in self.instalments:  # in each instalment the interest comes first
            end = start + each.amount_idr
            if before < end:
                period_no = min(period_no, each.number)
            interest += max(0, min(after, start + each.interest_idr) - max(before, start))
            start = end
        # Where a lender stated a split before, the schedule may find more principal than is left; the rest is interest.
        principal = min(amount_idr - interest, self.outstanding_idr) if principal_idr is None else principal_idr
        if principal > amount_idr:
            raise PrincipalAbovePayment
        if principal > self.outstanding_idr:
            raise RepaymentAboveOutstanding(limit_idr=self.outstanding_idr)
        return Split(period_no=period_no, principal_idr=Rupiah(principal), interest_idr=Rupiah(amount_idr - principal))

    def overdue_days(self, on: date) -> int:
        """Since when the oldest instalment is unpaid; 0 while nothing is due, nothing was paid out or nothing is left."""
        due = self._oldest_unpaid()
        return max(0, (on - due).days) if due else 0

    def overdue_idr(self, on: date) -> Rupiah:
        """What should have been paid before that day and was not."""
        due = sum(each.amount_idr for each in self.instalments if each.due_on < on)
        return Rupiah(max(0, due - self.paid_idr)) if self.outstanding_idr else Rupiah(0)

    def arrears(self, on: date) -> None:
        """The calendar finds an instalment unpaid."""
        self.may("arrears")
        if (days := self.overdue_days(on)) == 0:
            raise NotInArrears
        self.move("arrears")
        self._classify(days, on)
        self.record(
            FinancingFellIntoArrears(
                financing_id=self.id,
                days_past_due=days,
                collectability_class=self.collectability_class,
                outstanding_band=collectability_on(on).band_of(self.outstanding_idr),
            )
        )

    def reclassify(self, on: date) -> None:
        """The calendar finds the arrears older; recorded once for each class."""
        self.may("reclassify")
        days, former = self.overdue_days(on), self.collectability_class
        if collectability_on(on).class_of(days) == former:
            return
        self._classify(days, on)
        self.record(
            FinancingReclassified(
                financing_id=self.id,
                days_past_due=days,
                collectability_class=self.collectability_class,
                outstanding_band=collectability_on(on).band_of(self.outstanding_idr),
            )
        )

    def cure(self, on: date) -> None:
        """What was overdue is paid."""
        self.may("cure")
        if self.overdue_days(on):
            raise ArrearsLeft
        self.move("cure")
        self._classify(0, on)
        self.record(FinancingArrearsCured(financing_id=self.id))

    def restructure(self, *, tenor_months: int, annual_rate_percent: str | None, effective_from: date, today: date) -> None:
        """The lender gives what is left of the principal another schedule from a day on."""
        self.may("restructure")
        assert self.starts_on is not None, "no state from which a loan is restructured comes before its schedule"
        _require_between(effective_from, self.last_paid_on or self.starts_on, today)
        self.move("restructure")
        self.tenor_months = tenor_months
        self.annual_rate_percent = annual_rate_percent or self.annual_rate_percent
        self._begin_schedule(self.outstanding_idr, effective_from)
        self._classify(0, today)
        self.record(FinancingRestructured(financing_id=self.id, new_tenor_months=tenor_months, effective_from=effective_from))

    def settle(self, on: date) -> None:
        """Nothing is left."""
        self.may("settle")
        if self.outstanding_idr:
            raise OutstandingLeft(outstanding_idr=self.outstanding_idr)
        on_time = on <= self.instalments[-1].due_on
        self.move("settle")
        self._end(on)
        self.record(FinancingSettled(financing_id=self.id, settled_on=on, on_time=on_time))

    def write_off(self, reason_code: str, on: date) -> None:
        """The lender gives the rest up."""
        self.move("write_off")
        self._end(on, reason_code)
        self.record(FinancingWrittenOff(financing_id=self.id, outstanding_band=collectability_on(on).band_of(self.outstanding_idr)))

    def cancel(self, reason_code: str, on: date) -> None:
        """The contract ends before anything was paid out."""
        self.move("cancel")
        self._end(on, reason_code)
        self.record(FinancingCancelled(financing_id=self.id, reason_code=reason_code))

    def _begin_schedule(self, principal_idr: Rupiah, starts_on: date) -> None:
        self.scheduled_idr, self.starts_on, self.paid_idr, self._instalments = principal_idr, starts_on, Rupiah(0), None

    def _oldest_unpaid(self) -> date | None:
        """When the oldest unpaid instalment is due; after all of them, when the last was, as long as principal is left."""
        if self.outstanding_idr == 0 or self.starts_on is None:
            return None
        total = 0
        for each in self.instalments:
            total += each.amount_idr
            if total > self.paid_idr:
                return each.due_on
        return self.instalments[-1].due_on

    def _classify(self, days: int, on: date) -> None:
        self.days_past_due = days
        self.collectability_class = collectability_on(on).class_of(days)
        self._watch(on)

    def _watch(self, on: date) -> None:
        """The day on which the calendar has to look at it again: when it falls into arrears, or into the next class."""
        due = self._oldest_unpaid()
        if due is None:
            self.look_on = None
            return
        days = collectability_on(on).days_until_next(self.days_past_due) if self.status == S.IN_ARREARS else 1
        self.look_on = due + timedelta(days=days) if days else None

    def _end(self, on: date, reason_code: str | None = None) -> None:
        self.ended_on, self.reason_code, self.look_on = on, reason_code, None
        if self.status != S.WRITTEN_OFF:
            self.days_past_due = 0


def _require_between(day: date, earliest: date, latest: date) -> None:
    if not earliest <= day <= latest:
        raise TransactionDateImpossible(earliest=str(earliest), latest=str(latest))
