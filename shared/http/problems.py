"""RFC 9457 problem documents on every error, in Indonesian unless the caller prefers English; they never repeat input."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared import telemetry
from shared.errors import NotFound, Problem, Refused
from shared.failures import is_transient

log = telemetry.logger(__name__)

Bilingual = tuple[str, str]


class FieldError(BaseModel):
    """One thing wrong in the request."""

    pointer: str = Field(description="JSON pointer into the body, or the name of a parameter or header", examples=["#/amount_idr"])
    code: str = Field(examples=["greater_than"])
    detail: str = Field(examples=["Nilai harus lebih besar dari 0."])


class ProblemDocument(BaseModel):
    """RFC 9457; `code` is stable, `detail` and `action` are for people."""

    type: str = Field(examples=["/problems/illegal_transition"])
    title: str = Field(examples=["Bertentangan dengan keadaan data"])
    status: int = Field(examples=[409])
    detail: str
    action: str
    code: str = Field(examples=["illegal_transition"])
    instance: str = Field(description="quote this when asking for help", examples=["urn:request:01977f1e9d5c7a3a"])
    errors: list[FieldError] | None = None


TITLES: dict[int, Bilingual] = {
    400: ("Permintaan tidak dapat dibaca", "The request cannot be read"),
    401: ("Belum dikenali", "Not authenticated"),
    403: ("Tidak berwenang", "Not allowed"),
    404: ("Tidak ditemukan", "Not found"),
    405: ("Metode tidak didukung", "Method not supported"),
    406: ("Format tidak tersedia", "Format not available"),
    409: ("Bertentangan dengan keadaan data", "In conflict with the current state"),
    412: ("Data sudah berubah", "Precondition failed"),
    413: ("Isi permintaan terlalu besar", "Request body too large"),
    415: ("Jenis isi tidak didukung", "Media type not supported"),
    422: ("Isi permintaan tidak memenuhi aturan", "The request breaks a rule"),
    428: ("Perlu If-Match", "Precondition required"),
    500: ("Kesalahan di pihak kami", "An error on our side"),
    503: ("Layanan sementara tidak tersedia", "Temporarily unavailable"),
}


class RequestUnreadable(Problem):
    """The request is not what HTTP or this service expects."""

    status = 400
    code = "bad_request"
    message = ("Permintaan tidak dapat dibaca.", "The request cannot be read.")
    action = ("Kirim JSON yang sah dengan Content-Type application/json.", "Send valid JSON with Content-Type application/json.")


class NoSuchAddress(NotFound):
    """No route has this path."""

    action = ("Periksa alamat pada dokumentasi API.", "Check the address in the API documentation.")


class MethodNotAllowed(Problem):
    """The path exists, for other methods."""

    status = 405
    code = "method_not_allowed"
    message = ("Metode tidak didukung.", "The method is not supported.")
    action = ("Gunakan metode yang tercantum pada header Allow.", "Use a method named in the Allow header.")


class ValidationFailed(Refused):
    """The request breaks its schema; `errors` says where."""

    code = "validation_failed"
    message = ("Permintaan tidak sesuai skema; lihat errors.", "The request does not fit its schema; see errors.")
    action = ("Perbaiki setiap butir pada errors lalu kirim ulang.", "Mend every item of errors and send it again.")


class DatabaseUnavailable(Problem):
    """The database cannot be reached, or is too busy."""

    status = 503
    code = "database_unavailable"
    message = ("Basis data sementara tidak dapat dihubungi; tidak ada yang berubah.", "The database cannot be reached for the moment; nothing was changed.")
    action = ("Ulangi dengan Idempotency-Key yang sama.", "Repeat with the same Idempotency-Key.")


class InternalError(Problem):
    """A mistake of ours."""

    status = 500
    code = "internal_error"
    message = ("Terjadi kesalahan yang tidak terduga.", "Something unexpected went wrong.")
    action = ("Sebutkan instance ini kepada pengelola.", "Quote this instance to the operators.")


# pydantic's error types that people meet, in words; {ctx} comes from the schema, never from the input.
_FIELD_MESSAGES: dict[str, Bilingual] = {
    "missing": ("Wajib diisi.", "This is required."),
    "extra_forbidden": ("Nama ini tidak dikenal; hapus dari permintaan.", "This name is not known; remove it."),
    "json_invalid": ("Isi bukan JSON yang sah.", "The body is not valid JSON."),
    "model_attributes_type": ("Isi harus berupa objek JSON dengan Content-Type application/json.", "Send a JSON object with Content-Type application/json."),
    "string_too_short": ("Panjang minimum {min_length} karakter.", "At least {min_length} characters."),
    "string_too_long": ("Panjang maksimum {max_length} karakter.", "At most {max_length} characters."),
    "string_pattern_mismatch": ("Harus sesuai pola {pattern}.", "Must match {pattern}."),
    "string_type": ("Harus berupa teks.", "Must be text."),
    "string_unicode": ("Teks mengandung karakter yang tidak sah.", "The text holds invalid characters."),
    "int_type": ("Harus berupa bilangan bulat.", "Must be a whole number."),
    "int_parsing": ("Harus berupa bilangan bulat.", "Must be a whole number."),
    "greater_than": ("Harus lebih besar dari {gt}.", "Must be greater than {gt}."),
    "greater_than_equal": ("Paling kecil {ge}.", "Must be at least {ge}."),
    "less_than": ("Harus lebih kecil dari {lt}.", "Must be less than {lt}."),
    "less_than_equal": ("Paling besar {le}.", "Must be at most {le}."),
    "finite_number": ("Harus berupa bilangan berhingga.", "Must be a finite number."),
    "uuid_parsing": ("Harus berupa UUID.", "Must be a UUID."),
    "uuid_type": ("Harus berupa UUID.", "Must be a UUID."),
    "date_from_datetime_parsing": ("Harus berupa tanggal TTTT-BB-HH.", "Must be a date YYYY-MM-DD."),
    "date_parsing": ("Harus berupa tanggal TTTT-BB-HH.", "Must be a date YYYY-MM-DD."),
    "enum": ("Pilihan yang sah: {expected}.", "Must be one of {expected}."),
    "literal_error": ("Pilihan yang sah: {expected}.", "Must be one of {expected}."),
    "too_short": ("Minimum {min_length} butir.", "At least {min_length} items."),
    "too_long": ("Maksimum {max_length} butir.", "At most {max_length} items."),
    "text_control_character": ("Teks mengandung karakter kendali.", "The text holds control characters."),
}
_LANGUAGE = re.compile(r"(?:^|,)\s*([a-z]{2,3})(?:-[a-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?(?=,|$)")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_ANY_FIELD: Bilingual = ("Nilai tidak sesuai skema pada dokumentasi.", "The value does not fit the documented schema.")


def prefers_english(request: Request) -> bool:
    """Indonesian first: English only when Accept-Language ranks it above Indonesian."""
    ranks: dict[str, float] = {}
    for tag, quality in _LANGUAGE.findall(request.headers.get("accept-language", "").lower()):
        ranks.setdefault(tag, float(quality or 1))
    return ranks.get("en", 0) > ranks.get("id", 0)


def problem_response(request: Request, problem: Problem, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """The document; `members` are its extensions, beside the facts of the problem."""
    english = prefers_english(request)
    language = {"Content-Language": "en" if english else "id", "Cache-Control": "no-store"}
    document = {
        "type": f"/problems/{problem.code}",
        "title": TITLES.get(problem.status, (HTTPStatus(problem.status).phrase,) * 2)[english],
        "status": problem.status,
        "detail": problem.sentence(english=english),
        "action": problem.advice(english=english),
        "code": problem.code,
        "instance": f"urn:request:{telemetry.current().correlation_id}",
    } | members
    return Response(msgspec.json.encode(document), problem.status, language | dict(headers or {}), media_type="application/problem+json")


def install_problem_handlers(app: FastAPI) -> None:
    """One handler per kind of error; nothing else answers with an error."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_exception)
    app.exception_handler(PoolTimeout)(_database_error)
    app.exception_handler(DBAPIError)(_database_error)
    app.exception_handler(asyncpg.PostgresError)(_database_error)
    app.exception_handler(OSError)(_database_error)
    app.exception_handler(Exception)(unexpected_error)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    members = {name: fact for name, fact in problem.facts.items() if isinstance(fact, (str, int, list))}
    headers = {}
    if "current_etag" in members:
        headers["ETag"] = str(members["current_etag"])
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="entaskan"' + (', error="invalid_token"' if members else "")
    if problem.status == 503:
        headers["Retry-After"] = "2"
    return problem_response(request, problem, headers=headers, **members)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    english = prefers_english(request)
    return problem_response(request, ValidationFailed(), errors=[_field_error(item, english) for item in error.errors()[:50]])


