"""What surrounds every request: its context, one log line, its metric, and headers that all answers carry."""

import re
import time
from secrets import token_hex

from fastapi import Request
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import telemetry
from shared.http.problems import unexpected_error

_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Accept, Accept-Language, Authorization",
}
NO_OPENTELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""Metrics, logs and the trace's parent are ours; looking for OpenTelemetry's providers would cost every request time."""
log = telemetry.logger("entaskan.http")


class Surroundings:
    """ASGI middleware of one service."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within its context."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        request_id = headers.get("x-request-id", "")
        # It ends up in events, which hold no personal data.
        if not _REQUEST_ID.fullmatch(request_id) or telemetry.redact(request_id) != request_id:
            request_id = token_hex(8)
        traceparent = headers.get("traceparent", "")
        context = telemetry.Context(request_id, traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else None)
        status, started, answering = 500, time.perf_counter(), False

        async def answer(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                out = MutableHeaders(scope=message)
                out["X-Request-ID"] = request_id
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
            await send(message)

        with telemetry.within(context):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:
                response = await unexpected_error(Request(scope), error)
                if answering:
                    raise
                await response(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "unmatched")
                telemetry.REQUESTS.labels(self._service, scope["method"], route, str(status)).observe(seconds)
                if route not in ("/livez", "/readyz"):
                    log.info("request", service=self._service, method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
