"""When a webhook is tried again, when it is paused, and what it is signed with."""

import base64
import hmac
import random
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from standardwebhooks import Webhook

from shared.errors import Conflict, Refused

RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""How long to wait after the first, second, … failure; the schedule that Standard Webhooks recommends. One failure more is the last."""
MAX_FAILURES = len(RETRY_AFTER) + 1
OLD_SECRET_LIVES = timedelta(hours=24)
MAX_ENDPOINTS = 20
"""Of one institution in one service."""


class EndpointState(StrEnum):
    """Whether events are sent to an endpoint. While it is paused they wait in the feed, and none is lost."""

    ACTIVE = "active"
    PAUSED = "paused"


class PauseReason(StrEnum):
    """Why an endpoint is paused."""

    BY_OWNER = "by_owner"
    FAILING = "failing"
    GONE = "gone"


class DeliveryState(StrEnum):
    """What became of an event for an endpoint; a dead one was tried for the last time and waits for a replay."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Failure(StrEnum):
    """Why an attempt failed; what the receiver answered, beyond its status, is not read."""

    ADDRESS_REFUSED = "address_refused"
    NAME_NOT_FOUND = "name_not_found"
    CONNECTION_FAILED = "connection_failed"
    TIMED_OUT = "timed_out"
    HTTP_STATUS = "http_status"


class WebhookExists(Conflict):
    """One endpoint for each address of an institution."""

    code = "webhook_exists"
    message = ("Alamat ini sudah terdaftar bagi lembaga Anda.", "This address is registered for your institution already.")
    action = ("Pakai atau hapus webhook {webhook_id}.", "Use or delete the webhook {webhook_id}.")


class WebhookLimit(Conflict):
    """The institution has as many endpoints as it may have."""

    code = "webhook_limit"
    message = ("Lembaga Anda sudah memiliki {limit} webhook.", "Your institution has {limit} webhooks already.")
    action = ("Hapus yang tidak dipakai lagi.", "Delete one that is not used any longer.")


class WebhookAddressRefused(Refused):
    """The address cannot be, or must not be, called from here."""

    code = "webhook_address_refused"
    message = ("Alamat webhook ditolak: {reason}.", "The webhook's address was refused: {reason}.")
    action = (
        "Pakai https://<nama publik>/<jalur> pada port 443 tanpa nama pengguna, yang semua alamat IP-nya publik.",
        "Use https://<public name>/<path> on port 443 without a user name, all of whose IP addresses are public.",
    )


class WebhookTestedJustNow(Conflict):
    """Test messages are sent one at a time."""

    code = "webhook_tested_just_now"
    message = ("Pesan percobaan baru saja dikirim.", "A test message was sent a moment ago.")
    action = ("Tunggu {seconds} detik.", "Wait {seconds} seconds.")


class InstitutionMissing(Refused):
    """A webhook belongs to an institution, and the token names none."""

    code = "institution_missing"
    message = ("Token tidak menyebut lembaga.", "The token names no institution.")
    action = ("Minta token dengan institution_id.", "Ask for a token with an institution_id.")


def retry_after(failures: int) -> timedelta | None:
    """How long to wait after so many failures in a row, up to a tenth longer so that endpoints do not return together; None when that was the last."""
    if failures >= MAX_FAILURES:
        return None
    return RETRY_AFTER[failures - 1] * random.uniform(1, 1.1)


def secret(key: bytes, endpoint_id: UUID, version: int) -> str:
    """The signing secret of an endpoint: derived, so that no table holds it; a new version is another secret."""
    derived = hmac.digest(key, f"webhook:{endpoint_id}:{version}".encode(), "sha256")
    return "whsec_" + base64.b64encode(derived).decode()


def signatures(key: bytes, endpoint_id: UUID, version: int, rotated_at: datetime, message_id: str, at: datetime, body: str) -> str:
    """The header `webhook-signature`; for a day after a change the old secret signs too."""
    versions = [version, version - 1] if version > 1 and at < rotated_at + OLD_SECRET_LIVES else [version]
    return " ".join(Webhook(secret(key, endpoint_id, each)).sign(message_id, at, body) for each in versions)
