"""A participation: an institution is invited, accepts or declines, and takes part until it withdraws or the programme ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.coordination.participation.problems import CommitmentsStillOpen, InvitationExpired, NotTheInvited, ScopeOrphans
from shared.aggregate import Living, step
from shared.contracts.coordination import (
    ParticipationAccepted,
    ParticipationDeclined,
    ParticipationEnded,
    ParticipationInvitationExpired,
    ParticipationInvited,
    ParticipationMoved,
    ParticipationResumed,
    ParticipationScopeChanged,
    ParticipationSuspended,
    ParticipationWithdrawn,
)


class ParticipationStatus(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class ParticipationRole(StrEnum):
    """In what role an institution takes part."""

    COORDINATOR = "coordinator"
    IMPLEMENTER = "implementer"
    FUNDER = "funder"
    DATA_SUPPLIER = "data_supplier"


S = ParticipationStatus


@dataclass(eq=False, kw_only=True)
class Participation(Living):
    """One institution in one programme in one role; an empty `area_scope` means every prioritised location."""

    programme_id: UUID
    institution_id: UUID
    role_code: ParticipationRole
    area_scope: list[str]
    respond_by: date
    status: ParticipationStatus

    LIFE: ClassVar = {
        "accept": step(S.INVITED, to=S.ACCEPTED),
        "decline": step(S.INVITED, to=S.DECLINED),
        "expire": step(S.INVITED, to=S.DECLINED),
        "change_scope": step(S.ACCEPTED),
        "suspend": step(S.ACCEPTED, to=S.SUSPENDED),
        "resume": step(S.SUSPENDED, to=S.ACCEPTED),
        "move_to": step(S.INVITED, S.ACCEPTED, S.SUSPENDED),
        "withdraw": step(S.ACCEPTED, S.SUSPENDED, to=S.WITHDRAWN),
        "end": step(S.INVITED, S.ACCEPTED, S.SUSPENDED, to=S.ENDED),
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
        self._answer("accept", by_institution, on)
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
        self._answer("decline", by_institution, on)
        self.record(
            ParticipationDeclined(participation_id=self.id, programme_id=self.programme_id, institution_id=self.institution_id, reason_code=reason_code)
        )

    def _answer(self, command: str, by_institution: UUID | None, on: date) -> None:
        if by_institution != self.institution_id:
            raise NotTheInvited
        self.may(command)
        if on > self.respond_by:
            raise InvitationExpired(respond_by=str(self.respond_by))
        self.move(command)

    def expire(self, on: date) -> None:
        """The day by which an answer was due is over; before that nothing happens."""
        self.may("expire")
        if on <= self.respond_by:
            return
        self.move("expire")
        self.record(ParticipationInvitationExpired(participation_id=self.id, programme_id=self.programme_id, institution_id=self.institution_id))

    def change_scope(self, area_scope: list[str], *, on: date, open_location_codes: Sequence[str]) -> None:
        """Take part for other areas, none of which leaves out a location with an open commitment."""
        self.move("change_scope")
        if area_scope == self.area_scope:
            return
        if outside := sorted({code for code in open_location_codes if not within(area_scope, code)}):
            raise ScopeOrphans(location_codes=outside)
        self.area_scope = area_scope
        self.record(ParticipationScopeChanged(participation_id=self.id, area_scope=area_scope, effective_from=on))

    def suspend(self, reason_code: str) -> None:
        """Not pledge for the time being."""
        self.move("suspend")
        self.record(ParticipationSuspended(participation_id=self.id, reason_code=reason_code))

    def resume(self) -> None:
        """Pledge again."""
        self.move("resume")
        self.record(ParticipationResumed(participation_id=self.id))

    def move_to(self, institution_id: UUID) -> None:
        """The institution went up in another one, which takes its place."""
        self.move("move_to")
        previous, self.institution_id = self.institution_id, institution_id
        self.record(ParticipationMoved(participation_id=self.id, previous_institution_id=previous, institution_id=institution_id))

    def withdraw(self, by_institution: UUID | None, reason_code: str, *, open_commitments: int, transferred: list[UUID]) -> None:
        """Take part no longer, with nothing left open; `transferred` are the commitments that others took over."""
        if by_institution != self.institution_id:
            raise NotTheInvited
        self.may("withdraw")
        if open_commitments:
            raise CommitmentsStillOpen(open_commitments=open_commitments)
        self.move("withdraw")
        self.record(ParticipationWithdrawn(participation_id=self.id, reason_code=reason_code, transferred_commitment_ids=transferred))

    def end(self) -> None:
        """The programme was closed, or a successor takes part already."""
        self.move("end")
        self.record(ParticipationEnded(participation_id=self.id, programme_id=self.programme_id))

    def covers(self, region_code: str) -> bool:
        """Whether its area scope holds a regency/city."""
        return within(self.area_scope, region_code)


def within(area_scope: Sequence[str], region_code: str) -> bool:
    """Whether a regency/city lies in one of these provinces or is one of these regencies/cities; an empty scope holds all."""
    return not area_scope or any(region_code == area or region_code.startswith(f"{area}.") for area in area_scope)
