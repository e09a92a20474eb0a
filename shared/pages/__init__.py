"""Pages for people, made on the server: one layout for all services, Indonesian first, no script and no third party."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from shared.http.access import PUBLIC
from shared.http.problems import Bilingual, prefers_english
from shared.pages.formats import Formats
from shared.pages.words import COMMON

SECURITY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_FOLDER = Path(__file__).parent

style = APIRouter(include_in_schema=False, dependencies=[PUBLIC])


@style.get("/style.css")
async def stylesheet(request: Request) -> Response:
    """How pages look."""
    return answer(request, _stylesheet(), "text/css; charset=utf-8")


@cache
def _stylesheet() -> bytes:
    return (_FOLDER / "style.css").read_bytes()


class Pages:
    """Templates of one folder, each of which extends `layout.html`, and what they say as (Indonesian, English) by name."""

    def __init__(self, folder: Path, words: Mapping[str, Bilingual]) -> None:
        loader = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(_FOLDER)])
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._words = [{name: both[english] for name, both in (COMMON | dict(words)).items()} for english in (0, 1)]

    def show(self, request: Request, template: str, link: Callable[..., str], lang: str = "", **context: Any) -> Response:
        """The page in the language of `lang`, or of the reader's browser. `link(lang="en")` is the address of the same page in English.

        Templates have `t` (words), `f` (formats), `root` (the service's address), `english`, `demo`, and the context; `title` and `lead`
        of the context, or else those of the words, stand on top.
        """
        english = lang == "en" if lang in ("id", "en") else prefers_english(request)
        given = {
            "root": request.scope.get("root_path", ""),
            "demo": request.app.state.settings.mode == "embedded",
            "english": english,
            "t": self._words[english],
            "f": Formats(english=english),
            "link": link,
            "title": "",
            "lead": "",
        }
        body = self._templates.get_template(template).render(given | context).encode()
        return answer(request, body, "text/html; charset=utf-8", english=english)


def links(request: Request, page: str, defaults: Mapping[str, str] | None = None) -> Callable[..., str]:
    """`link(sort="name")`: the address of `page` as it was asked for, with something changed; what equals its default is left out."""
    now = dict(request.query_params)
    usual = {"lang": "", **(defaults or {})}

    def link(**changes: str) -> str:
        query = urlencode({name: value for name, value in (now | changes).items() if value and value != usual.get(name)})
        return f"{page}?{query}" if query else page

    return link


def answer(request: Request, body: bytes, media_type: str, *, english: bool | None = None) -> Response:
    """The body, or 304 where the reader has it already."""
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"', "Cache-Control": "no-cache", "Content-Security-Policy": SECURITY}
    if english is not None:
        headers["Content-Language"] = "en" if english else "id"
        headers["Vary"] = "Accept-Language"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
