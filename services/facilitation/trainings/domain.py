"""A training: one course, one place, its sessions, and how many may come."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.courses.domain import Course
from services.facilitation.groups.minimums import GroupType
from services.facilitation.located import Located
from services.facilitation.trainings.errors import (
    DatesPassed,
    NoSuchSession,
    NotYet,
    QuotaBelowSeats,
    ScheduleImpossible,
    SessionsNotHeld,
    TooFewParticipants,
)
from shared.aggregate import Living, step
from shared.contracts.facilitation_training import (
    TrainingCancelled,
    TrainingCompleted,
    TrainingDrafted,
    TrainingPostponed,
    TrainingPublished,
    TrainingRegistrationClosed,
    TrainingRegistrationOpened,
    TrainingRescheduled,
    TrainingSessionHeld,
    TrainingStarted,
)


class TrainingStatus(StrEnum):
    """Where a training stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REGISTRATION_OPEN = "registration_open"
    REGISTRATION_CLOSED = "registration_closed"
    RUNNING = "running"
    COMPLETED = "completed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Selection(StrEnum):
    """Who gets a seat: whoever is nominated first, or whom the organiser enrols."""

    FIRST_COME = "first_come"
    BY_ORGANISER = "by_organiser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session (sesi); `held_on` and `present_count` once its attendance list is complete."""

    session_no: int
    on: date
    hours: int
    held_on: date | None = None
    present_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When, for how many: registration is open from `opens_on` to `closes_on`, both included, and sessions follow."""

    opens_on: date
    closes_on: date
    sessions: list[Session]
    quota: int
    minimum_participants: int

    def check(self, course_hours: int) -> None:
        """Refuse what contradicts itself, naming all that does."""
        broken = {
            "registration_ends_before_it_begins": self.opens_on > self.closes_on,
            "registration_ends_after_first_session": self.closes_on > self.sessions[0].on,
            "sessions_out_of_order": any(one.on > other.on for one, other in pairwise(self.sessions)),
            "hours_below_course": sum(session.hours for session in self.sessions) < course_hours,
            "minimum_above_quota": self.minimum_participants > self.quota,
        }
        if any(broken.values()):
            raise ScheduleImpossible(broken=[name for name, is_so in broken.items() if is_so], hours=course_hours)


S = TrainingStatus


@dataclass(eq=False, kw_only=True)
class Training(Located, Living):
    """A training in a regency/city. The course's terms of the day of drafting hold for it; `venue` is read here and in no event."""

    programme_id: UUID
    course_code: str
    course_version: int
    provider_institution_id: UUID
    course_hours: int
    target_group_types: list[GroupType]
    attendance_percent: int
    pass_mark: int
    certificate_months: int | None
    venue: str
    selection: Selection
    status: TrainingStatus
    opens_on: date
    closes_on: date
    starts_on: date
    ends_on: date
    sessions: list[Session]
    quota: int
    minimum_participants: int
    participant_count: int | None = None
    passed_count: int | None = None
    cost_idr: int | None = None
    completed_on: date | None = None
    reason_code: str | None = None

    LIFE: ClassVar = {
        "reschedule": step(S.DRAFT, S.POSTPONED),
        "publish": step(S.DRAFT, S.POSTPONED, to=S.PUBLISHED),
        "open_registration": step(S.PUBLISHED, to=S.REGISTRATION_OPEN),
        "close_registration": step(S.REGISTRATION_OPEN, to=S.REGISTRATION_CLOSED),
        "start": step(S.REGISTRATION_CLOSED, to=S.RUNNING),
        "session": step(S.RUNNING),
        "postpone": step(S.PUBLISHED, S.REGISTRATION_OPEN, S.REGISTRATION_CLOSED, to=S.POSTPONED),
        "complete": step(S.RUNNING, to=S.COMPLETED),
        "cancel": step(S.DRAFT, S.PUBLISHED, S.REGISTRATION_OPEN, S.POSTPONED, to=S.CANCELLED),
    }

    @classmethod
    def draft(cls, *, id: UUID, programme_id: UUID, course: Course, region_code: str, venue: str, selection: Selection, schedule: Schedule, on: date) -> Self:
        """Plan it under the course's terms of that day."""
        terms = course.terms_on(on)
        schedule.check(terms.hours)
        training = cls(
            id=id,
            region_code=region_code,
            programme_id=programme_id,
            course_code=course.course_code,
            course_version=terms.course_version,
            provider_institution_id=course.provider_institution_id,
            course_hours=terms.hours,
            target_group_types=terms.target_group_types,
            attendance_percent=terms.attendance_percent,
            pass_mark=terms.pass_mark,
            certificate_months=terms.certificate_months,
            venue=venue,
            selection=selection,
            status=S.DRAFT,
            opens_on=schedule.opens_on,
            closes_on=schedule.closes_on,
            starts_on=schedule.sessions[0].on,
            ends_on=schedule.sessions[-1].on,
            sessions=schedule.sessions,
            quota=schedule.quota,
            minimum_participants=schedule.minimum_participants,
        )
        training.record(
            TrainingDrafted(
                training_id=id,
                programme_id=programme_id,
                course_code=course.course_code,
                course_version=terms.course_version,
                provider_institution_id=course.provider_institution_id,
                region_code=region_code,
            )
        )
        return training

    def reschedule(self, schedule: Schedule, enrolled_count: int) -> None:
        """Give it other dates or another quota; seats that were given stay."""
        self.may("reschedule")
        schedule.check(self.course_hours)
        if schedule.quota < enrolled_count:
            raise QuotaBelowSeats(enrolled_count=enrolled_count)
        self.opens_on, self.closes_on, self.sessions = schedule.opens_on, schedule.closes_on, schedule.sessions
        self.starts_on, self.ends_on = schedule.sessions[0].on, schedule.sessions[-1].on
        self.quota, self.minimum_participants = schedule.quota, schedule.minimum_participants
        self.record(TrainingRescheduled(training_id=self.id, starts_on=self.starts_on, ends_on=self.ends_on, quota=self.quota))

    def publish(self, on: date) -> None:
        """Announce it, while groups can still register."""
        self.may("publish")
        if self.closes_on < on:
            raise DatesPassed(closes_on=str(self.closes_on))
        self.move("publish")
        self.reason_code = None
        self.record(
            TrainingPublished(
                training_id=self.id,
                course_code=self.course_code,
                region_code=self.region_code,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                quota=self.quota,
                target_group_types=list(self.target_group_types),
            )
        )

    def open_registration(self, on: date) -> None:
        """From its day on, groups nominate."""
        self.may("open_registration")
        if on < self.opens_on:
            raise NotYet(earliest=str(self.opens_on))
        self.move("open_registration")
        self.record(TrainingRegistrationOpened(training_id=self.id, closes_on=self.closes_on, quota=self.quota))

    def close_registration(self, on: date, *, enrolled_count: int, waitlisted_count: int) -> None:
        """After its last day, or as soon as every seat is taken."""
        self.may("close_registration")
        if on <= self.closes_on and enrolled_count < self.quota:
            raise NotYet(earliest=str(date.fromordinal(self.closes_on.toordinal() + 1)))
        self.move("close_registration")
        self.record(TrainingRegistrationClosed(training_id=self.id, enrolled_count=enrolled_count, waitlisted_count=waitlisted_count))

    def start(self, on: date, enrolled_count: int) -> None:
        """Begin, on the day of the first session or after it, with enough participants."""
        self.may("start")
        if on < self.starts_on:
            raise NotYet(earliest=str(self.starts_on))
        if enrolled_count < self.minimum_participants:
            raise TooFewParticipants(enrolled_count=enrolled_count, minimum=self.minimum_participants)
        self.move("start")
        self.record(TrainingStarted(training_id=self.id, participant_count=enrolled_count))

    def session(self, session_no: int) -> Session:
        """The session of that number."""
        if not 1 <= session_no <= len(self.sessions):
            raise NoSuchSession(session_no=session_no)
        return self.sessions[session_no - 1]

    def hold_session(self, session_no: int, present_count: int) -> None:
        """Its attendance list is complete, or was corrected; the same count again says nothing new."""
        self.may("session")
        session = self.session(session_no)
        if session.present_count == present_count:
            return
        self.move("session")
        held = replace(session, held_on=session.on, present_count=present_count)
        self.sessions = [held if each.session_no == session_no else each for each in self.sessions]
        self.record(TrainingSessionHeld(training_id=self.id, session_no=session_no, held_on=session.on, present_count=present_count))

    def postpone(self, reason_code: str) -> None:
        """Let it wait for other dates; who has a seat keeps it."""
        self.move("postpone")
        self.reason_code = reason_code
        self.record(TrainingPostponed(training_id=self.id, reason_code=reason_code))

    def may_complete(self) -> None:
        """Refuse unless it is running and every session was held."""
        self.may("complete")
        if open_sessions := [session.session_no for session in self.sessions if session.held_on is None]:
            raise SessionsNotHeld(session_nos=open_sessions)

    def complete(self, on: date, *, participant_count: int, passed_count: int, female_count: int, cost_idr: int) -> None:
        """End it."""
        self.may_complete()
        self.move("complete")
        self.participant_count, self.passed_count, self.cost_idr, self.completed_on = participant_count, passed_count, cost_idr, on
        self.record(
            TrainingCompleted(
                training_id=self.id,
                course_code=self.course_code,
                region_code=self.region_code,
                participant_count=participant_count,
                passed_count=passed_count,
                female_count=female_count,
                cost_idr=cost_idr,
            )
        )

    def cancel(self, reason_code: str) -> None:
        """Give it up before it begins."""
        self.move("cancel")
        self.reason_code = reason_code
        self.record(TrainingCancelled(training_id=self.id, reason_code=reason_code))
