"""Routes of certificates."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.mapping.certificates import handlers
from services.mapping.certificates.domain import Certificate
from services.mapping.computation.certificate import LARGEST_SEED, MOST_DRAWS
from services.mapping.computation.draws import FigureLaw, WeightLaw
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.representations import DRAFTERS, READERS
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("certificates")

Margin = Annotated[float, Field(ge=0, lt=1, examples=[0.05])]


class WeightsVary(RequestModel):
    """How weights vary around those of the model."""

    law: Annotated[WeightLaw, Field(description="stated: not at all; dirichlet: size is the concentration; uniform: size is the share of each weight")] = (
        "stated"
    )
    size: Annotated[float, Field(ge=0, le=1_000_000, description="dirichlet 1 to 1,000,000, uniform 0 to below 1", examples=[100.0])] = 0.0


class FiguresVary(RequestModel):
    """How each figure may be off, as a share of itself."""

    law: Annotated[FigureLaw, Field(description="normal: half the margin is the standard deviation, cut at the margin")] = "uniform"
    margins: Annotated[dict[Code, Margin], Field(max_length=100, default_factory=dict, examples=[{"poverty_rate": 0.05}])]


class MakeCertificate(RequestModel):
    """What a certificate is to rest on. The same request gives the same certificate."""

    seed: Annotated[int, Field(strict=True, ge=0, le=LARGEST_SEED, examples=[2024])]
    draws: Annotated[int, Field(strict=True, ge=1, le=MOST_DRAWS, description="at most 100 under a budget", examples=[10_000])] = 10_000
    weights: WeightsVary = WeightsVary()
    figures: FiguresVary = FiguresVary(margins={})


class CertificateOut(BaseModel):
    """All that is needed to compute the certificate again from the result; its hash is SHA-256 over canonical JSON."""

    inputs: dict[str, Any] = Field(description="algorithm, hashes of the run, seed, draws, and how weights and figures vary")
    result: dict[str, Any] = Field(description="each region's chance with its interval and ranks, and the list as a whole")
    certificate_hash: str = Field(description="of inputs and result together")
    computed_with: dict[str, str] = Field(description="software versions, not hashed")


@routes.post(
    "/prioritisation-runs/{run_id}/certificate",
    operation_id="make_robustness_certificate",
    summary="Buat sertifikat ketahanan / Make the certificate of robustness",
    response_model=CertificateOut,
)
async def make_certificate(request: Request, run_id: UUID, body: MakeCertificate, caller: Caller = allow(*DRAFTERS)) -> Response:
    """How often each region would be chosen had weights and figures been a little different; replaces an earlier one until the run is published."""
    database: Database = request.app.state.database
    certificate = await handlers.make_certificate(
        database.transaction,
        run_id,
        seed=body.seed,
        draws=body.draws,
        weights=(body.weights.law, body.weights.size),
        figures=(body.figures.law, body.figures.margins),
        by=caller.subject,
    )
    return _answer(request, certificate, "no-store")


@routes.get(
    "/prioritisation-runs/{run_id}/certificate",
    operation_id="get_robustness_certificate",
    summary="Unduh sertifikat ketahanan / Download the certificate of robustness",
    response_model=CertificateOut,
)
async def get_certificate(request: Request, run_id: UUID, caller: Caller | None = allow(Role.PUBLIC)) -> Response:
    """Public once the run is published. The bytes are those that were hashed, with the hash and the versions beside them."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        certificate = await handlers.stored_certificate(uow.connection, run_id)
    if certificate is None or not (run.is_public or (caller and caller.role in READERS)):
        raise NotFound
    certificate.require_current(run.result_hash)
    return _answer(request, certificate, "public, no-cache" if run.is_public else "private, no-cache")


def _answer(request: Request, certificate: Certificate, cache: str) -> Response:
    headers = {"ETag": f'"{certificate.certificate_hash}"', "Cache-Control": cache}
    if request.method == "GET" and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(certificate.document, headers=headers, media_type="application/json")
