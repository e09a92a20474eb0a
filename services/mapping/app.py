"""Mapping, put together."""

from fastapi import FastAPI

from services.mapping import consumers
from services.mapping.assessments.api import routes as assessments
from services.mapping.assessments.clock import keep_time
from services.mapping.assessments.measures_api import routes as measures
from services.mapping.certificates.api import routes as certificates
from services.mapping.explanations.api import routes as explanations
from services.mapping.figure_imports.api import files as figure_files
from services.mapping.figure_imports.api import routes as figure_imports
from services.mapping.figure_imports.worker import Reader
from services.mapping.indicators.api import routes as indicators
from services.mapping.indicators.comparison_api import routes as indicator_sources
from services.mapping.models.api import routes as models
from services.mapping.models.clock import keep_time as keep_models_time
from services.mapping.objections.api import routes as objections
from services.mapping.previews.api import routes as previews
from services.mapping.previews.pages import routes as comparison_page
from services.mapping.prioritisation.api import routes as prioritisation
from services.mapping.prioritisation.review_api import routes as review
from services.mapping.prioritisation.rule_api import routes as selection_rules
from services.mapping.publication.api import routes as publication
from services.mapping.publication.pages import routes as pages
from services.mapping.references.api import routes as references
from services.mapping.references.pages import routes as backtest_page
from services.mapping.region_changes.api import routes as region_changes
from services.mapping.region_imports.api import lists as region_lists
from services.mapping.region_imports.api import routes as region_imports
from services.mapping.region_points.api import files as point_files
from services.mapping.region_points.api import routes as region_points
from services.mapping.regions.api import routes as regions
from services.mapping.schema import metadata
from shared.http import app as http
from shared.pages import style
from shared.runtime import Runtime
from shared.settings import Settings


def _prepare(app: FastAPI, runtime: Runtime) -> None:
    runtime.consume(consumers.consumer(runtime))
    app.state.figure_reader = Reader(runtime.database)
    runtime.spawn("figures", app.state.figure_reader.run(runtime.stopping))
    runtime.spawn("clock", keep_time(runtime.database, runtime.stopping))
    runtime.spawn("models-clock", keep_models_time(runtime.database, runtime.stopping))


SERVICE = http.Service(
    name="mapping",
    title="Entaskan · Pemetaan / Mapping",
    description="Di mana kemiskinan dan potensi lokal berada, dan wilayah mana didahulukan. / Where poverty and potential are, and which places come first.",
    metadata=metadata,
    routers=[
        regions,
        region_changes,
        region_lists,
        region_imports,
        point_files,
        region_points,
        indicators,
        indicator_sources,
        figure_files,
        figure_imports,
        assessments,
        measures,
        models,
        previews,
        prioritisation,
        review,
        objections,
        certificates,
        selection_rules,
        references,
        explanations,
        publication,
        pages,
        backtest_page,
        comparison_page,
        style,
    ],
    prepare=_prepare,
)


def create_app(settings: Settings) -> FastAPI:
    """The application, to be mounted under `/mapping`."""
    return http.create_app(SERVICE, settings)
