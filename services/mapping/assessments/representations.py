"""How assessments look from outside."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from services.mapping.assessments.checks import Discrepancy
from services.mapping.assessments.content import Content, Groups, HouseholdPoverty, Multidimensional, SectorPotential, StatedFigure
from services.mapping.assessments.domain import Assessment, AssessmentKind, AssessmentStatus
from services.mapping.assessments.ministries import Ministry, ministries_of
from services.mapping.assessments.policy import policy_on
from services.mapping.assessments.queries import StandingState
from services.mapping.measures.potential import Klassen
from services.mapping.regions.codes import RegionLevel
from shared.http.commands import Representation

Measured = TypeVar("Measured", HouseholdPoverty, Multidimensional)


class AssessmentOut(Representation[Assessment]):
    """An assessment (penilaian) with its content, for those who work with it."""

    id: UUID
    kind: AssessmentKind
    region_code: str = Field(examples=["53.04"])
    period: str = Field(examples=["2021-03"])
    data_until: date = Field(description="the last day of the period, from which the age counts")
    source_code: str
    content: Content
    findings: list[str] = Field(description="what the checks found at submission; validated only with a comment")
    discrepancies: list[Discrepancy]
    author: str
    submitted_by: str | None
    decided_by: str | None
    validated_on: date | None
    comment: str | None
    reason_code: str | None
    superseded_by_id: UUID | None
    ended_on: date | None
    status: AssessmentStatus


class AssessmentListed(BaseModel):
    """An assessment in a list, without its content."""

    id: UUID
    kind: AssessmentKind
    region_code: str
    period: str
    source_code: str
    findings: list[str]
    validated_on: date | None
    ended_on: date | None
    status: AssessmentStatus


class MinistryOut(BaseModel):
    """A ministry in charge (kementerian pembina), with the legal basis of that."""

    ministry_code: str = Field(examples=["kemenperin"])
    field: str = Field(examples=["industry"])
    name_id: str
    name_en: str
    legal_basis: str = Field(examples=["Perpres 167/2024"])
    citation_checked: bool = Field(description="false: the citation is not compared with the published text yet")
    note: str

    @classmethod
    def of(cls, ministry: Ministry) -> "MinistryOut":
        """The fields of the same name."""
        return cls(**{name: getattr(ministry, name) for name in cls.model_fields})


class DominantSector(BaseModel):
    """A sector in which the region is specialised (sektor basis)."""

    sector: str = Field(examples=["C"])
    location_quotient: Decimal = Field(description="of the later year where there are two")
    klassen: Klassen | None
    ministries: list[MinistryOut]


class CurrentAssessment(BaseModel):
    """The validated assessment of the newest period, as anybody may read it: figures, without statements and names."""

    id: UUID
    period: str
    source_code: str
    validated_on: date
    state: StandingState = Field(description="stale where its figures are older than the policy of today allows")
    missing_criteria_codes: list[str]
    discrepancies: list[Discrepancy]
    figures: list[StatedFigure]
    households: HouseholdPoverty | None
    multidimensional: Multidimensional | None
    sectors: SectorPotential | None
    groups: list[Groups]


class IndicatorValueOut(BaseModel):
    """An indicator's newest value."""

    indicator_code: str
    name_id: str
    name_en: str
    unit: str
    kind: str
    period: str
    value: Decimal | None
    missing_reason: str | None
    source_code: str


class RegionProfile(BaseModel):
    """A region's poverty and potential side by side (profil wilayah)."""

    region_code: str
    name: str
    level: RegionLevel
    poverty: CurrentAssessment | None = Field(description="null: not validated for any period")
    local_potential: CurrentAssessment | None = Field(description="null: not validated for any period")
    dominant_sectors: list[DominantSector] = Field(description="the highest quotient first")
    indicators: list[IndicatorValueOut]


def dominant_sectors(potential: SectorPotential | None, on: date) -> list[DominantSector]:
    """The dominant sectors with the ministries in charge on a day."""
    if potential is None:
        return []
    by_code = {each.sector: each for each in potential.sectors}
    return [
        DominantSector(
            sector=sector,
            location_quotient=quotient if (quotient := by_code[sector].later_location_quotient) is not None else by_code[sector].location_quotient,
            klassen=by_code[sector].klassen,
            ministries=[MinistryOut.of(ministry) for ministry in ministries_of(sector, on)],
        )
        for sector in potential.dominant_sectors
    ]


def current(assessment: Assessment, on: date) -> CurrentAssessment:
    """A validated assessment as anybody may read it: nothing from so few records that a household could be told from it."""
    assert assessment.validated_on
    content, least = assessment.content, policy_on(on).min_public_records
    return CurrentAssessment(
        **{name: getattr(assessment, name) for name in ("id", "period", "source_code", "validated_on", "discrepancies")},
        **{name: getattr(content, name) for name in ("figures", "sectors", "groups")},
        households=_shown(content.households, least),
        multidimensional=_shown(content.multidimensional, least),
        state=StandingState.STALE if assessment.is_stale(on) else StandingState.CURRENT,
        missing_criteria_codes=content.missing_codes,
    )


def _shown(measured: Measured | None, least: int) -> Measured | None:
    """Without subgroups where one of them is small: it would follow from the whole and the others."""
    if measured is None or measured.record_count < least:
        return None
    return replace(measured, groups=[]) if any(group.record_count < least for group in measured.groups) else measured
