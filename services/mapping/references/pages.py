"""The page of the backtest: what single criteria would have named in 2021, against the official list."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.mapping.computation.overlap import RULES
from services.mapping.references.api import METHOD, RULES_IN_WORDS
from services.mapping.references.handlers import QUOTA_2021, Backtest, backtest_2021
from services.mapping.references.tables import regencies_with_names
from services.mapping.references.words import WORDS
from shared.database import Database
from shared.http.access import PUBLIC
from shared.pages import Pages, links

routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
POPULATION_PERIOD = "2017"
"""The BPS projection; see `GET /v1/backtests/2021` for another."""

_pages = Pages(Path(__file__).parent / "templates", WORDS)


@routes.get("/backtest")
async def backtest(request: Request, lang: Annotated[str, Query(max_length=8)] = "") -> Response:
    """Each rule's overlap with the 35 regencies of 2021, and regency by regency which rules named it."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        found = await backtest_2021(connection, POPULATION_PERIOD)
        names = {row.region_code: row.name for row in (await connection.execute(regencies_with_names())).all()}
    return _pages.show(
        request, "backtest.html", links(request, "backtest"), lang,
        found=found, rules=RULES, labels=RULES_IN_WORDS, method=METHOD, quota=QUOTA_2021, rows=_rows(found, names),
    )  # fmt: skip


def _rows(found: Backtest, names: Mapping[str, str]) -> list[dict[str, object]]:
    """Every official regency, and below them those that some rule named instead (within the seven provinces)."""
    named = {rule: {*found.trials[rule].confined.both, *found.trials[rule].confined.only_selected} for rule in RULES}
    others = sorted(set().union(*named.values()) - set(found.official))
    return [
        {"code": code, "name": names[code], "official": code in found.official, "named": {rule: code in named[rule] for rule in RULES}}
        for code in [*found.official, *others]
    ]
