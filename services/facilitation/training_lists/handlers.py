"""What lists do to a training and its participants, and how a training ends."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.facilitation.enrolments.domain import SEATED, CertificateNumbers, Enrolment, EnrolmentStatus, Gender, Results
from services.facilitation.enrolments.seats import roster
from services.facilitation.enrolments.tables import next_serials
from services.facilitation.tracers.tables import schedule
from services.facilitation.training_lists.domain import (
    ListKind,
    ListRow,
    NotRunning,
    RefusedRow,
    RowsOutOfBounds,
    SessionAhead,
    TrainingList,
    sort_out,
)
from services.facilitation.training_lists.tables import marked, marks_of, scored, scores_of
from services.facilitation.trainings.domain import Training, TrainingStatus
from services.facilitation.trainings.errors import ResultsMissing
from services.facilitation.trainings.organisers import organised_by
from services.facilitation.trainings.turns import in_turn
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.security.identity import Caller

MAX_ROWS = 1000
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


async def receive_list(
    transaction: Transaction, training_id: UUID, caller: Caller, *, kind: ListKind, session_no: int | None, rows: Sequence[ListRow], content_hash: str, on: date
) -> TrainingList:
    """Take over what can be read; the session counts as held once something is known of every participant."""

    async def work(uow: UnitOfWork, training: Training) -> TrainingList:
        organised_by(caller, training)
        if training.status is not TrainingStatus.RUNNING:
            raise NotRunning
        if not 1 <= len(rows) <= MAX_ROWS:
            raise RowsOutOfBounds(limit=MAX_ROWS)
        participants = {enrolment.id: enrolment for enrolment in await roster(uow, training_id, *SEATED)}
        if kind is ListKind.ATTENDANCE:
            counted, refused, known = await _attended(uow, training, participants, session_no or 0, rows, on)
        else:
            counted, refused = sort_out(kind, rows, participants)
            known = {row.enrolment_id for row in await uow.connection.execute(scores_of(training_id)) if row.test is kind}
            if counted:
                uow.also(scored(kind, counted))
        missing = sorted(participants.keys() - known - counted.keys())
        received = TrainingList.receive(
            id=new_id(),
            region_code=training.region_code,
            training_id=training_id,
            list_kind=kind,
            session_no=session_no,
            content_hash=content_hash,
            accepted_count=len(counted),
            refused=refused,
            missing=missing,
        )
        uow.add(received)
        return received

    return await in_turn(transaction, training_id, work)


async def _attended(
    uow: UnitOfWork, training: Training, participants: dict[UUID, Enrolment], session_no: int, rows: Sequence[ListRow], on: date
) -> tuple[dict[UUID, int], list[RefusedRow], set[UUID]]:
    """Mark who was present and who was not: what counted, what was refused, and of whom this was known before."""
    session = training.session(session_no)
    if session.on > on:
        raise SessionAhead(on=str(session.on))
    here: dict[UUID, bool] = {}
    elsewhere: set[UUID] = set()
    for mark in await uow.connection.execute(marks_of(training.id)):
        if mark.session_no == session_no:
            here[mark.enrolment_id] = mark.present
        elif mark.present:
            elsewhere.add(mark.enrolment_id)
    only_here = {id for id, enrolment in participants.items() if enrolment.status is EnrolmentStatus.ATTENDING and id not in elsewhere}
    counted, refused = sort_out(ListKind.ATTENDANCE, rows, participants, only_here)
    for id, present in counted.items():
        if present and participants[id].status is EnrolmentStatus.ENROLLED:
            participants[id].attend(session_no)
    if counted:
        uow.also(marked(session_no, counted))
    known = set(here)
    now = here | {id: bool(present) for id, present in counted.items()}
    if participants.keys() <= now.keys():
        training.hold_session(session_no, sum(now[id] for id in participants))
    return counted, refused, known


async def complete_training(transaction: Transaction, training_id: UUID, caller: Caller, *, cost_idr: int, on: date) -> Training:
    """Judge everybody who came, certify who passed, and schedule what is asked of them later."""

    async def work(uow: UnitOfWork, training: Training) -> Training:
        organised_by(caller, training)
        training.may_complete()
        seated = await roster(uow, training_id, *SEATED)
        came = [enrolment for enrolment in seated if enrolment.status is EnrolmentStatus.ATTENDING]
        results = await _results(uow, training)
        if without := [enrolment for enrolment in came if enrolment.id not in results]:
            raise ResultsMissing(count=len(without))
        for enrolment in seated:
            if enrolment.status is EnrolmentStatus.ATTENDING:
                enrolment.judge(training, results[enrolment.id], on)
            else:
                enrolment.no_show(on)
        passed = [enrolment for enrolment in came if enrolment.status is EnrolmentStatus.COMPLETED]
        training.complete(
            on,
            participant_count=len(came),
            passed_count=len(passed),
            female_count=sum(enrolment.gender is Gender.FEMALE for enrolment in came),
            cost_idr=cost_idr,
        )
        if passed:
            serials = await uow.connection.scalars(next_serials(len(passed)))
            for enrolment, serial in zip(passed, serials, strict=True):
                numbers = CertificateNumbers(id=new_id(), number=f"ENT-{on.year}-{serial:07d}", code=_code())
                enrolment.certify(numbers, months=training.certificate_months, on=on)
            uow.also(schedule([enrolment.id for enrolment in passed], on))
        return training

    return await in_turn(transaction, training_id, work)


async def _results(uow: UnitOfWork, training: Training) -> dict[UUID, Results]:
    """What everybody with a final score reached; attendance is weighed by the hours of the sessions."""
    hours, attended = sum(session.hours for session in training.sessions), defaultdict[UUID, int](int)
    for mark in await uow.connection.execute(marks_of(training.id)):
        attended[mark.enrolment_id] += mark.present * training.session(mark.session_no).hours
    scores: dict[UUID, dict[ListKind, int]] = defaultdict(dict)
    for row in await uow.connection.execute(scores_of(training.id)):
        scores[row.enrolment_id][row.test] = row.score
    return {
        id: Results(attendance_percent=100 * attended[id] // hours, pre_score=points.get(ListKind.PRE_TEST), post_score=points[ListKind.POST_TEST])
        for id, points in scores.items()
        if ListKind.POST_TEST in points
    }


def _code() -> str:
    """A hundred random bits, in letters and digits that are not mistaken for each other."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(20))
    return "-".join(code[start : start + 5] for start in range(0, 20, 5))
