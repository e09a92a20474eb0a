"""Routes of measures: they compute and store nothing."""

from fastapi import Request

from services.mapping.assessments.bodies import HouseholdsIn, MultidimensionalIn, SectorFiguresIn
from services.mapping.assessments.content import HouseholdPoverty, Multidimensional, SectorPotential
from shared.http.access import allow
from shared.http.requests import router
from shared.security.identity import Role

routes = router("measures")
CALCULATORS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


@routes.post("/measures/poverty", operation_id="measure_poverty", summary="Hitung P0, P1, P2 / Measure poverty", dependencies=[allow(*CALCULATORS)])
async def measure_poverty(request: Request, body: HouseholdsIn) -> HouseholdPoverty:
    """Foster, Greer and Thorbecke (1984), by subgroup where the records name theirs; poor is who is strictly below the line."""
    return body.measured()


@routes.post(
    "/measures/multidimensional",
    operation_id="measure_multidimensional_poverty",
    summary="Hitung kemiskinan multidimensi / Measure multidimensional poverty",
    dependencies=[allow(*CALCULATORS)],
)
async def measure_multidimensional(request: Request, body: MultidimensionalIn) -> Multidimensional:
    """Alkire and Foster (2011), with what each dimension and each subgroup adds to M0."""
    return body.measured()


@routes.post("/measures/potential", operation_id="measure_potential", summary="Hitung potensi lokal / Measure potential", dependencies=[allow(*CALCULATORS)])
async def measure_potential(request: Request, body: SectorFiguresIn) -> SectorPotential:
    """Location quotients and dominant sectors; with a later year also dynamic quotients, shift-share and Klassen types. Misprints are named."""
    return body.measured()
