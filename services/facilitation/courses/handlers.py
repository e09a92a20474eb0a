"""What can be done with a course."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.facilitation.courses.domain import Course, CourseTerms, NotTheProvider
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork
from shared.security.identity import Caller, Role


async def offer_course(
    transaction: Transaction, caller: Caller, *, course_code: str, title: str, provider_institution_id: UUID, terms: CourseTerms, on: date
) -> Course:
    """Enter a course in the catalogue."""
    async with transaction() as uow:
        _by_provider(caller, provider_institution_id)
        course = Course.offer(id=new_id(), course_code=course_code, title=title, provider_institution_id=provider_institution_id, terms=terms, on=on)
        uow.add(course)
    return course


async def revise_course(transaction: Transaction, course_id: UUID, caller: Caller, terms: CourseTerms, on: date) -> Course:
    """Add a version."""
    async with transaction() as uow:
        course = await _own(uow, course_id, caller)
        course.revise(replace(terms, course_version=len(course.versions) + 1), on)
    return course


async def retire_course(transaction: Transaction, course_id: UUID, caller: Caller, reason_code: str) -> Course:
    """Take it out of the catalogue."""
    async with transaction() as uow:
        course = await _own(uow, course_id, caller)
        course.retire(reason_code)
    return course


async def _own(uow: UnitOfWork, course_id: UUID, caller: Caller) -> Course:
    course = await uow.get(Course, course_id)
    _by_provider(caller, course.provider_institution_id)
    return course


def _by_provider(caller: Caller, provider_institution_id: UUID) -> None:
    if caller.role is Role.PARTNER_MINISTRY and not caller.acts_for(provider_institution_id):
        raise NotTheProvider(allowed_roles=[])
