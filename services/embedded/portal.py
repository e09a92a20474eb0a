"""The page at `/`: where everything is."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from shared.http.problems import prefers_english

portal = APIRouter()

_STAGES = (
    ("coordination", "Koordinasi", "Coordination", "Siapa berkomitmen apa di mana.", "Who pledged what where."),
    ("mapping", "Pemetaan", "Mapping", "Kabupaten/kota mana yang didahulukan, dan mengapa.", "Which regencies and cities come first, and why."),
    ("facilitation", "Fasilitasi", "Facilitation", "Usaha mikro, kelompok, dan akses pembiayaan.", "Micro enterprises, groups, and access to financing."),
    ("monitoring", "Pemantauan", "Monitoring", "Gambaran utuh dari peristiwa.", "The whole picture, from events alone."),
)
_STYLE = """
body{font:1.05rem/1.6 system-ui,sans-serif;margin:0;color:#1b2b25;background:#f6f5f0}
main{max-width:54rem;margin:0 auto;padding:3rem 1.25rem}
h1{font-size:2.2rem;margin:0}h1+p{font-size:1.15rem;color:#44564e;max-width:40rem}
ul{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr))}
li{background:#fff;border:1px solid #dcdbd2;border-radius:.6rem;padding:1rem 1.25rem}
h2{margin:.1rem 0;font-size:1.2rem}a{color:#0b5d3b}a:focus-visible{outline:3px solid #e0a100;outline-offset:2px}
code{background:#eceae1;padding:.15rem .35rem;border-radius:.25rem;overflow-wrap:anywhere}
.big{display:inline-block;background:#0b5d3b;color:#fff;padding:.6rem 1rem;border-radius:.4rem;text-decoration:none;font-weight:600}
"""


@portal.get("/", include_in_schema=False)
async def home(request: Request, lang: str | None = None) -> HTMLResponse:
    """Links to the dashboard, the documentation and the catalogue, in Indonesian or English."""
    english = lang == "en" or (lang is None and prefers_english(request))
    n = 1 if english else 0
    say = lambda *both: both[n]  # noqa: E731
    stages = "".join(
        f"<li><h2>{say(stage[1], stage[2])}</h2><p>{say(stage[3], stage[4])}</p>"
        f'<p><a href="/{stage[0]}/docs">{say("Dokumentasi API", "API documentation")}</a> · '
        f'<a href="/{stage[0]}/openapi.json">OpenAPI</a> · <a href="/{stage[0]}/asyncapi.json">AsyncAPI</a> · '
        f'<a href="/{stage[0]}/readyz">{say("Status", "Status")}</a></p></li>'
        for stage in _STAGES
    )
    lead = say(
        "Mengentaskan keluarga dari kemiskinan ekstrem melalui usaha mikro dalam kelompok, sentra, klaster, dan koperasi.",
        "Lifting families out of extreme poverty through micro enterprises in groups, centres, clusters and cooperatives.",
    )
    page = (
        f'<!doctype html><html lang="{say("id", "en")}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Entaskan</title><style>{_STYLE}</style></head><body><main><h1>Entaskan</h1><p>{lead}</p>"
        f'<p><a class="big" href="/monitoring/dashboard{say("", "?lang=en")}">{say("Buka dasbor", "Open the dashboard")}</a> '
        f'&nbsp; <a href="/?lang={say("en", "id")}" hreflang="{say("en", "id")}">{say("English", "Bahasa Indonesia")}</a></p><ul>{stages}</ul>'
        f"<p>{say('Token untuk mencoba API', 'A token to try the APIs')}: <code>entaskan token --role programme_owner</code></p>"
        f"<p>{say('Data pada mode ini adalah peragaan di atas wilayah nyata.', 'The data in this mode are a demonstration on real regions.')}</p>"
        "</main></body></html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"})
