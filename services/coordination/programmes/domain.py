"""A programme: drafted by one person, activated by another."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.coordination import ProgrammeActivated, ProgrammeDrafted, ProgrammeSubmitted
from shared.errors import Conflict, Refused, SamePerson


class ProgrammeStatus(StrEnum):
    """Where a programme stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACTIVE = "active"


class ProgrammeCodeTaken(Conflict):
    """Programme codes are unique."""

    code = "programme_code_taken"
    message = ("Kode program sudah dipakai.", "The programme code is taken.")
    action = ("Gunakan kode lain.", "Use another code.")


class ValidityReversed(Refused):
    """A programme must end after it begins."""

    code = "validity_reversed"
    message = ("Akhir masa berlaku harus sesudah awalnya.", "The programme must end after it begins.")
    action = ("Perbaiki valid_from dan valid_to.", "Mend valid_from and valid_to.")


class QuotaImpossible(Refused):
    """Each province of the quota holds at least one area."""

    code = "quota_impossible"
    message = ("Kuota provinsi melebihi kuota wilayah.", "There are more provinces than areas in the quota.")
    action = ("Perbaiki area_quota dan province_quota.", "Mend area_quota and province_quota.")


@dataclass(eq=False, kw_only=True)
class Programme(Aggregate):
    """A programme under a legal basis (dasar hukum), valid from `valid_from` to `valid_to` inclusive.

    `area_quota` is the number of regencies/cities to be prioritised, in exactly `province_quota` provinces.
    """

    code: str
    title: str
    legal_basis: str
    valid_from: date
    valid_to: date
    area_quota: int
    province_quota: int
    funding_sources: list[str]
    lead_institution_id: UUID
    author: str
    status: ProgrammeStatus

    TRANSITIONS: ClassVar = {
        ProgrammeStatus.DRAFT: frozenset({"submit"}),
        ProgrammeStatus.SUBMITTED: frozenset({"activate"}),
        ProgrammeStatus.ACTIVE: frozenset(),
    }

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        code: str,
        title: str,
        legal_basis: str,
        valid_from: date,
        valid_to: date,
        area_quota: int,
        province_quota: int,
        funding_sources: list[str],
        lead_institution_id: UUID,
        author: str,
    ) -> Self:
        """Write a programme down."""
        if valid_to <= valid_from:
            raise ValidityReversed
        if province_quota > area_quota:
            raise QuotaImpossible
        programme = cls(
            id=id,
            code=code,
            title=title,
            legal_basis=legal_basis,
            valid_from=valid_from,
            valid_to=valid_to,
            area_quota=area_quota,
            province_quota=province_quota,
            funding_sources=funding_sources,
            lead_institution_id=lead_institution_id,
            author=author,
            status=ProgrammeStatus.DRAFT,
        )
        programme.record(
            ProgrammeDrafted(
                programme_id=id,
                programme_code=code,
                fiscal_year_from=valid_from.year,
                fiscal_year_to=valid_to.year,
                lead_institution_id=lead_institution_id,
            )
        )
        return programme

    def submit(self) -> None:
        """Hand it over for approval."""
        self.refuse_unless(self.status, {ProgrammeStatus.DRAFT})
        self.status = ProgrammeStatus.SUBMITTED
        self.record(ProgrammeSubmitted(programme_id=self.id, area_quota=self.area_quota, province_quota=self.province_quota))

    def activate(self, by: str) -> None:
        """Put it in force; `by` is another person than the author."""
        self.refuse_unless(self.status, {ProgrammeStatus.SUBMITTED})
        if by == self.author:
            raise SamePerson
        self.status = ProgrammeStatus.ACTIVE
        self.record(
            ProgrammeActivated(
                programme_id=self.id,
                programme_code=self.code,
                area_quota=self.area_quota,
                province_quota=self.province_quota,
                valid_from=self.valid_from,
                valid_to=self.valid_to,
                legal_basis_ref=self.legal_basis,
            )
        )
