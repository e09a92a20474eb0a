"""Facilitation, put together."""

from fastapi import FastAPI

from services.facilitation import consumers
from services.facilitation.enterprises.api import routes as enterprises
from services.facilitation.financing.api import routes as financing
from services.facilitation.groups.api import routes as groups
from services.facilitation.locations.api import routes as locations
from services.facilitation.mentoring.api import routes as mentoring
from services.facilitation.mentoring_plans.api import routes as mentoring_plans
from services.facilitation.mentors.api import routes as mentors
from services.facilitation.schema import metadata
from services.facilitation.totals.api import routes as totals
from services.facilitation.visits.api import routes as visits
from shared.http.app import Service
from shared.runtime import Runtime
from shared.security.personal_data import Vault


def _prepare(app: FastAPI, runtime: Runtime) -> None:
    app.state.vault = Vault(app.state.settings.nik_key, app.state.settings.nik_index_key)
    runtime.consume(consumers.consumer(runtime))


SERVICE = Service(
    name="facilitation",
    title="Entaskan · Fasilitasi / Facilitation",
    description=(
        "Usaha mikro, kelompoknya, dan pembiayaan yang dicapai melalui kelompok itu. / Micro enterprises, their groups, and the credit they reach through them."
    ),
    metadata=metadata,
    routers=[locations, enterprises, groups, financing, totals, mentors, mentoring, visits, mentoring_plans],
    prepare=_prepare,
)
