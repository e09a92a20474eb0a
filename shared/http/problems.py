"""RFC 9457 problem documents on every error, in Indonesian unless the caller prefers English; they never repeat input."""

from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared import telemetry
from shared.errors import Problem
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

_HTTP_ACTIONS: dict[int, Bilingual] = {
    404: ("Periksa alamat pada dokumentasi API.", "Check the address in the API documentation."),
    405: ("Gunakan metode yang tercantum pada header Allow.", "Use a method named in the Allow header."),
    413: ("Kirim isi yang lebih kecil.", "Send a smaller body."),
    400: ("Kirim JSON yang sah dengan Content-Type application/json.", "Send valid JSON with Content-Type application/json."),
}

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
_ANY_FIELD: Bilingual = ("Nilai tidak sesuai skema pada dokumentasi.", "The value does not fit the documented schema.")


def prefers_english(request: Request) -> bool:
    """Indonesian first: English only when Accept-Language ranks it above Indonesian."""
    ranks: dict[str, float] = {}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranks.setdefault(tag.split("-")[0].lower(), float(quality or 1))
        except ValueError:
            continue
    return ranks.get("en", 0) > ranks.get("id", 0)


def problem_response(request: Request, status: int, code: str, message: Bilingual, action: Bilingual, **members: Any) -> Response:
    """The document; `members` are its extensions and, as `headers`, further response headers."""
    english = prefers_english(request)
    headers = {"Content-Language": "en" if english else "id", "Cache-Control": "no-store"} | dict(members.pop("headers", None) or {})
    document = {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, (HTTPStatus(status).phrase,) * 2)[english],
        "status": status,
        "detail": message[english],
        "action": action[english],
        "code": code,
        "instance": f"urn:request:{telemetry.current().correlation_id}",
    } | members
    return Response(msgspec.json.encode(document), status, headers, media_type="application/problem+json")


def install_problem_handlers(app: FastAPI) -> None:
    """One handler per kind of error; nothing else answers with an error."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_exception)
    app.exception_handler(PoolTimeout)(_database_error)
    app.exception_handler(DBAPIError)(_database_error)
    app.exception_handler(OSError)(_database_error)
    app.exception_handler(Exception)(_unexpected)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    message = problem.sentence(english=False), problem.sentence(english=True)
    action = problem.advice(english=False), problem.advice(english=True)
    members = {name: fact for name, fact in problem.facts.items() if isinstance(fact, (str, int, list))}
    headers = {}
    if "current_etag" in members:
        headers["ETag"] = str(members["current_etag"])
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="entaskan"' + (', error="invalid_token"' if members else "")
    return problem_response(request, problem.status, problem.code, message, action, headers=headers, **members)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    english = prefers_english(request)
    errors = [_field_error(item, english) for item in error.errors()[:50]]
    return problem_response(
        request,
        422,
        "validation_failed",
        ("Permintaan tidak sesuai skema; lihat errors.", "The request does not fit its schema; see errors."),
        ("Perbaiki setiap butir pada errors lalu kirim ulang.", "Mend every item of errors and send it again."),
        errors=errors,
    )


def _field_error(item: Any, english: bool) -> dict[str, str]:
    place, *path = item["loc"]
    pointer = "#/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path) if place == "body" else ".".join(map(str, item["loc"]))
    if item["type"] == "extra_forbidden":  # the unknown name itself is input
        pointer = pointer.rsplit("/", 1)[0] + "/*"
    message = _FIELD_MESSAGES.get(item["type"], _ANY_FIELD)[english]
    try:
        detail = message.format(**item.get("ctx", {}))
    except KeyError:
        detail = _ANY_FIELD[english]
    return {"pointer": pointer, "code": item["type"], "detail": detail}


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    message = TITLES.get(status, (phrase, phrase))
    action = _HTTP_ACTIONS.get(status, ("Periksa dokumentasi API.", "See the API documentation."))
    return problem_response(request, status, phrase.lower().replace(" ", "_"), message, action, headers=error.headers)


async def _database_error(request: Request, error: Exception) -> Response:
    if not is_transient(error):
        return await _unexpected(request, error)
    log.warning("database unavailable", error=type(error).__name__)
    return problem_response(
        request,
        503,
        "database_unavailable",
        ("Basis data sementara tidak dapat dihubungi; tidak ada yang berubah.", "The database cannot be reached for the moment; nothing was changed."),
        ("Ulangi dengan Idempotency-Key yang sama.", "Repeat with the same Idempotency-Key."),
        headers={"Retry-After": "2"},
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return problem_response(
        request,
        500,
        "internal_error",
        ("Terjadi kesalahan yang tidak terduga.", "Something unexpected went wrong."),
        ("Sebutkan instance ini kepada pengelola.", "Quote this instance to the operators."),
    )
