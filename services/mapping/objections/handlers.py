"""What can be done with objections."""

from datetime import date
from uuid import UUID

from services.mapping.objections.domain import Decision, Grounds, LocationObjection
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.state import RunStatus
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.domain import Region, id_of
from shared.clock import new_id
from shared.database import Transaction
from shared.errors import NotFound, SamePerson
from shared.security.identity import Caller


async def file_objection(
    transaction: Transaction, run_id: UUID, caller: Caller, *, region_code: str, grounds_code: Grounds, note: str, on: date
) -> LocationObjection:
    """File one for a regency or city of the caller's, while the run's window is open."""
    if not caller.covers(region_code):
        raise NotFound
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        if (await uow.get(Region, id_of(region_code))).level is not RegionLevel.REGENCY:
            raise NotFound
        run.require_window(on)
        objection = LocationObjection.file(
            id=new_id(),
            run_id=run_id,
            region_code=region_code,
            grounds=grounds_code,
            note=note,
            institution_id=caller.institution_id,
            by=caller.subject,
            on=on,
            answer_days=run.policy.answer_days,
        )
        uow.add(objection)
    return objection


async def decide_objection(
    transaction: Transaction, objection_id: UUID, *, decision_code: Decision, reason_code: str, note: str, by: str, on: date
) -> LocationObjection:
    """Answer one; neither who filed it nor who computed the run judges it."""
    async with transaction() as uow:
        objection = await uow.get(LocationObjection, objection_id)
        run = await uow.get(PrioritisationRun, objection.run_id)
        run.refuse_unless(run.status, {RunStatus.OBJECTION_OPEN})
        if by in (run.author, run.analyst):
            raise SamePerson
        objection.decide(decision_code, reason_code, note, by, on)
    return objection
