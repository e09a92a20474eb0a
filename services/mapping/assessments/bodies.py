"""What requests about assessments and measures may hold, and how it is read."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.mapping.assessments.content import (
    Access,
    Content,
    Groups,
    HouseholdPoverty,
    Missing,
    Multidimensional,
    SectorPotential,
    StatedFigure,
)
from services.mapping.assessments.measuring import DeprivedRow, Household, SectorFigures, multidimensional_of, potential_of, poverty_of
from services.mapping.assessments.problems import as_problems
from services.mapping.measures.multidimensional import Dimension
from shared.http.requests import Code, Note, RequestModel, Sha256

MAX_RECORDS = 2000
MAX_SECTORS = 100

SourceCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$", description="as in /v1/sources, or a code of its own", examples=["bps-p0-2021"])]
Year = Annotated[int, Field(strict=True, ge=1945, le=2100, examples=[2021])]
Quantity = Annotated[Decimal, Field(ge=-(10**15), le=10**15, max_digits=24, decimal_places=8, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=-1e12, le=1e12, description="for how many persons the record stands: the household's weight times its members")]
Subgroup = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$", description="a class of records, never a person", examples=["desa"])]
Share = Annotated[
    str,
    Field(
        pattern=r"^(0(\.[0-9]{1,12})?|1(\.0{1,12})?|[1-9][0-9]{0,5}/[1-9][0-9]{0,5})$",
        description="a decimal or a fraction, as text: a third is `1/3`, which no decimal is",
        examples=["1/3", "0.25"],
    ),
]
Sector = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_,]{0,39}$", examples=["C"])]
KbliSector = Annotated[
    str,
    Field(
        pattern=r"^[A-U]([0-9]{2})?(,[A-U])*$", description="a section of KBLI, one with its division, or sections that BPS joins", examples=["C", "A03", "M,N"]
    ),
]
Printed = Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,12})?$")]
Evidence = Annotated[list[Sha256], Field(min_length=1, max_length=20, description="SHA-256 of the documents that show it")]


class HouseholdIn(RequestModel):
    """One record of a household survey. Nothing in it says whose it is."""

    expenditure: Annotated[float, Field(ge=-1e15, le=1e15, description="rupiah a head, in the period of the line", examples=[452_000])]
    weight: Weight = 1.0
    group: Subgroup | None = None


class HouseholdsIn(RequestModel):
    """Records from which P0, P1 and P2 are computed; they are not kept."""

    line: Annotated[float, Field(ge=-1e15, le=1e15, description="garis kemiskinan, rupiah a head in the period of the expenditure", examples=[500_000])]
    records: Annotated[list[HouseholdIn], Field(max_length=MAX_RECORDS)]

    def measured(self) -> HouseholdPoverty:
        """P0, P1, P2 and the number of poor."""
        with as_problems():
            return poverty_of(self.line, [Household(each.expenditure, each.weight, each.group) for each in self.records])


class DimensionIn(RequestModel):
    """A dimension or indicator of multidimensional poverty, with its share of the whole."""

    dimension_code: Annotated[Code, Field(examples=["schooling"])]
    weight: Share


class DeprivedIn(RequestModel):
    """One person or household: 1 where deprived, in the order of the dimensions."""

    deprived: Annotated[list[Annotated[int, Field(strict=True, ge=-1000, le=1000)]], Field(max_length=30, examples=[[0, 1, 1]])]
    weight: Weight = 1.0
    group: Subgroup | None = None


class MultidimensionalIn(RequestModel):
    """Records from which H, A and M0 are computed by Alkire and Foster; they are not kept."""

    dimensions: Annotated[list[DimensionIn], Field(max_length=30)]
    cutoff: Annotated[Share, Field(description="k: poor is who is deprived in dimensions that together weigh this much", examples=["1/3"])]
    records: Annotated[list[DeprivedIn], Field(max_length=MAX_RECORDS)]

    def measured(self) -> Multidimensional:
        """H, A, M0 and what each dimension adds."""
        dimensions = [Dimension(each.dimension_code, Fraction(each.weight)) for each in self.dimensions]
        with as_problems():
            return multidimensional_of(dimensions, Fraction(self.cutoff), [DeprivedRow(tuple(each.deprived), each.weight, each.group) for each in self.records])


class PerHeadIn(RequestModel):
    """GRDP a head (PDRB per kapita), for Klassen's type of the region."""

    region: Quantity
    reference: Quantity


