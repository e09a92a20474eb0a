"""Monitoring, put together."""

from fastapi import FastAPI

from services.monitoring.consumers import GROUP, view_consumer
from services.monitoring.dashboard.page import routes as dashboard
from services.monitoring.overview.api import routes as overview
from services.monitoring.overview.rebuild_api import routes as rebuilds
from services.monitoring.overview.rebuild_requests import Rebuilder
from services.monitoring.overview.reconciliation import Reconciler
from services.monitoring.schema import metadata
from shared.http.app import Service
from shared.pages import style
from shared.runtime import Runtime


def _prepare(app: FastAPI, runtime: Runtime) -> None:
    runtime.consume(view_consumer(runtime.engine))
    app.state.rebuilder = Rebuilder(runtime.engine, runtime.event_log, view_consumer, GROUP)
    app.state.http_transport = None  # tests put theirs here; None is the network
    app.state.reconciler = Reconciler(runtime.database, app.state.settings.public_url, lambda: app.state.http_transport)
    runtime.spawn("rebuilds", app.state.rebuilder.run(runtime.stopping))
    runtime.spawn("reconciliation", app.state.reconciler.run(runtime.stopping))


SERVICE = Service(
    name="monitoring",
    title="Entaskan · Pemantauan / Monitoring",
    description="Sudahkah sasaran tercapai, dan di mana belum. / Is the target met, and where is it not.",
    metadata=metadata,
    routers=[overview, rebuilds, dashboard, style],
    prepare=_prepare,
)
