"""What can be done with certificates."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.certificates.domain import Certificate, CertificateStale
from services.mapping.certificates.tables import certificate_of, store_certificate
from services.mapping.computation.certificate import certify
from services.mapping.computation.draws import FigureLaw, FigureSpread, WeightLaw, WeightSpread
from services.mapping.computation.problems import as_problems
from services.mapping.computation.result import sha256
from services.mapping.prioritisation.domain import PrioritisationRun, ResultChanged
from services.mapping.prioritisation.handlers import stored_result
from services.mapping.publication.domain import NotComputed
from shared.database import Transaction


async def make_certificate(
    transaction: Transaction,
    run_id: UUID,
    *,
    seed: int,
    draws: int,
    weights: tuple[WeightLaw, float],
    figures: tuple[FigureLaw, Mapping[str, float]],
    by: str,
) -> Certificate:
    """Compute the certificate of a run's result, and keep it in place of an earlier one."""
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        text = await stored_result(uow.connection, run_id)
    if text is None:
        raise NotComputed(run_id=str(run_id))
    # Between two transactions: no connection is held while it is computed, which takes seconds.
    with as_problems():
        varied = WeightSpread(*weights), FigureSpread(*figures)
        said, document = await asyncio.to_thread(_certified, text, seed, draws, *varied)
    certificate = Certificate.of(run_id, said, document, said["inputs"]["result_hash"], by)
    async with transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        if certificate.result_hash != run.result_hash:
            raise CertificateStale(run_id=str(run_id))
        if earlier := await stored_certificate(uow.connection, run_id):
            earlier.require_replaceable(certificate, public=run.is_public)
        uow.also(store_certificate(certificate))
    return certificate


def _certified(text: str, seed: int, draws: int, weights: WeightSpread, figures: FigureSpread) -> tuple[Mapping[str, Any], str]:
    """The certificate and its canonical text."""
    result = json.loads(text)
    if sha256({"inputs": result["inputs"], "result": result["result"]}) != result["result_hash"]:
        raise ResultChanged
    said = certify(result, seed=seed, draws=draws, weights=weights, figures=figures)
    return said, json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


async def stored_certificate(connection: AsyncConnection, run_id: UUID) -> Certificate | None:
    """The certificate of a run, once it has one."""
    row = (await connection.execute(certificate_of(run_id))).one_or_none()
    return Certificate(**row._mapping) if row else None
