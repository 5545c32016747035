"""Sealing of codes: AES-256-GCM (NIST SP 800-38D) with a random nonce and the name of its key.

What is sealed is bound to its place, table, record and column, by the associated data: moved into
another record it does not open. A nonce is 96 random bits, so that one key may seal 2^32 times
(8.3); `xinyin privacy rotate` begins a new one long before.

The public verifier must not reach this module: the import contract says so.
"""

import base64
import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.privacy import messages
from registry.privacy.codes import UnreadableCodeError

_NONCE_BYTES: Final = 12


class AesCodeBox:
    """The keys of codes by their names; the last of the names seals."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take the keys, 32 octets each; there must be one."""
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = max(self._ciphers)

    @property
    def current(self) -> str:
        """Name of the key that seals."""
        return self._current

    def seal(self, plain: bytes, place: str) -> str:
        """Return `<key>.<base64>`, which opens at this place alone."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, _bound(self._current, place))
        return f"{self._current}.{base64.b64encode(nonce + sealed).decode()}"

    def seal_file(self, plain: bytes, place: str) -> bytes:
        """Return `<key>.<octets>` of a file, as `seal` of a code."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, _bound(self._current, place))
        return b"%s.%s%s" % (self._current.encode(), nonce, sealed)

    def open_file(self, sealed: bytes, place: str) -> bytes:
        """Return the file. Raises `UnreadableCodeError`."""
        name, _, data = sealed.partition(b".")
        try:
            key = name.decode("ascii")
            cipher = self._ciphers[key]
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound(key, place))
        except (KeyError, ValueError, InvalidTag) as error:
            raise UnreadableCodeError(messages.CODE_UNREADABLE) from error

    def open(self, sealed: str, place: str) -> bytes:
        """Return the sealed text. Raises `UnreadableCodeError`."""
        name, _, encoded = sealed.partition(".")
        try:
            cipher = self._ciphers[name]
            data = base64.b64decode(encoded, validate=True)
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound(name, place))
        except (KeyError, ValueError, InvalidTag) as error:
            raise UnreadableCodeError(messages.CODE_UNREADABLE) from error


def _bound(key: str, place: str) -> bytes:
    return f"xinyin\0{key}\0{place}".encode()
