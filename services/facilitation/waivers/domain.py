"""A waiver: requested by the regency, signed by the programme's owner, for so long."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.located import Located
from shared.aggregate import Living, step
from shared.contracts.facilitation_registry import WaiverGranted, WaiverRefused, WaiverRequested, WaiverRevoked
from shared.errors import Refused, SamePerson


class WaiverStatus(StrEnum):
    """Where a waiver stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"


class WaiverDates(Refused):
    """A waiver begins before it ends, and not before it is asked for."""

    code = "waiver_dates"
    message = ("Masa dispensasi {valid_from} sampai {valid_to} tidak mungkin.", "A waiver cannot hold from {valid_from} to {valid_to}.")
    action = ("Mulai hari ini atau sesudahnya, paling lama {max_days} hari.", "Let it begin today or later and last at most {max_days} days.")


MAX_DAYS = 366
S = WaiverStatus


@dataclass(eq=False, kw_only=True)
class Waiver(Located, Living):
    """Leave to facilitate a regency/city, or one group there, under a programme that did not prioritise it."""

    programme_id: UUID
    group_id: UUID | None
    reason_code: str
    valid_from: date
    valid_to: date
    requested_by: str
    status: WaiverStatus
    signed_by: str | None = None
    decision_reason_code: str | None = None

    LIFE: ClassVar = {
        "grant": step(S.REQUESTED, to=S.GRANTED),
        "refuse": step(S.REQUESTED, to=S.REFUSED),
        "revoke": step(S.GRANTED, to=S.REVOKED),
    }

    @classmethod
    def request(
        cls, *, id: UUID, programme_id: UUID, region_code: str, group_id: UUID | None, reason_code: str, valid_from: date, valid_to: date, by: str, on: date
    ) -> Self:
        """Ask for it."""
        if not on <= valid_from <= valid_to or (valid_to - valid_from).days >= MAX_DAYS:
            raise WaiverDates(valid_from=str(valid_from), valid_to=str(valid_to), max_days=MAX_DAYS)
        waiver = cls(
            id=id,
            programme_id=programme_id,
            region_code=region_code,
            group_id=group_id,
            reason_code=reason_code,
            valid_from=valid_from,
            valid_to=valid_to,
            requested_by=by,
            status=S.REQUESTED,
        )
        waiver.record(
            WaiverRequested(
                waiver_id=id,
                programme_id=programme_id,
                region_code=region_code,
                group_id=group_id,
                reason_code=reason_code,
                valid_from=valid_from,
                valid_to=valid_to,
            )
        )
        return waiver

    def grant(self, by: str) -> None:
        """Sign it; not by who asked."""
        self.move("grant")
        if by == self.requested_by:
            raise SamePerson
        self.signed_by = by
        self.record(
            WaiverGranted(
                waiver_id=self.id,
                programme_id=self.programme_id,
                region_code=self.region_code,
                group_id=self.group_id,
                valid_from=self.valid_from,
                valid_to=self.valid_to,
            )
        )

    def refuse(self, by: str, reason_code: str) -> None:
        """Do not sign it."""
        self.move("refuse")
        self.signed_by, self.decision_reason_code = by, reason_code
        self.record(WaiverRefused(waiver_id=self.id, reason_code=reason_code))

    def revoke(self, reason_code: str, on: date) -> None:
        """End it before its time; what was activated under it goes on."""
        self.move("revoke")
        self.decision_reason_code = reason_code
        self.record(WaiverRevoked(waiver_id=self.id, reason_code=reason_code, effective_from=on))
