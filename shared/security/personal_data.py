"""Personal data at rest: encrypted under a key of its own for every value, found again by a keyed hash, masked when shown."""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE = 12
_WRAPPED = _NONCE + 32 + 16


class Unreadable(Exception):
    """The ciphertext was altered, belongs to another field or row, or was written under another key."""


class Vault:
    """Envelope encryption by AES-256-GCM and a blind index by HMAC-SHA-256, under two independent keys.

    `place` names table, column and row id; it is authenticated, so that a ciphertext moved to another row does not decrypt.
    Layout: version, wrapped data key (nonce, key, tag), value (nonce, text, tag). Destroying the wrapped key erases the value.
    """

    def __init__(self, key: str, index_key: str) -> None:
        self._wrapping = AESGCM(sha256(b"entaskan-wrap:" + key.encode()).digest())
        self._index_key = sha256(b"entaskan-index:" + index_key.encode()).digest()

    def encrypt(self, text: str, place: str) -> bytes:
        """The sealed value."""
        data_key = AESGCM.generate_key(256)
        wrap_nonce, nonce = os.urandom(_NONCE), os.urandom(_NONCE)
        wrapped = wrap_nonce + self._wrapping.encrypt(wrap_nonce, data_key, place.encode())
        return _VERSION + wrapped + nonce + AESGCM(data_key).encrypt(nonce, text.encode(), place.encode())

    def decrypt(self, sealed: bytes, place: str) -> str:
        """The text; `Unreadable` for anything that was not sealed for this place by this key."""
        if sealed[:1] != _VERSION or len(sealed) < 1 + _WRAPPED + _NONCE + 16:
            raise Unreadable
        wrapped, value = sealed[1 : 1 + _WRAPPED], sealed[1 + _WRAPPED :]
        try:
            data_key = self._wrapping.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], place.encode())
            return AESGCM(data_key).decrypt(value[:_NONCE], value[_NONCE:], place.encode()).decode()
        except InvalidTag:
            raise Unreadable from None

    def blind_index(self, text: str) -> bytes:
        """A keyed hash for equality: the same text, the same 32 bytes; useless without the key."""
        return hmac.digest(self._index_key, text.encode(), "sha256")


def masked_nik(nik: str) -> str:
    """`530401******0001`: region and serial remain, the date of birth does not."""
    return f"{nik[:6]}******{nik[-4:]}"
