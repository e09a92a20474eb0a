"""What can be done with a mentor."""

from datetime import date
from uuid import UUID

from services.facilitation.mentors.domain import Competence, Mentor
from services.facilitation.mentors.rules import rules_on
from services.facilitation.mentors.tables import mentor_caseloads
from services.facilitation.scope import get_within
from shared.clock import new_id
from shared.database import Transaction
from shared.security.identity import Caller


async def register_mentor(
    transaction: Transaction,
    *,
    subject: str,
    region_code: str,
    area_codes: list[str],
    competences: list[Competence],
    case_ceiling: int | None,
    by: str,
    on: date,
) -> Mentor:
    """Enter a mentor, with nobody to accompany yet."""
    rules = rules_on(on)
    async with transaction() as uow:
        mentor = Mentor.register(
            id=new_id(),
            subject=subject,
            region_code=region_code,
            area_codes=area_codes,
            competences=competences,
            case_ceiling=case_ceiling,
            rules=rules,
            by=by,
        )
        uow.add(mentor)
        uow.also(mentor_caseloads.insert().values(mentor_id=mentor.id, enterprises=0, ceiling=mentor.ceiling(rules)))
    return mentor


async def verify_mentor(transaction: Transaction, mentor_id: UUID, caller: Caller) -> Mentor:
    """Confirm what another person entered."""
    async with transaction() as uow:
        mentor = await get_within(uow, Mentor, mentor_id, caller)
        mentor.verify(caller.subject)
    return mentor


async def set_competences(transaction: Transaction, mentor_id: UUID, caller: Caller, competences: list[Competence]) -> Mentor:
    """Replace the certificates."""
    async with transaction() as uow:
        mentor = await get_within(uow, Mentor, mentor_id, caller)
        mentor.set_competences(competences, caller.subject)
    return mentor


async def set_scope(transaction: Transaction, mentor_id: UUID, caller: Caller, *, area_codes: list[str], case_ceiling: int | None, on: date) -> Mentor:
    """Change area and ceiling."""
    async with transaction() as uow:
        mentor = await get_within(uow, Mentor, mentor_id, caller)
        mentor.set_scope(area_codes, case_ceiling, rules_on(on))
    return mentor


async def suspend_mentor(transaction: Transaction, mentor_id: UUID, caller: Caller, reason_code: str) -> Mentor:
    """Let the mentor rest."""
    async with transaction() as uow:
        mentor = await get_within(uow, Mentor, mentor_id, caller)
        mentor.suspend(reason_code)
    return mentor


async def reinstate_mentor(transaction: Transaction, mentor_id: UUID, caller: Caller) -> Mentor:
    """Let the mentor go on."""
    async with transaction() as uow:
        mentor = await get_within(uow, Mentor, mentor_id, caller)
        mentor.reinstate()
    return mentor
