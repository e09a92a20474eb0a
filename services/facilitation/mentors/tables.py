"""The tables of mentors and of how many enterprises each has taken on."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, ForeignKey, Integer, Table, Text, UniqueConstraint, Update, Uuid, exists, func, or_, select

from services.facilitation.mentors.domain import CaseCeilingReached, Competence, Mentor, MentorAlreadyRegistered, MentorStatus
from services.facilitation.schema import metadata
from services.facilitation.scope import within
from shared.security.identity import Caller, Role
from shared.tables import Code, Typed, persisted, refuse

mentors = persisted(
    metadata,
    Mentor,
    "mentors",
    Column("subject", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("area_codes", Typed(list[str]), nullable=False),
    Column("competences", Typed(list[Competence]), nullable=False),
    Column("case_ceiling", Integer),
    Column("status", Code(MentorStatus), nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("verified_by", Text),
    Column("reason_code", Text),
    UniqueConstraint("subject"),
    refusals={"uq_mentors_subject": MentorAlreadyRegistered},
)

mentor_caseloads = Table(
    "mentor_caseloads",
    metadata,
    Column("mentor_id", Uuid, ForeignKey("mentors.id"), primary_key=True),
    Column("enterprises", Integer, nullable=False, comment="of offers and of mentoring that is not over"),
    Column("ceiling", Integer, nullable=False, comment="that held when seats were last taken"),
    CheckConstraint("enterprises BETWEEN 0 AND ceiling", name="within_ceiling"),
)
"""Beside the mentor, so that offers made at the same moment queue at this row and the database itself refuses the one too many."""

refuse(metadata, {"ck_mentor_caseloads_within_ceiling": CaseCeilingReached})


def take_seats(mentor_id: UUID, enterprises: int, ceiling: int) -> Update:
    """Take so many seats under the ceiling of today."""
    c = mentor_caseloads.c
    return mentor_caseloads.update().where(c.mentor_id == mentor_id).values(enterprises=c.enterprises + enterprises, ceiling=ceiling)


def free_seats(mentor_id: UUID, enterprises: int) -> Update:
    """Give seats back, whatever the ceiling is by now."""
    c = mentor_caseloads.c
    return mentor_caseloads.update().where(c.mentor_id == mentor_id).values(enterprises=c.enterprises - enterprises)


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """A mentor sees the own entry; others see mentors whose office or area touches their regions."""
    if caller.role is Role.MENTOR:
        return mentors.c.subject == caller.subject
    if not caller.regions:
        return within(mentors.c.region_code, caller)
    return or_(within(mentors.c.region_code, caller), serving(*caller.regions))


def serving(*region_codes: str) -> ColumnElement[bool]:
    """Mentors whose area touches one of these regions: as large, larger, or a part of it."""
    area: Any = func.jsonb_array_elements_text(mentors.c.area_codes).table_valued("value").render_derived()
    code = area.c.value
    touching = [
        condition
        for own in region_codes
        for condition in (code == own, code.startswith(f"{own}.", autoescape=True), func.starts_with(own, func.concat(code, ".")))
    ]
    return exists(select(1).select_from(area).where(or_(*touching)))
