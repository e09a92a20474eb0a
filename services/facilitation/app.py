"""Facilitation, put together."""

from fastapi import FastAPI

from services.facilitation import consumers
from services.facilitation.certificates.api import routes as certificates
from services.facilitation.courses.api import routes as courses
from services.facilitation.enrolments.api import routes as enrolments
from services.facilitation.enterprises.api import routes as enterprises
from services.facilitation.financing.api import routes as financing
from services.facilitation.groups.api import routes as groups
from services.facilitation.locations.api import routes as locations
from services.facilitation.nominations.api import routes as nominations
from services.facilitation.providers.api import routes as providers
from services.facilitation.schema import metadata
from services.facilitation.totals.api import routes as totals
from services.facilitation.tracers.api import routes as tracers
from services.facilitation.training_lists.api import routes as training_lists
from services.facilitation.trainings.api import routes as trainings
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
    routers=[
        locations,
        enterprises,
        groups,
        financing,
        providers,
        courses,
        trainings,
        nominations,
        enrolments,
        training_lists,
        certificates,
        tracers,
        totals,
    ],
    prepare=_prepare,
)
