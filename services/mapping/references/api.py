"""Routes of reference lists, of a run's overlap with one, and of the backtest."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.computation.overlap import RULES, Overlap, Rule
from services.mapping.prioritisation.representations import DRAFTERS, READERS
from services.mapping.references import handlers
from services.mapping.references.domain import ReferenceList
from services.mapping.references.tables import reference_lists, regencies_with_names
from services.mapping.regions.codes import Scheme
from shared.database import Database
from shared.http.access import PUBLIC, allow
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Name, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("references")
ListCode = Annotated[str, Field(pattern=r"^[1-9][0-9]\.?[0-9]{2}$", description="text, never a number", examples=["53.04"])]
METHOD: tuple[str, str] = (
    "Untuk setiap aturan dipilih 35 kabupaten di 7 provinsi (pembagian provinsi tahun 2021), lima per provinsi, dengan jumlah skor terbesar dan terbukti "
    "optimal. Daftar resmi disusun dari kemiskinan ekstrem per kabupaten, yang tidak dipublikasikan; di sini dipakai kemiskinan umum Maret 2021, dan jumlah "
    "penduduk miskin diperkirakan dari jumlah penduduk tahun lain. Hasilnya menggambarkan kriterianya, bukan sasaran yang harus dicapai.",
    "Each rule selects 35 regencies in 7 provinces (as of 2021), five a province, for the largest total score, proven optimal. The official list was drawn up "
    "from extreme poverty by regency, which is not published; general poverty of March 2021 stands in for it, and the number of poor is an estimate on the "
    "population of another year. The result tells about the criteria; it is no target.",
)
RULES_IN_WORDS: Mapping[Rule, tuple[str, str]] = {
    "rate_alone": ("Tingkat kemiskinan saja", "Poverty rate alone"),
    "number_alone": ("Jumlah penduduk miskin saja", "Number of poor alone"),
    "product": ("Tingkat dikali jumlah", "Rate times number"),
    "both": ("Tingkat dan jumlah, bobot sama (min-max, SAW)", "Rate and number, equal weights (min-max, SAW)"),
}


class RecordList(RequestModel):
    """Places that somebody else named, and where that is published."""

    name: Annotated[Name, Field(examples=["35 kabupaten prioritas 2021"])]
    source: Annotated[Name, Field(description="citation", examples=["Kepdep PMK 25/2021, lampiran"])]
    year: Annotated[int, Field(strict=True, ge=1945, le=2100, description="that the list is for", examples=[2021])]
    scheme: Annotated[Scheme, Field(description="whose codes these are")] = Scheme.KEMENDAGRI
    region_codes: Annotated[list[ListCode], Field(min_length=1, max_length=1000)]


class ListOut(Representation[ReferenceList]):
    """A reference list (daftar acuan)."""

    id: UUID
    name: str
    source: str
    year: int
    scheme: Scheme
    given_codes: list[str] = Field(description="as they were sent")
    region_codes: list[str] = Field(description="what they mean, as Kemendagri codes")
    list_hash: str = Field(description="SHA-256 of region_codes")


class Place(BaseModel):
    """A regency or city."""

    region_code: str = Field(examples=["53.04"])
    name: str = Field(examples=["Kabupaten Belu"])


class OverlapOut(BaseModel):
    """A selection against a reference list. Errors are shares of 1, null where their denominator is 0."""

    selected_count: int = Field(description="denominator of the inclusion error")
    listed_count: int = Field(description="denominator of the exclusion error")
    overlap_count: int
    inclusion_error: float | None = Field(description="selected but not listed, of all selected")
    exclusion_error: float | None = Field(description="listed but not selected, of all listed")
    both: list[Place]
    only_selected: list[Place]
    only_listed: list[Place]


class RunOverlapOut(OverlapOut):
    """A run's selection, with its overrides, against a reference list."""

    run_id: UUID
    reference_list_id: UUID
    result_hash: str | None
    list_hash: str


class TrialOut(BaseModel):
    """What one rule names."""

    rule: Rule
    label_id: str
    label_en: str
    free: OverlapOut = Field(description="free to choose any seven provinces")
    free_province_codes: list[str] = Field(description="provinces of 2021 chosen when free")
    confined: OverlapOut = Field(description="within the seven provinces of the official list")


class FiguresOut(BaseModel):
    """The figures that a backtest went by; their values are under `/v1/indicators/{indicator_code}/values`."""

    indicator_code: str
    period: str
    population_period: str | None
    unit: str
    source_codes: list[str] = Field(description="see GET /v1/sources")


