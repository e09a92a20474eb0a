"""A participation: an institution is invited, and accepts or declines."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.coordination import ParticipationAccepted, ParticipationDeclined, ParticipationInvited
from shared.errors import Conflict, Forbidden, Refused


class ParticipationStatus(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class ParticipationRole(StrEnum):
    """In what role an institution takes part."""

    COORDINATOR = "coordinator"
    IMPLEMENTER = "implementer"
    FUNDER = "funder"
    DATA_SUPPLIER = "data_supplier"


class AlreadyInvited(Conflict):
    """One participation for each programme, institution and role."""

    code = "already_invited"
    message = ("Lembaga ini sudah diundang untuk peran tersebut.", "This institution was already invited in that role.")
    action = ("Lihat daftar keikutsertaan program.", "See the programme's participations.")


class InvitationExpired(Refused):
    """The date by which an answer was due has passed."""

    code = "invitation_expired"
    message = ("Batas jawaban undangan ({respond_by}) sudah lewat.", "The invitation was to be answered by {respond_by}.")
    action = ("Minta undangan baru.", "Ask for a new invitation.")


class NotTheInvited(Forbidden):
    """Only the invited institution answers."""

    code = "not_the_invited_institution"
    message = ("Hanya lembaga yang diundang dapat menjawab.", "Only the invited institution may answer.")
    action = ("Gunakan token lembaga yang diundang.", "Use a token of the invited institution.")


@dataclass(eq=False, kw_only=True)
class Participation(Aggregate):
    """One institution in one programme in one role; an empty `area_scope` means every prioritised location."""

    programme_id: UUID
    institution_id: UUID
    role_code: ParticipationRole
    area_scope: list[str]
    respond_by: date
    status: ParticipationStatus

    TRANSITIONS: ClassVar = {
        ParticipationStatus.INVITED: frozenset({"accept", "decline"}),
        ParticipationStatus.ACCEPTED: frozenset(),
        ParticipationStatus.DECLINED: frozenset(),
    }

    @classmethod
    def invite(cls, *, id: UUID, programme_id: UUID, institution_id: UUID, role_code: ParticipationRole, area_scope: list[str], respond_by: date) -> Self:
        """Ask an institution to take part."""
        participation = cls(
            id=id,
            programme_id=programme_id,
            institution_id=institution_id,
            role_code=role_code,
            area_scope=area_scope,
            respond_by=respond_by,
            status=ParticipationStatus.INVITED,
        )
        participation.record(
            ParticipationInvited(
                participation_id=id,
                programme_id=programme_id,
                institution_id=institution_id,
                role_code=role_code,
                area_scope=area_scope,
                respond_by=respond_by,
            )
        )
        return participation

    def accept(self, by_institution: UUID | None, on: date) -> None:
        """Take part."""
        self._answer(by_institution, on, ParticipationStatus.ACCEPTED)
        self.record(
            ParticipationAccepted(
                participation_id=self.id,
                programme_id=self.programme_id,
                institution_id=self.institution_id,
                role_code=self.role_code,
                area_scope=self.area_scope,
            )
        )

    def decline(self, by_institution: UUID | None, on: date, reason_code: str) -> None:
        """Not take part, for a reason."""
        self._answer(by_institution, on, ParticipationStatus.DECLINED)
        self.record(
            ParticipationDeclined(participation_id=self.id, programme_id=self.programme_id, institution_id=self.institution_id, reason_code=reason_code)
        )

    def _answer(self, by_institution: UUID | None, on: date, status: ParticipationStatus) -> None:
        if by_institution != self.institution_id:
            raise NotTheInvited
        self.refuse_unless(self.status, {ParticipationStatus.INVITED})
        if on > self.respond_by:
            raise InvitationExpired(respond_by=str(self.respond_by))
        self.status = status

    def covers(self, region_code: str) -> bool:
        """Whether its area scope holds a regency/city."""
        return not self.area_scope or any(region_code == area or region_code.startswith(f"{area}.") for area in self.area_scope)
