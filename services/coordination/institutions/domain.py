"""An institution in the register: a dated tree, with mandates, that survives changes of the cabinet."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.coordination.institutions.problems import DateBeforeLast, MergeIntoItself, OwnVerification, StillTakesPart, TargetNotVerified
from shared.aggregate import Living, step
from shared.contracts.coordination import (
    InstitutionMandateSet,
    InstitutionMerged,
    InstitutionMoved,
    InstitutionRegistered,
    InstitutionReinstated,
    InstitutionRenamed,
    InstitutionRetired,
    InstitutionSuspended,
    InstitutionVerified,
)


class InstitutionStatus(StrEnum):
    """Where an institution stands."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    MERGED = "merged"
    RETIRED = "retired"


class InstitutionType(StrEnum):
    """What kind of institution (jenis lembaga)."""

    COORDINATING_MINISTRY = "coordinating_ministry"
    MINISTRY = "ministry"
    ECHELON_ONE_UNIT = "echelon_one_unit"
    PROVINCIAL_GOVERNMENT = "provincial_government"
    REGENCY_GOVERNMENT = "regency_government"
    PROVINCIAL_OFFICE = "provincial_office"
    REGENCY_OFFICE = "regency_office"
    BANK = "bank"
    COOPERATIVE_FUND = "cooperative_fund"
    LENDER = "lender"
    BUYER = "buyer"
    UNIVERSITY = "university"
    OTHER = "other"


S = InstitutionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A task (tugas) as the legal basis words it, by pillar and sector; the interventions are those that the institution is in charge of."""

    task: str
    pillar_code: str
    sector_code: str | None
    intervention_codes: list[str]
    legal_basis: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """Name and parent up to a day, and what altered them."""

    name: str
    parent_institution_id: UUID | None
    valid_to: date
    legal_basis: str


@dataclass(eq=False, kw_only=True)
class Institution(Living):
    """A party of the programme; `sector_code` names what it is in charge of (farming, fisheries, trade, …)."""

    code: str
    name: str
    institution_type: InstitutionType
    parent_institution_id: UUID | None
    sector_code: str | None
    status: InstitutionStatus
    mandates: list[Mandate]
    former: list[Former]
    registered_on: date
    merged_into_institution_id: UUID | None = None
    ended_on: date | None = None

    LIFE: ClassVar = {
        "verify": step(S.REGISTERED, to=S.VERIFIED),
        "set_mandates": step(S.REGISTERED, S.VERIFIED, S.SUSPENDED),
        "rename": step(S.REGISTERED, S.VERIFIED, S.SUSPENDED),
        "move": step(S.REGISTERED, S.VERIFIED, S.SUSPENDED),
        "suspend": step(S.VERIFIED, to=S.SUSPENDED),
        "reinstate": step(S.SUSPENDED, to=S.VERIFIED),
        "merge": step(S.VERIFIED, S.SUSPENDED, to=S.MERGED),
        "retire": step(S.VERIFIED, S.SUSPENDED, to=S.RETIRED),
    }

    @classmethod
    def register(
        cls, *, id: UUID, code: str, name: str, institution_type: InstitutionType, parent_institution_id: UUID | None, sector_code: str | None, on: date
    ) -> Self:
        """Enter it in the register."""
        institution = cls(
            id=id,
            code=code,
            name=name,
            institution_type=institution_type,
            parent_institution_id=parent_institution_id,
            sector_code=sector_code,
            status=S.REGISTERED,
            mandates=[],
            former=[],
            registered_on=on,
        )
        institution.record(
            InstitutionRegistered(
                institution_id=id,
                institution_code=code,
                institution_type=institution_type,
                parent_institution_id=parent_institution_id,
                sector_code=sector_code,
            )
        )
        return institution

    def verify(self, by_institution: UUID | None) -> None:
        """Confirm the entry, from outside."""
        self.may("verify")
        if by_institution == self.id:
            raise OwnVerification(allowed_roles=[])
        self.move("verify")
        self.record(InstitutionVerified(institution_id=self.id, verified_by_institution_id=by_institution))

    def set_mandates(self, mandates: list[Mandate]) -> None:
        """Say what it is charged with; the list replaces the former one."""
        self.move("set_mandates")
        if mandates == self.mandates:
            return
        self.mandates = mandates
        self.record(
            InstitutionMandateSet(
                institution_id=self.id,
                pillar_codes=sorted({each.pillar_code for each in mandates}),
                intervention_codes=sorted({code for each in mandates for code in each.intervention_codes}),
                sector_codes=sorted({each.sector_code for each in mandates if each.sector_code}),
            )
        )

    def rename(self, name: str, *, effective_from: date, legal_basis: str) -> None:
        """Bear another name from a day on."""
        self.move("rename")
        if name == self.name:
            return
        self._remember(effective_from, legal_basis)
        self.name = name
        self.record(InstitutionRenamed(institution_id=self.id, effective_from=effective_from, legal_basis_ref=legal_basis))

    def move_below(self, parent_institution_id: UUID | None, *, effective_from: date, legal_basis: str) -> None:
        """Stand below another parent from a day on. That the tree stays one is seen to where all of it is known."""
        self.move("move")
        if parent_institution_id == self.parent_institution_id:
            return
        self._remember(effective_from, legal_basis)
        previous, self.parent_institution_id = self.parent_institution_id, parent_institution_id
        self.record(
            InstitutionMoved(
                institution_id=self.id,
                previous_parent_institution_id=previous,
                parent_institution_id=parent_institution_id,
                effective_from=effective_from,
            )
        )

    def _remember(self, effective_from: date, legal_basis: str) -> None:
        until = effective_from - timedelta(days=1)
        if self.former and until <= self.former[-1].valid_to:
            # Renamed and moved by one decree, on one day: what was before is remembered once.
            if until == self.former[-1].valid_to:
                return
            raise DateBeforeLast(last=str(self.former[-1].valid_to))
        self.former = [*self.former, Former(name=self.name, parent_institution_id=self.parent_institution_id, valid_to=until, legal_basis=legal_basis)]

    def as_of(self, on: date) -> "Former":
        """Name and parent on a day; `valid_to` is the last day of it, or the day asked for when it still holds."""
        found = next((each for each in self.former if on <= each.valid_to), None)
        return found or Former(name=self.name, parent_institution_id=self.parent_institution_id, valid_to=self.ended_on or on, legal_basis="")

    def suspend(self, reason_code: str) -> None:
        """Not be invited for the time being."""
        self.move("suspend")
        self.record(InstitutionSuspended(institution_id=self.id, reason_code=reason_code))

    def reinstate(self, reason_code: str) -> None:
        """Be invited again."""
        self.move("reinstate")
        self.record(InstitutionReinstated(institution_id=self.id, reason_code=reason_code))

    def merge(self, into: "Institution", *, effective_from: date, moved_commitments: int) -> None:
        """Go up in another institution; so many open commitments moved there."""
        self.may("merge")
        if into.id == self.id:
            raise MergeIntoItself
        if into.status is not S.VERIFIED:
            raise TargetNotVerified
        self.move("merge")
        self.merged_into_institution_id, self.ended_on = into.id, effective_from
        self.record(
            InstitutionMerged(
                institution_id=self.id, merged_into_institution_id=into.id, effective_from=effective_from, moved_commitment_count=moved_commitments
            )
        )

    def retire(self, *, effective_from: date, participations: int) -> None:
        """End without a successor, when it takes part in nothing."""
        self.may("retire")
        if participations:
            raise StillTakesPart(participations=participations)
        self.move("retire")
        self.ended_on = effective_from
        self.record(InstitutionRetired(institution_id=self.id, effective_from=effective_from))

    def in_charge_of(self, intervention_code: str, on: date) -> bool:
        """Whether a mandate in force on a day names the intervention."""
        return any(mandate.holds(on) and intervention_code in mandate.intervention_codes for mandate in self.mandates)


def without_overlaps(mandates: list[Mandate]) -> list[Mandate]:
    """Mandates in a stable order, each once."""
    unique = {
        (each.legal_basis, each.pillar_code, each.task, each.valid_from): replace(each, intervention_codes=sorted(set(each.intervention_codes)))
        for each in mandates
    }
    return [unique[key] for key in sorted(unique)]
