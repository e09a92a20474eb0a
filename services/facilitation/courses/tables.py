"""The catalogue of courses."""

from sqlalchemy import Column, Text, UniqueConstraint, Uuid

from services.facilitation.courses.domain import Course, CourseCodeTaken, CourseStatus, CourseTerms
from services.facilitation.schema import metadata
from shared.tables import Code, Typed, persisted

courses = persisted(
    metadata,
    Course,
    "courses",
    Column("course_code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("provider_institution_id", Uuid, nullable=False),
    Column("status", Code(CourseStatus), nullable=False),
    Column("versions", Typed(list[CourseTerms]), nullable=False),
    Column("reason_code", Text),
    UniqueConstraint("course_code"),
    refusals={"uq_courses_course_code": CourseCodeTaken},
)
