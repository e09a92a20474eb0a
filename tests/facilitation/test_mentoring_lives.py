"""The transition tables of mentors, mentoring and visits: every command in every state, against the tables as they are written down."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.facilitation.mentoring.domain import AssignmentStatus, Goal, MentoringAssignment
from services.facilitation.mentoring.instrument import instruments
from services.facilitation.mentors.domain import Mentor, MentorStatus
from services.facilitation.mentors.rules import rules_on
from services.facilitation.visits.domain import MentoringVisit, VisitStatus
from services.facilitation.visits.report import VisitReport
from shared.aggregate import Living
from shared.errors import IllegalTransition

ME, OTHER, THIRD = (UUID(int=number) for number in (1, 2, 3))
DAY = date(2026, 3, 2)
RULES = rules_on(DAY)
POINTS = {item.code: 1 for item in instruments()[1].items}

# Written from the catalogue of lives, and read from there only; "=" leaves the state as it is.
LIVES: dict[type[Living], str] = {
    Mentor: """
        verify: registered -> verified
        set_competences: registered verified suspended -> =
        set_scope: registered verified suspended -> =
        suspend: verified -> suspended
        reinstate: suspended -> verified""",
    MentoringAssignment: """
        accept: offered -> active
        decline: offered -> declined
        diagnose: active -> =
        plan: active -> =
        open_goal: active -> =
        goal: active -> =
        pause: active -> paused
        resume: paused -> active
        transfer: active paused -> transferred
        complete: active -> completed
        terminate: active paused -> terminated""",
    MentoringVisit: """
        check_in: planned -> checked_in
        submit: planned checked_in -> submitted
        flag: submitted -> flagged
        approve: submitted flagged -> approved
        reject: submitted flagged -> rejected
        conflict: submitted flagged -> conflict
        resolve: conflict -> submitted
        miss: planned -> missed
        cancel: planned -> cancelled""",
}
STATES: dict[type[Living], type[Any]] = {Mentor: MentorStatus, MentoringAssignment: AssignmentStatus, MentoringVisit: VisitStatus}
GOAL = Goal(id=THIRD, goal_code="get_nib", enterprise_id=None, due_on=DAY + timedelta(days=30))
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
REPORT = VisitReport(
    started_at=NOON, ended_at=NOON + timedelta(hours=1), topic_codes=["marketing"], attendee_count=3, enterprise_ids=[], evidence_hashes=["ab" * 32],
    position=None, note=None,
)  # fmt: skip


def mentor(status: Any) -> Mentor:
    return Mentor(id=ME, subject="m", region_code="53.04", area_codes=["53"], competences=[], case_ceiling=None, status=status, registered_by="first")


def mentoring(status: Any, id: UUID = ME) -> MentoringAssignment:
    made = MentoringAssignment(
        id=id, region_code="53.04", group_id=OTHER, mentor_id=id, mentor_subject="m", topic_codes=["marketing"], enterprise_ids=[THIRD], respond_by=DAY,
        planned_visits=2, months=6, status=AssignmentStatus.ACTIVE, predecessor_assignment_id=None, hand_over_note_hash=None, goals=[GOAL],
    )  # fmt: skip
    for n in (10, 11):
        made.diagnose(id=UUID(int=n), enterprise_id=THIRD, instrument_version=1, points=POINTS, on=DAY, visit_id=None)
    made.recorded.clear()
    made.status = status
    return made


def visit(status: Any) -> MentoringVisit:
    reported = status not in ("planned", "checked_in", "missed", "cancelled")
    return MentoringVisit(
        id=ME, region_code="53.04", assignment_id=OTHER, group_id=OTHER, mentor_id=OTHER, mentor_subject="m", planned_on=DAY, status=status,
        report=REPORT if reported else None, occurred_on=DAY if reported else None, rival=replace(REPORT, attendee_count=4) if status == "conflict" else None,
    )  # fmt: skip


Do = Callable[[Any], object]
COMMANDS: dict[type[Living], tuple[Callable[[Any], Any], dict[str, Do]]] = {
    Mentor: (mentor, {
        "verify": lambda m: m.verify("second"),
        "set_competences": lambda m: m.set_competences([], "second"),
        "set_scope": lambda m: m.set_scope(["53.04"], 5, RULES),
        "suspend": lambda m: m.suspend("r"),
        "reinstate": lambda m: m.reinstate(),
    }),
    MentoringAssignment: (mentoring, {
        "accept": lambda a: a.accept(DAY, None),
        "decline": lambda a: a.decline("r"),
        "diagnose": lambda a: a.diagnose(id=ME, enterprise_id=THIRD, instrument_version=1, points=POINTS, on=DAY, visit_id=None),
        "plan": lambda a: a.plan([GOAL], DAY),
        "open_goal": lambda a: a.open_goal(goal_code="g", enterprise_id=None, origin_event_id=OTHER, due_on=DAY),
        "goal": lambda a: a.achieve_goal(THIRD, ["ab" * 32], DAY),
        "pause": lambda a: a.pause("r"),
        "resume": lambda a: a.resume(),
        "transfer": lambda a: a.transfer(mentoring(AssignmentStatus.OFFERED, OTHER), DAY),
        "complete": lambda a: a.complete(2, None, DAY),
        "terminate": lambda a: a.terminate("r", DAY),
    }),
    MentoringVisit: (visit, {
        "check_in": lambda v: v.check_in(True),
        "submit": lambda v: v.submit(REPORT, DAY),
        "flag": lambda v: v.flag(["no_gps"], 1),
        "approve": lambda v: v.approve("second"),
        "reject": lambda v: v.reject("second", "r"),
        "conflict": lambda v: v.conflict(replace(REPORT, attendee_count=5)),
        "resolve": lambda v: v.resolve(["attendee_count"], "second", DAY),
        "miss": lambda v: v.miss(),
        "cancel": lambda v: v.cancel("r"),
    }),
}  # fmt: skip


def written(aggregate: type[Living]) -> dict[str, tuple[set[str], str]]:
    lines = [line.strip() for line in LIVES[aggregate].strip().splitlines()]
    return {line.split(":")[0]: (set(line.split(":")[1].split("->")[0].split()), line.split("->")[1].strip()) for line in lines}


@pytest.mark.parametrize("aggregate", LIVES, ids=lambda each: each.__name__)
def test_the_table_of_the_code_is_the_one_written_down(aggregate: type[Living]) -> None:
    coded = {command: ({str(state) for state in row.sources}, str(row.target) if row.target else "=") for command, row in aggregate.LIFE.items()}
    assert coded == written(aggregate)
    assert set(COMMANDS[aggregate][1]) == set(coded), "every command is tried"


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
    assert ({name: getattr(subject, name) for name in before}, subject.recorded) == (before, []), "what is refused changes nothing"
    assert refusal.value.facts["allowed_transitions"] == sorted(name for name, (from_, _) in table.items() if state in from_)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 3, 2), 6, date(2026, 9, 2)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 1, 31), 36, date(2029, 1, 31)),
    ],
)
def test_mentoring_ends_the_same_day_some_months_later(start: date, months: int, end: date) -> None:
    offered = mentoring(AssignmentStatus.OFFERED)
    offered.respond_by, offered.months = start, months
    offered.accept(start, None)
    assert offered.planned_end_on == end
