"""The page at `/`: where everything is."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse

from shared.http.problems import Bilingual, prefers_english

portal = APIRouter()
_page = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("portal.html")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the process, in Indonesian and English."""

    name: str
    title: Bilingual
    question: Bilingual


STAGES = (
    Stage("coordination", ("Koordinasi", "Coordination"), ("Siapa berkomitmen apa di mana.", "Who pledged what where.")),
    Stage("mapping", ("Pemetaan", "Mapping"), ("Kabupaten/kota mana yang didahulukan, dan mengapa.", "Which regencies and cities come first, and why.")),
    Stage(
        "facilitation",
        ("Fasilitasi", "Facilitation"),
        ("Usaha mikro, kelompok, dan akses pembiayaan.", "Micro enterprises, groups, and access to financing."),
    ),
    Stage("monitoring", ("Pemantauan", "Monitoring"), ("Gambaran utuh dari peristiwa.", "The whole picture, from events alone.")),
)


@portal.get("/", include_in_schema=False)
async def home(request: Request, lang: str | None = None) -> HTMLResponse:
    """Links to the dashboard, the documentation and the catalogue, in Indonesian or English."""
    english = lang == "en" or (lang is None and prefers_english(request))
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(_page.render(stages=STAGES, english=english), headers={"Content-Security-Policy": policy})
