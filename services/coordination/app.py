"""Coordination, put together."""

from fastapi import FastAPI

from services.coordination import consumers
from services.coordination.action_items.api import routes as action_items
from services.coordination.board.pages import routes as pages
from services.coordination.calendar.api import routes as calendar
from services.coordination.changes.api import routes as changes
from services.coordination.clock import keep_time
from services.coordination.commitments.api import routes as commitments
from services.coordination.convergence.api import routes as convergence
from services.coordination.institutions.api import routes as institutions
from services.coordination.institutions.tree_api import routes as tree
from services.coordination.locations.api import routes as locations
from services.coordination.meetings.api import routes as meetings
from services.coordination.notices.api import routes as notices
from services.coordination.packs.api import routes as packs
from services.coordination.participation.api import routes as participations
from services.coordination.plans.api import routes as plans
from services.coordination.policies.api import routes as policies
from services.coordination.programmes.api import routes as programmes
from services.coordination.schema import metadata
from shared.http.app import Service
from shared.pages import style
from shared.runtime import Runtime


def _prepare(_: FastAPI, runtime: Runtime) -> None:
    runtime.consume(consumers.consumer(runtime))
    runtime.spawn("clock", keep_time(runtime.database, runtime.stopping))


SERVICE = Service(
    name="coordination",
    title="Entaskan · Koordinasi / Coordination",
    description="Siapa ikut serta, siapa berkomitmen apa di mana, dan sudahkah terlaksana. / Who takes part, who pledged what where, and is it done.",
    metadata=metadata,
    routers=[
        policies,
        calendar,
        institutions,
        tree,
        programmes,
        participations,
        locations,
        plans,
        commitments,
        changes,
        meetings,
        action_items,
        convergence,
        notices,
        packs,
        pages,
        style,
    ],
    prepare=_prepare,
)