class SectorFiguresIn(RequestModel):
    """Figures by sector: of region and reference area, and of a later year where growth is to be looked at."""

    measure: Annotated[Code, Field(description="PDRB menurut lapangan usaha, tenaga kerja, …", examples=["grdp_constant_2010", "employment"])]
    unit: Annotated[Code, Field(examples=["billion_idr"])]
    source_code: SourceCode
    reference_area: Annotated[str, Field(pattern=r"^(national|[1-9][0-9])$", description="`national`, or the code of the province", examples=["national"])]
    year: Year
    later_year: Year | None = None
    region: Annotated[dict[Sector, Quantity], Field(max_length=MAX_SECTORS, examples=[{"A": 850, "C": 650}])]
    reference: Annotated[dict[Sector, Quantity], Field(max_length=MAX_SECTORS, examples=[{"A": 1320, "C": 2450}])]
    region_later: dict[Sector, Quantity] = Field(default_factory=dict, max_length=MAX_SECTORS)
    reference_later: dict[Sector, Quantity] = Field(default_factory=dict, max_length=MAX_SECTORS)
    per_head: PerHeadIn | None = None
    stated_quotients: dict[Sector, Printed] = Field(
        default_factory=dict,
        max_length=MAX_SECTORS,
        description="quotients as a source prints them, as text with their decimals: misprints are found",
        examples=[{"A": "2.71"}],
    )

    @model_validator(mode="after")
    def _two_years_or_one(self) -> "SectorFiguresIn":
        if len({self.later_year is None, not self.region_later, not self.reference_later}) != 1:
            raise PydanticCustomError("later_year_partly", "later_year, region_later and reference_later come together")
        return self

    def measured(self) -> SectorPotential:
        """Quotients, dominant sectors, shift-share and Klassen types."""
        with as_problems():
            return potential_of(
                SectorFigures(
                    measure=self.measure,
                    unit=self.unit,
                    source_code=self.source_code,
                    reference_area=self.reference_area,
                    year=self.year,
                    region=self.region,
                    reference=self.reference,
                    later_year=self.later_year,
                    region_later=self.region_later,
                    reference_later=self.reference_later,
                    per_head=(self.per_head.region, self.per_head.reference) if self.per_head else None,
                    stated={sector: Decimal(printed) for sector, printed in self.stated_quotients.items()},
                )
            )


class KbliFiguresIn(SectorFiguresIn):
    """The same by section of KBLI or category of GRDP, so that each sector has its ministries."""

    region: Annotated[dict[KbliSector, Quantity], Field(max_length=MAX_SECTORS, examples=[{"A": 850, "C": 650}])]


class FigureIn(RequestModel):
    """A figure as published."""

    indicator_code: Annotated[Code, Field(examples=["poverty_rate"])]
    value: Annotated[Quantity, Field(examples=["13.25"])]
    unit: Annotated[Code, Field(examples=["percent"])]
    source_code: SourceCode
    year: Year
    method_code: Annotated[Code, Field(examples=["susenas_march"])]
    margin: Annotated[Quantity | None, Field(description="half the width of the 95 percent interval, in the unit")] = None
    licence_code: Annotated[Code, Field(examples=["bps_terms_of_use"])]

    def figure(self) -> StatedFigure:
        """As it is kept."""
        return StatedFigure(**dict(self))


class MissingIn(RequestModel):
    """A mandatory criterion without a value."""

    criterion_code: Annotated[Code, Field(examples=["poverty_severity"])]
    reason_code: Annotated[Code, Field(examples=["not_surveyed"])]


class GroupsIn(RequestModel):
    """Groups or centres of one kind and sector."""

    group_type: Literal["kelompok", "sentra", "klaster", "koperasi"]
    sector: KbliSector
    group_count: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    member_count: Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
    evidence_hashes: Evidence


class AccessIn(RequestModel):
    """How good an access is, with evidence. Name no persons."""

    level_code: Literal["none", "weak", "fair", "good"]
    statement: Annotated[Note, Field(examples=["Pasar kecamatan 4 km, jalan beraspal; satu pembeli tetap."])]
    evidence_hashes: Evidence


class PovertyIn(RequestModel):
    """Contents of an assessment of poverty (penilaian kemiskinan)."""

    figures: list[FigureIn] = Field(default_factory=list, max_length=50)
    households: HouseholdsIn | None = None
    multidimensional: MultidimensionalIn | None = None
    missing: list[MissingIn] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> "PovertyIn":
        _require_once([f"{each.indicator_code} of {each.source_code}" for each in self.figures])
        _require_once([each.criterion_code for each in self.missing])
        return self

    def content(self) -> Content:
        """Measured, without the records."""
        return Content(
            figures=[each.figure() for each in self.figures],
            households=self.households.measured() if self.households else None,
            multidimensional=self.multidimensional.measured() if self.multidimensional else None,
            missing=_missing(self.missing),
        )


class PotentialIn(RequestModel):
    """Contents of an assessment of local potential (penilaian potensi lokal)."""

    sectors: KbliFiguresIn | None = None
    groups: list[GroupsIn] = Field(default_factory=list, max_length=200)
    market_access: AccessIn | None = None
    finance_access: AccessIn | None = None
    infrastructure: AccessIn | None = None
    missing: list[MissingIn] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> "PotentialIn":
        _require_once([each.criterion_code for each in self.missing])
        return self

    def content(self) -> Content:
        """Measured."""
        return Content(
            sectors=self.sectors.measured() if self.sectors else None,
            groups=[Groups(**dict(each)) for each in self.groups],
            market_access=_access(self.market_access),
            finance_access=_access(self.finance_access),
            infrastructure=_access(self.infrastructure),
            missing=_missing(self.missing),
        )


def _require_once(codes: Sequence[str]) -> None:
    """Refuse what is named twice."""
    if len(set(codes)) != len(codes):
        raise PydanticCustomError("named_twice", "something is named twice")


def _missing(declared: Sequence[MissingIn]) -> list[Missing]:
    return [Missing(**dict(each)) for each in declared]


def _access(stated: AccessIn | None) -> Access | None:
    return Access(**dict(stated)) if stated else None
