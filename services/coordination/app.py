"""Coordination, put together."""

from fastapi import FastAPI

from services.coordination import consumers
from services.coordination.commitments.api import routes as commitments
from services.coordination.institutions.api import routes as institutions
from services.coordination.locations.api import routes as locations
from services.coordination.participation.api import routes as participations
from services.coordination.programmes.api import routes as programmes
from services.coordination.schema import metadata
from shared.http.app import Service
from shared.runtime import Runtime


def _prepare(_: FastAPI, runtime: Runtime) -> None:
    runtime.consume(consumers.consumer(runtime))


SERVICE = Service(
    name="coordination",
    title="Entaskan · Koordinasi / Coordination",
    description="Siapa ikut serta, siapa berkomitmen apa di mana, dan sudahkah terlaksana. / Who takes part, who pledged what where, and is it done.",
    metadata=metadata,
    routers=[institutions, programmes, participations, locations, commitments],
    prepare=_prepare,
)
