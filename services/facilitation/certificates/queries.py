"""Reading certificates."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.facilitation.courses.tables import courses
from services.facilitation.enrolments.tables import enrolments
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.trainings.tables import trainings


async def has_passed(connection: AsyncConnection, enterprise_id: UUID, course_code: str, on: date) -> bool:
    """Whether an enterprise holds a certificate of a course that is valid on a day: the precondition of a product or a linkage."""
    c = enrolments.c
    held = exists().where(
        c.enterprise_id == enterprise_id,
        c.course_code == course_code,
        c.certificate_issued_on <= on,
        or_(c.certificate_valid_until.is_(None), c.certificate_valid_until >= on),
        or_(c.certificate_revoked_on.is_(None), c.certificate_revoked_on > on),
    )
    return bool(await connection.scalar(select(held)))


def by_code(code: str) -> Select[Any]:
    """What may be told to whoever holds a code: the course, the dates, and no more."""
    e, k, t = enrolments.c, courses.c, trainings.c
    return (
        select(
            e.certificate_number,
            e.certificate_issued_on,
            e.certificate_valid_until,
            e.certificate_revoked_on,
            k.course_code,
            k.title,
            k.provider_institution_id,
            k.versions,
            t.course_version,
        )
        .select_from(enrolments)
        .join(trainings, t.id == e.training_id)
        .join(courses, k.course_code == e.course_code)
        .where(e.certificate_code == code)
    )


def for_paper(enrolment_id: UUID) -> Select[Any]:
    """What is printed on a certificate, with the enterprise and its owner."""
    e, k, t, n = enrolments.c, courses.c, trainings.c, enterprises.c
    return (
        select(
            e.region_code,
            e.certificate_number,
            e.certificate_code,
            e.certificate_issued_on,
            e.certificate_valid_until,
            e.certificate_revoked_on,
            k.title,
            k.versions,
            t.course_version,
            t.course_hours,
            t.starts_on,
            t.ends_on,
            n.name,
            n.owner_name,
        )
        .select_from(enrolments)
        .join(trainings, t.id == e.training_id)
        .join(courses, k.course_code == e.course_code)
        .join(enterprises, n.id == e.enterprise_id)
        .where(e.id == enrolment_id, e.certificate_code.is_not(None))
    )
