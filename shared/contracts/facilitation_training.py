"""Events of training: the catalogue of courses, trainings, participants, certificates and what became of them.

No event carries a name, a test score of a person, or the number or code of a certificate.
"""

from datetime import date
from uuid import UUID

from shared.contracts.registry import event

TOPIC = "entaskan.facilitation.training"


@event("entaskan.facilitation.CourseOffered.v1", topic=TOPIC)
class CourseOffered:
    """A course entered the catalogue: what it teaches, for whom, and what it takes to pass."""

    course_id: UUID
    course_code: str
    course_version: int
    provider_institution_id: UUID
    competence_unit_codes: list[str]
    hours: int
    target_group_types: list[str]
    attendance_percent: int
    pass_mark: int
    certificate_months: int | None
    valid_from: date


@event("entaskan.facilitation.CourseRevised.v1", topic=TOPIC)
class CourseRevised:
    """A further version of a course holds for trainings drafted from a day on; earlier trainings keep theirs."""

    course_id: UUID
    course_code: str
    course_version: int
    competence_unit_codes: list[str]
    hours: int
    target_group_types: list[str]
    attendance_percent: int
    pass_mark: int
    certificate_months: int | None
    valid_from: date


@event("entaskan.facilitation.CourseRetired.v1", topic=TOPIC)
class CourseRetired:
    """No further training is drafted for the course; certificates stay what they are."""

    course_id: UUID
    course_code: str
    reason_code: str


@event("entaskan.facilitation.TrainingDrafted.v1", topic=TOPIC)
class TrainingDrafted:
    """A training was planned for a course in a priority location."""

    training_id: UUID
    programme_id: UUID
    course_code: str
    course_version: int
    provider_institution_id: UUID
    region_code: str


@event("entaskan.facilitation.TrainingRescheduled.v1", topic=TOPIC)
class TrainingRescheduled:
    """A draft or postponed training has other dates or another quota."""

    training_id: UUID
    starts_on: date
    ends_on: date
    quota: int


@event("entaskan.facilitation.TrainingPublished.v1", topic=TOPIC)
class TrainingPublished:
    """Dates, place and quota of the training are known."""

    training_id: UUID
    course_code: str
    region_code: str
    starts_on: date
    ends_on: date
    quota: int
    target_group_types: list[str]


@event("entaskan.facilitation.TrainingRegistrationOpened.v1", topic=TOPIC)
class TrainingRegistrationOpened:
    """Groups may nominate participants."""

    training_id: UUID
    closes_on: date
    quota: int


@event("entaskan.facilitation.TrainingRegistrationClosed.v1", topic=TOPIC)
class TrainingRegistrationClosed:
    """Nobody is nominated any more; so many have a seat and so many wait."""

    training_id: UUID
    enrolled_count: int
    waitlisted_count: int


@event("entaskan.facilitation.TrainingStarted.v1", topic=TOPIC)
class TrainingStarted:
    """The training began with so many participants; who still waited is told so."""

    training_id: UUID
    participant_count: int


@event("entaskan.facilitation.TrainingSessionHeld.v1", topic=TOPIC)
class TrainingSessionHeld:
    """A session's attendance list is complete; a corrected list says it again with the new count."""

    training_id: UUID
    session_no: int
    held_on: date
    present_count: int


@event("entaskan.facilitation.TrainingPostponed.v1", topic=TOPIC)
class TrainingPostponed:
    """The training waits for other dates; seats and waiting list stay."""

    training_id: UUID
    reason_code: str


@event("entaskan.facilitation.TrainingCompleted.v1", topic=TOPIC)
class TrainingCompleted:
    """All sessions were held and all results are in."""

    training_id: UUID
    course_code: str
    region_code: str
    participant_count: int
    passed_count: int
    female_count: int
    cost_idr: int


@event("entaskan.facilitation.TrainingCancelled.v1", topic=TOPIC)
class TrainingCancelled:
    """The training does not take place; its enrolments are withdrawn in the same transaction."""

    training_id: UUID
    reason_code: str


@event("entaskan.facilitation.NominationListReceived.v1", topic=TOPIC)
class NominationListReceived:
    """A group named participants in one list; every row was answered."""

    nomination_id: UUID
    training_id: UUID
    group_id: UUID
    enrolled_count: int
    waitlisted_count: int
    nominated_count: int
    refused_count: int


