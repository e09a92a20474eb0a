"""Facilitation, put together."""

from fastapi import FastAPI

from services.facilitation import consumers
from services.facilitation.board.pages import routes as pages
from services.facilitation.certificates.api import routes as certificates
from services.facilitation.clock import keep_time
from services.facilitation.courses.api import routes as courses
from services.facilitation.credits.api import files as sikp_files
from services.facilitation.credits.api import routes as sikp
from services.facilitation.duplicates.api import routes as duplicates
from services.facilitation.eligibility.api import routes as eligibility
from services.facilitation.enrolments.api import routes as enrolments
from services.facilitation.enterprise_imports.api import files as enterprise_files
from services.facilitation.enterprise_imports.api import routes as enterprise_imports
from services.facilitation.enterprise_imports.worker import Worker
from services.facilitation.enterprises.api import routes as enterprises
from services.facilitation.enterprises.life_api import routes as enterprise_lives
from services.facilitation.enterprises.search_api import routes as search
from services.facilitation.financing.api import routes as financing
from services.facilitation.financing.review_api import routes as financing_review
from services.facilitation.group_products.api import routes as group_products
from services.facilitation.groups.api import routes as groups
from services.facilitation.groups.life_api import routes as group_lives
from services.facilitation.ladder.api import routes as ladder
from services.facilitation.lender_files.api import files as lender_file_uploads
from services.facilitation.lender_files.api import routes as lender_files
from services.facilitation.linkages.api import routes as linkages
from services.facilitation.loans.api import routes as loans
from services.facilitation.locations.api import routes as locations
from services.facilitation.market_demands.api import routes as market_demands
from services.facilitation.market_reports.api import routes as market_reports
from services.facilitation.matching.api import routes as matching
from services.facilitation.mentoring.api import routes as mentoring
from services.facilitation.mentoring_plans.api import routes as mentoring_plans
from services.facilitation.mentors.api import routes as mentors
from services.facilitation.nominations.api import routes as nominations
from services.facilitation.orders.api import routes as orders
from services.facilitation.procurement.api import routes as procurement
from services.facilitation.providers.api import routes as providers
from services.facilitation.schema import metadata
from services.facilitation.timeline.api import routes as timeline
from services.facilitation.totals.api import routes as totals
from services.facilitation.tracers.api import routes as tracers
from services.facilitation.training_lists.api import routes as training_lists
from services.facilitation.trainings.api import routes as trainings
from services.facilitation.turnovers.api import routes as turnovers
from services.facilitation.visits.api import routes as visits
from services.facilitation.waivers.api import routes as waivers
from shared.http.app import Service
from shared.pages import style
from shared.runtime import Runtime
from shared.security.personal_data import Vault


def _prepare(app: FastAPI, runtime: Runtime) -> None:
    app.state.vault = Vault(app.state.settings.nik_key, app.state.settings.nik_index_key)
    runtime.consume(consumers.consumer(runtime))
    worker = Worker(runtime.database, app.state.vault)
    app.state.enterprise_imports = worker
    runtime.spawn("enterprise imports", worker.run(runtime.stopping))
    runtime.spawn("clock", keep_time(runtime.database, runtime.stopping))


SERVICE = Service(
    name="facilitation",
    title="Entaskan · Fasilitasi / Facilitation",
    description=(
        "Usaha mikro, kelompoknya, dan pembiayaan yang dicapai melalui kelompok itu. / Micro enterprises, their groups, and the credit they reach through them."
    ),
    metadata=metadata,
    routers=[
        locations,
        search,
        enterprise_files,
        enterprise_imports,
        enterprises,
        enterprise_lives,
        duplicates,
        eligibility,
        ladder,
        timeline,
        groups,
        group_lives,
        waivers,
        financing,
        group_products,
        market_demands,
        matching,
        linkages,
        orders,
        turnovers,
        procurement,
        market_reports,
        totals,
        financing_review,
        loans,
        lender_files,
        lender_file_uploads,
        sikp,
        sikp_files,
        mentors,
        mentoring,
        visits,
        mentoring_plans,
        providers,
        courses,
        trainings,
        nominations,
        enrolments,
        training_lists,
        certificates,
        tracers,
        pages,
        style,
    ],
    prepare=_prepare,
)
