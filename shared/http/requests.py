"""What a request may hold: strict JSON, strict models, bounded values."""

import json
import math
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from shared.errors import Problem
from shared.money import MAX_RUPIAH


class RequestModel(BaseModel):
    """The base of every request body: unknown names are refused, nothing is guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


def _printable(text: str) -> str:
    if any((ord(char) < 32 and char not in "\n\t") or ord(char) == 127 for char in text):
        raise PydanticCustomError("text_control_character", "the text holds control characters")
    return text


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Note = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_printable)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$", examples=["village_market"])]
"""Lower snake case, as codes are written everywhere."""
RegionCode = Annotated[str, Field(pattern=r"^[1-9][0-9]\.[0-9]{2}$", description="Kemendagri code of a regency/city (kabupaten/kota)", examples=["53.04"])]
ProvinceCode = Annotated[str, Field(pattern=r"^[1-9][0-9]$", description="Kemendagri code of a province", examples=["53"])]
RegionPrefix = Annotated[str, Field(pattern=r"^[1-9][0-9](\.[0-9]{2})?$", description="a province or a regency/city", examples=["53", "53.04"])]
RupiahAmount = Annotated[int, Field(strict=True, gt=0, le=MAX_RUPIAH, description="whole rupiah", examples=[9_000_000])]
RupiahOrNone = Annotated[int, Field(strict=True, ge=0, le=MAX_RUPIAH, description="whole rupiah, possibly 0", examples=[0])]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the evidence, hexadecimal", examples=["9f" * 32])]
KbliSection = Annotated[str, Field(pattern=r"^[A-U]$", description="KBLI 2020 section", examples=["C"])]


class ControlCharacter(Problem):
    """The address holds a NUL."""

    status = 422
    code = "control_character"
    message = ("Alamat mengandung karakter kendali.", "The address holds a control character.")
    action = ("Hapus %00 dari alamat.", "Remove %00 from the address.")


class BodyTooLarge(Problem):
    """The body is larger than this service reads."""

    status = 413
    code = "body_too_large"
    message = ("Isi permintaan lebih dari {limit_bytes} byte.", "The body is larger than {limit_bytes} bytes.")
    action = ("Kirim isi yang lebih kecil.", "Send a smaller body.")


class FormatNotAvailable(Problem):
    """None of the media types that the request accepts."""

    status = 406
    code = "format_not_available"
    message = ("Format yang diminta tidak tersedia.", "The format asked for is not available.")
    action = ("Minta Accept: {media_types}.", "Ask with Accept: {media_types}.")


def _refuse_constant(name: str) -> Any:
    raise json.JSONDecodeError("NaN and Infinity are not JSON", name, 0)


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise json.JSONDecodeError("the number is out of range", "", 0)
    return number


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise json.JSONDecodeError("a name occurs twice", "", 0)
    return document


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_duplicates)


class StrictRequest(Request):
    """A request whose body is bounded and whose JSON is exactly that: UTF-8, no NaN, no doubled names, no number or nesting without end."""

    async def body(self) -> bytes:
        """The body; `BodyTooLarge` as soon as it turns out to be."""
        if not hasattr(self, "_body"):
            limit: int = self.app.state.settings.max_body_bytes
            announced, body = self.headers.get("content-length", ""), bytearray()
            if announced.isdecimal() and int(announced) > limit:
                raise BodyTooLarge(limit_bytes=limit)
            async for chunk in self.stream():
                body += chunk
                if len(body) > limit:
                    raise BodyTooLarge(limit_bytes=limit)
            self._body = bytes(body)
        return self._body

    async def json(self) -> Any:
        """The decoded body; any failure is a `JSONDecodeError`, hence a 422."""
        body = await self.body()
        try:
            return _DECODER.decode(body.decode())
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as error:  # not UTF-8, a number of thousands of digits, nesting without end
            raise json.JSONDecodeError(type(error).__name__, "", 0) from None


class StrictRoute(APIRoute):
    """A route that reads its request as a `StrictRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given the stricter request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            # PostgreSQL's text holds no NUL, and no code, id or filter of ours does.
            if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
                raise ControlCharacter
            strictly = StrictRequest(request.scope, request.receive)
            await strictly.body()  # read here, where its refusal is not taken for JSON that cannot be parsed
            return await handler(strictly)

        return strict


def router(tag: str) -> APIRouter:
    """A router for `/v1/…` whose bodies are read strictly."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=StrictRoute)
