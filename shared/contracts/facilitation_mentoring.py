"""Events of facilitation about mentors (pendamping), their assignments, visits, and the plan of who mentors whom.

Mentors are known by a random id. No event says where anybody stood: of a visit's position only the outcome of the checks is told.
"""

from datetime import date
from uuid import UUID

from shared.contracts.registry import event

MENTORING = "entaskan.facilitation.mentoring"


@event("entaskan.facilitation.MentorRegistered.v1", topic=MENTORING)
class MentorRegistered:
    """A mentor was entered under a random id, for these provinces or regencies/cities, with units of competence of SKKNI 181/2017."""

    mentor_id: UUID
    region_code: str
    area_codes: list[str]
    competence_unit_codes: list[str]


@event("entaskan.facilitation.MentorVerified.v1", topic=MENTORING)
class MentorVerified:
    """Another person than the one who entered the mentor checked the certificates; offers can be made."""

    mentor_id: UUID


@event("entaskan.facilitation.MentorCompetencesSet.v1", topic=MENTORING)
class MentorCompetencesSet:
    """The mentor's units of competence are these from now on; validity and certificates are read at the mentor."""

    mentor_id: UUID
    competence_unit_codes: list[str]


@event("entaskan.facilitation.MentorScopeSet.v1", topic=MENTORING)
class MentorScopeSet:
    """The mentor's area and ceiling are these from now on; a null ceiling is the one that the rules set for everybody."""

    mentor_id: UUID
    area_codes: list[str]
    case_ceiling: int | None


@event("entaskan.facilitation.MentorSuspended.v1", topic=MENTORING)
class MentorSuspended:
    """The mentor takes no offer and writes nothing until reinstated."""

    mentor_id: UUID
    reason_code: str


@event("entaskan.facilitation.MentorReinstated.v1", topic=MENTORING)
class MentorReinstated:
    """A suspended mentor may go on."""

    mentor_id: UUID


@event("entaskan.facilitation.MentoringOffered.v1", topic=MENTORING)
class MentoringOffered:
    """A mentor was offered to accompany a group; the seats under the mentor's ceiling are taken from now on."""

    assignment_id: UUID
    mentor_id: UUID
    group_id: UUID
    region_code: str
    topic_codes: list[str]
    respond_by: date


@event("entaskan.facilitation.MentoringAssigned.v1", topic=MENTORING)
class MentoringAssigned:
    """The mentor accepted; mentoring begins."""

    assignment_id: UUID
    mentor_id: UUID
    group_id: UUID
    region_code: str
    start_on: date
    planned_end_on: date
    planned_visits: int


@event("entaskan.facilitation.MentoringDeclined.v1", topic=MENTORING)
class MentoringDeclined:
    """The mentor declined, or did not answer in time (`no_response`); the seats are free again."""

    assignment_id: UUID
    mentor_id: UUID
    reason_code: str


@event("entaskan.facilitation.BusinessDiagnosisCompleted.v1", topic=MENTORING)
class BusinessDiagnosisCompleted:
    """An enterprise was scored with the instrument of this version; the first time is the baseline."""

    assignment_id: UUID
    group_id: UUID
    enterprise_id: UUID
    instrument_version: int
    score_band: str


@event("entaskan.facilitation.DevelopmentPlanAgreed.v1", topic=MENTORING)
class DevelopmentPlanAgreed:
    """Goals with dates were agreed; a later version replaces what was not reached."""

    assignment_id: UUID
    plan_version: int
    goal_codes: list[str]


@event("entaskan.facilitation.DevelopmentGoalOpened.v1", topic=MENTORING)
class DevelopmentGoalOpened:
    """Something that happened elsewhere, such as a declined credit, became a goal; `origin_event_id` is the id of that event."""

    assignment_id: UUID
    goal_code: str
    origin_event_id: UUID
    due_on: date


@event("entaskan.facilitation.DevelopmentGoalAchieved.v1", topic=MENTORING)
class DevelopmentGoalAchieved:
    """A goal was reached; the evidence is kept by its SHA-256."""

    assignment_id: UUID
    goal_code: str
    achieved_on: date