class BacktestOut(BaseModel):
    """What rules would have named in 2021, against the 35 regencies that were."""

    official: list[Place]
    official_source: str
    method_id: str
    method_en: str
    figures: list[FiguresOut]
    left_out: list[Place] = Field(description="regencies without all figures")
    trials: list[TrialOut]


@routes.post(
    "/reference-lists",
    operation_id="record_reference_list",
    summary="Catat daftar acuan / Record a reference list",
    status_code=201,
    response_model=ListOut,
)
async def record_list(body: RecordList, command: Creating, caller: Caller = allow(*DRAFTERS, Role.COORDINATOR)) -> Response:
    """For comparison; it changes no selection. A code that the scheme does not have is refused."""
    return await command.create(lambda transaction: handlers.record_list(transaction, **dict(body), by=caller.subject), ListOut, ReferenceList)


@routes.get("/reference-lists", operation_id="list_reference_lists", summary="Daftar acuan / Reference lists", dependencies=[PUBLIC])
async def list_lists(request: Request, page: Paging) -> Page[ListOut]:
    """In the order in which they were recorded."""
    return await page.listing(request, reference_lists.select(), ListOut, by=[reference_lists.c.id])


@routes.get(
    "/reference-lists/{reference_list_id}",
    operation_id="get_reference_list",
    summary="Baca daftar acuan / Read a reference list",
    response_model=ListOut,
    dependencies=[PUBLIC],
)
async def get_list(request: Request, reference_list_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, ReferenceList, reference_list_id, ListOut)


@routes.get("/prioritisation-runs/{run_id}/overlap", operation_id="get_overlap", summary="Tumpang tindih dengan daftar acuan / Overlap with a reference list")
async def get_overlap(
    request: Request,
    run_id: UUID,
    reference: Annotated[UUID, Query(description="id of a reference list")],
    caller: Caller | None = allow(Role.PUBLIC),
) -> RunOverlapOut:
    """Inclusion and exclusion error of the selection; public once the run is published."""
    database: Database = request.app.state.database
    public_only = caller is None or caller.role not in READERS
    run, listed, found = await handlers.overlap_with(database.transaction, run_id, reference, public_only=public_only)
    return RunOverlapOut(
        run_id=run.id, reference_list_id=listed.id, result_hash=run.result_hash, list_hash=listed.list_hash, **_overlap(found, await _names(database))
    )


@routes.get("/backtests/2021", operation_id="get_backtest_2021", summary="Uji balik 35 kabupaten 2021 / Backtest on the 35 of 2021", dependencies=[PUBLIC])
async def get_backtest(
    request: Request,
    population_period: Annotated[str, Query(pattern=r"^[0-9]{4}(-S[12])?$", description="population that the number of poor rests on")] = "2017",
) -> BacktestOut:
    """How many of them the poverty rate alone, the number of poor alone, their product and both together would have named."""
    database: Database = request.app.state.database
    names = await _names(database)
    async with database.reading() as connection:
        found = await handlers.backtest_2021(connection, population_period)
    return BacktestOut(
        official=_places(found.official, names),
        official_source=found.source,
        method_id=METHOD[0],
        method_en=METHOD[1],
        figures=[
            FiguresOut(
                indicator_code=series.indicator_code,
                period=series.period,
                population_period=series.population_period,
                unit=series.unit,
                source_codes=series.source_codes,
            )
            for series in (found.rate, found.number)
        ],
        left_out=_places(found.left_out, names),
        trials=[
            TrialOut(
                rule=rule,
                label_id=RULES_IN_WORDS[rule][0],
                label_en=RULES_IN_WORDS[rule][1],
                free=OverlapOut(**_overlap(found.trials[rule].free, names)),
                free_province_codes=list(found.trials[rule].free_provinces),
                confined=OverlapOut(**_overlap(found.trials[rule].confined, names)),
            )
            for rule in RULES
        ],
    )


async def _names(database: Database) -> dict[str, str]:
    async with database.reading() as connection:
        return {row.region_code: row.name for row in (await connection.execute(regencies_with_names())).all()}


def _places(codes: Sequence[str], names: Mapping[str, str]) -> list[Place]:
    return [Place(region_code=code, name=names[code]) for code in codes]


def _overlap(found: Overlap, names: Mapping[str, str]) -> dict[str, object]:
    inclusion, exclusion = found.inclusion_error, found.exclusion_error
    return {
        "selected_count": found.selected_count,
        "listed_count": found.listed_count,
        "overlap_count": len(found.both),
        "inclusion_error": None if inclusion is None else float(inclusion),
        "exclusion_error": None if exclusion is None else float(exclusion),
        "both": _places(found.both, names),
        "only_selected": _places(found.only_selected, names),
        "only_listed": _places(found.only_listed, names),
    }
