"""What is known about the work at hand (who, on whose behalf, caused by what), structured logs, and metrics.

Log lines are JSON on standard output; anything that looks like a NIK, a phone number or an e-mail address is masked in every one.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TextIO

import structlog
from prometheus_client import Counter, Gauge, Histogram


@dataclass(frozen=True, slots=True)
class Context:
    """Travels from the HTTP request through the outbox and the log to every consumer."""

    correlation_id: str
    causation_id: str | None = None
    actor: str | None = None
    traceparent: str | None = None


_context: ContextVar[Context | None] = ContextVar("entaskan_context", default=None)


def current() -> Context:
    """The context of the running request or message; an empty one outside of both."""
    return _context.get() or Context(correlation_id="-")


@contextmanager
def within(context: Context) -> Iterator[None]:
    """Run a block under `context`."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


# 16 digits are a NIK wherever they stand alone; Indonesian mobile numbers begin with 08, 628 or +628, often written in groups.
# PostgreSQL's DETAIL quotes the row that it refuses.
_PERSONAL = re.compile(
    r"(?<!\d)\d{16}(?!\d)"
    r"|(?<![\d-])(?:\+?62[ -]?|0)8(?:\d{7,11}|\d{1,3}[ -]\d{3,4}[ -]\d{3,5})(?!\d)"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|(?<=DETAIL:).+"
)


def redact(text: str) -> str:
    """`text` with every NIK, Indonesian mobile number and e-mail address masked."""
    return _PERSONAL.sub("[redacted]", text)


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {redact(str(name)): _redacted(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(item) for item in value]
        case int() if redact(str(value)) != str(value):
            return "[redacted]"
        case None | bool() | int() | float():
            return value
        case _:
            return redact(str(value))


def _redact_personal_data(_logger: object, _name: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    # structlog's own entries begin with an underscore and are taken out later.
    return {name: value if name.startswith("_") else _redacted(value) for name, value in line.items()}


def _add_context(_logger: object, _name: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    if context := _context.get():
        line.setdefault("correlation_id", context.correlation_id)
        if context.causation_id:
            line.setdefault("causation_id", context.causation_id)
    return line


_PIPELINE: list[Any] = [
    _add_context,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    structlog.processors.format_exc_info,
    _redact_personal_data,
]
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_PIPELINE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Write our own and the libraries' log records as redacted JSON lines to `stream`, by default standard output."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_PIPELINE,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx logs every URL; our own request log says more, redacted.
    logging.getLogger("httpx").setLevel("WARNING")


def logger(name: str) -> Any:
    """A structured logger."""
    return structlog.stdlib.get_logger(name)


REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP requests.",
    ["service", "http_request_method", "http_route", "http_response_status_code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10),
)
PUBLISHED = Counter("entaskan_outbox_published_total", "Events handed to the log.", ["service"])
OUTBOX_UNPUBLISHED = Gauge("entaskan_outbox_unpublished", "Committed events not yet on the log.", ["service"])
OUTBOX_OLDEST_AGE = Gauge("entaskan_outbox_oldest_age_seconds", "Age of the oldest committed event not yet on the log.", ["service"])
CONSUMED = Counter("entaskan_consumed_messages_total", "Messages by what became of them.", ["group", "outcome"])
CONSUMER_LAG = Gauge("entaskan_consumer_lag", "Records that the group's member here has not applied yet.", ["group"])
LOG_REWOUND = Counter("entaskan_log_rewound_total", "Times that a partition began again before what had been read of it.", ["group"])
PARKED = Gauge("entaskan_parked_messages", "Messages waiting for an operator.", ["group"])
WEBHOOKS_SENT = Counter("entaskan_webhook_attempts_total", "Attempts to send an event to a webhook.", ["service", "outcome"])
RECONCILE_DIFFERENCE = Gauge("entaskan_reconcile_difference", "Absolute difference of a monitored total to its service.", ["figure"])