@event("entaskan.facilitation.MentoringPaused.v1", topic=MENTORING)
class MentoringPaused:
    """Mentoring rests; planned visits were cancelled."""

    assignment_id: UUID
    reason_code: str


@event("entaskan.facilitation.MentoringResumed.v1", topic=MENTORING)
class MentoringResumed:
    """Mentoring goes on."""

    assignment_id: UUID


@event("entaskan.facilitation.MentoringTransferred.v1", topic=MENTORING)
class MentoringTransferred:
    """The successor accepted in the same transaction: from now on only the new mentor writes."""

    assignment_id: UUID
    successor_assignment_id: UUID
    from_mentor_id: UUID
    to_mentor_id: UUID


@event("entaskan.facilitation.MentoringCompleted.v1", topic=MENTORING)
class MentoringCompleted:
    """Mentoring is done; bands are those of the mean score of the enterprises at the first and at the last diagnosis."""

    assignment_id: UUID
    group_id: UUID
    visits_approved: int
    baseline_band: str
    endline_band: str
    goals_achieved: int


@event("entaskan.facilitation.MentoringTerminated.v1", topic=MENTORING)
class MentoringTerminated:
    """Mentoring ended before it was done."""

    assignment_id: UUID
    reason_code: str


@event("entaskan.facilitation.VisitPlanned.v1", topic=MENTORING)
class VisitPlanned:
    """A visit is planned for a day, under an id that the mentor's device chose."""

    visit_id: UUID
    assignment_id: UUID
    planned_on: date


@event("entaskan.facilitation.VisitStarted.v1", topic=MENTORING)
class VisitStarted:
    """The mentor arrived; it may have been told later, when there was a network again."""

    visit_id: UUID
    captured_offline: bool


@event("entaskan.facilitation.VisitReported.v1", topic=MENTORING)
class VisitReported:
    """The visit took place, as the mentor reports it."""

    visit_id: UUID
    assignment_id: UUID
    group_id: UUID
    occurred_on: date
    topic_codes: list[str]
    duration_minutes: int
    attendee_count: int


@event("entaskan.facilitation.VisitFlagged.v1", topic=MENTORING)
class VisitFlagged:
    """Checks of this version of the rules raised flags; the visit does not count before somebody decides."""

    visit_id: UUID
    flag_codes: list[str]
    rule_version: int


@event("entaskan.facilitation.VisitVerified.v1", topic=MENTORING)
class VisitVerified:
    """Another person than the mentor accepted the visit, in spite of these flags if there are any; it counts."""

    visit_id: UUID
    assignment_id: UUID
    group_id: UUID
    occurred_on: date
    flag_codes: list[str]


@event("entaskan.facilitation.VisitRejected.v1", topic=MENTORING)
class VisitRejected:
    """Another person than the mentor did not accept the visit."""

    visit_id: UUID
    reason_code: str


@event("entaskan.facilitation.VisitConflictDetected.v1", topic=MENTORING)
class VisitConflictDetected:
    """A second report with another content came for the same visit; both are kept until somebody chooses."""

    visit_id: UUID
    conflicting_field_codes: list[str]


@event("entaskan.facilitation.VisitConflictResolved.v1", topic=MENTORING)
class VisitConflictResolved:
    """Somebody chose: `kept_first`, `took_second` or `merged`."""

    visit_id: UUID
    resolution_code: str


@event("entaskan.facilitation.VisitMissed.v1", topic=MENTORING)
class VisitMissed:
    """Nothing was reported within the days of grace; mentor and supervisor are alerted."""

    visit_id: UUID
    assignment_id: UUID
    planned_on: date


@event("entaskan.facilitation.VisitCancelled.v1", topic=MENTORING)
class VisitCancelled:
    """A planned visit does not take place."""

    visit_id: UUID
    reason_code: str


@event("entaskan.facilitation.MentorAssignmentPlanComputed.v1", topic=MENTORING)
class MentorAssignmentPlanComputed:
    """Who could mentor whom was computed for a region: a proposal; nobody was offered anything yet. `plan_hash` is its SHA-256."""

    mentoring_plan_id: UUID
    region_code: str
    group_count: int
    assigned_group_count: int
    covered_enterprise_count: int
    plan_hash: str
