"""Facilitation, put together."""

from fastapi import FastAPI

from services.facilitation import consumers
from services.facilitation.credits.api import files as sikp_files
from services.facilitation.credits.api import routes as sikp
from services.facilitation.enterprises.api import routes as enterprises
from services.facilitation.financing.api import routes as financing
from services.facilitation.financing.review_api import routes as financing_review
from services.facilitation.groups.api import routes as groups
from services.facilitation.lender_files.api import files as lender_file_uploads
from services.facilitation.lender_files.api import routes as lender_files
from services.facilitation.loans.api import routes as loans
from services.facilitation.locations.api import routes as locations
from services.facilitation.schema import metadata
from services.facilitation.totals.api import routes as totals
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
    routers=[locations, enterprises, groups, financing, financing_review, loans, lender_files, lender_file_uploads, sikp, sikp_files, totals],
    prepare=_prepare,
)
