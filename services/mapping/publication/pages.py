"""Pages of the ranking, of one region in it, and of an indicator on the map; public, from published runs only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.mapping.explanations.handlers import explain
from services.mapping.explanations.sentences import changed_in_words, sentences, unit_in_words
from services.mapping.indicators.handlers import periods_of
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.publication.classes import Classing, class_of, upper_bounds
from services.mapping.publication.domain import Place, Sheet, SheetRow
from services.mapping.publication.handlers import mapped, names_of, newest_published, places_of, sheet_of
from services.mapping.publication.words import WORDS
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.http.requests import Code
from shared.pages import Pages, links
from shared.pages.map import coast

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
CLASSES = 5
Lang = Annotated[str, Query(max_length=8)]

_pages = Pages(Path(__file__).parent / "templates", WORDS)


@dataclass(frozen=True, slots=True)
class Dot:
    """A region on the map."""

    code: str
    place: Place
    x: float
    y: float
    kind: str


def _dot(code: str, place: Place, kind: str) -> Dot:
    return Dot(code, place, coast().x(place.longitude), coast().y(place.latitude), kind)


@routes.get("/ranking")
async def ranking(
    request: Request,
    run_id: UUID | None = None,
    province: Annotated[str, Query(max_length=2)] = "",
    show: Annotated[str, Query(max_length=8)] = "",
    lang: Lang = "",
) -> Response:
    """The ranking of a published run, by default the newest."""
    published, sheet = await _published(request, run_id)
    rows = [row for row in sheet.rows if _asked_for(row, province, show)] if sheet else []
    provinces = sorted({(row.place.province_code, row.place.province_name) for row in sheet.rows}) if sheet else []
    # The selection last, so that it lies above the other candidates.
    dots = [_dot(row.region_code, row.place, "in" if row.selected else "out") for row in sorted(sheet.rows, key=lambda row: row.selected)] if sheet else []
    return _pages.show(
        request, "ranking.html", links(request, "ranking"), lang,
        published=published, sheet=sheet, rows=rows, provinces=provinces, province=province, only_selected=show != "all", dots=dots, coast=coast(),
    )  # fmt: skip


def _asked_for(row: SheetRow, province: str, show: str) -> bool:
    return (row.selected or show == "all") and province in ("", row.place.province_code)


@routes.get("/ranking/{region_code}")
async def place(request: Request, region_code: str, run_id: UUID | None = None, lang: Lang = "") -> Response:
    """One region in the ranking: why it was selected or not, what its score is made of, and what would have changed that."""
    _, sheet = await _published(request, run_id)
    row = next((row for row in sheet.rows if row.region_code == region_code), None) if sheet else None
    if sheet is None or row is None:
        raise NotFound
    _, explanation = await explain(request.app.state.database, sheet.run_id, region_code, public_only=True)
    most = {part.criterion.code: max(each.contributions[n] for each in sheet.rows) or 1 for n, part in enumerate(explanation.parts)}
    return _pages.show(
        request, "place.html", links(request, region_code), lang,
        sheet=sheet, row=row, explanation=explanation, most=most, sentences={each: sentences(explanation, english=each) for each in (False, True)},
        changed=changed_in_words, unit=unit_in_words, title=row.place.name,
    )  # fmt: skip


@routes.get("/map")
async def indicator_map(
    request: Request,
    indicator: Code = "poverty_rate",
    per: Literal["region", "1000_inhabitants"] = "region",
    classing: Classing = "quantile",
    lang: Lang = "",
) -> Response:
    """An indicator on the map, and as a table."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        names = await names_of(connection)
        available = [code for code, periods in sorted((await periods_of(connection)).items()) if periods and code in names]
        series, figures = await mapped(connection, indicator, None, per == "1000_inhabitants")
        places = await places_of(connection)
    figures = {code: figure for code, figure in figures.items() if code in places}
    bounds = upper_bounds(list(figures.values()), CLASSES, classing) if figures else []
    rows: list[dict[str, Any]] = [{"code": code, "place": places[code], "value": value, "class": class_of(value, bounds)} for code, value in figures.items()]
    rows.sort(key=lambda row: -row["value"])
    return _pages.show(
        request, "map.html", links(request, "map", {"indicator": "poverty_rate", "per": "region", "classing": "quantile"}), lang,
        series=series, names=names, available=available, indicator=indicator, per=per, classing=classing, rows=rows, bounds=bounds,
        decimals=series.decimals if per == "region" else max(series.decimals, 2), missing=len(places) - len(rows),
        dots=[_dot(row["code"], row["place"], f"k{row['class']}") for row in reversed(rows)], coast=coast(),
    )  # fmt: skip


async def _published(request: Request, run_id: UUID | None) -> tuple[list[Any], Sheet | None]:
    """Published runs, and the sheet of the one asked for or the newest."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        published = await newest_published(uow.connection)
        if run_id is None and not published:
            return [], None
        run = await uow.get(PrioritisationRun, run_id or published[0].id)
        if not run.is_public:
            raise NotFound
        return published, await sheet_of(uow.connection, run)
