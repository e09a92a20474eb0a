"""Routes of certificates."""

import asyncio
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field

from services.facilitation.certificates.domain import CertificateState, Validity, normalised
from services.facilitation.certificates.files import to_pdf
from services.facilitation.certificates.queries import by_code, for_paper
from services.facilitation.enrolments import handlers
from services.facilitation.enrolments.api import EnrolmentOut
from services.facilitation.enrolments.domain import Enrolment
from services.facilitation.trainings.organisers import ORGANISERS
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("training")
HOLDERS = (*ORGANISERS, Role.MENTOR)


class RevokeCertificate(RequestModel):
    """Why it is not valid any more."""

    reason_code: Annotated[Code, Field(examples=["issued_in_error"])]


class CertificateOut(BaseModel):
    """A certificate (sertifikat), as anybody sees it who holds its code: what was passed and until when it counts, never by whom."""

    certificate_number: str
    state: CertificateState
    course_code: str
    title: str
    course_version: int
    competence_unit_codes: list[str]
    provider_institution_id: UUID
    issued_on: date
    valid_until: date | None
    revoked_on: date | None


@routes.get("/certificates/{code}", operation_id="verify_certificate", summary="Periksa sertifikat / Verify a certificate", dependencies=[PUBLIC])
async def verify(
    request: Request, code: Annotated[str, Path(min_length=1, max_length=40, description="as printed on it", examples=["7K3M9-QX2WD-04HTR-ZB8NE"])]
) -> CertificateOut:
    """Without a login, and without any personal data. What it says is true today."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        row = (await connection.execute(by_code(normalised(code)))).one_or_none()
    if row is None:
        raise NotFound
    validity = Validity(issued_on=row.certificate_issued_on, valid_until=row.certificate_valid_until, revoked_on=row.certificate_revoked_on)
    return CertificateOut(
        certificate_number=row.certificate_number,
        state=validity.on(today()),
        course_code=row.course_code,
        title=row.title,
        course_version=row.course_version,
        competence_unit_codes=row.versions[row.course_version - 1].competence_unit_codes,
        provider_institution_id=row.provider_institution_id,
        issued_on=validity.issued_on,
        valid_until=validity.valid_until,
        revoked_on=validity.revoked_on,
    )


@routes.get(
    "/enrolments/{enrolment_id}/certificate",
    operation_id="get_certificate_file",
    summary="Unduh sertifikat / Download a certificate",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def download(request: Request, enrolment_id: UUID, caller: Caller = allow(*HOLDERS)) -> Response:
    """The paper as PDF, with the names of the enterprise and its owner; none once it was revoked."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        row = (await connection.execute(for_paper(enrolment_id))).one_or_none()
    if row is None or row.certificate_revoked_on or not caller.covers(row.region_code):
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{row.certificate_number}.pdf"', "Cache-Control": "no-store"}
    return Response(await asyncio.to_thread(to_pdf, row), headers=headers, media_type="application/pdf")


@routes.post(
    "/enrolments/{enrolment_id}/revoke-certificate",
    operation_id="revoke_certificate",
    summary="Cabut sertifikat / Revoke a certificate",
    response_model=EnrolmentOut,
)
async def revoke(enrolment_id: UUID, body: RevokeCertificate, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """From today on verification says so."""
    return await command.change(
        enrolment_id, lambda transaction: handlers.revoke_certificate(transaction, enrolment_id, caller, body.reason_code, today()), EnrolmentOut, Enrolment
    )
