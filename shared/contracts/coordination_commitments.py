"""Events of coordination about commitments (komitmen) and the requests to change them."""

from datetime import date
from uuid import UUID

from shared.contracts.coordination import TOPIC
from shared.contracts.registry import event


@event("entaskan.coordination.CommitmentProposed.v1", topic=TOPIC)
class CommitmentProposed:
    """A commitment was written down; it binds nobody until the institution pledges it."""

    commitment_id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    amount_idr: int
    funding_source: str
    output_quantity: int
    output_unit: str
    due_on: date


@event("entaskan.coordination.CommitmentPledged.v1", topic=TOPIC)
class CommitmentPledged:
    """An institution promised an output and an amount in whole rupiah for one location by `due_on`."""

    commitment_id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    amount_idr: int
    funding_source: str
    output_quantity: int
    output_unit: str
    due_on: date
    plan_id: UUID | None = None


@event("entaskan.coordination.CommitmentStarted.v1", topic=TOPIC)
class CommitmentStarted:
    """The first progress report arrived."""

    commitment_id: UUID
    started_on: date


@event("entaskan.coordination.CommitmentProgressReported.v1", topic=TOPIC)
class CommitmentProgressReported:
    """Cumulative output and rupiah as of a day, with the SHA-256 of the evidence."""

    commitment_id: UUID
    report_id: UUID
    cumulative_output: int
    cumulative_amount_idr: int
    as_of: date
    evidence_hashes: list[str]


@event("entaskan.coordination.CommitmentProgressVerified.v1", topic=TOPIC)
class CommitmentProgressVerified:
    """Another institution than the reporter confirmed a report."""

    commitment_id: UUID
    report_id: UUID
    verified_by_institution_id: UUID
    verified_output: int
    verified_amount_idr: int


@event("entaskan.coordination.CommitmentFulfilled.v1", topic=TOPIC)
class CommitmentFulfilled:
    """Another institution confirmed that what was promised is done; `days_late` is 0 when on time."""

    commitment_id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    intervention_code: str
    fulfilled_on: date
    verified_output: int
    verified_amount_idr: int
    days_late: int


@event("entaskan.coordination.CommitmentProgressDisputed.v1", topic=TOPIC)
class CommitmentProgressDisputed:
    """Another institution than the reporter contests a report; it does not count."""

    commitment_id: UUID
    report_id: UUID
    reason_code: str


@event("entaskan.coordination.CommitmentDueSoonReached.v1", topic=TOPIC)
class CommitmentDueSoonReached:
    """So many working days or fewer are left; once for each threshold and each version of the due date."""

    commitment_id: UUID
    due_on: date
    due_version: int
    working_days_left: int


@event("entaskan.coordination.CommitmentFellOverdue.v1", topic=TOPIC)
class CommitmentFellOverdue:
    """The due date passed and the promise is not kept; once for each version of the due date."""

    commitment_id: UUID
    programme_id: UUID
    institution_id: UUID
    location_code: str
    due_on: date
    due_version: int
    outstanding_output: int
    outstanding_amount_idr: int


@event("entaskan.coordination.CommitmentEscalated.v1", topic=TOPIC)
class CommitmentEscalated:
    """An overdue commitment was brought before the next step of the ladder."""

    commitment_id: UUID
    escalation_level: int
    escalated_to_institution_id: UUID
    working_days_late: int


@event("entaskan.coordination.CommitmentRescheduled.v1", topic=TOPIC)
class CommitmentRescheduled:
    """An approved change request set another due date."""

    commitment_id: UUID
    previous_due_on: date
    due_on: date
    due_version: int
    change_request_id: UUID


@event("entaskan.coordination.CommitmentAmended.v1", topic=TOPIC)
class CommitmentAmended:
    """An approved change request altered amount or output; `amount_change_idr` is the new amount less the old one."""

    commitment_id: UUID
    changed_fields: list[str]
    amount_idr: int
    output_quantity: int
    change_request_id: UUID
    amount_change_idr: int


@event("entaskan.coordination.CommitmentFulfilmentReported.v1", topic=TOPIC)
class CommitmentFulfilmentReported:
    """The institution says that it has done all it promised; another institution confirms or rejects that."""

    commitment_id: UUID
    cumulative_output: int
    cumulative_amount_idr: int


@event("entaskan.coordination.CommitmentFulfilmentRejected.v1", topic=TOPIC)
class CommitmentFulfilmentRejected:
    """Another institution does not confirm that all is done; so much of the output was verified."""

    commitment_id: UUID
    reason_code: str
    verified_output: int


@event("entaskan.coordination.CommitmentMoved.v1", topic=TOPIC)
class CommitmentMoved:
    """The institution that pledged went up in another one, which answers for the commitment now."""

    commitment_id: UUID
    previous_institution_id: UUID
    institution_id: UUID


@event("entaskan.coordination.CommitmentReleased.v1", topic=TOPIC)
class CommitmentReleased:
    """The coordinator released the institution from the amount given; another commitment takes its place, or the gap is accepted."""

    commitment_id: UUID
    reason_code: str
    successor_commitment_id: UUID | None
    amount_idr: int


@event("entaskan.coordination.CommitmentCancelled.v1", topic=TOPIC)
class CommitmentCancelled:
    """A commitment was given up before it was pledged."""

    commitment_id: UUID
    reason_code: str


@event("entaskan.coordination.ChangeRequested.v1", topic=TOPIC)
class ChangeRequested:
    """Somebody asks for a change of these fields of an aggregate; the values are read at the request."""

    change_request_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    changed_field_names: list[str]


@event("entaskan.coordination.ChangeRevisionRequested.v1", topic=TOPIC)
class ChangeRevisionRequested:
    """The request was given back to be mended."""

    change_request_id: UUID
    reason_code: str


@event("entaskan.coordination.ChangeApproved.v1", topic=TOPIC)
class ChangeApproved:
    """Another person than who asked agreed."""

    change_request_id: UUID
    aggregate_type: str
    aggregate_id: UUID


@event("entaskan.coordination.ChangeApplied.v1", topic=TOPIC)
class ChangeApplied:
    """The change is made; in the same transaction the aggregate recorded what changed."""

    change_request_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    aggregate_version: int


@event("entaskan.coordination.ChangeRejected.v1", topic=TOPIC)
class ChangeRejected:
    """The request was refused; nothing changes."""

    change_request_id: UUID
    reason_code: str


@event("entaskan.coordination.ChangeCancelled.v1", topic=TOPIC)
class ChangeCancelled:
    """Who asked took the request back."""

    change_request_id: UUID