def _field_error(item: Any, english: bool) -> dict[str, str]:
    place, *path = item["loc"]
    if item["type"] == "extra_forbidden":
        path[-1] = "*"
    shown = [_shown(part) for part in path]
    message = _FIELD_MESSAGES.get(item["type"], _ANY_FIELD)[english]
    try:
        detail = message.format(**item.get("ctx", {}))
    except KeyError:
        detail = _ANY_FIELD[english]
    return {"pointer": "/".join(["#", *shown]) if place == "body" else ".".join([place, *shown]), "code": item["type"], "detail": detail}


def _shown(part: str | int) -> str:
    """A step of a pointer; names that are none of a schema's are the caller's own, hence input."""
    return telemetry.redact(str(part)) if isinstance(part, int) or _FIELD_NAME.fullmatch(part) else "*"


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = {404: NoSuchAddress, 405: MethodNotAllowed}.get(error.status_code, RequestUnreadable)
    return problem_response(request, kind(), headers=error.headers)


async def _database_error(request: Request, error: Exception) -> Response:
    if not is_transient(error):
        return await unexpected_error(request, error)
    log.warning("database unavailable", error=type(error).__name__)
    return await _problem(request, DatabaseUnavailable())


async def unexpected_error(request: Request, error: Exception) -> Response:
    """The answer to a mistake of ours, which is logged in full."""
    log.error("unexpected error", route=getattr(request.scope.get("route"), "path", "unmatched"), exc_info=error)
    return problem_response(request, InternalError())
