"""Mapping, put together."""

from fastapi import FastAPI

from services.mapping import consumers
from services.mapping.indicators.api import routes as indicators
from services.mapping.models.api import routes as models
from services.mapping.prioritisation.api import routes as prioritisation
from services.mapping.publication.api import routes as publication
from services.mapping.publication.pages import routes as pages
from services.mapping.regions.api import routes as regions
from services.mapping.schema import metadata
from shared.http import app as http
from shared.pages import style
from shared.runtime import Runtime
from shared.settings import Settings


def _prepare(_: FastAPI, runtime: Runtime) -> None:
    runtime.consume(consumers.consumer(runtime))


SERVICE = http.Service(
    name="mapping",
    title="Entaskan · Pemetaan / Mapping",
    description="Di mana kemiskinan dan potensi lokal berada, dan wilayah mana didahulukan. / Where poverty and potential are, and which places come first.",
    metadata=metadata,
    routers=[regions, indicators, models, prioritisation, publication, pages, style],
    prepare=_prepare,
)


def create_app(settings: Settings) -> FastAPI:
    """The application, to be mounted under `/mapping`."""
    return http.create_app(SERVICE, settings)
