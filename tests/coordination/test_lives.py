"""The transition tables: what the lifecycles say, what the code's one table says, and what every command does in every state."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.coordination.action_items.domain import ActionItem, ActionItemStatus, Origin
from services.coordination.approvals.domain import Officer, Tier
from services.coordination.changes.domain import Changeable, ChangeRequest, ChangeStatus
from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.state import CommitmentStatus, ProgressReport
from services.coordination.institutions.domain import Institution, InstitutionStatus, InstitutionType, Mandate
from services.coordination.meetings.domain import Meeting, MeetingStatus
from services.coordination.packs.domain import Form, Hashes, PackStatus, QuarterlyPack
from services.coordination.participation.domain import Participation, ParticipationRole, ParticipationStatus
from services.coordination.plans.domain import ActionPlan, Overlap, PlanLine, PlanStatus
from services.coordination.programmes.domain import Programme, ProgrammeStatus, Target
from shared.aggregate import Living
from shared.errors import IllegalTransition
from shared.money import Rupiah

ME, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
DAY, DUE, LATER = date(2026, 3, 2), date(2026, 6, 30), date(2026, 7, 31)

# command: states it starts from -> state it leads to ("=": unchanged), written down from the published lifecycles and their additions
LIVES = {
    Programme: """
        submit: draft revision -> submitted
        revise: draft revision -> =
        decide_tier: submitted -> =
        request_revision: submitted -> revision
        activate: submitted -> active
        amend: active -> =
        suspend: active -> suspended
        resume: suspended -> active
        close: active suspended -> closed
        cancel: draft submitted revision -> cancelled""",
    Institution: """
        verify: registered -> verified
        set_mandates: registered verified suspended -> =
        rename: registered verified suspended -> =
        move: registered verified suspended -> =
        suspend: verified -> suspended
        reinstate: suspended -> verified
        merge: verified suspended -> merged
        retire: verified suspended -> retired""",
    Participation: """
        accept: invited -> accepted
        decline: invited -> declined
        expire: invited -> declined
        change_scope: accepted -> =
        suspend: accepted -> suspended
        resume: suspended -> accepted
        move_to: invited accepted suspended -> =
        withdraw: accepted suspended -> withdrawn
        end: invited accepted suspended -> ended""",
    ActionPlan: """
        set_lines: draft revision -> =
        submit: draft revision -> submitted
        decide_tier: submitted -> =
        request_revision: submitted -> revision
        approve: submitted -> approved
        reject: submitted -> rejected
        supersede: approved -> superseded
        flag_overlap: approved -> =""",
    Commitment: """
        pledge: proposed -> pledged
        cancel: proposed -> cancelled
        start: pledged -> in_progress
        report_progress: pledged in_progress overdue partially_fulfilled -> =
        verify_progress: in_progress overdue partially_fulfilled -> =
        dispute_progress: in_progress overdue partially_fulfilled -> =
        mark_due_soon: pledged in_progress -> =
        mark_overdue: pledged in_progress partially_fulfilled -> overdue
        escalate: overdue -> =
        reschedule: pledged in_progress overdue -> in_progress
        amend: pledged in_progress overdue -> =
        report_fulfilled: in_progress overdue partially_fulfilled -> reported_fulfilled
        confirm_fulfilled: reported_fulfilled -> fulfilled
        reject_fulfilled: reported_fulfilled -> partially_fulfilled
        release: pledged in_progress overdue partially_fulfilled -> released
        move_to: proposed pledged in_progress reported_fulfilled overdue partially_fulfilled -> =""",
    ActionItem: """
        start: open overdue -> in_progress
        block: open in_progress -> blocked
        unblock: blocked -> in_progress
        mark_due_soon: open in_progress blocked -> =
        mark_overdue: open in_progress blocked -> overdue
        report_done: in_progress overdue -> done_reported
        confirm_done: done_reported -> done
        reopen: done_reported done -> in_progress
        drop: open in_progress blocked overdue -> dropped""",
    ChangeRequest: """
        submit: draft revision -> submitted
        request_revision: submitted -> revision
        approve: submitted -> approved
        apply: approved -> applied
        reject: submitted -> rejected
        cancel: draft submitted revision -> cancelled""",
    Meeting: """
        hold: scheduled -> held
        file_minutes: held -> minutes_filed
        cancel: scheduled -> cancelled""",
    QuarterlyPack: """
        compile: compiled -> =
        freeze: compiled -> frozen
        correct: frozen -> compiled""",
}
STATES: dict[type[Living], type[Any]] = {
    Programme: ProgrammeStatus,
    Institution: InstitutionStatus,
    Participation: ParticipationStatus,
    ActionPlan: PlanStatus,
    Commitment: CommitmentStatus,
    ActionItem: ActionItemStatus,
    ChangeRequest: ChangeStatus,
    Meeting: MeetingStatus,
    QuarterlyPack: PackStatus,
}
LINE = PlanLine(
    location_code="53.04",
    intervention_code="training",
    quarter="2026-Q2",
    output_quantity=1,
    output_unit="people",
    amount_idr=5,
    funding_source="apbn",
)
FIRST, SECOND = Officer(subject="first", role="programme_owner"), Officer(subject="second", role="coordinator")


def _report(output: int = 10, amount: int = 100) -> ProgressReport:
    return ProgressReport(id=THIRD, cumulative_output=output, cumulative_amount_idr=amount, as_of=DAY, evidence_hashes=["ab" * 32])


def programme(status: Any) -> Programme:
    return Programme(
        id=ME, code="P", title="P", legal_basis="Inpres 8/2025", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31), area_quota=2, province_quota=1,
        funding_sources=["apbn"], lead_institution_id=OTHER, author="author", targets=[Target(indicator_code="i", value="0", by=DUE)],
        required_interventions=["training"], pillar_codes=[], approval_tiers=[Tier(tier=1, role="programme_owner"), Tier(tier=2, role="coordinator")],
        deciders=[], status=status,
    )  # fmt: skip


def institution(status: Any, id: UUID = ME) -> Institution:
    return Institution(
        id=id, code="i", name="I", institution_type=InstitutionType.MINISTRY, parent_institution_id=None, sector_code=None, mandates=[], former=[],
        registered_on=DAY, status=status,
    )  # fmt: skip


def participation(status: Any) -> Participation:
    role = ParticipationRole.FUNDER
    return Participation(id=ME, programme_id=ME, institution_id=ME, role_code=role, area_scope=["53"], respond_by=DAY, status=status)


def plan(status: Any) -> ActionPlan:
    tiers = [Tier(tier=1, role="programme_owner")]
    return ActionPlan(
        id=ME, programme_id=ME, institution_id=ME, fiscal_year=2026, plan_version=1, lines=[LINE], author="author", approval_tiers=tiers, status=status
    )


def commitment(status: Any) -> Commitment:
    return Commitment(
        id=ME, programme_id=ME, institution_id=ME, location_code="53.04", intervention_code="training", amount_idr=Rupiah(100), funding_source="apbn",
        output_quantity=10, output_unit="people", due_on=DUE, status=status, reports=[] if status == "pledged" else [_report()],
    )  # fmt: skip


def item(status: Any) -> ActionItem:
    return ActionItem(
        id=ME, programme_id=ME, owner_institution_id=ME, origin_type=Origin.COORDINATOR, origin_id=ME, title="t", note=None, location_code=None, due_on=DUE,
        priority="normal", status=status,  # type: ignore[arg-type]
    )  # fmt: skip


def change(status: Any) -> ChangeRequest:
    return ChangeRequest(
        id=ME, aggregate_type=Changeable.COMMITMENT, aggregate_id=OTHER, institution_id=ME, changes={"amount_idr": 1}, reason_code="r", reason="r",
        override=False, requested_by="asker", status=status,
    )  # fmt: skip


def meeting(status: Any) -> Meeting:
    return Meeting(id=ME, programme_id=ME, title="t", place="p", held_on=DAY, agenda=["a"], invited_institution_ids=[ME], status=status)


def pack(status: Any) -> QuarterlyPack:
    return QuarterlyPack(id=ME, programme_id=ME, quarter="2026-Q1", form=Form.C, deadline=date(2026, 4, 30), pack_version=1, content_hash="aa", status=status)


MANDATE = Mandate(task="t", pillar_code="p", sector_code=None, intervention_codes=["training"], legal_basis="b", valid_from=DAY)
HASHES = Hashes(content="bb", pdf="cc", xlsx="dd")


def _last_tier(p: Programme) -> None:
    p.current_tier = 2
    p.activate(SECOND)


Do = Callable[[Any], object]
COMMANDS: dict[type[Living], tuple[Callable[[Any], Any], dict[str, Do]]] = {
    Programme: (programme, {
        "submit": lambda p: p.submit(),
        "revise": lambda p: p.revise({"title": "Q"}),
        "decide_tier": lambda p: p.approve_tier(1, FIRST),
        "request_revision": lambda p: p.request_revision(1, FIRST, "r"),
        "activate": _last_tier,
        "amend": lambda p: p.amend({"area_quota": 3}, change_request_id=OTHER, on=DAY, open_areas=1, open_provinces=1),
        "suspend": lambda p: p.suspend("r", DAY),
        "resume": lambda p: p.resume(DAY),
        "close": lambda p: p.close(final_report_hash="ab" * 32, open_commitments=0, carry_over=False, on=DAY),
        "cancel": lambda p: p.cancel("r"),
    }),
    Institution: (institution, {
        "verify": lambda i: i.verify(OTHER),
        "set_mandates": lambda i: i.set_mandates([MANDATE]),
        "rename": lambda i: i.rename("J", effective_from=DAY, legal_basis="b"),
        "move": lambda i: i.move_below(OTHER, effective_from=DAY, legal_basis="b"),
        "suspend": lambda i: i.suspend("r"),
        "reinstate": lambda i: i.reinstate("r"),
        "merge": lambda i: i.merge(institution(InstitutionStatus.VERIFIED, OTHER), effective_from=DAY, moved_commitments=0),
        "retire": lambda i: i.retire(effective_from=DAY, participations=0),
    }),
    Participation: (participation, {
        "accept": lambda p: p.accept(ME, DAY),
        "decline": lambda p: p.decline(ME, DAY, "r"),
        "expire": lambda p: p.expire(LATER),
        "change_scope": lambda p: p.change_scope(["53", "54"], on=DAY, open_location_codes=["53.04"]),
        "suspend": lambda p: p.suspend("r"),
        "resume": lambda p: p.resume(),
        "move_to": lambda p: p.move_to(OTHER),
        "withdraw": lambda p: p.withdraw(ME, "r", open_commitments=0, transferred=[]),
        "end": lambda p: p.end(),
    }),
    ActionPlan: (plan, {
        "set_lines": lambda p: p.set_lines([], ME),
        "submit": lambda p: p.submit(ME),
        "request_revision": lambda p: p.request_revision(1, FIRST, "r"),
        "approve": lambda p: p.approve_tier(1, FIRST, DAY),
        "reject": lambda p: p.reject(1, FIRST, "r"),
        "supersede": lambda p: p.supersede(2),
        "flag_overlap": lambda p: p.flag_overlap(Overlap(other_plan_id=OTHER, location_code="53.04", intervention_code="training", quarter="2026-Q2"), 1),
    }),
    Commitment: (commitment, {
        "pledge": lambda c: c.pledge(ME),
        "cancel": lambda c: c.cancel(ME, "r"),
        "verify_progress": lambda c: c.verify_progress(THIRD, OTHER),
        "dispute_progress": lambda c: c.dispute_progress(THIRD, OTHER, "r"),
        "mark_due_soon": lambda c: c.mark_due_soon(7, [14, 7, 1]),
        "mark_overdue": lambda c: c.mark_overdue(LATER),
        "escalate": lambda c: c.escalate(1, OTHER, on=LATER, working_days_late=5),
        "reschedule": lambda c: c.reschedule(LATER, requested=None, change_request_id=OTHER),
        "amend": lambda c: c.amend(amount_idr=Rupiah(200), output_quantity=20, change_request_id=OTHER),
        "report_fulfilled": lambda c: c.report_fulfilled(ME),
        "confirm_fulfilled": lambda c: c.confirm_fulfilled(OTHER, DAY),
        "reject_fulfilled": lambda c: c.reject_fulfilled(OTHER, "r"),
        "release": lambda c: c.release("r", successor=None, accept_gap=True),
        "move_to": lambda c: c.move_to(OTHER),
    }),
    ActionItem: (item, {
        "start": lambda i: i.start(ME),
        "block": lambda i: i.block(ME, "r", OTHER),
        "unblock": lambda i: i.unblock(ME),
        "mark_due_soon": lambda i: i.mark_due_soon(7, [14, 7, 1]),
        "mark_overdue": lambda i: i.mark_overdue(LATER),
        "report_done": lambda i: i.report_done(ME, ["ab" * 32]),
        "confirm_done": lambda i: i.confirm_done(OTHER, DAY),
        "reopen": lambda i: i.reopen("r"),
        "drop": lambda i: i.drop("r"),
    }),
    ChangeRequest: (change, {
        "submit": lambda c: c.submit("asker"),
        "request_revision": lambda c: c.request_revision("other", "r", "c"),
        "approve": lambda c: c.approve("other", None),
        "apply": lambda c: c.apply(3),
        "reject": lambda c: c.reject("other", "r", "c"),
        "cancel": lambda c: c.cancel("asker"),
    }),
    Meeting: (meeting, {
        "hold": lambda m: m.hold([ME], DAY),
        "file_minutes": lambda m: m.file_minutes("ab" * 32, []),
        "cancel": lambda m: m.cancel("r"),
    }),
    QuarterlyPack: (pack, {
        "compile": lambda p: p.compile_anew("bb"),
        "freeze": lambda p: p.freeze(HASHES, LATER, date(2026, 3, 31)),
        "correct": lambda p: p.correct("r", "bb"),
    }),
}  # fmt: skip


def written(aggregate: type[Living]) -> dict[str, tuple[set[str], str]]:
    lines = [line.strip() for line in LIVES[aggregate].strip().splitlines()]
    return {line.split(":")[0]: (set(line.split(":")[1].split("->")[0].split()), line.split("->")[1].strip()) for line in lines}


@pytest.mark.parametrize("aggregate", LIVES, ids=lambda each: each.__name__)
def test_the_table_of_the_code_is_the_one_written_down(aggregate: type[Living]) -> None:
    coded = {command: ({str(state) for state in row.sources}, str(row.target) if row.target else "=") for command, row in aggregate.LIFE.items()}
    assert coded == written(aggregate)


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
    before = {name: getattr(subject, name) for name in subject.__dataclass_fields__ if name != "recorded"}
    with pytest.raises(IllegalTransition) as refusal:
        commands[command](subject)
    after = {name: getattr(subject, name) for name in before}
    after["current_tier"] = before.get("current_tier")
    assert ({**before, "current_tier": before.get("current_tier")}, subject.recorded) == (after, []), "what is refused changes nothing"
    assert refusal.value.facts["allowed_transitions"] == sorted(name for name, (from_, _) in table.items() if state in from_)


@pytest.mark.parametrize("state", CommitmentStatus)
def test_a_report_starts_a_pledge_and_leaves_every_other_state_as_it_is(state: CommitmentStatus) -> None:
    subject = commitment(state)
    if state not in written(Commitment)["report_progress"][0]:
        with pytest.raises(IllegalTransition):
            subject.report_progress(_report(11, 110), ME)
        return
    subject.report_progress(_report(11, 110), ME)
    assert subject.status == ("in_progress" if state == "pledged" else state)


def test_every_command_of_a_table_is_tried() -> None:
    untried = {aggregate.__name__: sorted(set(written(aggregate)) - set(COMMANDS[aggregate][1])) for aggregate in LIVES}
    # These are steps of another command, tried above or with it.
    assert {name: left for name, left in untried.items() if left} == {"ActionPlan": ["decide_tier"], "Commitment": ["report_progress", "start"]}
