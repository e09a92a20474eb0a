"""An institution in the register."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.aggregate import Aggregate
from shared.contracts.coordination import InstitutionRegistered
from shared.errors import Conflict


class InstitutionType(StrEnum):
    """What kind of institution (jenis lembaga)."""

    COORDINATING_MINISTRY = "coordinating_ministry"
    MINISTRY = "ministry"
    ECHELON_ONE_UNIT = "echelon_one_unit"
    PROVINCIAL_GOVERNMENT = "provincial_government"
    REGENCY_GOVERNMENT = "regency_government"
    LENDER = "lender"
    BUYER = "buyer"
    OTHER = "other"


class InstitutionCodeTaken(Conflict):
    """Institution codes are unique."""

    code = "institution_code_taken"
    message = ("Kode lembaga sudah dipakai.", "The institution code is taken.")
    action = ("Gunakan kode lain.", "Use another code.")


@dataclass(eq=False, kw_only=True)
class Institution(Aggregate):
    """A party of the programme; `sector_code` names what it is in charge of (farming, fisheries, trade, …)."""

    code: str
    name: str
    institution_type: InstitutionType
    parent_institution_id: UUID | None
    sector_code: str | None

    @classmethod
    def register(
        cls, *, id: UUID, code: str, name: str, institution_type: InstitutionType, parent_institution_id: UUID | None, sector_code: str | None
    ) -> Self:
        """Enter it in the register."""
        institution = cls(id=id, code=code, name=name, institution_type=institution_type, parent_institution_id=parent_institution_id, sector_code=sector_code)
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