@event("entaskan.facilitation.ParticipantNominated.v1", topic=TOPIC)
class ParticipantNominated:
    """A group nominated an active member for a training, with the participant's consent on record."""

    enrolment_id: UUID
    training_id: UUID
    group_id: UUID
    enterprise_id: UUID


@event("entaskan.facilitation.ParticipantEnrolled.v1", topic=TOPIC)
class ParticipantEnrolled:
    """The participant has a seat, at once or from the waiting list."""

    enrolment_id: UUID
    training_id: UUID
    enterprise_id: UUID
    seat_no: int


@event("entaskan.facilitation.ParticipantWaitlisted.v1", topic=TOPIC)
class ParticipantWaitlisted:
    """All seats are taken; who has the lowest position comes next."""

    enrolment_id: UUID
    training_id: UUID
    position: int


@event("entaskan.facilitation.ParticipantAttended.v1", topic=TOPIC)
class ParticipantAttended:
    """The participant was present for the first time."""

    enrolment_id: UUID
    training_id: UUID
    session_no: int


@event("entaskan.facilitation.TrainingPassed.v1", topic=TOPIC)
class TrainingPassed:
    """The participant attended enough and passed the test."""

    enrolment_id: UUID
    training_id: UUID
    enterprise_id: UUID
    course_code: str
    attendance_percent: int


@event("entaskan.facilitation.CertificateIssued.v1", topic=TOPIC)
class CertificateIssued:
    """A certificate was issued; anybody who holds its code can verify it without learning whose it is."""

    enrolment_id: UUID
    certificate_id: UUID
    course_code: str
    valid_until: date | None


@event("entaskan.facilitation.CertificateRevoked.v1", topic=TOPIC)
class CertificateRevoked:
    """A certificate is not valid any more."""

    enrolment_id: UUID
    certificate_id: UUID
    course_code: str
    reason_code: str


@event("entaskan.facilitation.TrainingFailed.v1", topic=TOPIC)
class TrainingFailed:
    """The participant attended too little or did not pass the test."""

    enrolment_id: UUID
    training_id: UUID
    reason_code: str


@event("entaskan.facilitation.ParticipantNoShowRecorded.v1", topic=TOPIC)
class ParticipantNoShowRecorded:
    """The participant had a seat and never came."""

    enrolment_id: UUID
    training_id: UUID


@event("entaskan.facilitation.ParticipantWithdrawn.v1", topic=TOPIC)
class ParticipantWithdrawn:
    """The participant will not come; a seat that this frees goes to the first who waits."""

    enrolment_id: UUID
    training_id: UUID
    reason_code: str


@event("entaskan.facilitation.ParticipantRejected.v1", topic=TOPIC)
class ParticipantRejected:
    """The nomination was not selected."""

    enrolment_id: UUID
    training_id: UUID
    reason_code: str


@event("entaskan.facilitation.TrainingListReceived.v1", topic=TOPIC)
class TrainingListReceived:
    """A list of attendance or test scores was handed in; refused rows are answered one by one, the others count."""

    training_list_id: UUID
    training_id: UUID
    list_kind: str
    session_no: int | None
    accepted_count: int
    refused_count: int
    content_hash: str


@event("entaskan.facilitation.TrainingTracerDueReached.v1", topic=TOPIC)
class TrainingTracerDueReached:
    """It is time to ask what became of the training, so many months after it."""

    enrolment_id: UUID
    training_id: UUID
    months_after: int
    due_on: date


@event("entaskan.facilitation.TrainingTracerFellOverdue.v1", topic=TOPIC)
class TrainingTracerFellOverdue:
    """Nobody asked in time what became of the training."""

    enrolment_id: UUID
    training_id: UUID
    months_after: int
    due_on: date


@event("entaskan.facilitation.TrainingTracerRecorded.v1", topic=TOPIC)
class TrainingTracerRecorded:
    """What the enterprise applies of the training, and the band that its monthly turnover lies in."""

    enrolment_id: UUID
    months_after: int
    applied_skill_code: str
    turnover_band: str
