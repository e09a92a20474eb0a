"""The transition tables of courses, trainings and enrolments: written down apart, and every command tried in every state."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.facilitation.courses.domain import Course, CourseStatus, CourseTerms
from services.facilitation.enrolments.domain import CertificateNumbers, Enrolment, EnrolmentStatus, Gender, Results
from services.facilitation.trainings.domain import Schedule, Selection, Session, Training, TrainingStatus
from shared.aggregate import Living
from shared.errors import IllegalTransition

ME, OTHER = UUID(int=1), UUID(int=2)
DAY, OPENS, CLOSES, FIRST, LAST = date(2026, 7, 1), date(2026, 7, 10), date(2026, 7, 31), date(2026, 8, 3), date(2026, 8, 4)

# command: states it starts from -> state it leads to ("=": unchanged), written down from the published lifecycles and their additions
LIVES = {
    Course: """
        revise: offered -> =
        retire: offered -> retired""",
    Training: """
        reschedule: draft postponed -> =
        publish: draft postponed -> published
        open_registration: published -> registration_open
        close_registration: registration_open -> registration_closed
        start: registration_closed -> running
        session: running -> =
        postpone: published registration_open registration_closed -> postponed
        complete: running -> completed
        cancel: draft published registration_open postponed -> cancelled""",
    Enrolment: """
        enrol: nominated waitlisted -> enrolled
        waitlist: nominated -> waitlisted
        attend: enrolled -> attending
        complete: attending -> completed
        certify: completed -> =
        revoke_certificate: completed -> =
        fail: attending -> failed
        no_show: enrolled -> no_show
        withdraw: nominated waitlisted enrolled -> withdrawn
        reject: nominated -> rejected
        tracer_due: completed -> =
        tracer_overdue: completed -> =
        trace: completed -> =""",
}
STATES: dict[type[Living], type[Any]] = {Course: CourseStatus, Training: TrainingStatus, Enrolment: EnrolmentStatus}


def terms(version: int = 1, valid_from: date = DAY) -> CourseTerms:
    return CourseTerms(
        course_version=version, valid_from=valid_from, hours=16, competence_unit_codes=["M.70PEN00.009.1"], target_group_types=[], attendance_percent=75,
        pass_mark=70, certificate_months=36,
    )  # fmt: skip


def course(status: Any) -> Course:
    return Course(id=ME, course_code="c", title="C", provider_institution_id=OTHER, status=status, versions=[terms()])


def sessions(held: bool = True) -> list[Session]:
    done = {"held_on": FIRST, "present_count": 3} if held else {}
    return [Session(session_no=number, on=on, hours=8, **done) for number, on in ((1, FIRST), (2, LAST))]  # type: ignore[arg-type]


def training(status: Any, **given: Any) -> Training:
    fields: dict[str, Any] = {
        "id": ME,
        "region_code": "53.04",
        "programme_id": ME,
        "course_code": "c",
        "course_version": 1,
        "provider_institution_id": OTHER,
        "course_hours": 16,
        "target_group_types": [],
        "attendance_percent": 75,
        "pass_mark": 70,
        "certificate_months": 36,
        "venue": "V",
        "selection": Selection.FIRST_COME,
        "status": status,
        "opens_on": OPENS,
        "closes_on": CLOSES,
        "starts_on": FIRST,
        "ends_on": LAST,
        "sessions": sessions(),
        "quota": 3,
        "minimum_participants": 2,
    }
    return Training(**fields | given)


def enrolment(status: Any, **given: Any) -> Enrolment:
    fields: dict[str, Any] = {
        "id": ME,
        "region_code": "53.04",
        "training_id": ME,
        "group_id": ME,
        "enterprise_id": OTHER,
        "course_code": "c",
        "gender": Gender.FEMALE,
        "consent_purpose": "p",
        "consent_on": DAY,
        "nominated_on": DAY,
        "status": status,
        "seat_no": 1,
    }
    return Enrolment(**fields | given)


def certified(status: Any) -> Enrolment:
    return enrolment(status, certificate_id=OTHER, certificate_issued_on=LAST)


PLAN = Schedule(opens_on=OPENS, closes_on=CLOSES, sessions=sessions(held=False), quota=5, minimum_participants=1)
GOOD, POOR = Results(attendance_percent=75, pre_score=None, post_score=70), Results(attendance_percent=75, pre_score=10, post_score=69)
NUMBERS = CertificateNumbers(id=OTHER, number="ENT-2026-0000001", code="A")
TRAINED = training(TrainingStatus.RUNNING)

Do = Callable[[Any], object]
COMMANDS: dict[type[Living], tuple[Callable[[Any], Any], dict[str, Do]]] = {
    Course: (course, {"revise": lambda c: c.revise(terms(2), DAY), "retire": lambda c: c.retire("r")}),
    Training: (training, {
        "reschedule": lambda t: t.reschedule(PLAN, 0),
        "publish": lambda t: t.publish(DAY),
        "open_registration": lambda t: t.open_registration(OPENS),
        "close_registration": lambda t: t.close_registration(DAY, enrolled_count=3, waitlisted_count=0),
        "start": lambda t: t.start(FIRST, 2),
        "session": lambda t: t.hold_session(1, 2),
        "postpone": lambda t: t.postpone("r"),
        "complete": lambda t: t.complete(LAST, participant_count=3, passed_count=2, female_count=1, cost_idr=0),
        "cancel": lambda t: t.cancel("r"),
    }),
    Enrolment: (certified, {
        "enrol": lambda e: e.enrol(1),
        "waitlist": lambda e: e.waitlist(1),
        "attend": lambda e: e.attend(1),
        "complete": lambda e: e.judge(TRAINED, GOOD, LAST),
        "certify": lambda e: e.certify(NUMBERS, months=36, on=LAST),
        "revoke_certificate": lambda e: e.revoke_certificate("r", LAST),
        "fail": lambda e: e.judge(TRAINED, POOR, LAST),
        "no_show": lambda e: e.no_show(LAST),
        "withdraw": lambda e: e.withdraw("r", DAY),
        "reject": lambda e: e.reject("r", DAY),
        "tracer_due": lambda e: e.tracer_due(3, LAST),
        "tracer_overdue": lambda e: e.tracer_overdue(3, LAST),
        "trace": lambda e: e.trace(3, "bookkeeping", "none"),
    }),
}  # fmt: skip


def written(aggregate: type[Living]) -> dict[str, tuple[set[str], str]]:
    lines = [line.strip() for line in LIVES[aggregate].strip().splitlines()]
    return {line.split(":")[0]: (set(line.split(":")[1].split("->")[0].split()), line.split("->")[1].strip()) for line in lines}


@pytest.mark.parametrize("aggregate", LIVES, ids=lambda each: each.__name__)
def test_the_table_of_the_code_is_the_one_written_down(aggregate: type[Living]) -> None:
    coded = {command: ({str(state) for state in row.sources}, str(row.target) if row.target else "=") for command, row in aggregate.LIFE.items()}
    assert coded == written(aggregate)
    assert set(COMMANDS[aggregate][1]) == set(coded), "every command of the table is tried below"


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
    ("attendance", "points", "outcome", "reason"),
    [
        (75, 70, "completed", None),
        (100, 100, "completed", None),
        (74, 100, "failed", "attendance_below_rule"),
        (100, 69, "failed", "score_below_pass_mark"),
        (0, 0, "failed", "attendance_below_rule"),
    ],
)
def test_who_passes(attendance: int, points: int, outcome: str, reason: str | None) -> None:
    participant = enrolment(EnrolmentStatus.ATTENDING)
    participant.judge(TRAINED, Results(attendance_percent=attendance, pre_score=None, post_score=points), LAST)
    assert (participant.status, participant.reason_code, participant.attendance_percent, participant.post_score) == (outcome, reason, attendance, points)


@pytest.mark.parametrize(("months", "until"), [(36, date(2029, 8, 4)), (1, date(2026, 9, 4)), (None, None)])
def test_how_long_a_certificate_is_valid(months: int | None, until: date | None) -> None:
    participant = enrolment(EnrolmentStatus.COMPLETED)
    participant.certify(NUMBERS, months=months, on=LAST)
    assert participant.certificate_valid_until == until
