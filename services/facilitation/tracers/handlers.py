"""Recording what became of a training, and telling when it is time to ask."""

from datetime import date
from uuid import UUID

from services.facilitation.enrolments.domain import Enrolment
from services.facilitation.enrolments.errors import CodeNotListed, NoSuchTracer, TracerTooEarly
from services.facilitation.scope import get_within
from services.facilitation.tracers.domain import TracerState
from services.facilitation.tracers.tables import moved, to_tell, tracer_of
from services.facilitation.trainings.rules import rules_on
from shared.database import Database, Transaction
from shared.errors import StaleVersion
from shared.security.identity import Caller


async def record_tracer(
    transaction: Transaction, enrolment_id: UUID, caller: Caller, *, months_after: int, applied_skill_code: str, turnover_band: str, on: date
) -> Enrolment:
    """Write down what is applied, and the band of monthly turnover; once, and not before the day."""
    rules = rules_on(on)
    for field, code, listed in (
        ("applied_skill_code", applied_skill_code, list(rules.applied_skill_codes)),
        ("turnover_band", turnover_band, [band.code for band in rules.turnover_bands]),
    ):
        if code not in listed:
            raise CodeNotListed(field=field, listed=listed)
    async with transaction() as uow:
        enrolment = await get_within(uow, Enrolment, enrolment_id, caller)
        enrolment.may("trace")
        tracer = (await uow.connection.execute(tracer_of(enrolment_id, months_after))).one_or_none()
        if tracer is None or tracer.state is TracerState.RECORDED:
            raise NoSuchTracer(months_after=months_after)
        if on < tracer.due_on:
            raise TracerTooEarly(due_on=str(tracer.due_on))
        enrolment.trace(months_after, applied_skill_code, turnover_band)
        answer = {"applied_skill_code": applied_skill_code, "turnover_band": turnover_band}
        uow.also(moved(enrolment_id, months_after, state=TracerState.RECORDED, recorded_on=on, **answer))
    return enrolment


async def tell_tracers(database: Database, on: date) -> int:
    """Say which fell due and which overdue, each once; how many there were."""
    told = 0
    async with database.reading() as connection:
        waiting = (await connection.execute(to_tell(on))).all()
    for seen in waiting:
        try:
            async with database.transaction() as uow:
                enrolment = await uow.get(Enrolment, seen.enrolment_id)
                tracer = (await uow.connection.execute(tracer_of(seen.enrolment_id, seen.months_after))).one()
                if tracer.state is not seen.state:
                    continue  # somebody recorded it since
                state = TracerState.OVERDUE if tracer.overdue_after < on else TracerState.DUE
                (enrolment.tracer_overdue if state is TracerState.OVERDUE else enrolment.tracer_due)(tracer.months_after, tracer.due_on)
                uow.also(moved(tracer.enrolment_id, tracer.months_after, state=state))
                told += 1
        except StaleVersion:
            continue  # somebody acted on it at this moment; the next look finds what is left to tell
    return told
