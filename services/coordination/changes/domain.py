"""A change request: somebody asks to alter fields of a commitment or a programme, somebody else agrees, and then it is altered."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from shared.aggregate import Living, step
from shared.contracts.coordination_commitments import (
    ChangeApplied,
    ChangeApproved,
    ChangeCancelled,
    ChangeRejected,
    ChangeRequested,
    ChangeRevisionRequested,
)
from shared.errors import Conflict, Forbidden, Refused, SamePerson


class ChangeStatus(StrEnum):
    """Where a change request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVISION = "revision"
    APPROVED = "approved"
    APPLIED = "applied"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Changeable(StrEnum):
    """What can be altered by a request."""

    COMMITMENT = "commitment"
    PROGRAMME = "programme"


FIELDS = {
    Changeable.COMMITMENT: frozenset({"due_on", "amount_idr", "output_quantity"}),
    Changeable.PROGRAMME: frozenset({"area_quota", "province_quota", "valid_to", "funding_sources", "required_interventions", "title"}),
}
"""The fields that a request may name."""


class AnotherRequestOpen(Conflict):
    """One open request for a field, unless the coordinator overrides."""

    code = "another_request_open"
    message = ("Sudah ada permintaan perubahan yang terbuka untuk kolom yang sama.", "Another request for one of these fields is open.")
    action = (
        "Tunggu keputusannya, atau minta koordinator mengirim override: true.",
        "Wait for its decision, or have the coordinator send override: true.",
    )


class FieldsNotChangeable(Refused):
    """A request names fields that requests may alter."""

    code = "fields_not_changeable"
    message = ("Kolom ini tidak dapat diubah lewat permintaan: {fields}.", "These fields cannot be altered by a request: {fields}.")
    action = ("Gunakan salah satu: {changeable}.", "Use some of {changeable}.")


class NothingAsked(Refused):
    """A request asks for something."""

    code = "nothing_asked"
    message = ("Permintaan ini tidak menyebut nilai baru satu pun.", "The request names no new value.")
    action = ("Isi paling sedikit satu dari: {changeable}.", "Give at least one of {changeable}.")


class NotYourRequest(Forbidden):
    """Who asked mends or cancels it."""

    code = "not_your_request"
    message = ("Hanya pengaju dapat melakukan ini.", "Only who asked may do this.")
    action = ("Gunakan token pengaju.", "Use the token of who asked.")


S = ChangeStatus


@dataclass(eq=False, kw_only=True)
class ChangeRequest(Living):
    """New values of fields, by name, as plain JSON; `reason` is free text and stays here."""

    aggregate_type: Changeable
    aggregate_id: UUID
    institution_id: UUID | None
    changes: dict[str, Any]
    reason_code: str
    reason: str
    override: bool
    requested_by: str
    status: ChangeStatus
    decided_by: str | None = None
    decision_reason_code: str | None = None
    decision_comment: str | None = None
    applied_version: int | None = None
    earlier: list[dict[str, Any]] = field(default_factory=list)

    LIFE: ClassVar = {
        "submit": step(S.DRAFT, S.REVISION, to=S.SUBMITTED),
        "request_revision": step(S.SUBMITTED, to=S.REVISION),
        "approve": step(S.SUBMITTED, to=S.APPROVED),
        "apply": step(S.APPROVED, to=S.APPLIED),
        "reject": step(S.SUBMITTED, to=S.REJECTED),
        "cancel": step(S.DRAFT, S.SUBMITTED, S.REVISION, to=S.CANCELLED),
    }

    @classmethod
    def draft(cls, *, id: UUID, aggregate_type: Changeable, changes: dict[str, Any], **asked: Any) -> Self:
        """Write a request down; it is open from its submission on."""
        request = cls(id=id, aggregate_type=aggregate_type, changes={}, status=S.DRAFT, **asked)
        request._take(changes)
        return request

    def _take(self, changes: dict[str, Any]) -> None:
        if not changes:
            raise NothingAsked(changeable=sorted(FIELDS[self.aggregate_type]))
        if strange := sorted(set(changes) - FIELDS[self.aggregate_type]):
            raise FieldsNotChangeable(fields=strange, changeable=sorted(FIELDS[self.aggregate_type]))
        self.changes = changes

    def submit(self, by: str, changes: dict[str, Any] | None = None) -> None:
        """Ask; after a revision with other values."""
        if by != self.requested_by:
            raise NotYourRequest(allowed_roles=[])
        self.move("submit")
        if changes is not None and changes != self.changes:
            self.earlier = [*self.earlier, self.changes]
            self._take(changes)
        self.record(
            ChangeRequested(
                change_request_id=self.id,
                aggregate_type=self.aggregate_type,
                aggregate_id=self.aggregate_id,
                changed_field_names=sorted(self.changes),
            )
        )

    def _decide(self, command: str, by: str, reason_code: str | None, comment: str | None) -> None:
        self.may(command)
        if by == self.requested_by:
            raise SamePerson
        self.move(command)
        self.decided_by, self.decision_reason_code, self.decision_comment = by, reason_code, comment

    def request_revision(self, by: str, reason_code: str, comment: str) -> None:
        """Give it back."""
        self._decide("request_revision", by, reason_code, comment)
        self.record(ChangeRevisionRequested(change_request_id=self.id, reason_code=reason_code))

    def approve(self, by: str, comment: str | None) -> None:
        """Agree, as another person; what it asks for is applied next."""
        self._decide("approve", by, None, comment)
        self.record(ChangeApproved(change_request_id=self.id, aggregate_type=self.aggregate_type, aggregate_id=self.aggregate_id))

    def apply(self, aggregate_version: int) -> None:
        """It is done; the aggregate has that version now."""
        self.move("apply")
        self.applied_version = aggregate_version
        self.record(
            ChangeApplied(
                change_request_id=self.id,
                aggregate_type=self.aggregate_type,
                aggregate_id=self.aggregate_id,
                aggregate_version=aggregate_version,
            )
        )

    def reject(self, by: str, reason_code: str, comment: str) -> None:
        """Refuse it; it is kept."""
        self._decide("reject", by, reason_code, comment)
        self.record(ChangeRejected(change_request_id=self.id, reason_code=reason_code))

    def cancel(self, by: str) -> None:
        """Take it back."""
        if by != self.requested_by:
            raise NotYourRequest(allowed_roles=[])
        self.move("cancel")
        self.record(ChangeCancelled(change_request_id=self.id))
