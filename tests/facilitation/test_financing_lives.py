"""The lives of applications and loans: what the lifecycles say, what the code's one table says, and what every command does in every state."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.facilitation.financing.applicants import Standing
from services.facilitation.financing.domain import FinancingApplication
from services.facilitation.financing.eligibility import Outcome
from services.facilitation.financing.policy import Stage
from services.facilitation.financing.state import OPEN, FinancingStatus, Officer
from services.facilitation.loans.domain import CLOSED, Loan, LoanStatus
from services.facilitation.loans.schedule import Method
from shared.aggregate import Living
from shared.errors import IllegalTransition
from shared.money import Rupiah

ME, LENDER, GROUP = UUID(int=1), UUID(int=2), UUID(int=3)
DAY, LATE = date(2024, 6, 3), date(2024, 9, 30)
MINISTRY = Officer(subject="ministry-1", role="programme_owner")
GOOD = Standing(region_code="53.04", prioritised=True, group_id=GROUP, group_is_active=True)

# command: states it starts from -> state it leads to ("=": unchanged), written down from the published lifecycles and their additions
LIVES: dict[type[Living], str] = {
    FinancingApplication: """
        prescreen: draft -> =
        attach: draft referred -> =
        submit: draft -> submitted
        start_review: submitted referred -> under_review
        approve_stage: under_review -> =
        refer: under_review -> referred
        approve: under_review -> approved
        reject: under_review -> rejected
        undo_approval: approved -> under_review
        forward: approved -> forwarded
        grant: forwarded -> granted
        decline: forwarded -> declined
        withdraw: draft submitted under_review referred approved -> withdrawn
        expire: referred forwarded -> expired""",
    Loan: """
        disburse_part: granted partially_disbursed -> partially_disbursed
        disburse: granted partially_disbursed -> active
        repay: active in_arrears restructured -> =
        arrears: active restructured -> in_arrears
        reclassify: in_arrears -> =
        cure: in_arrears -> active
        restructure: active in_arrears -> restructured
        settle: active in_arrears restructured -> settled
        write_off: in_arrears restructured -> written_off
        cancel: granted -> cancelled""",
}
STATES: dict[type[Living], type[Any]] = {FinancingApplication: FinancingStatus, Loan: LoanStatus}


def application(status: Any, stages: int = 1) -> FinancingApplication:
    return FinancingApplication(
        id=ME, programme_id=ME, enterprise_id=ME, group_id=GROUP, region_code="53.04", product_code="kur_super_mikro", product_version=2,
        requested_amount_idr=Rupiah(9_000_000), status=status, drafted_by="mentor-1", submitted_on=DAY, lender_institution_id=LENDER, forwarded_on=DAY,
        answer_by=date(2024, 7, 3), stages=[Stage(code=f"stage_{n}", role="programme_owner") for n in range(stages)],
        stage_no=stages if status == "approved" else 0, deciders=["other"] if status == "approved" else [], reason_codes=[],
    )  # fmt: skip


def loan(status: Any, *, paid: int = 0, outstanding: int = 9_000_000) -> Loan:
    """Granted and paid out on 3 June 2024, for 12 months at 3 %."""
    out = status in ("granted", "cancelled")
    begun = not out and status != "partially_disbursed"
    return Loan(
        id=ME, application_id=ME, programme_id=ME, enterprise_id=ME, group_id=GROUP, region_code="53.04", lender_institution_id=LENDER,
        lender_reference="AKAD-1", product_code="kur_super_mikro", product_version=2, shares=[], granted_amount_idr=Rupiah(9_000_000), granted_on=DAY,
        annual_rate_percent="3", tenor_months=12, method=Method.ANNUITY, status=status,
        disbursed_idr=Rupiah(0 if out else 9_000_000 if begun else 4_000_000), disbursed_on=None if out else DAY,
        outstanding_idr=Rupiah(outstanding if begun else 0 if out else 4_000_000), starts_on=DAY if begun else None,
        scheduled_idr=Rupiah(9_000_000 if begun else 0), paid_idr=Rupiah(paid),
    )  # fmt: skip


def _disburse(loan: Loan, amount: int) -> None:
    loan.disburse(disbursement_id=ME, amount_idr=Rupiah(amount), on=DAY, today=LATE)


def _cure(loan: Loan) -> None:
    loan.paid_idr = Rupiah(8_000_000)
    loan.cure(LATE)


def _settle(loan: Loan) -> None:
    loan.outstanding_idr = Rupiah(0)
    loan.settle(LATE)


def _approve_first_of_two(a: FinancingApplication) -> None:
    a.stages = [Stage(code="regency_office", role="programme_owner"), Stage(code="ministry", role="programme_owner")]
    a.stage_no = 0
    a.approve(MINISTRY)


Do = Callable[[Any], object]
COMMANDS: dict[type[Living], tuple[Callable[[Any], Any], dict[str, Do]]] = {
    FinancingApplication: (application, {
        "prescreen": lambda a: a.prescreen(Outcome.ELIGIBLE, []),
        "attach": lambda a: a.attach({"npwp": "ab" * 32}),
        "submit": lambda a: a.submit(GOOD, DAY),
        "start_review": lambda a: a.start_review(MINISTRY, duplicate=False),
        "approve_stage": _approve_first_of_two,
        "refer": lambda a: a.refer(MINISTRY, ["npwp"], None, DAY),
        "approve": lambda a: a.approve(MINISTRY),
        "reject": lambda a: a.reject(MINISTRY, ["incomplete"]),
        "undo_approval": lambda a: a.undo_approval(MINISTRY, "new_information"),
        "forward": lambda a: a.forward(LENDER, DAY),
        "grant": lambda a: a.grant(
            by_institution=LENDER, financing_id=ME, amount_idr=Rupiah(9_000_000), tenor_months=12, granted_on=DAY, lender_reference="A", rate_percent="3",
            today=DAY,
        ),
        "decline": lambda a: a.decline(by_institution=LENDER, reason_codes=["risk"]),
        "withdraw": lambda a: a.withdraw("no_longer_needed"),
        "expire": lambda a: a.expire(LATE),
    }),
    Loan: (loan, {
        "disburse_part": lambda each: _disburse(each, 1_000_000),
        "disburse": lambda each: _disburse(each, 9_000_000 - each.disbursed_idr or 1),
        "repay": lambda each: each.repay(amount_idr=Rupiah(1_000), on=LATE, today=LATE),
        "arrears": lambda each: each.arrears(LATE),
        "reclassify": lambda each: each.reclassify(LATE),
        "cure": _cure,
        "restructure": lambda each: each.restructure(tenor_months=24, annual_rate_percent=None, effective_from=LATE, today=LATE),
        "settle": _settle,
        "write_off": lambda each: each.write_off("business_closed", LATE),
        "cancel": lambda each: each.cancel("changed_mind", LATE),
    }),
}  # fmt: skip


def written(aggregate: type[Living]) -> dict[str, tuple[set[str], str]]:
    lines = [line.strip() for line in LIVES[aggregate].strip().splitlines()]
    return {line.split(":")[0]: (set(line.split(":")[1].split("->")[0].split()), line.split("->")[1].strip()) for line in lines}


@pytest.mark.parametrize("aggregate", LIVES, ids=lambda each: each.__name__)
def test_the_table_of_the_code_is_the_one_written_down(aggregate: type[Living]) -> None:
    coded = {command: ({str(state) for state in row.sources}, str(row.target) if row.target else "=") for command, row in aggregate.LIFE.items()}
    assert coded == written(aggregate)
    assert set(COMMANDS[aggregate][1]) == set(coded)


CASES = [
    pytest.param(aggregate, command, state, id=f"{aggregate.__name__}-{command}-{state}")
    for aggregate, (_, commands) in COMMANDS.items()
    for command in commands
    for state in STATES[aggregate]
]


@pytest.mark.parametrize(("aggregate", "command", "state"), CASES)
def test_every_command_in_every_state(aggregate: type[Living], command: str, state: Any) -> None:
    make, commands = COMMANDS[aggregate]
    table = written(aggregate)
    sources, target = table[command]
    subject: Living = make(state)
    if state in sources:
        commands[command](subject)
        assert subject.status == (state if target == "=" else target)
        assert subject.recorded, "a change without an event does not exist"
        return
    names = [field.name for field in fields(subject) if field.init and field.name not in ("stages", "stage_no", "paid_idr", "outstanding_idr")]
    before = {name: getattr(subject, name) for name in names}
    with pytest.raises(IllegalTransition) as refusal:
        commands[command](subject)
    assert ({name: getattr(subject, name) for name in names}, subject.recorded) == (before, []), "what is refused changes nothing"
    assert refusal.value.facts["allowed_transitions"] == sorted(name for name, (from_, _) in table.items() if state in from_)


def test_ended_states_have_no_way_out() -> None:
    for aggregate, ended in ((FinancingApplication, set(FinancingStatus) - OPEN), (Loan, CLOSED)):
        assert {state for state in STATES[aggregate] if not any(state in row.sources for row in aggregate.LIFE.values())} == ended
